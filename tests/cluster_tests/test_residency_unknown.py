"""Tagged jobs while slurmctld does not know where its nodes are: they wait, and start by themselves when it does."""

import os

import pytest
from aifsite import Site, allocation

FL = "EHPC-AIF-2026FL01-991"


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="all", nodes=6, gpus=4, locations="FI:4,SE:2", start=False)
    site = Site(cluster, [allocation(FL, "fl", "fast-lane", members=[cluster.users()[0]])])
    site.write()
    cluster.start()
    site.apply()
    return site


def test_a_tagged_job_outlasts_a_start_without_policy(site):
    cluster = site.cluster
    owner = cluster.users()[0] if os.geteuid() == 0 else None
    job = cluster.sbatch("-A", "fl", "--gpus=1", "-H", "--data-residency=SE", user=owner, script="true")
    cluster.wait_saved()
    cluster.aif_conf("policy.json", "{")
    cluster.restart("ctld")
    cluster.run(["scontrol", "release", job])
    other = cluster.sbatch("-A", "root", script="true")
    cluster.wait_job(other)
    cluster.wait(lambda: cluster.job(job)["Reason"] not in ("JobHeldUser", "None"), what="an attempt to start the job")
    seen = cluster.job(job)
    assert seen["JobState"] == "PENDING" and seen["Reason"] in ("Resources", "Priority", "ReqNodeNotAvail")
    site.reconfigure()
    assert cluster.wait_job(job) == "COMPLETED"
    assert cluster.job(job)["NodeList"] in ("n5", "n6")
