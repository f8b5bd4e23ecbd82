"""A mixed workload, and who says how much of it was used: sreport, sacct, slurmdbd's rows, the ledger and Waldur agree.

AIF_WORKLOAD_JOBS is how many jobs (240); 2,000 take some minutes on two cores."""

import datetime
import json
import os
import time

import pytest
from reportsite import SITE, Site

JOBS = int(os.environ.get("AIF_WORKLOAD_JOBS", "240"))
PATIENCE = 300 + JOBS
SCHEDULER = ("SchedulerParameters=bf_interval=2,bf_resolution=1,bf_continue,sched_interval=1,sched_min_interval=10000,"
             "batch_sched_delay=0,default_queue_depth=1000,max_rpc_cnt=0,sched_max_job_start=0")
NODE = "n6"


class Workload:
    """What is submitted, and what is done to some of it while the rest runs."""

    def __init__(self, site):
        self.site = site
        self.cluster = site.cluster
        self.gate = site.cluster.gate()
        self.begin = int(time.time())

    def arrays(self):
        """Short jobs, most of all."""
        count = max(1, (JOBS - 20) // 4)
        script = "test $((SLURM_ARRAY_TASK_ID % 3)) = 0 && sleep 1; exit $((SLURM_ARRAY_TASK_ID % 2))"
        for account, options in (("aif-pg", ["--gpus=1"]), ("aif-fl", ["--gpus-per-node=2"]),
                                 ("aif-half", ["--gpus-per-task=1", "-n2"]), ("aif-reg", ["-N1", "--gres=gpu:1"])):
            self.site.submit(account, *options, f"--array=0-{count - 1}", script=script)

    def many(self, count, *options, script=None, account="aif-pg"):
        return [self.site.submit(account, *options, script=script or self.gate.script) for _ in range(count)]

    def running(self, jobs):
        for job in jobs:
            self.cluster.wait_job(job, "RUNNING", timeout=PATIENCE)

    def special(self):
        """Those first, while there is room; they have run for seconds when they end."""
        requeued = self.many(3, "--gpus=1", "--requeue")
        suspended = self.many(3, "--gpus=1", account="aif-fl")
        cancelled = self.many(3, "--gpus=2")
        resized = self.many(2, "-N2", "--gpus-per-node=1", account="aif-half")
        lost = self.many(1, "--gpus=1", "--no-requeue", "-w", NODE, account="aif-fl")
        held = self.many(3, "--gpus=1", "--hold")
        het = self.het()
        self.running([*requeued, *suspended, *cancelled, *resized, *lost, *het])
        self.arrays()
        run = self.cluster.run
        run(["scontrol", "suspend", ",".join(suspended)])
        rest = time.time() + 2  # Slurm counts whole seconds
        run(["scancel", *cancelled, *held])
        for job in requeued:
            run(["scontrol", "requeue", job])
        run(["scontrol", "update", f"NodeName={NODE}", "State=DOWN", "Reason=test"])
        for job in resized:
            run(["scontrol", "update", f"JobId={job}", "NumNodes=1"])
        self.cluster.wait_job(lost[0], "NODE_FAIL", timeout=PATIENCE)
        # It may be back already: ReturnToService.
        run(["scontrol", "update", f"NodeName={NODE}", "State=RESUME"], check=False)
        self.cluster.wait(lambda: time.time() > rest, what="a time that the suspended jobs do not run")
        run(["scontrol", "resume", ",".join(suspended)])
        self.gate.open()

    def het(self):
        done = self.cluster.run(["sbatch", "--parsable", "-A", "aif-fl", "--qos", SITE["aif-fl"][0].lower(), "-t", "5", "--gpus=1",
                                 "-n1", ":", "--gpus=2", "-n1"], user=self.site.user, stdin=f"#!/bin/sh\n{self.gate.script}\n")
        return [done.stdout.strip()]

    def finish(self):
        """Nothing waits for its time, and slurmdbd knows all."""
        self.cluster.wait(self.idle, timeout=PATIENCE, what="an empty queue")
        self.cluster.wait(self.known, timeout=PATIENCE, what="the ends at slurmdbd")

    def idle(self):
        waiting = self.cluster.run(["squeue", "-h", "-t", "PENDING", "-o", "%A %r"]).stdout.splitlines()
        for line in waiting:
            if line.endswith("BeginTime"):
                self.cluster.run(["scontrol", "update", f"JobId={line.split()[0]}", "StartTime=now"], check=False)
        return not self.cluster.run(["squeue", "-h"]).stdout.strip()

    def known(self):
        queue = self.cluster.run(["sdiag"]).stdout.split("DBD Agent queue size:")[1].split()[0]
        open_rows = self.site.sql("SELECT count(*) FROM aif_job_table WHERE NOT time_end OR (NOT time_eligible AND tres_alloc != '')")
        return queue == "0" and open_rows == [["0"]]


@pytest.fixture(scope="module")
def workload(make_cluster, prefix, tmp_path_factory):
    cluster = make_cluster(prefix=prefix, plugins="none", gpus=8, cpus=16, conf_lines=[SCHEDULER, "MaxJobCount=50000"])
    site = Site(cluster, tmp_path_factory.mktemp("workload"))
    one = Workload(site)
    try:
        one.special()
        one.finish()
        site.report()
        yield one
    finally:
        site.waldur.stop()


def charged(account, tres):
    """How many of what the allocation is charged by are in alloctres."""
    counts = dict(part.split("=") for part in tres.split(",") if part)
    return int(counts.get("node" if SITE[account][2] == "node-hour" else "gres/gpu", 0))


def by_sacct(workload):
    totals = dict.fromkeys(SITE, 0)
    for account, elapsed, tres in workload.cluster.sacct("-D", "-S", clock(workload.begin - 3600), "-o", "account,elapsedraw,alloctres"):
        if account in totals:
            totals[account] += int(elapsed) * charged(account, tres)
    return totals


def by_sreport(workload):
    """Of whole hours, which slurmdbd adds up once they are over, or when it is told to."""
    first, last = workload.begin // 3600 * 3600, (int(time.time()) // 3600 + 1) * 3600
    workload.cluster.run(["sacctmgr", "-i", "rollup", clock(first), clock(last)])
    done = workload.cluster.run(["sreport", "-nP", "-t", "Seconds", "-T", "gres/gpu,node", "cluster", "AccountUtilizationByUser",
                                 f"start={clock(first)}", f"end={clock(last)}", "format=Account,Login,TresName,Used"])
    totals = dict.fromkeys(SITE, 0)
    for account, login, tres, used in (line.split("|") for line in done.stdout.splitlines()):
        if account in totals and login and tres == ("node" if SITE[account][2] == "node-hour" else "gres/gpu"):
            totals[account] += int(used)
    return totals


def while_suspended(workload):
    """What sreport has besides: it takes suspended time off CPUs only, since GPUs and nodes are not free then."""
    gpu = workload.site.sql("SELECT id FROM tres_table WHERE type = 'gres' AND name = 'gpu'")[0][0]
    totals = dict.fromkeys(SITE, 0)
    for account, suspended, tres in workload.site.sql("SELECT acct, time_suspended, tres_alloc FROM aif_job_table"
                                                      " JOIN aif_assoc_table USING (id_assoc) WHERE time_suspended"):
        counts = dict(part.split("=") for part in tres.split(","))
        totals[account] += int(suspended) * int(counts["4" if SITE[account][2] == "node-hour" else gpu])
    return totals


def by_ledger(workload):
    rows = {}
    for line in workload.site.aif("export").stdout.splitlines()[1:-1]:
        event = json.loads(line)
        if event["kind"] in ("job", "correction"):
            rows[event["db_index"]] = event["body"]
    totals = dict.fromkeys(SITE, 0)
    for row in rows.values():
        unit = SITE[row["account"]][2]
        totals[row["account"]] += row["elapsed"] * row["nodes" if unit == "node-hour" else "gpus"]
    return totals, rows


def clock(seconds):
    return datetime.datetime.fromtimestamp(seconds).strftime("%Y-%m-%dT%H:%M:%S")


def test_the_workload_was_mixed(workload):
    _, rows = by_ledger(workload)
    states = {row["state"] for row in rows.values()}
    assert {"COMPLETED", "FAILED", "CANCELLED", "NODE_FAIL", "REQUEUED", "RESIZING"} <= states, states
    assert len(rows) >= JOBS
    assert any(row["start"] and row["elapsed"] < row["end"] - row["start"] for row in rows.values())


def test_all_totals_agree(workload):
    ledger, rows = by_ledger(workload)
    print(len(rows), "rows; seconds of the unit used:", ledger)
    assert all(ledger.values())
    assert by_sacct(workload) == ledger
    assert workload.site.totals() == workload.site.truth() != {}


def test_sreport_agrees(workload):
    ledger, _ = by_ledger(workload)
    suspended = while_suspended(workload)
    said = by_sreport(workload)
    if int(time.time()) // 3600 != workload.begin // 3600:
        pytest.skip("an hour ended meanwhile: slurmdbd adds it up by itself then, whether or not it has all rows")
    assert said == {account: ledger[account] + suspended[account] for account in SITE} and any(suspended.values())


def test_reconcile_finds_nothing(workload):
    done = workload.site.aif("report", "reconcile", "--json", check=False)
    assert done.returncode == 0, done.stdout
    places = json.loads(done.stdout)
    assert {row["allocation"] for row in places if row["place"] == "slurmdbd"} == {entry[0] for entry in SITE.values()}
