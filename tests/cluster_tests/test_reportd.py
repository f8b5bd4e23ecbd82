"""aif-reportd: what jobs used, in the ledger and at a simulated Waldur, against slurmdbd's own numbers.

What other reporters got wrong is in test_reporting_failures.py."""

import csv
import io
import json
import random
import re
import signal
import time

from reportsite import HALF, QUICK, SITE, a_job, calm, site  # noqa: F401


def test_every_kind_of_job_counts_as_slurmdbd_counts_it(site):
    cluster = site.cluster
    plain = site.submit("aif-pg", "--gpus=4", "-N1", script="sleep 2")
    wide = site.submit("aif-fl", "-N2", "--gpus-per-node=4", script="sleep 2")
    array = site.submit("aif-pg", "--gpus-per-task=1", "-n2", "--array=0-2", script="sleep 1")
    nodes = site.submit("aif-reg", "-N2", "--exclusive", script="sleep 1")
    failed = site.submit("aif-pg", "--gres=gpu:1", script="exit 3")
    held = site.submit("aif-pg", "--gpus=1", "--hold")
    het = cluster.run(["sbatch", "--parsable", "-A", "aif-fl", "--qos", SITE["aif-fl"][0].lower(), *QUICK, "--gpus=1",
                       "-n1", ":", "--gpus=2", "-n1"], user=site.user, stdin="#!/bin/sh\nsleep 1\n").stdout.strip()
    cluster.run(["scancel", held])
    site.done(plain, wide, array, nodes, failed, held, het)
    again = site.submit("aif-pg", "--gpus=2", "--requeue", script="sleep 60")
    cluster.wait_job(again, "RUNNING")
    time.sleep(2)
    cluster.run(["scontrol", "requeue", again])
    cluster.wait(lambda: cluster.job(again).get("JobState") == "PENDING", what="requeued job")
    cluster.run(["scontrol", "update", f"JobId={again}", "StartTime=now"])
    cluster.wait(lambda: cluster.job_state(again) not in ("PENDING", ""), what="second run")
    cluster.run(["scancel", again], check=False)
    site.done(again)
    for job in (plain, wide, nodes):
        site.longer(job, 5000)
    site.report()
    rows = site.sql("SELECT id_job, job_db_inx FROM aif_job_table WHERE id_assoc IN"
                    " (SELECT id_assoc FROM aif_assoc_table WHERE acct LIKE 'aif-%')")
    assert sorted(e["db_index"] for e in site.events("job")) == sorted(index for _, index in rows)
    assert [job for job, _ in rows].count(again) == 2 and len(rows) >= 11
    assert site.totals() == site.truth() != {}


def test_the_federation_gets_the_unit_that_it_awarded(site):
    """LUMI's two devices that are one GPU: the factor counts, not what Slurm counts."""
    job = a_job(site, HALF, hours=3)
    site.report()
    truth = site.truth()
    assert site.totals() == truth
    assert 3 <= sum(float(hours) for key, hours in truth.items() if key[0] == SITE[HALF][3]) < 3.1
    body = [e["body"] for e in site.events("job") if e["body"]["job_id"] == int(job)][0]
    assert (body["v"], body["gpus"], body["purpose"]) == (5, 2, "") and body["billing"] > 0
    assert body["eligible"] >= body["submit"] > 0


def scored(site, score):
    """A running job of which somebody says that; there is no plugin here that says anything."""
    cluster = site.cluster
    job = site.submit("aif-pg", "--gpus=2", script="sleep 600")
    cluster.wait_job(job, "RUNNING")
    said = {"aif": {"v": 1, "score": score}}
    cluster.run(["scontrol", "update", f"JobId={job}", f"AdminComment={json.dumps(said)}"])
    return job


def test_how_well_a_job_was_placed(site):
    """From admin_comment to slurmdbd, to the ledger, to exports; and aif explain, before the job's end."""
    cluster, score = site.cluster, "66 leaf 3/2 group 1/1"
    job, bad = scored(site, score), scored(site, "very well")
    told = json.loads(cluster.run(["aif", "explain", "--json", job]).stdout)
    assert told["placed"] == "66 % of the best possible then: leaf 3 (least 2), group 1 (least 1)"
    assert told["score"] == {"percent": 66, "levels": [{"level": "leaf", "islands": 3, "least": 2},
                                                       {"level": "group", "islands": 1, "least": 1}]}
    assert re.search(r"(?m)^placed +66 % of the best", cluster.run(["aif", "explain", job]).stdout)
    assert "placed" not in json.loads(cluster.run(["aif", "explain", "--json", bad]).stdout)
    cluster.run(["scancel", job, bad])
    site.done(job, bad)
    site.report()
    scores = {e["body"]["job_id"]: e["body"]["score"] for e in site.events("job")}
    assert scores[int(job)] == score and scores[int(bad)] == ""
    rows = {row["job_id"]: row for row in csv.DictReader(io.StringIO(site.aif("export", "--format=csv").stdout))}
    assert rows[job]["score"] == score and rows[bad]["score"] == ""
    site.verify()


