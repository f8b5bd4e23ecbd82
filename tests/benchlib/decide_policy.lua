-- decide_policy.lua - what a site would write in job_submit/lua for the same access policy (tests/bench decide)
--
-- The baseline that job_submit/aif is measured against: pure Lua over tables made from the same policy.json and
-- allocations.json (decide_site.py), indexed like ours, doing the same checks in the same order and leaving the same marks on
-- the job. tests/cluster_tests/test_decide_lua.py proves it with the decision table: the same for more than 700 cases.
-- Slurm does not tell Lua what is used, so it reads that from a file per allocation, as a site's cron job would keep them: the
-- cheapest way there is, and only as many numbers as the mode needs. What it leaves out makes it cheaper, not dearer: residency
-- (which needs the select plugin), pacing by calendar, TRESBillingWeights, the ledger, heterogeneous jobs, and the numbers
-- and advice of the messages. The benchmark's site has none of the first four, so neither side does anything for them there.

local SITE = dofile("@SITE@") -- modes and codes by name; allocs: a list; cap, foreign_reject, association, count_pending; holds
local USAGE = "@USAGE@" -- directory of files named like the QOS: seconds used, reserved, pending, of inference, used and
                        -- reserved on the free QOS; jobs queued and running; then a line for each user who has some

local options_of = dofile("@OPTIONS@")

local by_id, by_qos, by_account = {}, {}, {}
for _, alloc in ipairs(SITE.allocs) do
  alloc.request = "mode=" .. alloc.mode .. ";allocation=" .. alloc.id
  by_id[alloc.id:lower()] = alloc
  by_qos[alloc.qos] = alloc
  if alloc.free_qos then
    by_qos[alloc.free_qos] = alloc
  end
  by_account[alloc.account] = by_account[alloc.account] or {}
  table.insert(by_account[alloc.account], alloc)
end
for _, list in pairs(by_account) do
  table.sort(list, function(a, b) return a.last < b.last end)
end

local function refuse(rule, form, ...)
  slurm.log_user("%s", string.format("aif: " .. form .. " (" .. rule .. ")", ...))
  return nil
end

-- A refusal that the policy may turn into a hold: true to go on. The first reason is the one that is told.
local function hold(request, rule, ...)
  if not SITE.holds[rule] then
    return refuse(rule, ...)
  elseif not request.held then
    request.held = rule
    refuse(rule, ...)
  end
  return true
end

local function given(number)
  return number and number < slurm.NO_VAL and number or nil
end

local function given16(number)
  return number and number < slurm.NO_VAL16 and number or nil
end

-- ---- what the job asks ----

local function gpus_in(tres)
  local sum = 0
  for part in (tres or ""):gmatch("[^,]+") do
    local rest = part:match("^gres[:/]gpu(.*)$") or part:match("^gpu(.*)$")
    if rest then
      sum = sum + (tonumber(rest:match("[:=](%d+)$")) or 1)
    end
  end
  return sum
end

local function gpus_of(job, nodes)
  local total = gpus_in(job.tres_per_job)
  if total == 0 then
    total = gpus_in(job.tres_per_node) * nodes
  end
  if total == 0 then
    total = gpus_in(job.tres_per_task) * (given(job.num_tasks) or nodes)
  end
  if total == 0 then
    total = gpus_in(job.tres_per_socket) * (given16(job.sockets_per_node) or 1) * nodes
  end
  if total == 0 then
    local each = given16(job.ntasks_per_tres) or 0
    total = each > 0 and math.ceil((given(job.num_tasks) or nodes) / each) or 0
  end
  return total
end

-- Whole nodes come with all their GPUs, where the site says how many a node has.
local function with_whole_nodes(job, partition, nodes, gpus)
  local each = SITE.gpus_per_node[partition]
  if not each or job.shared ~= 0 then
    return gpus
  end
  return math.max(nodes, math.ceil(gpus / each)) * each
end

local function array_tasks_of(text)
  local count = 0
  for part in (text or ""):gmatch("[^,]+") do
    local first, last, step = part:match("^%[?(%d+)%-(%d+):?(%d*)")
    first = tonumber(first)
    count = count + (first and math.floor((tonumber(last) - first) / (tonumber(step) or 1)) + 1 or 1)
  end
  return math.max(1, count)
end

local default_partition -- its name: looked for once, then only whether it still is

local function default_of(partitions)
  local known = default_partition and partitions[default_partition]
  if known and known.flag_default == 1 then
    return default_partition
  end
  for name, partition in pairs(partitions) do
    if partition.flag_default == 1 then
      default_partition = name
      return name
    end
  end
end

-- The longest limit that one of the job's partitions gives.
local function minutes_of(partitions, names)
  local longest
  for name in (names or ""):gmatch("[^,]+") do
    local partition = partitions[name]
    local minutes = partition and (given(partition.default_time) or given(partition.max_time))
    longest = minutes and math.max(minutes, longest or 0) or longest
  end
  return longest
