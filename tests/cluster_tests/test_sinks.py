"""What sinks get from a ledger, held against the published formats and against the ledger itself. No cluster."""

import json
import re
import signal
import sqlite3
import time
from collections import Counter
from pathlib import Path

import pytest
from sinksite import (ALLOCATIONS, Receiver, _services, desk, make_client_certificate, month_of,  # noqa: F401
                      receiver, receiver_sink, waldur, waldur_sink)
from validators import apel, auditor, furms, ood, openapi

OPENAPI = Path(__file__).resolve().parent.parent.parent / "doc" / "aif-webhook.openapi.json"


def test_a_dead_sink_delays_nobody(desk, waldur, receiver):
    """Each has its own cursor, and status tells of each."""
    dead = waldur_sink(waldur, url="https://127.0.0.1:1", backoff=200)
    desk.sinks({"dead": dead, "efp": waldur_sink(waldur), "hook": receiver_sink("webhook", receiver),
                "ood": {"type": "ood", "file": str(desk.dir / "balances")}})
    desk.fill(60)
    said = desk.report(rc=1)
    assert waldur.totals() == desk.month_totals() and len(receiver.events()) == 60
    assert len([line for line in said.splitlines() if "sink dead:" in line]) == 1
    status = desk.status()
    assert status["dead"]["backlog"] == 60 and not status["dead"]["success"] and status["dead"]["failure"]
    assert "cannot read the usage" in status["dead"]["reason"]
    assert all(status[name]["backlog"] == 0 and status[name]["success"] for name in ("efp", "hook", "ood"))
    assert desk.aif("report", "status", check=False).returncode == 1
    desk.sinks({"dead": waldur_sink(waldur)})
    desk.report()
    assert desk.status()["dead"]["backlog"] == 0 and not desk.status()["dead"]["reason"]


def messages(desk, kind):
    """Records of all messages of a kind in the outgoing directory."""
    records = []
    for path in sorted((desk.dir / "out").iterdir()):
        if f"-{kind}-" in path.name:
            if kind == "gpu":
                records += apel.accelerators(path.read_text())
                continue
            found, some = apel.message(path.read_text())
            assert found == kind
            records += some
    return records


def apel_sink(desk, **more):
    (desk.dir / "out").mkdir()
    return {"egi": {"type": "apel", "directory": str(desk.dir / "out"), "site": "AIF-SITE", "service_level": "11.5", **more}}


def test_apel_jobs(desk):
    desk.sinks(apel_sink(desk, records="individual", gpu_model="NVIDIA H100"))
    desk.fill(3000)
    desk.report()
    ran = {f"{cluster}-{row['job_id']}-{index}": row for (cluster, index), row in desk.rows().items() if row["start"]}
    jobs = {record["LocalJobId"]: record for record in messages(desk, "job")}
    assert set(jobs) == set(ran) and len(messages(desk, "job")) == len(ran) > 2000
    for name, row in ran.items():
        assert jobs[name]["WallDuration"] == row["elapsed"] and jobs[name]["CpuDuration"] == row["elapsed"] * row["cpus"]
        assert (jobs[name]["VO"], jobs[name]["EndTime"]) == (row["allocation"], row["end"])
    states = {row["state"] for row in ran.values()}
    assert {"OUT_OF_MEMORY", "DEADLINE", "BOOT_FAIL", "CANCELLED"} <= states
    gpus = {record["AssociatedRecord"]: record for record in messages(desk, "gpu")}
    with_gpus = {name: row for name, row in ran.items() if row["gpus"]}
    assert set(gpus) == set(with_gpus)
    assert all(gpus[name]["Count"] * gpus[name]["ActiveDuration"] == row["gpus"] * row["elapsed"]
               for name, row in with_gpus.items())
    check_sync(desk)
    before = {path.name for path in (desk.dir / "out").iterdir()}
    desk.report()
    assert {path.name for path in (desk.dir / "out").iterdir()} == before and not list((desk.dir / "out").glob("*.new"))


def check_sync(desk):
    jobs = Counter(month_of(row["end"]) for row in desk.rows().values() if row["start"])
    assert {f"{r['Year']}-{r['Month']:02d}": r["NumberOfJobs"] for r in messages(desk, "sync")} == jobs


