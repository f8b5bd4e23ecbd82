"""Ways around the budget and the rules of others: held jobs that get in each other's way, users of other accounts, updates
that Slurm refuses after us, and requests for no node at all."""

import json
import os

import pytest
from aifsite import Site, allocation

BILLED = {"tres": "billing", "factor": 1}


@pytest.fixture(scope="module")
def cluster(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, nodes=2, gpus=4, start=False)
    member = {"members": [cluster.users()[0]]}
    site = Site(cluster, [allocation("HOUR", "hour", "playground", 1, **member),
                          allocation("PEND", "pend", "playground", 1, **member),
                          allocation("BILL", "bill", "playground", 100, charge=BILLED, **member),
                          allocation("TINY", "tiny", "playground", 0.5),
                          allocation("OPEN", "open", "playground", 100)])
    site.policy.update({"budget": {"recheck": 1, "count_pending": True}, "hold": ["AIF-Q001"]})
    site.write()
    cluster.start()
    site.apply()
    return cluster


@pytest.fixture
def owner(cluster):
    yield cluster.users()[0] if os.geteuid() == 0 else None
    cluster.cancel_all()


def allocation_of(cluster, job):
    return json.loads(cluster.job(job)["AdminComment"])["aif"]["alloc"]


def update(cluster, owner, job, change):
    return cluster.run(["scontrol", "update", f"JobId={job}", change], user=owner, check=False)


def held(cluster, owner, minutes):
    said = cluster.sbatch("--parsable", "-A", "pend", "--gpus=1", "-t", str(minutes), user=owner, check=False)
    assert said.stderr.strip().endswith("(AIF-Q001); the job is held until enough is left")
    return said.stdout.strip()


def test_held_jobs_do_not_keep_each_other_waiting(cluster, owner):
    first = cluster.sbatch("-A", "pend", "--gpus=1", "-t", "50", user=owner, script="sleep 600")
    cluster.wait_job(first, "RUNNING")
    jobs = [held(cluster, owner, minutes) for minutes in (30, 40)]
    cluster.run(["scancel", first])
    for job in jobs:
        cluster.wait_job(job, "COMPLETED")


@pytest.mark.parametrize("account", ["tiny", "open"])
def test_numbers_are_for_those_who_may_use_the_account(cluster, owner, account):
    if owner is None:
        pytest.skip("needs users who are no operators: run as root")
    said = cluster.run(["aif", "check", "-A", account, "--gpus=1", "-t", "40", "--wrap=true"], user=owner, check=False)
    assert said.returncode == 1 and "(AIF-A005)" in said.stdout and "GPU-hour" not in said.stdout


def test_a_job_cannot_move_where_its_user_has_no_account(cluster, owner):
    job = cluster.sbatch("-A", "hour", "--gpus=1", "-t", "10", "-H", user=owner)
    if owner is None:
        pytest.skip("needs users who are no operators: run as root")
    assert update(cluster, owner, job, "Account=open").returncode
    assert allocation_of(cluster, job) == "HOUR"
    assert not update(cluster, owner, job, "TimeLimit=5").returncode


def test_a_refused_update_leaves_a_job_that_can_be_changed(cluster, owner):
    """Slurm refuses the partition after us, when the mark is written already."""
    job = cluster.sbatch("-A", "hour", "--gpus=1", "-t", "10", "-H", user=owner)
    said = cluster.run(["scontrol", "update", f"JobId={job}", "Account=pend", "Partition=nowhere"], user=owner, check=False)
    assert said.returncode and cluster.job(job)["Account"] == "hour"
    assert not update(cluster, owner, job, "TimeLimit=5").returncode


def test_no_nodes_asked_are_one_at_least(cluster, owner):
    said = cluster.sbatch("-A", "hour", "-N0-1", "--gres=gpu:4", "-t", "50", user=owner, check=False)
    assert said.returncode and "asked 3.34 GPU-hours (4 GPUs x 0:50:00)" in said.stderr


def test_jobs_that_are_billed_can_be_changed(cluster, owner):
    job = cluster.sbatch("-A", "bill", "-N1", "--gpus-per-node=1", "-t", "10", "-H", user=owner)
    assert not update(cluster, owner, job, "NumCPUs=2").returncode


@pytest.mark.skipif(os.geteuid() != 0, reason="needs an operator: run as root")
def test_a_later_end_that_an_operator_gives_is_recorded(cluster, owner):
    job = cluster.sbatch("-A", "hour", "--gpus=1", "-t", "10", user=owner, script="sleep 600")
    cluster.wait_job(job, "RUNNING")
    assert not update(cluster, None, job, "EndTime=now+90minutes").returncode
    assert json.loads(cluster.job(job)["AdminComment"])["aif"]["over"].startswith("AIF-Q001 by 0 at ")
