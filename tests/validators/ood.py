"""Open OnDemand: a balance file of version 1, as the dashboard reads it."""

import json


def balances(text):
    """{(user, project): value}"""
    data = json.loads(text)
    if set(data) != {"version", "timestamp", "config", "balances"} or data["version"] != 1:
        raise ValueError(f"keys {sorted(data)}")
    if type(data["timestamp"]) is not int or set(data["config"]) != {"unit", "project_type"}:
        raise ValueError(f"timestamp or config: {data['timestamp']!r} {data['config']}")
    if not all(isinstance(value, str) and value for value in data["config"].values()):
        raise ValueError(f"config {data['config']}")
    found = {}
    for entry in data["balances"]:
        if set(entry) != {"user", "project", "value"} or type(entry["value"]) is not int:
            raise ValueError(f"entry {entry}")
        key = entry["user"], entry["project"]
        if not all(isinstance(name, str) and name for name in key) or key in found:
            raise ValueError(f"entry {entry}")
        found[key] = entry["value"]
    return found
