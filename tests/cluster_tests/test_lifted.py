"""Jobs that are not ours and that the starvation guard lifted: what an administrator gave them is never lost."""

import time

import pytest
from aifsite import Site, allocation
from clusterlib import ClusterError

GIVEN = 777
GUARD = {"guard": {"after": "00:00:03", "points": 200000}}
RECHECK = 30  # seconds; looks come with changes of the configuration, not by themselves


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="job_submit,site_factor", nodes=2, gpus=4, start=False)
    members = cluster.users()[:1]
    site = Site(cluster, [allocation("EHPC-AIF-2026PG01-905", "pg", "playground", members=members)])
    site.policy["budget"] = {"recheck": RECHECK}
    site.start()
    cluster.add_account("plain", members)
    return site


@pytest.fixture
def cluster(site):
    yield site.cluster
    site.cluster.cancel_all()
    guard(site, None)


def guard(site, lanes):
    site.policy.pop("lanes", None)
    if lanes:
        site.policy["lanes"] = lanes
    site.reconfigure()


def submit(cluster, account, *options):
    return cluster.sbatch("-A", account, "-N2", "--gpus-per-node=4", "-t30", *options, script="sleep 600",
                          user=cluster.users()[0])


def given(cluster, job):
    cluster.run(["scontrol", "update", f"JobId={job}", f"SiteFactor={GIVEN}"])


def sprio(cluster, job):
    """Column SITE; None while sprio does not list the job."""
    out = cluster.run(["sprio", "-h", "-j", job, "-o", "%S"], check=False).stdout.split()
    return int(out[0]) if out and out[0].lstrip("-").isdigit() else None


def wait_points(cluster, job, test, what):
    seen = []

    def reached():
        seen.append(sprio(cluster, job))
        return seen[-1] is not None and test(seen[-1])
    try:
        cluster.wait(reached)
    except ClusterError:
        pytest.fail(f"{what}, job {job}: saw {sorted(set(seen), key=str)}, last {seen[-1]}; {cluster.job(job)}")


def grow_old(cluster):
    """What was submitted has then waited long enough for the guard: it is lifted at the next look, not the one after that."""
    due = time.time() + 5
    cluster.wait(lambda: time.time() > due)


def lifted(site, *options):
    """A waiting job with an administrator's points, and the guard's on top."""
    cluster = site.cluster
    full = submit(cluster, "pg")
    cluster.wait_job(full, "RUNNING")
    job = submit(cluster, "plain", *options)
    given(cluster, job)
    grow_old(cluster)
    guard(site, GUARD)
    wait_points(cluster, job, lambda p: p > GIVEN, "the guard")
    return full, job


def look(site):
    """Have the plugin look at the queue: it gives a waiting job other points."""
    probe = submit(site.cluster, "plain")
    grow_old(site.cluster)
    guard(site, {"guard": {"after": "00:00:01", "points": 100000}})
    wait_points(site.cluster, probe, lambda p: p > 0, "the guard")
    site.cluster.run(["scancel", probe])


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_an_end_right_after_the_lift(site, cluster, how):
    _full, job = lifted(site)
    submit(cluster, "pg")
    cluster.wait_saved()
    getattr(cluster, how)("ctld")
    cluster.restart("ctld")
    guard(site, None)
    wait_points(cluster, job, lambda p: p == GIVEN, "what the administrator gave")


def test_tasks_of_an_array_that_part(site, cluster):
    _full, job = lifted(site, "--array=1-4")
    cluster.run(["scontrol", "update", f"JobId={job}_2", "TimeLimit=20"])
    guard(site, None)
    for record in (job, cluster.job(f"{job}_2")["JobId"]):
        wait_points(cluster, record, lambda p: p == GIVEN, "what the administrator gave")


def test_a_run_and_a_requeue(site, cluster):
    full, job = lifted(site, "--requeue")
    cluster.run(["scancel", full])
    cluster.wait_job(job, "RUNNING")
    look(site)
    again = submit(cluster, "pg")
    cluster.run(["scontrol", "update", f"JobId={again}", "Priority=4000000000"])
    cluster.run(["scontrol", "requeue", job])
    cluster.wait_job(again, "RUNNING")
    guard(site, None)
    cluster.run(["scontrol", "update", f"JobId={job}", "StartTime=now"])
    wait_points(cluster, job, lambda p: p == GIVEN, "what the administrator gave")
