"""The tables that decide_policy.lua reads, made from policy.json and allocations.json; and its files of usage."""

import datetime
import json
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
DAY = datetime.timedelta(days=1)


def policy(site, usage_dir):
    """The text of the script, for tables and files of usage in these places."""
    places = {"@SITE@": site, "@USAGE@": usage_dir, "@OPTIONS@": HERE / "decide_options.lua"}
    text = (HERE / "decide_policy.lua").read_text()
    for mark, place in places.items():
        text = text.replace(mark, str(place))
    return text


def table(rules, listed, hash_="0123456789abcdef"):
    """The text of the file that decide_policy.lua calls SITE. The members of an allocation are written once per set, and shared."""
    teams = {}
    for alloc in listed:
        teams.setdefault(tuple(alloc.get("members", ())), f"t{len(teams)}")
    lines = ["local team = {}"]
    lines += [f"team.{name} = {_lua(dict.fromkeys(members, True))}" for members, name in teams.items() if members]
    lines.append("local allocs = {}")
    for i, alloc in enumerate(listed, 1):
        lines.append(f"allocs[{i}] = {_lua(_alloc(rules, alloc))}")
        if "members" in alloc:
            lines.append(f"allocs[{i}].members = team.{teams[tuple(alloc['members'])]}")
    lines += [f"local site = {_lua(_site(rules, hash_))}", "site.allocs = allocs", "return site"]
    return "\n".join(lines) + "\n"


def usage(used=0, reserved=0, pending=0, inference=0, free=(0, 0), submits=0, users=()):
    """The text of an allocation's file of usage: seconds, and numbers of jobs; users: (name, jobs)."""
    numbers = (used, reserved, pending, inference, *free, submits)
    return " ".join(map(str, numbers)) + "\n" + "".join(f"{name} {jobs}\n" for name, jobs in users)


def qos(alloc):
    return alloc.get("qos", alloc["id"]).lower()


def pacing(rules, alloc):
    return alloc.get("pacing") or rules["modes"][alloc["mode"]].get("pacing") or {"kind": "none"}


def _site(rules, hash_):
    modes = {name: _mode(mode) for name, mode in rules["modes"].items()}
    return {"hash": hash_, "modes": modes, "codes": {m["code"].lower(): n for n, m in rules["modes"].items() if "code" in m},
            "cap": rules.get("time_excess") == "cap", "foreign_reject": rules.get("foreign_jobs") == "reject",
            "association": rules.get("carrier") == "association", "holds": dict.fromkeys(rules.get("hold", ()), True),
            "count_pending": rules.get("budget", {}).get("count_pending", False), "gpus_per_node": {}}


def _mode(mode):
    lua = {"open": mode.get("open", True), **{k: mode[k] for k in ("gpus_per_job", "nodes_per_job", "submits_per_user",
                                                                   "submits_per_allocation") if mode.get(k)}}
    lua.update({k: dict.fromkeys(mode[k], True) for k in ("partitions", "categories") if k in mode})
    if "wall_max" in mode:
        lua["wall_minutes"] = _minutes(mode["wall_max"])
    if "inference" in mode:
        lua["inference_percent"] = mode["inference"]["share"]
    if "closures" in mode:
        lua["closures"] = [_closure(c) for c in mode["closures"]]
    if "interactive" in mode:
        lua["interactive"] = _interactive(mode["interactive"])
    return lua


def _closure(closure):
    lua = {"partitions": dict.fromkeys(closure["partitions"], True)} if "partitions" in closure else {}
    if "from" in closure:
        lua["first"] = _first(closure["from"])
    if "until" in closure:
        lua["last"] = _last(closure["until"])
    return lua


def _interactive(rules):
    lua = {k: rules[k] for k in ("gpus_per_job", "nodes_per_job") if k in rules}
    if "wall_max" in rules:
        lua["wall_minutes"] = _minutes(rules["wall_max"])
    return {"forbidden": not rules.get("allowed", True), **lua}


def _alloc(rules, alloc):
    charge = {"tres": {"gpu-hour": "gres/gpu", "node-hour": "node"}[alloc["unit"]], "factor": 1,
              **rules.get("charge", {}).get(alloc["unit"], {}), **alloc.get("charge", {})}
    lua = {"id": alloc["id"], "account": alloc["account"].lower(), "qos": rules.get("qos_prefix", "") + qos(alloc),
           "mode": alloc["mode"].lower(), "tres": charge["tres"].removeprefix("gres/"), "factor": charge["factor"],
           "secs": int(alloc["amount"] * 3600 + 0.5), "first": _first(alloc["start"]), "last": _last(alloc["end"]),
           "state": alloc.get("state", "ok"), **{k: alloc[k] for k in ("category",) if k in alloc}}
    pace = pacing(rules, alloc)
    if pace["kind"] == "ceiling":
        lua.update(ceiling_percent=pace["percent"], free_qos=alloc.get("free_qos", qos(alloc) + "-free").lower())
    return lua


def _minutes(text):
    """"[DAYS-]HOURS:MINUTES:SECONDS"."""
    days, _, clock = text.rpartition("-")
    hours, minutes, _ = map(int, clock.split(":"))
    return (int(days or 0) * 24 + hours) * 60 + minutes


def _first(text):
    """A day of the machine's time zone, or a moment, in seconds since 1970."""
    if "T" in text:
        return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())
    return _midnight(datetime.date.fromisoformat(text))


def _last(text):
    return _first(text) if "T" in text else _midnight(datetime.date.fromisoformat(text) + DAY) - 1


def _midnight(date):
    return int(time.mktime((date.year, date.month, date.day, 0, 0, 0, 0, 0, -1)))


def _lua(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"[{json.dumps(k)}] = {_lua(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "{" + ", ".join(map(_lua, value)) + "}"
    return json.dumps(value)
