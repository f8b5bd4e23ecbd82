"""Sinks against services that fail, lie, drip or flood: right in the end, in bounded memory. No cluster."""

import json
import time
from decimal import Decimal

import pytest
from sinksite import (ALLOCATIONS, MEMORY_MAX, Waldur, _services, desk, receiver, receiver_sink,  # noqa: F401
                      waldur, waldur_sink)

STATUS = {"do": "status"}
FAULTS = {
    "never answers in time": [{"do": "delay", "seconds": 3}],
    "drips": [{"do": "slow", "seconds": 0.1}],
    "500": [{**STATUS, "status": 500, "times": 3}],
    "502": [{**STATUS, "status": 502, "body": "<html>bad gateway</html>"}],
    "429 and when to come back": [{**STATUS, "status": 429, "retry_after": 1}],
    "503 for years": [{**STATUS, "status": 503, "retry_after": 0}],
    "401": [{**STATUS, "status": 401}],
    "no HTTP": [{"do": "noise", "times": 2}],
    "cut before it is stored": [{"do": "drop-before", "times": 2}],
    "cut after it is stored": [{"do": "drop-after", "times": 2}],
    "answers twice": [{"do": "twice", "times": 3}],
    "a gigabyte": [{"do": "huge", "bytes": 1 << 30, "times": 2}],
    "all of it": [{"do": "drop-after"}, {**STATUS, "status": 500}, {"do": "huge", "bytes": 1 << 30}, {"do": "twice"},
                  {**STATUS, "status": 401}, {"do": "drop-before"}, {"do": "slow", "seconds": 0.1}],
}


def check_waldur(desk, waldur):
    assert waldur.totals() == desk.month_totals() != {}


def check_auditor(desk, receiver):
    ran = {f"{cluster}-{row['job_id']}-{index}" for (cluster, index), row in desk.rows().items() if row["start"]}
    assert set(receiver.records()) == ran


def check_webhook(desk, receiver):
    assert [event["seq"] for event in receiver.events()] == [event["seq"] for event in desk.events()]


CHECKS = {"waldur": check_waldur, "auditor": check_auditor, "webhook": check_webhook}


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS.keys())
def test_totals_are_right_in_the_end(desk, waldur, receiver, faults):
    """Each service misbehaves in the same way, at the same time; what one round does not reach, the next ones do."""
    desk.fill(12)
    desk.sinks({"waldur": waldur_sink(waldur, timeout=1), "auditor": receiver_sink("auditor", receiver, timeout=1),
                "webhook": receiver_sink("webhook", receiver, timeout=1)})
    waldur.faults(*faults)
    receiver.faults(*[{**fault, "on": on} for fault in faults for on in ("record", "hook")])
    for _ in range(6):
        process = desk.popen("--once")
        process.communicate(timeout=300)
        if process.returncode == 0:
            break
    assert waldur.faults_left() == receiver.faults_left() == 0
    desk.report()
    check_waldur(desk, waldur)
    check_auditor(desk, receiver)
    check_webhook(desk, receiver)
    assert desk.rss <= MEMORY_MAX
    assert not [row for row in desk.status().values() if row["backlog"]]


def test_memory_is_bounded(desk, waldur, receiver):
    """Every answer is a gigabyte, for all sinks at once, and there is much to send."""
    desk.fill(20000)
    desk.sinks({"waldur": waldur_sink(waldur), "auditor": receiver_sink("auditor", receiver),
                "webhook": receiver_sink("webhook", receiver),
                "furms": {"type": "furms", "file": str(desk.dir / "furms.json")}}, interval=3600)
    huge = {"do": "huge", "bytes": 1 << 30, "times": 1000}
    waldur.faults(huge)
    receiver.faults(huge)
    process = desk.popen("--foreground")
    lines = [process.stderr.readline() for _ in range(4)]  # "started", and one of each sink
    deadline = time.monotonic() + 240
    while not (desk.dir / "furms.json").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    desk.watch(process)
    process.terminate()
    assert process.wait(60) == 0
    process.stderr.close()
    assert sum("longer than allowed" in line for line in lines) == 3 and (desk.dir / "furms.json").exists()
    assert 0 < desk.rss <= MEMORY_MAX, f"{desk.rss} KiB"