end

local function request_of(job, partitions, options)
  local partition = job.partition or default_of(partitions)
  local nodes = math.max(1, given(job.min_nodes) or 1)
  local account = job.account or (not options.allocation and job.default_account) or nil
  local qos = job.qos
  local minutes = given(job.time_limit) or minutes_of(partitions, partition)
  return {
    account = account and account:lower(), user = job.user_name, qos = qos and qos ~= "" and qos:lower() or nil,
    partition = partition, nodes = nodes, gpus = with_whole_nodes(job, partition, nodes, gpus_of(job, nodes)),
    tasks = array_tasks_of(job.array_inx), minutes = minutes and minutes > 0 and minutes or nil,
    begin = math.max(os.time(), given(job.begin_time) or 0), interactive = job.script == nil,
    inference = options.purpose == "inference",
  }
end

-- ---- which allocation ----

local function is_member(alloc, user)
  return not alloc.members or not user or alloc.members[user]
end

local function is_eligible(alloc)
  local categories = SITE.modes[alloc.mode].categories
  return not categories or not alloc.category or categories[alloc.category]
end

local function closure_of(mode, request)
  for _, closure in ipairs(mode.closures or {}) do
    if request.begin >= (closure.first or 0) and request.begin <= (closure.last or math.huge) then
      if not closure.partitions then
        return closure
      end
      for name in (request.partition or ""):gmatch("[^,]+") do
        if closure.partitions[name] then
          return closure
        end
      end
    end
  end
end

local function is_usable(alloc, request)
  local mode = SITE.modes[alloc.mode]
  return alloc.state == "ok" and request.begin >= alloc.first and request.begin <= alloc.last and
         is_member(alloc, request.user) and mode.open and is_eligible(alloc) and not closure_of(mode, request)
end

-- How near an unusable allocation is to being usable, as its refusal is the one to read.
local function nearness(alloc, request)
  if not is_member(alloc, request.user) then
    return 0
  elseif request.begin > alloc.last then
    return 1
  end
  return request.begin < alloc.first and 2 or 3
end

local function is_nearer(alloc, best, request)
  local mine, other = nearness(alloc, request), nearness(best, request)
  if mine ~= other then
    return mine > other
  elseif mine == 1 then
    return alloc.last >= best.last
  end
  return alloc.first < best.first
end

local function pick_of_account(request, asked_mode)
  local usable, nearest
  for _, alloc in ipairs(by_account[request.account] or {}) do
    if not asked_mode or alloc.mode == asked_mode then
      if is_usable(alloc, request) then
        if usable and usable.mode ~= alloc.mode then
          return refuse("AIF-A006", "account %s has usable allocations of several modes", request.account)
        end
        usable = usable or alloc
      elseif not usable and (not nearest or is_nearer(alloc, nearest, request)) then
        nearest = alloc
      end
    end
  end
  if usable or nearest then
    return usable or nearest
  elseif by_account[request.account] then
    return refuse("AIF-M002", "account %s has no allocation of that mode", request.account)
  end
  return refuse("AIF-A007", "account %s has no allocation on this cluster", tostring(request.account))
end

local function of_qos(names)
  local alloc = by_qos[names]
  if not alloc and names:find(",", 1, true) then
    for name in names:gmatch("[^,]+") do
      alloc = alloc or by_qos[name]
    end
  end
  return alloc
end

local function pick(request, options, asked_mode)
  local alloc
  if options.allocation then
    local name = options.allocation:lower()
    alloc = by_id[name] or by_qos[name] or refuse("AIF-A001", "this cluster has no such allocation: asked %s", name)
  else
    alloc = request.qos and not SITE.association and of_qos(request.qos) or pick_of_account(request, asked_mode)
  end
  if not alloc then
    return nil
  elseif request.account and request.account ~= alloc.account then
    return refuse("AIF-A010", "allocation %s belongs to another account", alloc.id)
  elseif request.qos and not SITE.association and request.qos ~= alloc.qos and request.qos ~= alloc.free_qos then
    return refuse("AIF-A009", "allocation %s runs under its own QOS", alloc.id)
  elseif not is_member(alloc, request.user) then
    return refuse("AIF-A005", "user %s is no member of allocation %s", request.user, alloc.id)
  end
  return alloc
end

-- ---- may it run ----

local function is_open(mode, alloc, request, asked_mode)
  if asked_mode and asked_mode ~= alloc.mode then
    return refuse("AIF-M002", "allocation %s is of mode %s", alloc.id, alloc.mode)
  elseif not mode.open or (mode.closures and closure_of(mode, request)) then
    if not hold(request, "AIF-M003", "mode %s takes no new jobs here", alloc.mode) then
      return nil
    end
  end
  return is_eligible(alloc) or refuse("AIF-A011", "mode %s is not for the holder of allocation %s", alloc.mode, alloc.id)
