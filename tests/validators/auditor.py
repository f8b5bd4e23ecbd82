"""AUDITOR: a record as POST /record takes it."""

import datetime
import re

NAME_MAX = 256
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def _name(text, what):
    if not isinstance(text, str) or not text.strip() or len(text) > NAME_MAX:
        raise ValueError(f"{what}: {text!r}")


def _time(text):
    if not isinstance(text, str) or not TIME.fullmatch(text):
        raise ValueError(f"time {text!r}")
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def _component(component):
    if set(component) != {"name", "amount", "scores"}:
        raise ValueError(f"component {component}")
    _name(component["name"], "component")
    if type(component["amount"]) is not int or component["amount"] < 0:
        raise ValueError(f"amount {component['amount']!r}")
    for score in component["scores"]:
        if set(score) != {"name", "value"} or score["value"] < 0:
            raise ValueError(f"score {score}")
        _name(score["name"], "score")


def record(data):
    """The record's (start, stop) after checking it."""
    if set(data) != {"record_id", "meta", "components", "start_time", "stop_time"}:
        raise ValueError(f"keys {sorted(data)}")
    _name(data["record_id"], "record_id")
    for key, values in data["meta"].items():
        _name(key, "meta")
        if not isinstance(values, list) or not values:
            raise ValueError(f"meta {key}: {values!r}")
        for value in values:
            _name(value, key)
    names = [component["name"] for component in data["components"]]
    if len(names) != len(set(names)):
        raise ValueError(f"components {names}")
    for component in data["components"]:
        _component(component)
    start, stop = _time(data["start_time"]), _time(data["stop_time"])
    if stop < start:
        raise ValueError(f"{stop} before {start}")
    return start, stop