def test_suspended_time_is_not_charged(site):
    gate = site.cluster.gate()
    job = site.submit("aif-pg", "--gpus=1", script=gate.script)
    site.cluster.wait_job(job, "RUNNING")
    time.sleep(1.1)  # it is to count for something
    site.cluster.run(["scontrol", "suspend", job])
    time.sleep(3)
    site.cluster.run(["scontrol", "resume", job])
    gate.open()
    site.done(job)
    site.report()
    body = [e["body"] for e in site.events("job") if e["body"]["job_id"] == int(job)][0]
    assert body["elapsed"] < body["end"] - body["start"]
    assert site.totals() == site.truth()


def test_resized_job_is_charged_in_parts(site):
    """slurmdbd has a row for every size that a job had."""
    gate = site.cluster.gate()
    job = site.submit("aif-fl", "-N2", "--gpus-per-node=2", script=gate.script)
    site.cluster.wait_job(job, "RUNNING")
    time.sleep(2)
    site.cluster.run(["scontrol", "update", f"JobId={job}", "NumNodes=1"])
    time.sleep(2)  # in the smaller size, too
    gate.open()
    site.done(job)
    site.report()
    parts = [e["body"] for e in site.events("job") if e["body"]["job_id"] == int(job)]
    assert [(part["nodes"], part["gpus"]) for part in parts] == [(2, 4), (1, 2)]
    site.longer(job, 4000)
    site.report()
    assert site.totals() == site.truth()


def test_running_job_is_charged_at_its_end(site):
    job = site.submit("aif-pg", "--gpus=4", script="sleep 60")
    site.cluster.wait_job(job, "RUNNING")
    site.report()
    assert not [e for e in site.events("job") if e["body"]["job_id"] == int(job)]
    site.cluster.run(["scancel", job])
    site.done(job)
    site.report()
    assert len([e for e in site.events("job") if e["body"]["job_id"] == int(job)]) == 1
    assert site.totals() == site.truth()


def test_changed_row_is_a_correction(site):
    job = a_job(site)
    site.report()
    site.longer(job, 7200)
    done = site.report()
    assert "corrected 1" in done.stderr
    corrections = [e for e in site.events("correction") if e["body"]["job_id"] == int(job)]
    assert len(corrections) == 1 and corrections[0]["body"]["elapsed"] >= 7200
    assert site.totals() == site.truth()


def test_killed_anywhere_nothing_is_lost_or_doubled(site):
    jobs = [a_job(site, account) for account in ("aif-pg", "aif-fl")]
    site.report()
    rng = random.Random(20261121)
    for _ in range(25):
        site.longer(rng.choice(jobs), rng.randrange(400, 4000))
        with site.popen("--once") as process:
            time.sleep(rng.uniform(0, 0.25))
            process.kill()
    site.report()
    assert site.totals() == site.truth()
    site.verify()
    sent = {(e["body"]["resource"], e["body"]["component"], e["body"]["month"]): e["body"]["amount"]
            for e in site.events("sent")}
    assert {key: value for key, value in sent.items() if float(value)} == site.totals()


def test_late_and_runaway_rows_are_found(site):
    """A row that slurmdbd learned of late, and one whose end was put in by hand long after."""
    runaway = a_job(site)
    site.sql(f"UPDATE aif_job_table SET time_end = 0, time_start = time_start - 200000 WHERE id_job = {runaway}")
    site.report()
    a_job(site)
    site.report()
    site.sql(f"UPDATE aif_job_table SET time_end = time_start + 5000 WHERE id_job = {runaway}")
    site.report()
    assert len([e for e in site.events("job") if e["body"]["job_id"] == int(runaway)]) == 1
    assert site.totals() == site.truth()


def test_slurmdbd_down_is_one_line_and_resumed(site):
    process = site.popen("--foreground")
    try:
        site.cluster.stop("dbd")
        done = site.aif("verify", "--ledger", str(site.ledger))
        assert done.stdout.startswith("ok")
        lines = [process.stderr.readline(), process.stderr.readline()]
        assert "started" in lines[0] and "slurmdbd" in lines[1], lines
        time.sleep(3)
        site.cluster.restart("dbd")
        assert "fine again" in process.stderr.readline()
        job = a_job(site)
        site.longer(job, 3000)
        site.cluster.wait(lambda: site.totals() == site.truth(), what="totals after slurmdbd came back")
        process.send_signal(signal.SIGTERM)
        assert process.wait(300) == 0
    finally:
        process.kill()
        process.stderr.close()
        site.cluster.restart("dbd")