def test_apel_jobs_that_moved_are_set_aside(desk):
    """APEL's key of a job has its end: with another one it would count twice."""
    desk.sinks(apel_sink(desk, records="individual"))
    desk.fill(20)
    desk.report()
    desk.fill(20, seed=2)
    said = desk.report()
    rows = json.loads(desk.aif("report", "quarantine", "--json", check=False).stdout)
    assert rows and {row["where"] for row in rows} == {"sink:egi"} and said.count("set aside") == len(rows)
    assert "count it twice" in rows[0]["reason"]
    keys = [(record["LocalJobId"], record["EndTime"]) for record in messages(desk, "job")]
    assert len({name for name, _ in keys}) == len(set(keys))


def test_apel_months(desk):
    desk.sinks(apel_sink(desk))
    desk.fill(500)
    desk.report()
    desk.fill(100, first=450, seed=2)  # new rows, and corrections of some
    desk.report()
    latest = {}
    for record in messages(desk, "summary"):
        latest[f"{record['Year']}-{record['Month']:02d}", record["VO"]] = record
    truth = {}
    for row in desk.rows().values():
        if row["start"]:
            sums = truth.setdefault((month_of(row["end"]), row["allocation"]), [0, 0, 0])
            for i, value in enumerate((1, row["elapsed"], row["elapsed"] * row["cpus"])):
                sums[i] += value
    assert {key: [record["NumberOfJobs"], record["WallDuration"], record["CpuDuration"]]
            for key, record in latest.items()} == truth
    assert not messages(desk, "job") and not messages(desk, "gpu")


def test_auditor(desk, receiver):
    desk.sinks({"auditor": receiver_sink("auditor", receiver)})
    desk.fill(50)
    desk.report()
    ran = {f"{cluster}-{row['job_id']}-{index}": row for (cluster, index), row in desk.rows().items() if row["start"]}
    assert set(receiver.records()) == set(ran)
    for name, record in receiver.records().items():
        start, stop = auditor.record(record)
        amounts = {component["name"]: component["amount"] for component in record["components"]}
        assert (stop - start).total_seconds() == ran[name]["elapsed"]
        assert (amounts.get("GPU", 0), amounts["Cores"]) == (ran[name]["gpus"], ran[name]["cpus"])
    assert {path for _, path, *_ in receiver.requests()} == {"/record"}


def test_webhook_is_as_described(desk, receiver):
    desk.sinks({"hook": receiver_sink("webhook", receiver)})
    desk.fill(30)
    desk.report()
    desk.fill(15, seed=2)
    desk.report()
    schema = json.loads(OPENAPI.read_text())["components"]["schemas"]["Event"]
    for event in receiver.events():
        openapi.check(event, schema)
    assert [(event["id"], event["seq"], event["record"]) for event in receiver.events()] == [
        (event["hash"], event["seq"], event["body"]) for event in desk.events()]
    assert len({event["id"] for event in receiver.events()}) == len(receiver.events()) == 45


