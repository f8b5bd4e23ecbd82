-- decide_options.lua - the --ai options of a job, for decide_policy.lua: from AIF_REQUEST or from "aif:" in the comment

local function refuse(rule, form, ...)
  slurm.log_user("%s", string.format("aif: " .. form .. " (" .. rule .. ")", ...))
  return nil
end

local LENGTHS = {mode = 63, allocation = 63, residency = 255, placement = 31, purpose = 31, explain = 7}
local WORDS = {
  purpose = {training = true, inference = true, other = true},
  explain = {yes = true},
}

-- Seconds of a time as Slurm writes them; nil where it is none.
local function seconds_of(text)
  local days, rest = text:match("^(%d+)%-(.+)$")
  local parts = {}
  for part in ((rest or text) .. ":"):gmatch("([^:]*):") do
    parts[#parts + 1] = part:match("^%d%d?%d?%d?%d?%d?%d?$") and tonumber(part)
  end
  local first, second, third = parts[1], parts[2] or 0, parts[3] or 0
  local _, colons = text:gsub(":", "")
  if not first or #parts ~= colons + 1 or colons > 2 or second > 59 or third > 59 or (days and first > 23) then
    return nil
  elseif days then
    return tonumber(days) * 86400 + first * 3600 + second * 60 + third
  end
  return colons == 2 and first * 3600 + second * 60 + third or first * 60 + second
end

-- "pack,strict@10" is written down as "pack,strict@0:10:00".
local function placement_of(value)
  local text = value:match("^pack,strict@(.+)$")
  if not text then
    return (value == "pack" or value == "spread" or value == "any" or value == "pack,strict") and value
  end
  local seconds = seconds_of(text)
  if not seconds or seconds == 0 or seconds > 366 * 86400 then
    return nil
  end
  local days = math.floor(seconds / 86400)
  return string.format("pack,strict@%s%d:%02d:%02d", days > 0 and days .. "-" or "", math.floor(seconds / 3600) % 24,
                       math.floor(seconds / 60) % 60, seconds % 60)
end

local function set_option(options, key, value)
  key = key:lower()
  if not LENGTHS[key] or options[key] or value == "" or #value > LENGTHS[key] then
    return refuse("AIF-C009", "option not understood: asked %s", key)
  elseif WORDS[key] then
    value = value:lower()
    if not WORDS[key][value] then
      return refuse("AIF-C009", "no such %s: asked %s", key, value)
    end
  elseif key == "placement" then
    local asked = value
    value = placement_of(value:lower())
    if not value then
      return refuse("AIF-P001", "no such placement: asked %s", asked)
    end
  elseif key ~= "residency" and value:find("[^%w._:@+/-]") then
    return refuse("AIF-C009", "option %s has other characters than it may have", key)
  end
  options[key] = value
  return true
end

local function of_request(text)
  local options = {}
  if #text > 2047 or (text ~= "" and (text .. ";"):find(";;", 1, true)) then
    return refuse("AIF-C009", "AIF_REQUEST is no list of key=value")
  end
  for part in text:gmatch("[^;]+") do
    local key, value = part:match("^([^=]*)=([^=]*)$")
    if not value or value:find("[^\33-\126]") or value:gsub("%%%x%x", ""):find("%", 1, true) or value:find("%00", 1, true) then
      return refuse("AIF-C009", "AIF_REQUEST is no list of key=value")
    end
    if not set_option(options, key, (value:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))) then
      return nil
    end
  end
  return options
end

local function of_comment(comment)
  local options = {}
  for word in comment:gmatch("%S+") do
    if word:sub(1, 4):lower() == "aif:" then
      for part in (word:sub(5) .. ","):gmatch("([^,]*),") do
        local key, value = part:match("^([^=]*)=(.*)$")
        if not key or #word > 1027 then
          return refuse("AIF-C009", "\"aif:\" in the comment is no list of key=value")
        elseif key:lower() == "placement" then
          value = value:gsub("%+", ",", 1)
        end
        if not set_option(options, key, value) then
          return nil
        end
      end
    end
  end
  return options
end

-- A table of them, empty when there are none; nil, and the user is told, when they cannot be understood.
return function(job)
  for _, entry in pairs(job.spank_job_env or {}) do
    local text = entry:match("^AIF_REQUEST=(.*)$")
    if text then
      return of_request(text)
    end
  end
  return of_comment(job.comment or "")
end
