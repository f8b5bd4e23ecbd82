-- job_submit.lua - an example: slurm-aif's decision inside a site's own job_submit/lua script
--
-- For sites that keep their rules in Lua and do not load job_submit/aif. It gives the same answers, except that it
-- knows no usage (Slurm's own limits, mirrored by "aif apply", refuse what is too much), counts GPUs only as far as
-- the request's texts tell, does not look at updates of jobs, and cannot see whether the select wrapper, which keeps
-- tagged jobs on allowed nodes, is active (slurmctld's log tells). Put it beside slurm.conf, with
-- JobSubmitPlugins=lua. If require does not find the module, add the directory that aif.so is in to package.cpath.
-- After a change of policy.json or allocations.json touch this file: slurmctld then loads it, and them, anew.

local aif = require "aif"
local site, why = aif.load() -- from aif/ beside slurm.conf
if not site then
  slurm.log_info("aif: jobs that ask for an access mode are refused: %s", why)
end

-- Without a policy, too, the decision is the module's: only jobs that need one are refused.
local function decide(request)
  if site then
    return site:decide(request)
  end
  return aif.decide(request)
end

-- A number that Slurm may leave unset.
local function given(number)
  return number and number < slurm.NO_VAL and number or nil
end

-- GPUs in a text such as "gres:gpu:a100:4,gres:shard:1".
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
    total = gpus_in(job.tres_per_node or job.gres) * nodes
  end
  if total == 0 then
    total = gpus_in(job.tres_per_task) * (given(job.num_tasks) or nodes)
  end
  if total == 0 then
    total = gpus_in(job.tres_per_socket) * (given(job.sockets_per_node) or 1) * nodes
  end
  return total
end

-- Tasks of an array given as "0-31:2,40%4".
local function array_tasks_of(job)
  local count = 0
  for part in (job.array_inx or ""):gsub("%%.*", ""):gmatch("[^,]+") do
    local first, last, step = part:match("^(%d+)%-(%d+):?(%d*)$")
    if first then
      count = count + math.max(0, math.floor((last - first) / math.max(1, tonumber(step) or 1)) + 1)
    else
      count = count + 1
    end
  end
  return math.max(1, count)
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

local function request_of(job)
  for _, entry in pairs(job.spank_job_env or {}) do
    local text = entry:match("^AIF_REQUEST=(.*)$") or entry:match("^SPANK_AIF_REQUEST=(.*)$")
    if text then
      return aif.parse_request(text)
    end
  end
  return {}
end

-- What the user asked of slurm-aif: by --ai-mode and its kin, and what these leave open by "aif:" in --comment.
local function options_of(job)
  local asked, problem = request_of(job)
  if not asked then
    return nil, problem
  end
  local word, wrong = aif.parse_comment(job.comment)
  if not word then
    return nil, wrong
  end
  for key, value in pairs(word) do
    asked[key] = asked[key] or value
  end
  return asked
end

local function refuse(message)
  slurm.log_user("%s", message)
  return slurm.ESLURM_ACCESS_DENIED
end

local function imprint(job, result, partition_minutes)
  job.account = result.account
  job.qos = result.qos or job.qos
  if result.verdict == "hold" then
    job.priority = 0 -- nobody releases it but "scontrol release", once the reason is gone
  end
  if result.minutes and result.minutes ~= (given(job.time_limit) or partition_minutes) then
    job.time_limit = result.minutes
  end
  job.admin_comment = result.admin_comment
  if job.environment then
    job.environment.AIF_MODE = result.mode
    job.environment.AIF_ALLOCATION = result.allocation
    job.environment.AIF_RESIDENCY = result.residency or ""
  end
end

function slurm_job_submit(job, partitions, _)
  local options, message = options_of(job)
  if not options then
    return refuse(message)
  end
  local partition, partition_minutes = partition_of(job, partitions)
  local nodes = math.max(1, given(job.min_nodes) or 1)
  local result = decide {
    mode = options.mode, allocation = options.allocation, residency = options.residency,
    placement = options.placement, purpose = options.purpose, explain = options.explain,
    dataset = options.dataset,
    account = job.account or (not options.allocation and job.default_account or nil),
    user = job.user_name, qos = job.qos, partition = job.partition or partition,
    gpus = gpus_of(job, nodes), nodes = nodes, array_tasks = array_tasks_of(job),
    minutes = given(job.time_limit) or partition_minutes,
    begin = math.max(os.time(), given(job.begin_time) or 0), interactive = not job.script,
    admin_comment = job.admin_comment,
  }
  if result.verdict == "ignore" then
    if result.message then
      slurm.log_user("%s", result.message)
    end
    return slurm.SUCCESS
  end
  if result.verdict == "reject" then
    return refuse(result.message)
  end
  if result.residency and not result.admin_comment then
    return refuse("aif: admin_comment is no JSON object, so the residency tag has no place in it (AIF-C009); leave it out")
  end
  imprint(job, result, partition_minutes)
  if result.message then
    slurm.log_user("%s", result.message)
  end
  return slurm.SUCCESS
end

function slurm_job_modify()
  return slurm.SUCCESS
end
