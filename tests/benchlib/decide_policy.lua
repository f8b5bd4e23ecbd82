-- decide_policy.lua - what a site would write in job_submit/lua for the same access policy (tests/bench decide)
--
-- The baseline that job_submit/aif is measured against: pure Lua over tables made from the same policy.json and
-- allocations.json, indexed like ours, doing the same checks in the same order and leaving the same marks on the job. What it
-- leaves out makes it cheaper, not dearer: what is used already (Lua cannot read it, so nothing counts as used),
-- residency and placement (which need the select plugin), arrays given as lists, JSON merged into a foreign admin_comment.

local SITE = dofile("@SITE@") -- modes by name; allocs: a list; hash

local by_id, by_qos, by_account = {}, {}, {}
for _, alloc in ipairs(SITE.allocs) do
  by_id[alloc.id:lower()] = alloc
  by_qos[alloc.qos] = alloc
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

local function given(number)
  return number and number < slurm.NO_VAL and number or nil
end

-- ---- what the job asks ----

local KEYS = {mode = true, allocation = true, residency = true, placement = true}

local function read_options(text, separator)
  local options = {}
  for part in text:gmatch("[^" .. separator .. "]+") do
    local key, value = part:match("^(%w+)=([%w%p]+)$")
    if not KEYS[key] or options[key] or #value > 255 then
      return refuse("AIF-C009", "option not understood: asked %s", part)
    end
    options[key] = value
  end
  return options
end

local function options_of(job)
  for _, entry in pairs(job.spank_job_env or {}) do
    local text = entry:match("^AIF_REQUEST=(.*)$")
    if text then
      return read_options(text, ";")
    end
  end
  for word in (job.comment or ""):gmatch("%S+") do
    local text = word:match("^aif:(.*)$")
    if text then
      return read_options(text, ",")
    end
  end
  return {}
end

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
    total = gpus_in(job.tres_per_socket) * (given(job.sockets_per_node) or 1) * nodes
  end
  return total
end

local function array_tasks_of(job)
  local first, last, step = (job.array_inx or ""):match("^(%d+)%-(%d+):?(%d*)")
  return first and math.max(1, math.floor((last - first) / math.max(1, tonumber(step) or 1)) + 1) or 1
end

-- The job's partition, else the default one, and the time limit it gives.
local function partition_of(job, partitions)
  for name, partition in pairs(partitions) do
    if name == job.partition or (not job.partition and partition.flag_default == 1) then
      return name, given(partition.default_time) or given(partition.max_time)
    end
  end
  return job.partition, nil
end

local function request_of(job, partitions, options)
  local partition, partition_minutes = partition_of(job, partitions)
  local nodes = math.max(1, given(job.min_nodes) or 1)
  local account = job.account or (not options.allocation and job.default_account) or nil
  return {
    account = account and account:lower(), user = job.user_name, qos = job.qos and job.qos:lower(),
    partition = partition, nodes = nodes, gpus = gpus_of(job, nodes), tasks = array_tasks_of(job),
    minutes = given(job.time_limit) or partition_minutes,
    begin = math.max(os.time(), given(job.begin_time) or 0),
  }
end

-- ---- which allocation ----

local function is_member(alloc, user)
  return not alloc.members or not user or alloc.members[user]
end

local function pick_of_account(request, options)
  local usable
  for _, alloc in ipairs(by_account[request.account] or {}) do
    if (not options.mode or alloc.mode == options.mode) and alloc.state == "ok" and request.begin >= alloc.first and
        request.begin <= alloc.last and is_member(alloc, request.user) then
      if usable and usable.mode ~= alloc.mode then
        return refuse("AIF-A006", "account %s has several modes", request.account)
      end
      usable = usable or alloc
    end
  end
  return usable or refuse("AIF-A001", "no usable allocation: asked account %s", tostring(request.account))
end