end

local function is_running(alloc, request)
  if alloc.state == "paused" then
    if not hold(request, "AIF-A004", "allocation %s is paused", alloc.id) then
      return nil
    end
  elseif alloc.state ~= "ok" then
    return refuse("AIF-A004", "allocation %s is %s", alloc.id, alloc.state)
  end
  if request.begin > alloc.last then
    return hold(request, "AIF-A003", "allocation %s has ended", alloc.id)
  elseif request.begin < alloc.first then
    if not hold(request, "AIF-A002", "allocation %s has not started", alloc.id) then
      return nil
    end
    request.begin = alloc.first
  end
  return true
end

local function in_range(range, value)
  return not range or (value >= (range.min or 0) and (not range.max or value <= range.max))
end

local function fits(mode, alloc, request)
  if mode.partitions then
    for name in (request.partition or ""):gmatch("[^,]+") do
      if not mode.partitions[name] then
        return refuse("AIF-M004", "mode %s may not use partition %s", alloc.mode, name)
      end
    end
  end
  if not in_range(mode.gpus_per_job, request.gpus) then
    return refuse("AIF-M005", "number of GPUs per job in mode %s: asked %d", alloc.mode, request.gpus)
  elseif not in_range(mode.nodes_per_job, request.nodes) then
    return refuse("AIF-M006", "number of nodes per job in mode %s: asked %d", alloc.mode, request.nodes)
  elseif request.interactive and mode.interactive then
    local own = mode.interactive
    if own.forbidden or not in_range(own.gpus_per_job, request.gpus) or not in_range(own.nodes_per_job, request.nodes) then
      return refuse("AIF-M010", "interactive jobs in mode %s", alloc.mode)
    end
  end
  return true
end

-- Lower the time limit or refuse it. Slurm's own limits bound a job that has none, but not what only Lua knows of.
local function keep_below(request, limit, rule, in_slurm)
  local minutes = request.minutes
  if not limit or (minutes and minutes <= limit) or (not minutes and limit > 0 and not SITE.cap and in_slurm) then
    return true
  elseif not SITE.cap or limit == 0 then
    return refuse(rule, "time limit: asked %s minutes, limit %d", tostring(minutes), limit)
  end
  request.minutes = limit
  return true
end

local function is_short(mode, alloc, request)
  return keep_below(request, mode.wall_minutes, "AIF-M007", true) and
         (not request.interactive or not mode.interactive or
          keep_below(request, mode.interactive.wall_minutes, "AIF-M010", false)) and
         keep_below(request, math.max(0, math.floor((alloc.last - request.begin + 1) / 60)), "AIF-A008", true)
end

-- ---- what it costs ----

local function read_usage(alloc, mode, user)
  local file = io.open(USAGE .. "/" .. alloc.qos)
  local used = {pending = 0}
  if not file then
    return nil
  end
  used.used, used.reserved = file:read("*n", "*n")
  if SITE.count_pending or alloc.ceiling_percent or mode.inference_percent or mode.submits_per_allocation or
      mode.submits_per_user then
    used.pending, used.inference, used.free_used, used.free_reserved, used.submits = file:read("*n", "*n", "*n", "*n", "*n")
  end
  if mode.submits_per_user then
    used.of_user = tonumber(file:read("*a"):match("\n" .. (user or ""):gsub("%p", "%%%0") .. " (%d+)")) or 0
  end
  file:close()
  return used.used and used or nil
end

local UNITS = {gpu = "gpus", node = "nodes"}

-- Slurm starts no job that the limit of the QOS does not cover in whole minutes, less two.
local function covered(alloc, secs)
  return math.ceil(math.max(0, math.floor(secs / alloc.factor / 60) - 2) * 60 * alloc.factor)
end

local function is_crowded(mode, alloc, request, usage)
  if mode.submits_per_user and usage.of_user + request.tasks > mode.submits_per_user then
    return refuse("AIF-M008", "queued and running jobs of one user under allocation %s", alloc.id)
  elseif mode.submits_per_allocation and usage.submits + request.tasks > mode.submits_per_allocation then
    return refuse("AIF-M009", "queued and running jobs of all users of allocation %s", alloc.id)
  end
  return true
end

local function over_amount(alloc, request, cost, usage)
  if alloc.ceiling_percent then
    local above = math.floor(alloc.secs * (alloc.ceiling_percent - 100) / 100)
    if cost <= covered(alloc, above) - usage.free_used - usage.free_reserved then
      request.free = true
      return true
    end
  end
  if cost > covered(alloc, alloc.secs) then
    return refuse("AIF-Q001", "allocation %s is smaller than that", alloc.id)
  end
  return hold(request, "AIF-Q001", "allocation %s has too little left", alloc.id)
