-- test_lua.lua - unit tests of the Lua module, for Lua 5.1 to 5.4; argument: a directory with the example configuration
local aif = require "aif"
local conf_dir = arg[1]

local PG, FL = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991"
local NOW = 1795219200 -- 2026-11-21 00:00:00 UTC
local tests = {}

local function equal(actual, expected)
  if actual ~= expected then
    error(("got %s, want %s"):format(tostring(actual), tostring(expected)), 2)
  end
end

local function contains(text, part)
  if not tostring(text):find(part, 1, true) then
    error(("%s does not contain %s"):format(tostring(text), part), 2)
  end
end

-- fails raises a Lua error whose text has the part
local function fails(part, call, ...)
  local fine, text = pcall(call, ...)
  equal(fine, false)
  contains(text, part)
end

local site = assert(aif.load(conf_dir))

local function decide(request)
  request.begin = request.begin or NOW
  return site:decide(request)
end

local function lines_of(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

function tests.advised_rules_are_told()
  local dir = conf_dir .. "/advise"
  assert(os.execute("mkdir -p " .. dir))
  local policy, count = lines_of(conf_dir .. "/policy.json"):gsub('"version"', '"enforce": "advise", "version"', 1)
  equal(count, 1)
  for name, text in pairs{["policy.json"] = policy, ["allocations.json"] = lines_of(conf_dir .. "/allocations.json")} do
    local file = assert(io.open(dir .. "/" .. name, "w"))
    file:write(text)
    file:close()
  end
  local lenient = assert(aif.load(dir))
  local request = {account = PG, mode = "playground", gpus = 100000, minutes = 10, begin = NOW}
  local strict, decision = decide(request), lenient:decide(request)
  equal(strict.verdict, "reject")
  equal(strict.advised, nil)
  equal(decision.verdict, "accept")
  equal(decision.advised[1].rule, strict.rule)
  equal(decision.advised[1].would, "refuse")
  contains(decision.advised[1].message, strict.rule)
  equal(lenient:decide{account = PG, gpus = 1, minutes = 1, begin = NOW}.advised, nil)
end

function tests.rules_are_explained()
  equal(aif.explain("AIF-M005").id, "AIF-M005")
  contains(aif.explain("AIF-M005").title, "GPUs")
  equal(#aif.explain("AIF-M005").meaning > 20, true)
  equal(select(2, aif.explain("AIF-M999")), "no such rule")
  fails("string expected", aif.explain)
end

function tests.module()
  equal(type(aif.version), "string")
  equal(#site:hash(), 64)
  equal(tostring(site), "aif snapshot of cluster, 2 allocations")
end

function tests.load_refuses_in_one_line()
  local nothing, message = aif.load(conf_dir .. "/none")
  equal(nothing, nil)
  contains(message, "AIF-C001")
  nothing, message = aif.load()
  equal(nothing, nil)
  fails("string", aif.load, {})
end

function tests.accepts()
  local result = decide{account = PG:lower(), user = "alice", gpus = 8, nodes = 1, minutes = 60}
  equal(result.verdict, "accept")
  equal(result.allocation, PG)
  equal(result.qos, PG:lower())
  equal(result.account, PG:lower())
  equal(result.mode, "playground")
  equal(result.residency, "EUROHPC")
  equal(result.minutes, 60)
  equal(result.asked_hours, 8)
  equal(result.left_hours, 5000)
  equal(result.rule, nil)
  equal(result.message, nil)
  equal(result.placement, nil)
end

function tests.passes_every_option()
  local result = decide{allocation = FL, mode = "fast-lane", residency = "FI|SE", placement = "pack,strict", gpus = 1,
                        minutes = 60, array_tasks = 3}
  equal(result.verdict, "accept")
  equal(result.residency, "FI|SE")
  equal(result.placement, "pack,strict")
  equal(result.asked_hours, 3)
end

function tests.rejects_with_the_numbers()
  local result = decide{allocation = FL, gpus = 8, minutes = 480, used_hours = 11987.5}
  equal(result.verdict, "reject")
  equal(result.rule, "AIF-Q001")
  contains(result.message, "asked 64 GPU-hours (8 GPUs x 8:00:00), left 12.5 GPU-hours, used 11987.5 of 12000 GPU-hours")
  equal(decide{allocation = FL, gpus = 8, minutes = 480, reserved_hours = 11950}.rule, "AIF-Q001")
  equal(decide{allocation = "none"}.rule, "AIF-A001")
  equal(decide{account = PG, user = "eve"}.rule, "AIF-A005")
  equal(decide{account = PG, gpus = 1}.rule, "AIF-Q002")
  equal(decide{account = PG, gpus = 1, minutes = 4294967294}.rule, "AIF-Q002")
  equal(decide{account = PG, mode = "playgruond"}.rule, "AIF-M001")
end

function tests.ignores_jobs_of_others()
  local result = decide{account = "physics", gpus = 1}
  equal(result.verdict, "ignore")
  equal(result.allocation, nil)
  equal(decide{account = "", qos = ""}.verdict, "ignore")
end

function tests.malformed_options_are_rejected()
  local result = decide{account = PG, mode = "fast lane"}
  equal(result.verdict, "reject")
  equal(result.rule, "AIF-C009")
  contains(result.message, "(AIF-C009)")
  equal(decide{account = PG, residency = "FI|"}.rule, "AIF-R001")
  equal(decide{account = PG, placement = "near"}.rule, "AIF-P001")
  equal(decide{account = PG, mode = ("x"):rep(100000)}.rule, "AIF-C009")
end

-- A site of its own: its allocation pauses, has pacing with a free QOS, and a mode with bounds.
local POLICY = [[{"version": 1, "cluster": "c", "hold": ["AIF-A004"], "modes": {"busy": {"open": true,
  "submits_per_user": 4, "submits_per_allocation": 10, "inference": {"share": 10}, "interactive": {"allowed": false}}}}]]
local ALLOCATIONS = [[{"version": 1, "allocations": [
  {"id": "EHPC-AIF-2026PG01-001", "account": "paused", "mode": "busy", "amount": 100, "unit": "gpu-hour",
   "start": "2026-01-01", "end": "2027-12-31", "state": "paused"},
  {"id": "EHPC-AIF-2026PG01-002", "account": "full", "mode": "busy", "amount": 100, "unit": "gpu-hour",
   "start": "2026-01-01", "end": "2027-12-31", "pacing": {"kind": "ceiling", "percent": 150}}]}]]

local function other_site()
  local directory = os.tmpname()
  os.remove(directory)
  assert(os.execute("mkdir " .. directory))
  for name, text in pairs {["policy.json"] = POLICY, ["allocations.json"] = ALLOCATIONS} do
    local file = assert(io.open(directory .. "/" .. name, "w"))
    file:write(text)
    file:close()
  end
  local loaded, message = aif.load(directory)
  os.execute("rm -r " .. directory)
  return assert(loaded, message)
end

function tests.holds()
  local result = other_site():decide{account = "paused", gpus = 1, minutes = 60, begin = NOW, purpose = "inference"}
  equal(result.verdict, "hold")
  equal(result.rule, "AIF-A004")
  contains(result.message, "(AIF-A004)")
  contains(result.admin_comment, '"hold":"AIF-A004"')
  contains(result.admin_comment, '"use":"inference"')
  equal(result.qos, "ehpc-aif-2026pg01-001")
end

function tests.usage_of_every_kind_counts()
  local other = other_site()
  local function ask(more)
    local request = {account = "full", gpus = 1, minutes = 60, begin = NOW}
    for key, value in pairs(more) do
      request[key] = value
    end
    return other:decide(request)
  end
  equal(ask{}.qos, "ehpc-aif-2026pg01-002")
  equal(ask{}.free, nil)
  local above = ask{used_hours = 100}
  equal(above.verdict, "accept")
  equal(above.qos, "ehpc-aif-2026pg01-002-free")
  equal(above.free, true)
  equal(ask{used_hours = 100, free_used_hours = 40, free_reserved_hours = 10}.rule, "AIF-Q001")
  equal(ask{user_submits = 4}.rule, "AIF-M008")
  equal(ask{submits = 10}.rule, "AIF-M009")
  equal(ask{interactive = true}.rule, "AIF-M010")
  equal(ask{purpose = "inference"}.inference, true)
  equal(ask{purpose = "inference", inference_hours = 10}.rule, "AIF-Q004")
end

function tests.decides_without_a_policy()
  equal(aif.decide{account = "physics", gpus = 8}.verdict, "ignore")
  equal(aif.decide{account = PG:lower()}.verdict, "ignore")
  local result = aif.decide{account = PG:lower(), gpus = 1}
  equal(result.verdict, "reject")
  equal(result.rule, "AIF-C010")
  equal(aif.decide{account = "physics", mode = "playground"}.rule, "AIF-C010")
  fails("table", aif.decide)
  fails("want a boolean", aif.decide, {interactive = 1})
end

function tests.explains_when_asked()
  local result = decide{account = PG, gpus = 1, minutes = 60, explain = "yes"}
  equal(result.verdict, "accept")
  contains(result.message, "accepted under allocation " .. PG)
end

function tests.admin_comment_is_merged()
  local request = {account = PG, minutes = 60}
  contains(decide(request).admin_comment, '{"aif":{"v":1,"mode":"playground","alloc":"' .. PG .. '","res":"EUROHPC"')
  request.admin_comment = '{"site":1}'
  contains(decide(request).admin_comment, '{"site":1,"aif":{')
  request.admin_comment = "foreign text"
  equal(decide(request).admin_comment, nil)
end

function tests.allocations()
  local all = site:allocations()
  equal(#all, 2)
  equal(all[1].id, PG)
  equal(all[1].unit, "gpu-hour")
  equal(all[1].amount_hours, 5000)
  equal(all[1].state, "ok")
  equal(all[2].mode, "fast-lane")
  equal(all[2].residency, "EEA30")
  equal(all[2].starts, 1790812800)
  equal(all[2].ends, 1798761599)
  equal(#site:allocations(PG:lower()), 1)
  equal(#site:allocations("physics"), 0)
end

function tests.residency()
  equal(table.concat(aif.residency("SE|FI"), " "), "FI SE")
  equal(#aif.residency("EU27"), 27)
  local nothing, message = aif.residency("NORDIC")
  equal(nothing, nil)
  contains(message, "AIF-R001")
  equal(table.concat(site:residency("NORDIC"), " "), "DK FI IS NO SE")
end

function tests.options_from_strings()
  equal(aif.parse_request("mode=playground;residency=FI%7CSE").residency, "FI|SE")
  equal(aif.parse_comment("run 7 aif:mode=playground,placement=pack+strict").placement, "pack,strict")
  equal(next(aif.parse_comment("nothing of ours")), nil)
  equal(next(aif.parse_comment(nil)), nil)
  local nothing, message = aif.parse_request("mode=a;mode=b")
  equal(nothing, nil)
  contains(message, "AIF-C009")
  nothing, message = aif.parse_comment("aif:mode")
  equal(nothing, nil)
  contains(message, "AIF-C009")
end

function tests.wrong_arguments_are_lua_errors()
  fails("table", site.decide, site)
  fails("table", site.decide, site, "x")
  fails("unknown field 'gpu'", site.decide, site, {gpu = 1})
  fails("no string", site.decide, site, {1})
  fails("want a string", site.decide, site, {account = 7})
  fails("want a string", site.decide, site, {mode = {}})
  fails("want a number", site.decide, site, {gpus = "8"})
  fails("NUL", site.decide, site, {account = "a\0b"})
  fails("below 0", site.decide, site, {gpus = -1})
  fails("no whole", site.decide, site, {gpus = 1.5})
  fails("too large", site.decide, site, {minutes = 2 ^ 40})
  fails("too large", site.decide, site, {gpus = 2 ^ 60})
  fails("too large", site.decide, site, {used_hours = math.huge})
  fails("no number", site.decide, site, {begin = 0 / 0})
  fails("snapshot", site.decide, {}, {})
  fails("snapshot", site.decide, io.stdout, {})
  fails("snapshot", site.hash)
  fails("string", site.allocations, site, {})
  fails("string", aif.residency)
  fails("string", aif.residency, {})
  fails("string", aif.parse_request, nil)
end

function tests.metamethods_of_the_request_do_not_run()
  local request = setmetatable({account = "physics"}, {__index = function() error("ran") end})
  request.begin = NOW
  equal(site:decide(request).verdict, "ignore")
end

function tests.snapshots_are_collected_and_sealed()
  equal(getmetatable(site), false)
  for _ = 1, 50 do
    assert(aif.load(conf_dir))
  end
  collectgarbage()
  collectgarbage()
  equal(decide{account = PG, minutes = 1}.verdict, "accept")
end

local passed, failed = 0, {}
for name, test in pairs(tests) do
  local fine, text = pcall(test)
  if fine then
    passed = passed + 1
  else
    failed[#failed + 1] = name
    print(("%s: %s"):format(name, text))
  end
end
print(("[  PASSED  ] %d test(s)."):format(passed))
if #failed > 0 then
  print(("[  FAILED  ] %d test(s)."):format(#failed))
  os.exit(1)
end
