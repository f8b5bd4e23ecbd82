"""Refusals for the budget that a site makes holds: the job runs once enough is left, and one that never fits is refused.

The amount is an hour of one GPU; a job that runs keeps what it may still use until it ends.
"""

import json
import os

import pytest
from aifsite import Site, allocation


@pytest.fixture(scope="module")
def cluster(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, nodes=1, gpus=4, start=False)
    owner = cluster.users()[0]
    site = Site(cluster, [allocation("HOUR", "hour", "playground", 1, members=[owner]),
                          allocation("ABOVE", "above", "playground", 1, members=[owner],
                                     pacing={"kind": "ceiling", "percent": 200})])
    site.policy.update({"budget": {"recheck": 1, "count_pending": True}, "hold": ["AIF-Q001"]})
    site.start()
    return cluster


@pytest.fixture
def owner(cluster):
    yield cluster.users()[0] if os.geteuid() == 0 else None
    cluster.cancel_all()


def mark(cluster, job):
    return json.loads(cluster.job(job)["AdminComment"])["aif"]


def pending(cluster, account):
    """Seconds that `aif quota` shows as asked by waiting jobs."""
    return json.loads(cluster.run(["aif", "quota", "--json", account]).stdout)[0]["pending"]["seconds"]


def running(cluster, owner, account, *more):
    """A job that has most of the hour reserved."""
    job = cluster.sbatch("-A", account, "--gpus=1", "-t", "50", *more, user=owner, script="sleep 600")
    cluster.wait_job(job, "RUNNING")
    return job


def test_a_job_waits_until_enough_is_left(cluster, owner):
    first = running(cluster, owner, "hour")
    said = cluster.sbatch("--parsable", "-A", "hour", "--gpus=1", "-t", "30", user=owner, check=False)
    job = said.stdout.strip()
    assert "reserved by running jobs" in said.stderr
    assert said.stderr.strip().endswith("(AIF-Q001); the job is held until enough is left")
    assert mark(cluster, job)["hold"] == "AIF-Q001" and cluster.job(job)["Priority"] == "0"
    assert pending(cluster, "hour") == 0, "what is held for the budget does not count against it"
    held = cluster.sbatch("-H", "-A", "hour", "--gpus=1", "-t", "5", user=owner)
    assert pending(cluster, "hour") == 5 * 60
    cluster.run(["scancel", held])
    cluster.run(["scancel", first])
    cluster.wait_job(job, "COMPLETED")
    assert "hold" not in mark(cluster, job)


def test_what_never_fits_is_refused(cluster, owner):
    refused = cluster.sbatch("-A", "hour", "--gpus=1", "-t", "61", user=owner, check=False)
    assert refused.returncode and "(AIF-Q001); ask for less time or fewer GPUs" in refused.stderr


def test_a_free_qos_is_better_than_waiting(cluster, owner):
    running(cluster, owner, "above")
    said = cluster.sbatch("-A", "above", "--gpus=1", "-t", "50", user=owner, check=False, script="sleep 600")
    job = said.stdout.strip()
    assert "(AIF-Q006); it gets QOS above-free" in said.stderr
    cluster.wait_job(job, "RUNNING")
    assert cluster.job(job)["QOS"] == "above-free"
    third = cluster.sbatch("--parsable", "-A", "above", "--gpus=1", "-t", "50", user=owner, check=False)
    assert "and 0.1" in third.stderr and third.stderr.strip().endswith("the job is held until enough is left")
    waits = third.stdout.strip()
    assert cluster.job(waits)["QOS"] == "above"
    cluster.run(["scancel", job])
    cluster.wait_job(waits, "COMPLETED")
    assert cluster.job(waits)["QOS"] == "above-free"
