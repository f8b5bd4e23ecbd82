"""A cluster with select/linear: no placement, no residency; modes, amounts in node-hours, lanes and accounting as elsewhere.

Jobs ask for nodes: those that ask for GPUs are at times "never runnable" there, also without plugins of ours."""

import json
import os

import pytest
from aifsite import Site, allocation
from clusterlib import ClusterError

PLAY, FAST, HOME, CHARGED = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991", "EHPC-AIF-2026FL01-205", "EHPC-AIF-2026FL01-046"


@pytest.fixture(scope="module")
def user():
    return "daemon" if os.geteuid() == 0 else None


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="job_submit,site_factor,spank", nodes=2, gpus=4, start=False)
    cluster.conf("SelectType=select/linear", "SelectTypeParameters=")
    if cluster.install.version >= (23, 11):  # which refuse select/linear with switches
        cluster.conf("TopologyPlugin=topology/default")
    members = cluster.users()[:1]
    site = Site(cluster, [
        allocation(PLAY, "play", "playground", amount=1, unit="node-hour", members=members),
        allocation(FAST, "fast", "fast-lane", unit="node-hour", members=members),
        allocation(HOME, "home", "fast-lane", unit="node-hour", residency="FI", members=members),
    ])
    site.start()
    return site


@pytest.fixture
def cluster(site):
    yield site.cluster
    site.cluster.cancel_all()


def seconds_used(cluster, project):
    return json.loads(cluster.run(["aif", "quota", "--json", project]).stdout)[0]["used"]["seconds"]


def test_a_job_runs_and_is_counted_by_nodes(cluster, user):
    job = cluster.sbatch("-A", "play", "-N2", "-t5", script="sleep 4; echo $AIF_ALLOCATION", user=user)
    assert cluster.wait_job(job) == "COMPLETED" and cluster.output(job, user=user).strip() == PLAY
    assert f'"alloc":"{PLAY}"' in cluster.job(job)["AdminComment"]
    cluster.wait(lambda: seconds_used(cluster, PLAY) > 0, what="use of the allocation")


def test_the_amount_is_kept(cluster, user):
    with pytest.raises(ClusterError, match=r"asked 2 node-hours \(2 nodes x 1:00:00\).*AIF-Q001"):
        cluster.sbatch("-A", "play", "-N2", "-t60", user=user)


def test_a_lane_job_goes_first(cluster, user):
    full = cluster.sbatch("-A", "play", "-N2", "-t10", script="sleep 600", user=user)
    cluster.wait_job(full, "RUNNING")
    early, late = (cluster.sbatch("-A", account, "-N2", "-t5", script="sleep 1", user=user) for account in ("play", "fast"))
    cluster.wait(lambda: int(cluster.job(late)["Priority"]) > 100000 > int(cluster.job(early)["Priority"]), what="points of the lane")
    cluster.run(["scancel", full])
    for job in (early, late):
        assert cluster.wait_job(job) == "COMPLETED"
    assert cluster.job(late)["StartTime"] < cluster.job(early)["StartTime"]


@pytest.mark.parametrize("options", [["-A", "home"], ["-A", "fast", "--data-residency=FI"]])
def test_tagged_jobs_are_refused(cluster, user, options):
    with pytest.raises(ClusterError, match="select plugin of slurm-aif is not active.*AIF-R004"):
        cluster.sbatch(*options, "-N1", user=user)


def test_who_charges_gpus_is_told(site, cluster, user):
    """A job has whole nodes there, with their GPUs, but Slurm counts none."""
    job = cluster.sbatch("-A", "fast", "-N1", "-t1", script="true", user=user)
    assert cluster.wait_job(job) == "COMPLETED"
    assert "gres/gpu" not in cluster.run(["sacct", "-n", "-X", "-j", job, "-o", "AllocTRES%200"]).stdout
    assert "select/linear" not in cluster.run(["aif", "config", "check", "--live"], check=False).stderr
    site.allocations["charged"] = allocation(CHARGED, "charged", "fast-lane")
    try:
        site.write()
        done = cluster.run(["aif", "config", "check", "--live"], check=False)
        assert done.returncode == 1 and "select/linear, which counts no GPUs of a job" in done.stderr + done.stdout
    finally:
        del site.allocations["charged"]
        site.write()
