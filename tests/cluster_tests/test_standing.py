"""aif quota and aif explain about pacing, charging, pending and inference jobs, holds and what operators override."""

import datetime
import json
import os

import pytest
from aifsite import Site, allocation

PLAIN, MONTHLY, HALF, SCIENCE, LATER, FREE = (
    "EHPC-AIF-2026PG01-301", "EHPC-AIF-2026PG01-302", "EHPC-AIF-2026PG01-303", "EHPC-AIF-2026SC01-304",
    "EHPC-AIF-2026PG01-305", "EHPC-AIF-2026PG01-306")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs a user who is no operator: run as root")


@pytest.fixture(scope="module")
def user():
    return "daemon" if os.geteuid() == 0 else None


@pytest.fixture(scope="module")
def site(make_cluster, prefix, user):
    cluster = make_cluster(prefix=prefix, plugins="all", nodes=2, gpus=4, start=False)
    more = {"amount": 1000, "members": [user or cluster.users()[0]]}
    site = Site(cluster, [
        allocation(PLAIN, "plain", "playground", **more),
        allocation(MONTHLY, "monthly", "playground", pacing={"kind": "monthly"}, **more),
        allocation(HALF, "half", "playground", charge={"tres": "gres/gpu", "factor": 0.5}, **more),
        allocation(SCIENCE, "science", "single", **more),
        allocation(FREE, "free", "playground", pacing={"kind": "ceiling", "percent": 150}, **{**more, "amount": 2}),
        allocation(LATER, "later", "playground", start=5, **more)])
    site.policy["budget"] = {"count_pending": True, "recheck": 1}
    site.policy["hold"] = ["AIF-A002"]
    site.policy["modes"]["single"]["inference"] = {"share": 10}
    site.policy["report"]["balances"] = str(cluster.dir / "balances.json")
    site.start()
    return site


@pytest.fixture
def cluster(site):
    yield site.cluster
    site.cluster.cancel_all()


def quota(cluster, name, user=None):
    row, = json.loads(cluster.run(["aif", "quota", "--json", name], user=user).stdout)
    return row


def explain(cluster, job):
    return json.loads(cluster.run(["aif", "explain", "--json", str(job)]).stdout)


def columns(cluster, *names):
    """Of the aligned table: title -> cell, for tables without blanks in cells."""
    lines = cluster.run(["aif", "quota", *names]).stdout.splitlines()
    return lines[0], lines[1:]


def balances(cluster, project, **more):
    """What the reporter would have written: 100 GPU-hours in this month."""
    now = datetime.datetime.now()
    entry = {"id": project, "used": 360000, "inference": 0, "free": 0, "first_month": now.strftime("%Y-%m"),
             "months": [360000], **more}
    path = cluster.dir / "balances.json"
    path.write_text(json.dumps({"version": 1, "at": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "allocations": [entry]}))
    path.chmod(0o644)
    return path


def test_the_ledger_knows_more_than_slurm(cluster, user):
    path = balances(cluster, PLAIN)
    assert quota(cluster, "plain", user)["used"]["seconds"] == 360000
    assert quota(cluster, "plain")["left"]["hours"] == 900
    path.unlink()
    assert quota(cluster, "plain")["used"]["seconds"] == 0


def test_monthly_pacing(cluster):
    path = balances(cluster, MONTHLY)
    row = quota(cluster, "monthly")
    pace = row["pacing"]
    assert pace["kind"] == "monthly" and pace["months_known"] and pace["month_used"]["hours"] == 100
    assert 0 < pace["month_grant"]["hours"] < 110
    assert row["left_now"]["seconds"] == max(0, pace["month_grant"]["seconds"] - 360000)
    assert row["left"]["hours"] == 900
    title, rows = columns(cluster, "monthly")
    assert "PACING" in title and "MONTH USED" in title and "monthly" in rows[0] and "%" in rows[0]
    path.unlink()


def test_months_that_nobody_knows_are_said_to_be_unknown(cluster):
    _, rows = columns(cluster, "monthly")
    assert rows[0].split()[-3:-1] == ["unknown", "unknown"]
    row = quota(cluster, "monthly")
    assert row["pacing"]["months_known"] is False and "month_grant" not in row["pacing"]


def test_columns_that_nobody_needs_are_left_out_of_the_table(cluster):
    title, _ = columns(cluster, "plain")
    assert "PENDING" in title and "PACING" not in title and "INFERENCE" not in title and "FREE" not in title
    assert "INFERENCE" in cluster.run(["aif", "quota", "--parsable", "plain"]).stdout


