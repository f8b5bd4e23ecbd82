"""Ways around the rules that users may try, and what must come of them."""

import json
import os

import pytest
from aifsite import Site, allocation

PG, FL, ONE = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991", "EHPC-AIF-2026SC01-005"

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs users who are no operators: run as root")


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="all", nodes=6, gpus=4, locations="FI:4,SE:2", start=False)
    owner = cluster.users()[0]
    site = Site(cluster, [allocation(PG, "pg", "playground", members=[owner]),
                          allocation(FL, "fl", "fast-lane", members=[owner]),
                          allocation(ONE, "one", "single", members=[owner])])
    site.start()
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


def nodes_of(cluster, job):
    return int(cluster.job(job)["NumNodes"].partition("-")[0])


def tried(seen):
    return seen["JobState"] == "RUNNING" or seen["Reason"] not in ("JobHeldUser", "None")


def test_a_range_of_nodes_gives_no_more_than_the_mode_does(cluster, owner):
    """At submission a job is judged by the least that it asks for: -N1-6 is one node then."""
    job = cluster.sbatch("-A", "pg", "-N1-6", "--gpus-per-node=4", user=owner, script="sleep 600")
    cluster.wait_job(job, "RUNNING")
    assert nodes_of(cluster, job) == 2


def test_a_range_of_nodes_gives_no_more_gpus_than_the_mode_does(cluster, owner):
    job = cluster.sbatch("-A", "one", "-N1-6", "--gpus-per-node=1", user=owner, script="sleep 600")
    cluster.wait(lambda: cluster.job(job)["Reason"] == "QOSMaxGRESPerJob", what="the reason that it waits for")


@as_root
def test_naming_nodes_later_gives_no_more_than_the_mode_does(cluster, owner):
    job = cluster.sbatch("-A", "pg", "--gpus-per-node=1", "-H", user=owner, script="sleep 600")
    assert update(cluster, owner, job, "ReqNodeList=n[1-4]").returncode == 0
    cluster.run(["scontrol", "release", job])
    # 22.05 finds that it cannot be had, 24.11 takes some of the nodes.
    cluster.wait(lambda: tried(cluster.job(job)), what="an attempt to start the job")
    assert cluster.job(job)["JobState"] == "PENDING" or nodes_of(cluster, job) <= 2


@pytest.mark.parametrize("text,kept", [('{"site":{"ticket":4711}}', True), ("", True), ("looked at by ann", False)])
def test_an_operators_remark_does_not_cost_a_job_its_tag(cluster, owner, text, kept):
    job = cluster.sbatch("-A", "pg", "--gpus=1", "-H", "--data-residency=SE", user=owner)
    done = update(cluster, None, job, f"AdminComment={text}")
    assert (done.returncode == 0) == kept
    mark = json.loads(cluster.job(job)["AdminComment"])
    assert mark["aif"]["res"] == "SE" and ("site" in mark) == ("site" in text)


def test_an_operator_may_take_a_tag_away_on_purpose(cluster, owner):
    job = cluster.sbatch("-A", "pg", "--gpus=1", "-H", "--data-residency=SE", user=owner)
    assert update(cluster, None, job, 'AdminComment={"aif":{"v":1}}').returncode == 0
    assert "res" not in json.loads(cluster.job(job)["AdminComment"])["aif"]


@as_root
def test_a_job_cannot_be_put_off_past_its_allocation(cluster, owner):
    job = cluster.sbatch("-A", "pg", "--gpus=1", "-H", user=owner)
    assert update(cluster, owner, job, "StartTime=now+400days").returncode != 0
    assert update(cluster, owner, job, "StartTime=now+2days").returncode == 0


@as_root
def test_an_empty_qos_is_the_allocations(cluster, owner):
    job = cluster.sbatch("-A", "pg", "--qos=", "--gpus=1", "-H", user=owner)
    assert cluster.job(job)["QOS"] == PG.lower()
    assert update(cluster, owner, job, "QOS=").returncode == 0
    assert cluster.job(job)["QOS"] == PG.lower()
