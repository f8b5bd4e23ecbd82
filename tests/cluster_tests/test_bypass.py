"""Ways around the rules that users may try, and what must come of them."""

import json
import os

import pytest
from aifsite import Site, allocation

PG, FL = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991"

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs users who are no operators: run as root")


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="all", nodes=6, gpus=4, locations="FI:4,SE:2", start=False)
    owner = cluster.users()[0]
    site = Site(cluster, [allocation(PG, "pg", "playground", members=[owner]),
                          allocation(FL, "fl", "fast-lane", members=[owner])])
    site.write()
    cluster.start()
    site.apply()
    return site


@pytest.fixture
def cluster(site):
    yield site.cluster
    site.cluster.cancel_all()


@pytest.fixture
def owner(cluster):
    return cluster.users()[0] if os.geteuid() == 0 else None


def update(cluster, user, job, *changes):
    return cluster.run(["scontrol", "update", f"JobId={job}", *changes], user=user, check=False)


@as_root
@pytest.mark.parametrize("change", ["Comment=aif:residency=FI", "Comment=aif:placement=any", "Account=fl"])
def test_a_stranger_leaves_no_trace_on_a_job(cluster, owner, change):
    job = cluster.sbatch("-A", "pg", "--gpus=1", "-H", "--comment=aif:residency=FI|SE", user=owner)
    before = cluster.job(job)["AdminComment"]
    assert json.loads(before)["aif"]["res"] == "FI|SE"
    assert update(cluster, cluster.users()[1], job, change).returncode != 0
    assert cluster.job(job)["AdminComment"] == before