local function pick(request, options)
  local alloc
  if options.allocation then
    local name = options.allocation:lower()
    alloc = by_id[name] or by_qos[name] or refuse("AIF-A002", "this cluster has no such allocation: asked %s", name)
  else
    alloc = by_qos[request.qos] or pick_of_account(request, options)
  end
  if not alloc then
    return nil
  elseif request.account and request.account ~= alloc.account then
    return refuse("AIF-A003", "allocation %s belongs to account %s", alloc.id, alloc.account)
  elseif request.qos and request.qos ~= alloc.qos then
    return refuse("AIF-A004", "allocation %s runs under its own QOS", alloc.id)
  elseif not is_member(alloc, request.user) then
    return refuse("AIF-A005", "user %s is no member of allocation %s", request.user, alloc.id)
  end
  return alloc
end

-- ---- may it run ----

local function in_range(range, value)
  return not range or (value >= (range.min or 0) and (not range.max or value <= range.max))
end

local function is_open(mode, alloc, options)
  if options.mode and options.mode ~= alloc.mode then
    return refuse("AIF-M002", "allocation %s is of mode %s", alloc.id, alloc.mode)
  end
  return mode.open or refuse("AIF-M003", "mode %s takes no new jobs here", alloc.mode)
end

local function is_running(alloc, request)
  if alloc.state ~= "ok" then
    return refuse("AIF-A007", "allocation %s is %s", alloc.id, alloc.state)
  elseif request.begin < alloc.first or request.begin > alloc.last then
    return refuse("AIF-A008", "allocation %s does not run then", alloc.id)
  end
  return true
end

local function fits(mode, alloc, request)
  if mode.partitions and request.partition then
    for name in request.partition:gmatch("[^,]+") do
      if not mode.partitions[name] then
        return refuse("AIF-M004", "mode %s may not use partition %s", alloc.mode, name)
      end
    end
  end
  if not in_range(mode.gpus_per_job, request.gpus) then
    return refuse("AIF-M005", "number of GPUs per job in mode %s: asked %d", alloc.mode, request.gpus)
  elseif not in_range(mode.nodes_per_job, request.nodes) then
    return refuse("AIF-M006", "number of nodes per job in mode %s: asked %d", alloc.mode, request.nodes)
  end
  return true
end

local function is_affordable(mode, alloc, request)
  local units = alloc.unit == "node-hour" and request.nodes or request.gpus
  if request.minutes and mode.wall_minutes and request.minutes > mode.wall_minutes then
    return refuse("AIF-M007", "time limit of mode %s: asked %d minutes", alloc.mode, request.minutes)
  elseif request.minutes and request.begin + request.minutes * 60 > alloc.last + 1 then
    return refuse("AIF-A009", "allocation %s ends before", alloc.id)
  elseif units > 0 and not request.minutes then
    return refuse("AIF-Q002", "a job of allocation %s needs a time limit", alloc.id)
  elseif units * (request.minutes or 0) * 60 * request.tasks > alloc.secs then
    return refuse("AIF-Q001", "allocation %s has too little left", alloc.id)
  end
  return true
end

-- ---- marks on the job ----

local function imprint(job, alloc, request)
  job.account = alloc.account
  job.qos = alloc.qos
  if request.minutes then
    job.time_limit = request.minutes
  end
  if not job.admin_comment then
    job.admin_comment = string.format('{"aif":{"v":1,"mode":"%s","alloc":"%s","pol":"%s"}}', alloc.mode, alloc.id,
                                      SITE.hash)
  end
  if job.environment then
    job.environment.AIF_MODE = alloc.mode
    job.environment.AIF_ALLOCATION = alloc.id
  end
end

function slurm_job_submit(job, partitions, _)
  local options = options_of(job)
  if not options then
    return slurm.ESLURM_ACCESS_DENIED
  end
  local request = request_of(job, partitions, options)
  if not by_account[request.account] and not next(options) then
    return slurm.SUCCESS
  end
  local alloc = pick(request, options)
  local mode = alloc and SITE.modes[alloc.mode]
  if not (mode and is_open(mode, alloc, options) and is_running(alloc, request) and fits(mode, alloc, request) and
      is_affordable(mode, alloc, request)) then
    return slurm.ESLURM_ACCESS_DENIED
  end
  imprint(job, alloc, request)
  return slurm.SUCCESS
end

function slurm_job_modify()
  return slurm.SUCCESS
end
