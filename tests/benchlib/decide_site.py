"""A site with thousands of allocations, for tests/bench decide: policy.json, allocations.json."""

import datetime
import json

from clusterlib import config

MODES = {"playground": "PG", "fast-lane": "FL", "large-scale": "LS", "science": "SC", "benchmark": "B",
         "development": "D", "regular": "R", "extreme-scale": "E"}
AMOUNT = 10000
WALL = "1-00:00:00"
PARTITIONS = ("gpu", "ai", "large")  # that half of the modes may use
OTHER_PARTITIONS = ("ai", "large", "small", "dev", "debug", "interactive", "cpu")  # beside "gpu": eight in all, as LUMI has
LIMITS = {"gpus_per_job": {"max": 64}, "nodes_per_job": {"max": 16}}
TEAM = 8
CHUNK = 500  # names per call of sacctmgr


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


def write(directory, listed, policy_=None):
    """policy.json (the above, or another) and allocations.json."""
    directory.mkdir(exist_ok=True)
    (directory / "policy.json").write_text(json.dumps(policy_ or policy()))
    (directory / "allocations.json").write_text(json.dumps({"version": 1, "allocations": listed}))


def fill_accounting(cluster, listed):
    """What `aif apply` would make, but only the one user who submits; in few calls, since there is a lot of it."""
    accounts = sorted({a["account"] for a in listed})
    for names in _chunks(sorted(map(qos, listed))):
        _sacctmgr(cluster, "qos", ",".join(names), "flags=NoDecay,DenyOnLimit", f"GrpTRESMins=gres/gpu={AMOUNT * 60}",
                  f"MaxWall={WALL}")
    for names in _chunks(accounts):
        _sacctmgr(cluster, "account", ",".join(names))
        _sacctmgr(cluster, "user", config.user_name(), f"account={','.join(names)}")


def _sacctmgr(cluster, *args):
    cluster.run(["sacctmgr", "-iQ", "add", *args], timeout=600)


def _chunks(names):
    return [names[i:i + CHUNK] for i in range(0, len(names), CHUNK)]
