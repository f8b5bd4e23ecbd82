"""priority/aif and site_factor/aif on real clusters: the lane is in the site factor, stays there, and works."""

import os

import pytest
from aifsite import Site, allocation, our_errors

PG, FL = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991"
BOOST = 100000


@pytest.fixture(scope="module")
def sites(make_cluster, prefix):
    """A cluster with each of both shims."""
    return {shim: new_site(make_cluster, prefix, shim) for shim in ("site_factor", "priority")}


def new_site(make_cluster, prefix, shim):
    cluster = make_cluster(prefix=prefix, plugins=f"job_submit,{shim}", nodes=2, gpus=4, start=False)
    members = cluster.users()[:1]
    site = Site(cluster, [allocation(PG, "pg", "playground", members=members),
                          allocation(FL, "fl", "fast-lane", members=members)])
    site.write()
    cluster.start()
    site.apply()
    cluster.sacctmgr("add", "account", "plain")
    cluster.sacctmgr("add", "user", members[0], "account=plain")
    for account in ("pg", "fl"):
        cluster.sacctmgr("modify", "user", members[0], "where", f"account={account}", "set", "QOS+=normal")
    return site


@pytest.fixture(params=["site_factor", "priority"])
def site(sites, request):
    return sites[request.param]


@pytest.fixture
def cluster(site):
    return site.cluster


@pytest.fixture(autouse=True)
def empty_afterwards(sites):
    yield
    for site in sites.values():
        site.cluster.cancel_all()


@pytest.fixture(scope="module")
def user():
    return "daemon" if os.geteuid() == 0 else None


def fill(cluster, user):
    """Take all GPUs, so that what comes next waits."""
    job = cluster.sbatch("-A", "pg", "-N2", "--gpus-per-node=4", "-t30", script="sleep 600", user=user)
    cluster.wait_job(job, "RUNNING")
    return job


@pytest.fixture
def full(cluster, user):
    return fill(cluster, user)


def waiting(cluster, user, account, *options):
    return cluster.sbatch("-A", account, "-N2", "--gpus-per-node=4", "-t5", *options, user=user, script="sleep 1")


def site_factor(cluster, job):
    """Column SITE of sprio; None while sprio does not list the job."""
    out = cluster.run(["sprio", "-h", "-j", job, "-o", "%S"], check=False).stdout.strip()
    return int(out) if out.isdigit() else None


def wait_site(cluster, job, value):
    cluster.wait(lambda: site_factor(cluster, job) == value, what=f"SITE {value} for job {job}")


def decay_passes(cluster):
    return cluster.layout.root.joinpath("state", "priority_last_decay_ran").stat().st_mtime_ns


def wait_for_pass(clusters):
    """Let the decay thread of each cluster run once. PriorityCalcPeriod counts minutes, so this can take one."""
    seen = {cluster: decay_passes(cluster) for cluster in clusters}
    for cluster, before in seen.items():
        cluster.wait(lambda c=cluster, b=before: decay_passes(c) != b, timeout=180, what="a pass of the decay thread")


def test_the_lane_shows_in_sprio_and_lasts_through_decay(sites, user):
    clusters = [site.cluster for site in sites.values()]
    jobs = {}
    for cluster in clusters:
        fill(cluster, user)
        fast, slow, other = (waiting(cluster, user, account) for account in ("fl", "pg", "plain"))
        cluster.run(["scontrol", "update", f"JobId={other}", "SiteFactor=777"])
        wait_site(cluster, fast, BOOST)
        jobs[cluster] = {fast: BOOST, slow: 0, other: 777}
    for _ in range(2):
        wait_for_pass(clusters)
        for cluster in clusters:
            assert {job: site_factor(cluster, job) for job in jobs[cluster]} == jobs[cluster]
            fast, slow, _other = jobs[cluster]
            assert int(cluster.job(fast)["Priority"]) >= int(cluster.job(slow)["Priority"]) + BOOST


def test_fast_lane_job_submitted_last_starts_first(cluster, user, full):
    early = [waiting(cluster, user, "pg") for _ in range(3)]
    late = waiting(cluster, user, "fl")
    wait_site(cluster, late, BOOST)
    cluster.run(["scancel", full])
    for job in early + [late]:
        cluster.wait_job(job)
    starts = {job: cluster.job(job)["StartTime"] for job in early + [late]}
    assert starts[late] == min(starts.values())
    assert all(starts[late] < starts[job] for job in early)


def test_other_jobs_keep_what_an_administrator_gave_them(cluster, user, full):
    job = waiting(cluster, user, "plain")
    cluster.run(["scontrol", "update", f"JobId={job}", "SiteFactor=777"])
    cluster.run(["scontrol", "update", f"JobId={job}", "TimeLimit=3"])
    assert site_factor(cluster, job) == 777


def test_a_job_that_leaves_the_lane_loses_it(cluster, user, full):
    job = waiting(cluster, user, "fl")
    wait_site(cluster, job, BOOST)
    cluster.run(["scontrol", "update", f"JobId={job}", "QOS=normal"])
    wait_site(cluster, job, 0)


def test_the_lane_survives_a_restart(cluster, user, full):
    job = waiting(cluster, user, "fl")
    wait_site(cluster, job, BOOST)
    cluster.wait_saved()
    cluster.restart("ctld")
    wait_site(cluster, job, BOOST)


def test_a_paused_project_does_not_overtake(sites, user):
    """At the next pass with site_factor/aif; with priority/aif when Slurm next asks for the job's priority."""
    jobs = {}
    for shim, site in sites.items():
        fill(site.cluster, user)
        jobs[shim] = waiting(site.cluster, user, "fl")
        wait_site(site.cluster, jobs[shim], BOOST)
        site.allocations["fl"]["state"] = "paused"
        site.reconfigure()
    cluster = sites["site_factor"].cluster
    cluster.wait(lambda: site_factor(cluster, jobs["site_factor"]) == 0, timeout=180, what="SITE 0 after a pass")
    cluster = sites["priority"].cluster
    for verb in ("hold", "release"):
        cluster.run(["scontrol", verb, jobs["priority"]])
    wait_site(cluster, jobs["priority"], 0)
    for site in sites.values():
        site.allocations["fl"]["state"] = "ok"
        site.reconfigure()


def test_array_and_requeue(cluster, user, full):
    job = waiting(cluster, user, "fl", "--array=1-3")
    wait_site(cluster, job, BOOST)
    single = waiting(cluster, user, "fl", "--requeue")
    cluster.run(["scontrol", "hold", single])
    cluster.run(["scontrol", "release", single])
    wait_site(cluster, single, BOOST)


def test_sshare_and_sprio_work_beside_it(cluster):
    assert "root" in cluster.run(["sshare", "-a"]).stdout
    assert cluster.run(["sprio", "-w"]).returncode == 0


def test_nothing_at_level_error_from_us(site):
    assert our_errors(site.cluster.ctld_log()) == []
