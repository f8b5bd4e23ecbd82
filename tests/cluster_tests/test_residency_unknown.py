"""Tagged jobs while slurmctld does not know where its nodes are: they wait, and start by themselves when it does."""

import os

import pytest
from aifsite import Site, allocation

FL, SE = "EHPC-AIF-2026FL01-991", "EHPC-AIF-2026FL01-046"


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="all", nodes=6, gpus=4, locations="FI:4,SE:2", start=False)
    members = [cluster.users()[0]]
    site = Site(cluster, [allocation(FL, "fl", "fast-lane", members=members),
                          allocation(SE, "se", "fast-lane", residency="SE", members=members)])
    site.start()
    return site


@pytest.fixture
def cluster(site):
    """Started while policy.json is broken."""
    yield site.cluster
    site.reconfigure()
    site.cluster.cancel_all()


def owner_of(cluster):
    return cluster.users()[0] if os.geteuid() == 0 else None


def start_without_policy(cluster):
    cluster.wait_saved()
    cluster.aif_conf("policy.json", "{")
    cluster.restart("ctld")


def check_waits(cluster, *jobs):
    """Slurm has tried to start them, and will again."""
    for job in jobs:
        cluster.wait(lambda job=job: cluster.job(job)["Reason"] not in ("JobHeldUser", "None"), what="an attempt")
        seen = cluster.job(job)
        assert seen["JobState"] == "PENDING" and seen["Priority"] != "0", seen["Reason"]


def test_a_tagged_job_outlasts_a_start_without_policy(site, cluster):
    job = cluster.sbatch("-A", "fl", "--gpus=1", "-H", "--data-residency=SE", user=owner_of(cluster), script="true")
    start_without_policy(cluster)
    cluster.run(["scontrol", "release", job])
    cluster.wait_job(cluster.sbatch("-A", "root", script="true"))
    check_waits(cluster, job)
    site.reconfigure()
    assert cluster.wait_job(job) == "COMPLETED"
    assert cluster.job(job)["NodeList"] in ("n5", "n6")


def test_a_job_that_nobody_could_decide_waits_for_the_policy(site, cluster):
    """The allocation lets its jobs run in Sweden only, and there was no policy to say so when this one came (without GPUs,
    else it had been refused)."""
    marked = cluster.sbatch("-A", "fl", "--gpus=1", "-H", user=owner_of(cluster), script="true")
    start_without_policy(cluster)
    job = cluster.sbatch("-A", "se", "--qos", SE.lower(), user=owner_of(cluster), script="true")
    cluster.run(["scontrol", "release", marked])
    assert cluster.wait_job(marked) == "COMPLETED", "it was decided that it may run anywhere"
    check_waits(cluster, job)
    site.reconfigure()
    assert cluster.wait_job(job) == "COMPLETED"
    assert cluster.job(job)["NodeList"] in ("n5", "n6")