end

local function is_affordable(mode, alloc, request)
  local units = request[UNITS[alloc.tres]]
  local usage = read_usage(alloc, mode, request.user)
  if usage and not is_crowded(mode, alloc, request, usage) then
    return nil
  elseif units == 0 then
    return true
  elseif not usage or not units then -- what is charged by billing only Slurm can tell
    return refuse("AIF-Q003", "what allocation %s has used is not known", alloc.id)
  elseif not request.minutes then
    return refuse("AIF-Q002", "a job of allocation %s needs a time limit", alloc.id)
  end
  local cost = math.ceil(units * request.tasks * request.minutes * 60 * alloc.factor)
  if request.inference and mode.inference_percent and
      cost > math.floor(alloc.secs * mode.inference_percent / 100) - usage.inference then
    return refuse("AIF-Q004", "the share for inference of allocation %s is used up", alloc.id)
  end
  local taken = usage.used + usage.reserved + (SITE.count_pending and usage.pending or 0)
  return cost <= covered(alloc, alloc.secs) - taken or over_amount(alloc, request, cost, usage)
end

-- ---- marks on the job ----

local function mark(job, alloc, request, options)
  local text = string.format('"aif":{"v":1,"mode":"%s","alloc":"%s"%s%s%s%s,"pol":"%s"}', alloc.mode, alloc.id,
                             options.placement and ',"place":"' .. options.placement .. '"' or "",
                             request.inference and ',"use":"inference"' or "", request.free and ',"rule":"AIF-Q006"' or "",
                             request.held and ',"hold":"' .. request.held .. '"' or "", SITE.hash)
  local there = job.admin_comment
  if not there then
    job.admin_comment = "{" .. text .. "}"
  else
    local inside = there:match("^%s*{(.*)}%s*$") -- foreign text that is no JSON object stays as it is
    if inside and not inside:find('"aif"', 1, true) then
      job.admin_comment = "{" .. inside .. (inside:find("%S") and "," or "") .. text .. "}"
    end
  end
end

-- What was decided, for the SPANK plugin on the nodes. Lua can read the job's SPANK environment, but not write it; what is in
-- the job's own under this name the plugin takes for the same. Of plain jobs it is ready.
local function asked_of_nodes(alloc, request, options)
  if not options.placement and not request.inference then
    return alloc.request
  end
  return alloc.request .. (options.placement and ";placement=" .. options.placement or "") ..
         (request.inference and ";purpose=inference" or "")
end

local function imprint(job, alloc, request, options)
  job.account = alloc.account
  if not SITE.association then
    job.qos = request.free and alloc.free_qos or alloc.qos
  end
  if request.minutes then
    job.time_limit = request.minutes
    if (given(job.time_min) or 0) > request.minutes then
      job.time_min = request.minutes
    end
  end
  if request.held then
    job.priority = 0
  end
  mark(job, alloc, request, options)
  if job.environment then
    local environment = job.environment
    environment.AIF_MODE = alloc.mode
    environment.AIF_ALLOCATION = alloc.id
    environment.SLURM_SPANK_AIF_REQUEST = asked_of_nodes(alloc, request, options)
  end
end

local function is_asked(options)
  return options.mode or options.allocation or options.residency or options.placement or options.purpose
end

-- The mode asked for by its name or its code; nil, and false where there is no such mode.
local function asked_mode_of(options)
  local name = options.mode and options.mode:lower()
  local mode = name and (SITE.modes[name] and name or SITE.codes[name])
  return mode, not name or mode ~= nil
end

function slurm_job_submit(job, partitions, _)
  local options = options_of(job)
  if not options then
    return slurm.ESLURM_ACCESS_DENIED
  end
  local asked_mode, exists = asked_mode_of(options)
  if not exists then
    refuse("AIF-M001", "no such mode: asked %s", options.mode)
    return slurm.ESLURM_ACCESS_DENIED
  end
  local request = request_of(job, partitions, options)
  if not by_account[request.account] and not is_asked(options) and not SITE.foreign_reject and
      not (request.qos and not SITE.association and of_qos(request.qos)) then
    return slurm.SUCCESS
  end
  local alloc = pick(request, options, asked_mode)
  local mode = alloc and SITE.modes[alloc.mode]
  if not (mode and is_open(mode, alloc, request, asked_mode) and is_running(alloc, request) and fits(mode, alloc, request) and
      is_short(mode, alloc, request) and is_affordable(mode, alloc, request)) then
    return slurm.ESLURM_ACCESS_DENIED
  end
  imprint(job, alloc, request, options)
  return slurm.SUCCESS
end

function slurm_job_modify()
  return slurm.SUCCESS
end