@pytest.mark.parametrize("kind", CHECKS)
def test_wrong_certificate_gets_nothing(desk, waldur, receiver, tmp_path, kind):
    """Neither a usage nor a token."""
    desk.fill(5)
    other = Waldur(tmp_path / "other", names="DNS:elsewhere.example")
    with other:
        right = waldur_sink(waldur) if kind == "waldur" else receiver_sink(kind, receiver)
        for ca_file in (other.ca_file, waldur.ca_file):
            desk.sinks({"x": {**right, "url": other.url, "ca_file": str(ca_file)}})
            said = desk.report(rc=1)
            assert "certificate" in said.lower() and len(said.splitlines()) == 1
        assert not other.requests()
    desk.sinks({"x": right})
    desk.report()
    CHECKS[kind](desk, waldur if kind == "waldur" else receiver)


@pytest.mark.parametrize("kind", CHECKS)
def test_acknowledged_data_that_was_forgotten_comes_again(desk, waldur, receiver, kind):
    service = waldur if kind == "waldur" else receiver
    desk.fill(15)
    desk.sinks({"x": waldur_sink(waldur) if kind == "waldur" else receiver_sink(kind, receiver)})
    desk.report()
    service.forget()
    desk.report()
    assert desk.aif("report", "resend", "y", check=False).returncode == 1
    desk.aif("report", "resend", "x")
    desk.report()
    CHECKS[kind](desk, service)
    desk.aif("report", "resend", "x")
    desk.report()
    CHECKS[kind](desk, service)


def test_resend_waits_for_the_reporter_to_stop(desk, receiver):
    desk.fill(1)
    desk.sinks({"x": receiver_sink("webhook", receiver)})
    process = desk.popen("--foreground")
    assert "started" in process.stderr.readline()
    done = desk.aif("report", "resend", "x", check=False)
    process.terminate()
    assert process.wait(60) == 0
    process.stderr.close()
    assert done.returncode == 1 and "another reporter" in done.stderr


# Waldur's own ways

def test_units_users_and_resources_of_an_offering(desk, waldur):
    offering = "99999999999949998999999999999999"
    listed = [{key: value for key, value in entry.items() if key != "waldur_resource"} for entry in desk.listed]
    desk.allocations(listed)
    for account, _, resource in ALLOCATIONS.values():
        waldur.resource(resource, ("gpu_minutes", "node_minutes"), backend_id=account.upper(), offering=offering)
    for i in range(250):  # three pages
        waldur.resource(f"{i:08x}-aaaa-4aaa-8aaa-aaaaaaaaaaaa", backend_id=f"other{i}", offering=offering)
    desk.fill(200)
    sink = waldur_sink(waldur, component="gpu_minutes", node_component="node_minutes", unit="minutes", users=True,
                       offering=offering)
    desk.sinks({"efp": sink})
    desk.report()
    hours = {(key[0], key[2]): Decimal(value) for key, value in desk.month_totals().items()}
    totals = waldur.totals()
    assert {(key[0], key[2]) for key in totals} == set(hours)
    for key, value in totals.items():
        assert abs(Decimal(value) - 60 * hours[key[0], key[2]]) <= Decimal("0.31")
        parts = [Decimal(part) for user, part in waldur.user_totals().items() if user[:3] == key]
        assert parts and abs(sum(parts) - Decimal(value)) <= Decimal("0.005") * (len(parts) + 1)
    before = len(waldur.requests("POST"))
    desk.report()
    assert len(waldur.requests("POST")) == before


def test_two_resources_of_one_account_are_nobodys(desk, waldur):
    offering = "99999999999949998999999999999999"
    desk.allocations([{k: v for k, v in desk.listed[0].items() if k != "waldur_resource"}])
    account, _, resource = ALLOCATIONS[desk.listed[0]["id"]]
    waldur.resource(resource, ("gpu_hours",), backend_id=account, offering=offering)
    waldur.resource("55555555-5555-4555-8555-555555555555", ("gpu_hours",), backend_id=account, offering=offering)
    desk.fill(50)
    desk.sinks({"efp": waldur_sink(waldur, offering=offering)})
    desk.report()
    assert waldur.totals() == {}


def test_a_total_that_would_fall_is_told_and_not_sent(desk, waldur):
    desk.fill(100)
    desk.sinks({"efp": waldur_sink(waldur)})
    desk.report()
    key, right = max(waldur.totals().items())
    waldur.put(*key, "999999.99")
    desk.aif("report", "resend", "efp")
    said = desk.report()
    assert "would fall from 999999.99" in said and waldur.totals()[key] == "999999.99"
    notes = [json.loads(line) for line in desk.aif("export").stdout.splitlines()]
    assert [event for event in notes if event.get("kind") == "anomaly"][-1]["body"]["sink"] == "efp"
    waldur.put(*key, right)
    desk.aif("report", "resend", "efp")
    desk.report()
    check_waldur(desk, waldur)
