"""FENIX FURMS: cumulative consumption messages, here as one JSON array."""

import datetime
import json

BODY = {"projectIdentifier": str, "allocationIdentifier": str, "probedAt": str}


def messages(text):
    """{allocation: (project, consumption)}"""
    found = {}
    for message in json.loads(text):
        if set(message) != {"header", "body"} or set(message["body"]) != {"CumulativeResourceUsageRecord"}:
            raise ValueError(f"envelope {message}")
        if message["header"] != {"version": 1, "messageCorrelationId": None, "status": "OK"}:
            raise ValueError(f"header {message['header']}")
        body = message["body"]["CumulativeResourceUsageRecord"]
        if set(body) != {*BODY, "cumulativeConsumption"} or any(type(body[k]) is not v for k, v in BODY.items()):
            raise ValueError(f"body {body}")
        if type(body["cumulativeConsumption"]) not in (int, float) or body["cumulativeConsumption"] < 0:
            raise ValueError(f"consumption {body['cumulativeConsumption']!r}")
        datetime.datetime.strptime(body["probedAt"], "%Y-%m-%dT%H:%M:%SZ")
        if body["allocationIdentifier"] in found:
            raise ValueError(f"{body['allocationIdentifier']} twice")
        found[body["allocationIdentifier"]] = body["projectIdentifier"], body["cumulativeConsumption"]
    return found
