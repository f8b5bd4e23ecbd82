"""priority/aif and site_factor/aif on real clusters: lane and pace are in the site factor, stay there, and work."""

import os

import pytest
from aifsite import Site, allocation, our_errors

PG, FL = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991"
BOOST = 100000
LOWEST = -1000000000

# Over ten years, so that a month's share is some GPU-seconds: used up by a job of a moment (or not, where there is more).
PACED = {
    "spent": {"amount": 0.2, "pacing": {"kind": "linear", "priority": 10000}},
    "fresh": {"amount": 100, "pacing": {"kind": "linear", "priority": 10000}},
    "credit": {"amount": 0.2, "pacing": {"kind": "credit"}},
    "over": {"amount": 0.2, "pacing": {"kind": "ceiling", "percent": 1000}},
}


@pytest.fixture(scope="module")
def sites(make_cluster, prefix):
    """A cluster with each of both shims."""
    return {shim: new_site(make_cluster, prefix, shim) for shim in ("site_factor", "priority")}


def new_site(make_cluster, prefix, shim):
    cluster = make_cluster(prefix=prefix, plugins=f"job_submit,{shim}", nodes=2, gpus=4, start=False)
    members = cluster.users()[:1]
    paced = [allocation(f"P-{name}", name, "playground", start=0, end=3600, members=members, **PACED[name]) for name in PACED]
    site = Site(cluster, [allocation(PG, "pg", "playground", members=members),
                          allocation(FL, "fl", "fast-lane", members=members), *paced])
    site.policy["budget"] = {"recheck": 1}
    site.start()
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
    return int(out) if out.lstrip("-").isdigit() else None


def listed(cluster, job):
    """site_factor(), as soon as sprio lists the job."""
    cluster.wait(lambda: site_factor(cluster, job) is not None, what=f"job {job} in sprio")
    return site_factor(cluster, job)


def wait_site(cluster, job, value):
    cluster.wait(lambda: site_factor(cluster, job) == value, what=f"SITE {value} for job {job}")


def decay_passes(cluster):
    return cluster.layout.root.joinpath("state", "priority_last_decay_ran").stat().st_mtime_ns


def wait_for_pass(clusters):
    """Let the decay thread of each cluster run once. PriorityCalcPeriod counts minutes, so this can take one."""
    seen = {cluster: decay_passes(cluster) for cluster in clusters}
    for cluster, before in seen.items():
        cluster.wait(lambda c=cluster, b=before: decay_passes(c) != b, what="a pass of the decay thread")


def crash(cluster):
    cluster.wait_saved()
    cluster.kill("ctld")
    cluster.restart("ctld")


def test_the_lane_shows_in_sprio_and_lasts_through_five_passes_and_restarts(sites, user):
    clusters = [site.cluster for site in sites.values()]
    jobs = {}
    for cluster in clusters:
        fill(cluster, user)
        fast, slow, other = (waiting(cluster, user, account) for account in ("fl", "pg", "plain"))
        cluster.run(["scontrol", "update", f"JobId={other}", "SiteFactor=777"])
        wait_site(cluster, fast, BOOST)
        jobs[cluster] = {fast: BOOST, slow: 0, other: 777}
    for disturb in (lambda c: None, lambda c: c.reconfigure(), lambda c: None, lambda c: c.restart("ctld"), crash):
        for cluster in clusters:
            disturb(cluster)
        wait_for_pass(clusters)
        for cluster in clusters:
            assert {job: listed(cluster, job) for job in jobs[cluster]} == jobs[cluster]
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
    assert listed(cluster, job) == 777


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


def set_state(site, state):
    site.allocations["fl"]["state"] = state
    site.reconfigure()


def test_a_paused_project_does_not_overtake(sites, user):
    """Its jobs are held until it goes on; then their lane is back."""
    jobs = {}
    for site in sites.values():
        fill(site.cluster, user)
        jobs[site.cluster] = waiting(site.cluster, user, "fl")
        wait_site(site.cluster, jobs[site.cluster], BOOST)
        set_state(site, "paused")
    for cluster, job in jobs.items():
        cluster.wait(lambda c=cluster, j=job: c.job(j)["Priority"] == "0", what="the hold of a paused project")
    for site in sites.values():
        set_state(site, "ok")
    for cluster, job in jobs.items():
        cluster.wait(lambda c=cluster, j=job: c.job(j)["Priority"] != "0", what="the end of the hold")
    for cluster, job in jobs.items():
        cluster.wait(lambda c=cluster, j=job: site_factor(c, j) == BOOST, what="the lane after the pause")


def test_array_and_requeue(cluster, user, full):
    job = waiting(cluster, user, "fl", "--array=1-3")
    wait_site(cluster, job, BOOST)
    single = waiting(cluster, user, "fl", "--requeue")
    cluster.run(["scontrol", "hold", single])
    cluster.run(["scontrol", "release", single])
    wait_site(cluster, single, BOOST)


def spend(cluster, user, account):
    """Use more than two months' shares of the small allocations, and little of the large one."""
    job = cluster.sbatch("-A", account, "-N2", "--gpus-per-node=4", "-t1", script="sleep 3", user=user)
    cluster.wait_job(job)


@pytest.fixture
def paced(cluster, user):
    """Jobs that wait, by account, after each account that is paced by month has used the same."""
    for account in ("spent", "fresh", "credit"):
        spend(cluster, user, account)
    fill(cluster, user)
    return {account: waiting(cluster, user, account, "-t1") for account in ("spent", "fresh", "credit")}


def test_pacing_is_taken_off(cluster, paced):
    wait_site(cluster, paced["spent"], -10000)
    wait_site(cluster, paced["credit"], LOWEST)
    assert -1000 < listed(cluster, paced["fresh"]) < 0
    priority = {account: int(cluster.job(job)["Priority"]) for account, job in paced.items()}
    assert priority["credit"] <= priority["spent"] <= priority["fresh"]


def test_pacing_changes_with_the_file(site, cluster, user, paced):
    job = paced["spent"]
    wait_site(cluster, job, -10000)
    site.allocations["spent"]["pacing"] = {"kind": "none"}
    site.reconfigure()
    wait_site(cluster, job, 0)
    site.allocations["spent"]["pacing"] = PACED["spent"]["pacing"]
    site.reconfigure()


def test_above_the_amount_is_behind_all_others(cluster, user, full):
    job = waiting(cluster, user, "over", "-t3")
    assert cluster.job(job)["QOS"] == "p-over-free"
    wait_site(cluster, job, LOWEST)
    assert int(cluster.job(job)["Priority"]) == 1


def test_sshare_and_sprio_work_beside_it(cluster):
    assert "root" in cluster.run(["sshare", "-a"]).stdout
    assert cluster.run(["sprio", "-w"]).returncode == 0


def test_nothing_at_level_error_from_us(site):
    assert our_errors(site.cluster.ctld_log()) == []
