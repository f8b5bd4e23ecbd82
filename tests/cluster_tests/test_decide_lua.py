"""The Lua baseline of tests/bench decide is the same policy: it decides the decision table as the core does. Needs no cluster."""

import datetime
import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from benchlib import decide_lua

DATA = Path(__file__).resolve().parents[1] / "data" / "decisions"
LUA = shutil.which("lua5.1") or shutil.which("lua5.4") or shutil.which("lua")
LEFT_OUT = {"datasets", "no-policy", "pacing", "residency"}  # what decide_policy.lua says it leaves out
PACED = {"monthly", "credit", "linear", "cut"}

# What job_submit/lua gives a script, as far as the policy uses it; then one line per case: the verdict and the rule.
SHIM = """
local told
slurm = {NO_VAL = 4294967294, NO_VAL16 = 65534, SUCCESS = 0, ESLURM_ACCESS_DENIED = 2045,
         log_user = function(form, ...) told = string.format(form, ...) end}
local now
os.time = function() return now end
dofile(arg[1])
for _, case in ipairs(dofile(arg[2])) do
  now, told = case.now, nil
  case.job.environment = {}
  local rc = slurm_job_submit(case.job, {}, 0)
  local rule = (told or ""):match("%((AIF%-%w+)%)") or ""
  local marked = (case.job.admin_comment or ""):match('"alloc":"([^"]*)"')
  local request = case.job.environment.SLURM_SPANK_AIF_REQUEST
  assert(not marked == not request and (not marked or request:find("^mode=[^;]+;allocation=" .. marked:gsub("%p", "%%%0"))))
  local verdict = rc ~= 0 and "reject" or (not marked and "ignore" or (case.job.priority == 0 and "hold" or "accept"))
  print(verdict, rule, marked or "", case.job.time_limit or "", case.job.qos or "")
end
"""


def read(path):
    """JSON with comments."""
    return json.loads(re.sub(r"(?m)^\s*//.*$", "", path.read_text()))


def is_known(site, case):
    """Whether the case asks nothing of what the script leaves out."""
    policy, listed = site
    request, options = case["request"], json.dumps(case["request"])
    named = [a for a in listed if a["account"] == request.get("account", "").lower() or f'"{a["id"]}"' in options
             or decide_lua.qos(a) in options.lower()]
    paced = any(decide_lua.pacing(policy, a)["kind"] in PACED for a in named)
    return not (paced or request.get("nodes") == 0 or {"also", "billing", "raw"} & set(request) or "residency" in options
                or case["expect"].get("rule", "").startswith("AIF-R"))


def moment(text):
    return decide_lua._first(text)


def environment(options):
    return ";".join(f"{key}=" + re.sub(r"[%;=]|[^!-~]", lambda m: "".join(f"%{b:02X}" for b in m[0].encode()), value)
                    for key, value in options.items())


def job(request):
    made = {"account": request.get("account"), "qos": request.get("qos"), "partition": request.get("partition"),
            "user_name": request.get("user"), "min_nodes": request.get("nodes", 1), "comment": request.get("comment"),
            "tres_per_job": f"gres:gpu:{request['gpus']}" if request.get("gpus") else None,
            "time_limit": request.get("minutes"), "script": None if request.get("interactive") else "#!/bin/sh",
            "array_inx": f"0-{request['array_tasks'] - 1}" if request.get("array_tasks", 1) > 1 else None}
    env = request.get("env", environment(request["options"]) if request.get("options") else None)
    if env is not None:
        made["spank_job_env"] = [f"AIF_REQUEST={env}"]
    return {key: value for key, value in made.items() if value is not None}


def usage(case, alloc):
    """As the cron job would write it: the greater of Slurm's numbers and the ledger's."""
    given, ledger = case.get("usage", {}), case.get("balance", {})
    ledger = ledger if ledger.get("id") == alloc["id"] else {}
    hours = {key: round(given.get(key, 0) * 3600) for key in ("used", "reserved", "pending", "inference", "free_used",
                                                              "free_reserved")}
    booked = {key: round(ledger.get(key, 0) * 3600) for key in ("used", "inference", "free")}
    return decide_lua.usage(max(hours["used"], booked["used"]), hours["reserved"], hours["pending"],
                            hours["inference"] + booked["inference"],
                            (max(hours["free_used"], booked["free"]), hours["free_reserved"]), given.get("submits", 0),
                            [(case["request"].get("user", ""), given.get("user_submits", 0))])