def test_charged_by_half(cluster, user):
    job = cluster.sbatch("-A", "half", "--gpus=4", "-t60", script="sleep 1700", user=user)
    cluster.wait_job(job, "RUNNING")
    cluster.wait(lambda: quota(cluster, "half")["reserved"]["seconds"] > 0, what="the reservation")
    row = quota(cluster, "half")
    assert row["used"]["seconds"] + row["reserved"]["seconds"] <= 2 * 3600
    assert row["reserved"]["seconds"] > 1.5 * 3600
    said = explain(cluster, job)
    assert said["seconds"]["asked"] == 2 * 3600 and "at most 2 GPU-hours" in said["request"]


def test_pending_jobs_count(cluster, user):
    cluster.sbatch("-A", "plain", "--gpus=2", "-t60", "--hold", user=user)
    cluster.sbatch("-A", "plain", "--gpus=1", "-t60", "--hold", "--array=0-99:10%2", user=user)
    row = quota(cluster, "plain")
    assert row["pending"]["hours"] == 12
    assert row["left_now"]["hours"] == 988 and row["left"]["hours"] == 1000


def test_inference_share(cluster, user):
    path = balances(cluster, SCIENCE, inference=72000)
    job = cluster.sbatch("-A", "science", "--gpus=1", "-t60", "--hold", "--ai-purpose=inference", user=user)
    cluster.sbatch("-A", "science", "--gpus=1", "-t60", "--hold", "--ai-purpose=training", user=user)
    row = quota(cluster, "science")
    assert (row["inference_used"]["hours"], row["inference_limit"]["hours"]) == (21, 100)
    assert explain(cluster, job)["purpose"] == "inference"
    path.unlink()


def test_explains_a_hold_and_what_releases_it(cluster, user):
    job = cluster.sbatch("-A", "later", "--gpus=1", "-t10", user=user)
    said = explain(cluster, job)
    assert said["rule"] == "AIF-A002"
    assert "slurm-aif holds it" in said["why"] and "released when the allocation starts on" in said["next"]
    submitted = datetime.datetime.fromisoformat(cluster.job(job)["SubmitTime"]).timestamp()
    assert abs(said["held_since"] - submitted) < 60


def test_explains_a_users_own_hold(cluster, user):
    job = cluster.sbatch("-A", "plain", "--gpus=1", "-t10", "--hold", user=user)
    assert explain(cluster, job)["next"] == f"scontrol release {job}"


@as_root
def test_explains_what_an_operator_did_against_the_rules(cluster, user):
    job = cluster.sbatch("-A", "plain", "--gpus=1", "-t10", "--hold", user=user)
    cluster.run(["scontrol", "update", f"JobId={job}", "TimeLimit=10:00:00"])
    assert explain(cluster, job)["override"].startswith("AIF-M007 by 0 at ")


def test_explains_the_pace(cluster, user):
    path = balances(cluster, MONTHLY, used=36000, months=[36000])
    job = cluster.sbatch("-A", "monthly", "--gpus=1", "-t10", "--hold", user=user)
    assert "of an even pace, this month 10 of " in explain(cluster, job)["pace"]
    path.unlink()
    assert "cannot be read" in explain(cluster, job)["pace"]


def test_use_above_the_amount(cluster, user):
    path = balances(cluster, FREE, used=7200, months=[7200])
    ask = ["aif", "check", "-A", "free", "--gpus=1", "-t30", "--wrap=true"]
    cluster.wait(lambda: "(AIF-Q006)" in cluster.run(ask, user=user, check=False).stdout, what="slurmctld to read the balances")
    job = cluster.sbatch("-A", "free", "--gpus=1", "-t30", script="sleep 1700", user=user)
    cluster.wait_job(job, "RUNNING")
    cluster.wait(lambda: quota(cluster, "free")["free_reserved"]["seconds"] > 0, what="the reservation")
    row = quota(cluster, "free")
    assert (row["left"]["seconds"], row["free_limit"]["hours"], row["free_qos"]) == (0, 1, f"{FREE.lower()}-free")
    assert "above 100% of the amount" in explain(cluster, job)["qos"]
    assert "FREE USED" in columns(cluster, "free")[0]
    path.unlink()


def test_limits_carried_by_the_association(make_cluster, prefix, user):
    cluster = make_cluster(prefix=prefix, plugins="all", nodes=1, gpus=4, start=False,
                           conf_lines=["PriorityDecayHalfLife=0", "PriorityUsageResetPeriod=NONE"])
    members = [user or cluster.users()[0]]
    site = Site(cluster, [allocation(PLAIN, "plain", "playground", members=members, amount=100)])
    site.policy["carrier"] = "association"
    site.start()
    job = cluster.sbatch("-A", "plain", "--gpus=2", "-t60", script="sleep 1700", user=user)
    cluster.wait_job(job, "RUNNING")
    cluster.wait(lambda: quota(cluster, "plain", user)["reserved"]["seconds"] > 0, what="the reservation")
    assert quota(cluster, PLAIN)["left"]["hours"] <= 98.1
    said = explain(cluster, job)
    assert said["allocation"] == PLAIN and "on account plain" in said["qos"]
