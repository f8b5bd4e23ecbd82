"""A site with thousands of allocations, for tests/bench decide: policy.json, allocations.json, and the same as a Lua table."""

import datetime
import json
import time

MODES = {"playground": "PG", "fast-lane": "FL", "large-scale": "LS", "science": "SC", "benchmark": "B",
         "development": "D", "regular": "R", "extreme-scale": "E"}
AMOUNT = 10000
WALL = "1-00:00:00"
WALL_MINUTES = 24 * 60
PARTITIONS = ("gpu", "ai", "large")
LIMITS = {"gpus_per_job": {"max": 64}, "nodes_per_job": {"max": 16}}
TEAM = 8


def policy():
    """Every mode is open and limited; half of them to some partitions."""
    modes = {}
    for i, (name, code) in enumerate(MODES.items()):
        modes[name] = {"code": code, "open": True, "wall_max": WALL, **LIMITS}
        if i % 2:
            modes[name]["partitions"] = list(PARTITIONS)
    return {"version": 1, "cluster": "bench", "modes": modes, "residency": {"home": "FI"},
            "report": {"ledger": "/nonexistent/ledger.db", "interval": 300, "overlap": 86400}}


def allocations(count, accounts, user):
    """Of every ten allocations of an account seven are usable now; every fourth account has one mode only. `user` is the
    last member of all."""
    return [_allocation(i, i % accounts, i // accounts, user) for i in range(count)]


def _allocation(i, account, nth, user):
    mode = "science" if account % 4 == 0 else list(MODES)[(account + nth) % len(MODES)]
    start, end = {8: (-400, -30), 9: (30, 400)}.get(nth % 10, (-30 - nth, 60 + (13 * nth + account) % 300))
    return {"id": f"EHPC-AIF-2026{MODES[mode]}{nth:02}-{i}", "account": f"acct{account:05}", "mode": mode,
            "amount": AMOUNT, "unit": "node-hour" if i % 4 == 3 else "gpu-hour", "start": _day(start), "end": _day(end),
            "state": "paused" if nth % 10 == 7 else "ok",
            "members": [f"user{(account * TEAM + m) % 5000:04}" for m in range(TEAM)] + [user]}


def _day(offset):
    return (datetime.date.today() + datetime.timedelta(days=offset)).isoformat()


def is_usable(alloc):
    return alloc["state"] == "ok" and alloc["start"] <= _day(0) < alloc["end"]


def qos(alloc):
    return alloc["id"].lower()


def write(directory, listed):
    """policy.json and allocations.json."""
    directory.mkdir(exist_ok=True)
    (directory / "policy.json").write_text(json.dumps(policy()))
    (directory / "allocations.json").write_text(json.dumps({"version": 1, "allocations": listed}))


# -- the same for decide_policy.lua --------------------------------------------------------------------------------------

def lua_table(listed):
    """What decide_policy.lua reads. The members of an account are written once and shared, as a set."""
    teams = {a["account"]: a["members"] for a in listed}
    lines = ["local team = {"]
    lines += [f"  {name} = {{{', '.join(f'{m} = true' for m in members)}}}," for name, members in teams.items()]
    lines += ["}", "local allocs = {}"]
    for i, alloc in enumerate(listed, 1):
        lines.append(f"allocs[{i}] = {_lua_alloc(alloc)}")
    lines.append(f"return {{hash = '0123456789abcdef', allocs = allocs, modes = {_lua(_lua_modes())}}}")
    return "\n".join(lines) + "\n"


def _lua_alloc(alloc):
    fields = {"id": alloc["id"], "account": alloc["account"], "qos": qos(alloc), "mode": alloc["mode"],
              "unit": alloc["unit"], "secs": alloc["amount"] * 3600, "first": _epoch(alloc["start"]),
              "last": _epoch(alloc["end"], 1) - 1, "state": alloc["state"]}
    return f"{_lua(fields)[:-1]}, members = team.{alloc['account']}}}"


def _lua_modes():
    return {name: {"open": True, "wall_minutes": WALL_MINUTES, **LIMITS,
                   **({"partitions": dict.fromkeys(mode["partitions"], True)} if "partitions" in mode else {})}
            for name, mode in policy()["modes"].items()}


def _epoch(day, more=0):
    date = datetime.date.fromisoformat(day) + datetime.timedelta(days=more)
    return int(time.mktime(date.timetuple()))


def _lua(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"[{json.dumps(k)}] = {_lua(v)}" for k, v in value.items()) + "}"
    return json.dumps(value)