def decide(table, site, cases, directory):
    """What the script says of these cases, which share their usage."""
    policy, listed = site
    shutil.rmtree(directory / "usage", ignore_errors=True)
    (directory / "usage").mkdir()
    if cases[0].get("usage", {}).get("known", True):
        for alloc in listed:
            (directory / "usage" / decide_lua.qos(alloc)).write_text(usage(cases[0], alloc))
    asked = [{"job": job(c["request"]), "now": moment(c["request"].get("begin", table["now"]))} for c in cases]
    (directory / "cases.lua").write_text("return " + decide_lua._lua(asked))
    (directory / "site.lua").write_text(decide_lua.table(policy, listed))
    (directory / "shim.lua").write_text(SHIM)
    (directory / "policy.lua").write_text(decide_lua.policy(directory / "site.lua", directory / "usage"))
    done = subprocess.run([LUA, "shim.lua", "policy.lua", "cases.lua"], cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


def agree(expect, got):
    """Verdict and rule; of a job that goes on its allocation, time limit and QOS, too, as far as the table tells."""
    verdict, rule, alloc, minutes, qos = got
    if verdict != expect["verdict"]:
        return False
    if verdict == "reject":
        return rule == expect["rule"]
    return ((verdict != "hold" or rule == expect["rule"]) and alloc == expect.get("alloc", alloc)
            and minutes == str(expect.get("minutes", minutes) or "") and expect.get("qos") in (None, qos))


@pytest.fixture
def zone():
    """The time zone is set back afterwards."""
    before = os.environ.get("TZ")

    def set_zone(name):
        os.environ["TZ"] = name
        time.tzset()
    yield set_zone
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


def groups(cases):
    """Cases with the same usage are decided together."""
    found = {}
    for case in cases:
        key = json.dumps([case.get("usage"), case.get("balance")]) + (case["request"].get("user", "") if "usage" in case else "")
        found.setdefault(key, []).append(case)
    return found.values()


def compare(name, directory, zone):
    """How many cases of a table the script decides, and those that it decides otherwise."""
    table = read(DATA / f"{name}.json")
    zone(table.get("timezone", "UTC"))
    site = read(DATA / table["policy"]), read(DATA / table["allocations"])["allocations"]
    wrong, count = [], 0
    for cases in groups([c for c in table["cases"] if is_known(site, c)]):
        for case, got in zip(cases, decide(table, site, cases, directory), strict=True):
            count += 1
            if not agree(case["expect"], got):
                wrong.append((name, case["name"], case["expect"], got))
    return count, wrong


@pytest.mark.skipif(not LUA, reason="no Lua interpreter")
def test_the_lua_policy_decides_the_table_as_the_core_does(tmp_path, zone):
    count, wrong = 0, []
    for path in sorted(DATA.glob("*.json")):
        if path.stem not in LEFT_OUT:
            decided, differ = compare(path.stem, tmp_path, zone)
            count, wrong = count + decided, wrong + differ
    assert not wrong, "\n".join(map(str, wrong))
    assert count >= 700, count


@pytest.mark.skipif(not LUA, reason="no Lua interpreter")
def test_usage_of_users(tmp_path, zone):
    zone("UTC")
    policy = {"modes": {"m": {"submits_per_user": 2}}}
    alloc = {"id": "A", "account": "a", "mode": "m", "amount": 10, "unit": "gpu-hour", "start": "2026-01-01", "end": "2026-12-31"}
    case = {"request": {"account": "a", "gpus": 1, "minutes": 1, "user": "u.v"}, "usage": {"user_submits": 2}}
    day = datetime.date(2026, 6, 1).isoformat()
    assert decide({"now": day}, (policy, [alloc]), [case], tmp_path)[0][:2] == ["reject", "AIF-M008"]
    case["usage"]["user_submits"] = 1
    assert decide({"now": day}, (policy, [alloc]), [case], tmp_path)[0][0] == "accept"