def test_files_for_furms_and_open_ondemand(desk):
    desk.sinks({"furms": {"type": "furms", "file": str(desk.dir / "furms.json")},
                "ood": {"type": "ood", "file": str(desk.dir / "ood.json")}})
    desk.fill(300)
    desk.report()
    used = desk.used()
    assert furms.messages((desk.dir / "furms.json").read_text()) == {
        name: (ALLOCATIONS[name][0], float(f"{(secs + 18) // 36 / 100:.2f}")) for name, secs in used.items()}
    assert ood.balances((desk.dir / "ood.json").read_text()) == {
        (user, name): (50000 * 3600 - secs) // 3600 for name, secs in used.items() for user in ("alice", "bob")}
    assert "GPU-hour" not in (desk.dir / "ood.json").read_text()  # there are node-hours, too


def test_mutual_tls(desk, tmp_path):
    receiver = Receiver(tmp_path / "mutual")
    receiver.settings(mutual=True)
    pem, key = make_client_certificate(receiver.dir)
    desk.fill(5)
    with receiver:
        desk.sinks({"hook": receiver_sink("webhook", receiver)})
        desk.report(rc=1)
        assert not receiver.events()
        desk.sinks({"hook": receiver_sink("webhook", receiver, cert_file=str(pem), key_file=str(key))})
        desk.report()
        assert len(receiver.events()) == 5


def test_what_a_service_refuses_is_set_aside_and_the_rest_goes_on(desk, receiver):
    desk.sinks({"hook": receiver_sink("webhook", receiver)})
    desk.fill(10)
    receiver.faults({"on": "hook", "do": "status", "status": 422, "body": "no such\nproject"})
    said = desk.report()
    assert said.count("is set aside: cannot post the event: HTTP status 422: no such?project") == 1
    rows = json.loads(desk.aif("report", "quarantine", "--json", check=False).stdout)
    assert [(row["where"], row["job"]) for row in rows] == [("sink:hook", 1001)] and len(receiver.events()) == 9
    lines = desk.aif("report", "quarantine", "--parsable", check=False).stdout.splitlines()
    assert lines[0] == "WHERE|JOB|ROW|SINCE|REASON" and lines[1].startswith("sink:hook|1001|1|")


def test_stops_at_once_in_mid_delivery(desk, receiver):
    """And another run goes on where it was."""
    desk.sinks({"hook": receiver_sink("webhook", receiver, timeout=60, backoff=60000)})
    desk.fill(20)
    receiver.faults({"on": "hook", "do": "status", "status": 503, "times": 1, "retry_after": 500})
    process = desk.popen("--foreground")
    deadline = time.monotonic() + 60
    while not receiver.requests() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    process.stderr.close()
    desk.report()
    assert len(receiver.events()) == 20


def test_new_sinks_begin_at_a_sighup(desk, receiver):
    """Files are read again, and a round starts, whatever the interval says."""
    desk.sinks({}, interval=3600)
    desk.fill(3)
    process = desk.popen("--foreground")
    assert "started" in process.stderr.readline()
    desk.sinks({"hook": receiver_sink("webhook", receiver)}, interval=3600)
    process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 60
    while len(receiver.events()) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0 and len(receiver.events()) == 3
    process.stderr.close()


def test_metrics(desk, receiver):
    path = desk.dir / "aif.prom"
    desk.sinks({"hook": receiver_sink("webhook", receiver), "dead": receiver_sink("webhook", receiver, timeout=1,
                                                                                url="https://127.0.0.1:1")},
               metrics=str(path))
    desk.fill(10)
    receiver.faults({"on": "hook", "do": "status", "status": 400})
    desk.report(rc=1)
    text = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o644 and text.endswith("# EOF\n")
    families, values = [], {}
    for line in text.splitlines()[:-1]:
        if line.startswith("# TYPE "):
            families.append(line.split()[2])
            assert line.split()[3] == "gauge"
        elif not line.startswith(f"# HELP {families[-1]} "):
            name, value = line.rsplit(" ", 1)
            assert re.fullmatch(re.escape(families[-1]) + r'(\{[a-z]+="[^"]*"\})?', name)
            values[name] = int(value)
    assert len(families) == len(set(families)) == 10
    assert values['aif_report_sink_backlog_rows{sink="hook"}'] == 0 == values['aif_report_sink_failing{sink="hook"}']
    assert values['aif_report_sink_backlog_rows{sink="dead"}'] == 10 and values['aif_report_sink_failing{sink="dead"}'] == 1
    assert values['aif_report_sink_success_timestamp_seconds{sink="hook"}'] > time.time() - 600
    assert values["aif_report_quarantine_rows"] == 1 and values["aif_report_lag_seconds"] == -1
    assert values["aif_ledger_events"] == 10 and values["aif_ledger_overdue_events"] == 0
    head = [json.loads(line) for line in desk.aif("export").stdout.splitlines() if '"hash"' in line][-1]["hash"]
    assert values[f'aif_ledger_head_info{{hash="{head}"}}'] == 1


@pytest.mark.parametrize("seed", range(2))
def test_killed_anywhere_nothing_is_lost_or_doubled(desk, waldur, receiver, seed):
    (desk.dir / "out").mkdir()
    desk.sinks({"efp": waldur_sink(waldur), "auditor": receiver_sink("auditor", receiver),
                "hook": receiver_sink("webhook", receiver),
                "egi": {"type": "apel", "directory": str(desk.dir / "out"), "site": "S", "records": "individual"}})
    desk.fill(40, seed=seed)
    for i in range(6):
        process = desk.popen("--once")
        time.sleep(0.02 + 0.05 * i + 0.013 * seed)
        process.kill()
        process.wait(60)
        process.stderr.close()
    desk.report()
    ran = [row for row in desk.rows().values() if row["start"]]
    assert waldur.totals() == desk.month_totals()
    assert len(receiver.records()) == len(ran) and len(receiver.events()) == 40
    assert len({(r["LocalJobId"], r["EndTime"]) for r in messages(desk, "job")}) == len(ran)
    with sqlite3.connect(desk.ledger) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert desk.aif("verify", "--ledger", str(desk.ledger)).stdout.startswith("ok")
