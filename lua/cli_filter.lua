-- cli_filter.lua - an example: tell users early what slurmctld is going to say
--
-- Runs inside sbatch, srun and salloc, so users can change or avoid it: it never decides, it only warns. It needs
-- policy.json and allocations.json readable on the login node. Put it beside slurm.conf, with CliFilterPlugins=lua.

local found, aif = pcall(require, "aif")
local site = found and aif.load() or nil

-- "10", "10:00", "1:10:00", "1-00", "1-01:10:00" in whole minutes, nil for anything else.
local function minutes_of(text)
  local days, rest = (text or ""):match("^(%d+)%-(.*)$")
  local parts = {}
  for number in (rest or text or ""):gmatch("%d+") do
    parts[#parts + 1] = tonumber(number)
  end
  if #parts == 0 or #parts > 3 then
    return nil
  end
  if days then
    return days * 1440 + parts[1] * 60 + (parts[2] or 0)
  end
  return #parts == 3 and parts[1] * 60 + parts[2] or parts[1]
end

-- "a100:4" or "4"
local function count_of(text)
  return text and tonumber(text:match("(%d+)$")) or nil
end

local function nonempty(text)
  return text ~= "" and text or nil
end

function slurm_cli_setup_defaults()
  return slurm.SUCCESS
end

function slurm_cli_pre_submit(options)
  local asked = options.spank and options.spank.aif or {}
  if not site or options.type == "scrontab" or not (asked["ai-mode"] or asked["ai-allocation"]) then
    return slurm.SUCCESS
  end
  local nodes = tonumber((options.nodes or ""):match("^%d+")) or 1
  local result = site:decide {
    mode = asked["ai-mode"], allocation = asked["ai-allocation"], residency = asked["data-residency"],
    placement = asked["ai-placement"], purpose = asked["ai-purpose"], dataset = asked["dataset"],
    account = nonempty(options.account), qos = nonempty(options.qos), partition = nonempty(options.partition),
    nodes = nodes, gpus = count_of(options.gpus) or (count_of(options["gpus-per-node"]) or 0) * nodes,
    minutes = minutes_of(options.time) or 1,
  }
  -- Without --account only the controller knows the user's default account.
  if result.verdict == "reject" and result.rule ~= "AIF-A007" then
    slurm.log_info("this job is likely to be refused: %s", result.message)
  end
  return slurm.SUCCESS
end

function slurm_cli_post_submit()
  return slurm.SUCCESS
end
