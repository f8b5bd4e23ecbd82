"""Lanes on real clusters, with both shims: submission order, target, shares that close them, the guard, and that all of this
survives what happens to jobs and to slurmctld."""

import json
import re
import time

import pytest
from aifsite import Site, allocation, our_errors

FL, PG = "EHPC-AIF-2026FL01-991", "EHPC-AIF-2026PG01-905"
BASE = 100000
# Factors of other jobs differ by far more than a point: levelling has something to do. Passes of the decay thread, which let
# Slurm's own order count for a moment, come at a start of slurmctld only.
WEIGHTS = ("PriorityCalcPeriod=60", "PriorityWeightAge=1000", "PriorityMaxAge=1-0", "PriorityWeightFairshare=20000", "PriorityWeightJobSize=5000",
           "PriorityWeightQOS=0")
PLAIN = {"base": BASE, "level": True}


@pytest.fixture(scope="module")
def sites(make_cluster, prefix):
    return {shim: new_site(make_cluster, prefix, shim) for shim in ("site_factor", "priority")}


def new_site(make_cluster, prefix, shim):
    cluster = make_cluster(prefix=prefix, plugins=f"job_submit,{shim}", nodes=2, gpus=4, start=False)
    cluster.conf(*WEIGHTS, "PartitionName=other Nodes=ALL MaxTime=1-0 State=UP")
    members = cluster.users()[:3]
    site = Site(cluster, [allocation(FL, "fl", "fast-lane", members=members),
                          allocation(PG, "pg", "playground", members=members)])
    site.policy["budget"] = {"recheck": 1}
    site.policy["modes"]["fast-lane"]["lane"] = PLAIN
    site.start()
    cluster.sacctmgr("add", "account", "plain")
    for i, user in enumerate(members):
        cluster.sacctmgr("add", "user", user, "account=plain")
        cluster.sacctmgr("modify", "user", user, "where", "account=fl", "set", f"Fairshare={1 + 30 * i}")
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


@pytest.fixture
def lane(site):
    """Change the policy; put back afterwards."""
    def change(fast=None, **top):
        site.policy["modes"]["fast-lane"]["lane"] = fast or PLAIN
        for key in ("lanes", "shares"):
            site.policy.pop(key, None)
        site.policy.update(top)
        site.reconfigure()
    yield change
    change()


def fill(cluster, account="pg", *options):
    job = submit(cluster, account, "-t30", *options, script="sleep 600")
    cluster.wait_job(job, "RUNNING")
    return job


def submit(cluster, account, *options, user=0, script="sleep 1"):
    """A job that takes so much of both nodes that no other runs beside it."""
    return cluster.sbatch("-A", account, "-N2", "--gpus-per-node=4", "-t5", *options, user=cluster.users()[:3][user],
                          script=script)


def points(cluster, job):
    """Column SITE of sprio; None while sprio does not list the job."""
    out = cluster.run(["sprio", "-h", "-j", job, "-o", "%S"], check=False).stdout.strip()
    return int(out) if out.lstrip("-").isdigit() else None


def wait_points(cluster, job, test, what):
    """What sprio shows, once it is as wanted."""
    seen = []

    def reached():
        seen[:] = [points(cluster, job)]
        return seen[0] is not None and test(seen[0])
    cluster.wait(reached, what=f"{what}, job {job}")
    return seen[0]


def wait_without(cluster, job):
    wait_points(cluster, job, lambda p: p <= 0, "no lane")  # one that is new may have less than BASE until it is levelled


def wait_lane(cluster, job):
    wait_points(cluster, job, lambda p: p >= BASE, "a lane")


def priority(cluster, job):
    return int(cluster.job(job)["Priority"])


def starts(cluster, jobs):
    for job in jobs:
        cluster.wait_job(job)
    return [cluster.job(job)["StartTime"] for job in jobs]


def crash(cluster):
    cluster.kill("ctld")
    cluster.restart("ctld")


def state(cluster):
    return cluster.layout.root / "state" / "aif_lanes.json"


# -- order ------------------------------------------------------------------------------------------------------------------

def mixed(cluster):
    """Jobs of different users and sizes, those that Slurm likes best last."""
    several = len(cluster.users()) > 1
    return [submit(cluster, "fl", f"--cpus-per-task={cpus}", user=i % 3 if several else 0)
            for i, cpus in enumerate((1, 2, 4, 6, 8))]


def sizes(cluster, jobs):
    """What their sizes add to their priorities. sprio of 24.11 takes no list of jobs."""
    rows = (line.split() for line in cluster.run(["sprio", "-h", "-o", "%i %J"]).stdout.splitlines())
    return {size for job, size in rows if job in jobs}


def test_a_lane_starts_its_jobs_in_the_order_of_submission(cluster):
    full = fill(cluster)
    jobs = mixed(cluster)
    cluster.wait(lambda: len(sizes(cluster, jobs)) == len(jobs), what="different job sizes")
    cluster.wait(lambda: len({priority(cluster, job) for job in jobs}) == 1, what="equal priorities")
    cluster.run(["scancel", full])
    begun = starts(cluster, jobs)
    assert begun == sorted(begun) and len(set(begun)) == len(begun)


def test_a_new_job_does_not_pass_those_that_wait(cluster, scheduler):
    """Slurm starts what salloc and srun ask for at once when no other job has a higher priority: here on nodes that have just
    come free, before the scheduler has looked at them."""
    full = fill(cluster)
    scheduler("sched_interval=600,sched_min_interval=600000000,bf_interval=600,")
    cluster.run(["scontrol", "update", "PartitionName=gpu", "State=UP"])
    cluster.wait(lambda: re.search(r"Total cycles: +[1-9]", cluster.run(["sdiag"]).stdout.partition("Backfilling")[0]),
                 what="the only round of the scheduler")
    early = [submit(cluster, "fl", f"--cpus-per-task={cpus}") for cpus in (1, 8)]
    for job in early:
        wait_lane(cluster, job)
    cluster.wait(lambda: len({priority(cluster, job) for job in early}) == 1, what="equal priorities")
    cluster.run(["scancel", full])
    cluster.wait(lambda: not cluster.run(["squeue", "-h", "-t", "R,CG"]).stdout, what="free nodes")
    late = cluster.run(["salloc", "--immediate=1", "--no-shell", "-A", "fl", "-N2", "--gpus-per-node=4", "-t5"], check=False,
                       user=cluster.users()[0])
    assert late.returncode and "insufficient priority" in late.stderr, late.stderr
    scheduler()
    begun = starts(cluster, early)
    assert begun[0] < begun[1]


@pytest.fixture
def scheduler(cluster):
    """Put something in front of SchedulerParameters, where the first of a kind counts; put back afterwards. slurmctld takes
    intervals over when it would run the scheduler again, or from the start."""
    usual = re.search("^SchedulerParameters=(.*)", cluster.layout.conf.read_text(), re.M)[1]

    def change(first=""):
        cluster.conf(f"SchedulerParameters={first}{usual}")
        cluster.restart("ctld")
        cluster.wait_nodes()
    yield change
    change()


def test_nice_still_counts_in_a_levelled_lane(cluster):
    fill(cluster)
    first, second = submit(cluster, "fl", "--nice=500"), submit(cluster, "fl")
    cluster.wait(lambda: priority(cluster, second) - priority(cluster, first) == 500, what="nice inside the lane")


def test_a_job_that_nears_its_target_passes_earlier_ones(cluster, lane):
    lane({"base": 0, "target": "00:00:40", "from": 50, "urgency": 1000000})
    full = fill(cluster)
    early = submit(cluster, "plain")
    cluster.run(["scontrol", "update", f"JobId={early}", "SiteFactor=50000"])
    late = submit(cluster, "fl")
    wait_points(cluster, late, lambda p: p == 0, "no urgency yet")
    assert priority(cluster, late) < priority(cluster, early)
    wait_points(cluster, late, lambda p: p > 200000, "urgency")
    assert priority(cluster, late) > priority(cluster, early)
    cluster.run(["scancel", full])
    begun = starts(cluster, [late, early])
    assert begun[0] < begun[1]


# -- shares -----------------------------------------------------------------------------------------------------------------

def shares(window):
    return {"lanes": {"window": window}, "shares": [{"title": "Fast", "modes": ["fast-lane"], "percent": 10}]}


def closings(cluster):
    return len(re.findall(r'share "Fast" has used \S+ % of the GPUs, limit 10 %: its lanes are closed', cluster.ctld_log()))


def use_up(cluster):
    """A running job of the lane that closes it, and one that waits."""
    before = closings(cluster)
    user = fill(cluster, "fl")
    waits = submit(cluster, "fl")
    cluster.wait(lambda: closings(cluster) > before, what="the closing of the lane in the log")
    wait_without(cluster, waits)
    return user, waits


def fill_after(cluster, user):
    """Another job takes the place of the running one, so that those that wait go on waiting."""
    other = submit(cluster, "pg", "-t30", script="sleep 600")
    cluster.run(["scontrol", "update", f"JobId={other}", "Priority=4000000000"])
    cluster.run(["scancel", user])
    cluster.wait_job(other, "RUNNING")


def test_a_share_that_is_used_up_closes_the_lane_until_its_window_moved_on(cluster, lane):
    lane(**shares("00:01:00"))
    user, waits = use_up(cluster)
    fill_after(cluster, user)
    wait_lane(cluster, waits)


def test_what_a_share_has_used_survives_a_crash(cluster, lane):
    lane(**shares("00:05:00"))
    user, waits = use_up(cluster)
    fill_after(cluster, user)
    cluster.wait(lambda: state(cluster).exists() and json.loads(state(cluster).read_text())["shares"][0]["closed"],
                 what="closed share in the state file")
    cluster.wait_saved()
    crash(cluster)
    late = submit(cluster, "fl")
    cluster.wait(lambda: points(cluster, late) is not None, what="points after a crash")
    seen = state(cluster).stat().st_mtime_ns
    cluster.wait(lambda: state(cluster).stat().st_mtime_ns != seen, what="a look after the crash")
    assert points(cluster, late) < BASE and points(cluster, waits) < BASE
    assert json.loads(state(cluster).read_text())["shares"][0]["closed"]


def test_a_broken_state_file_gives_one_line_and_fresh_windows(sites, lane):
    for site in sites.values():
        site.policy.update(shares("00:05:00"))
        site.reconfigure()
        cluster = site.cluster
        cluster.stop("ctld")
        state(cluster).write_text('{"version": 1, "at": 1, "length": 1, "shares": [{"buckets": [')
        before = our_errors(cluster.ctld_log())
        cluster.restart("ctld")
        job = fill(cluster, "fl")
        cluster.wait(lambda c=cluster: is_whole(c), what="a new state file")
        cluster.run(["scancel", job])
        new = our_errors(cluster.ctld_log())[len(before):]
        assert len(new) == 1 and "aif_lanes.json" in new[0]
        site.policy.pop("shares")
        site.reconfigure()


def is_whole(cluster):
    try:
        return json.loads(state(cluster).read_text())["shares"][0]["title"] == "Fast"
    except ValueError:
        return False


# -- what happens to jobs ---------------------------------------------------------------------------------------------------

RISING = {"base": BASE, "target": "00:10:00", "from": 0, "urgency": 600000}  # 1000 a second


def test_held_and_dependent_jobs_wait_from_when_that_ended(cluster, lane):
    lane(RISING)
    full = fill(cluster)
    held, depends = submit(cluster, "fl"), submit(cluster, "fl", f"--dependency=afterany:{full}")
    wait_points(cluster, held, lambda p: p > BASE + 5000, "urgency")
    assert points(cluster, depends) in (None, BASE)
    cluster.run(["scontrol", "hold", held])
    cluster.wait(lambda: priority(cluster, held) == 0, what="hold")
    begin = time.time()
    cluster.run(["scontrol", "release", held])
    after = wait_points(cluster, held, lambda p: p >= BASE, "a lane after the release")
    assert after <= BASE + 1000 * (time.time() - begin + 2), "urgency from before the release"
    wait_points(cluster, held, lambda p: p > BASE + 5000, "urgency after the release")
    fill_after(cluster, full)
    wait_points(cluster, depends, lambda p: p > BASE, "urgency after the dependency")


def test_requeue_and_update_keep_the_lane(cluster, lane):
    job = fill(cluster, "fl", "--requeue")
    other = submit(cluster, "pg", "-t30", script="sleep 600")
    cluster.run(["scontrol", "update", f"JobId={other}", "Priority=4000000000"])
    cluster.run(["scontrol", "requeue", job])
    cluster.wait_job(other, "RUNNING")
    # Slurm lets a requeued job wait for two minutes, and sprio does not show it before.
    cluster.wait(lambda: priority(cluster, job) >= BASE, what="lane after a requeue")
    for change in ("TimeLimit=3", "Partition=other", "Partition=gpu"):
        cluster.run(["scontrol", "update", f"JobId={job}", change])
        assert priority(cluster, job) >= BASE


def test_held_jobs_and_priorities_set_by_hand_are_left_alone(cluster, lane):
    lane(RISING)
    fill(cluster)
    held, by_hand, normal = (submit(cluster, "fl") for _ in range(3))
    cluster.run(["scontrol", "hold", held])
    cluster.run(["scontrol", "update", f"JobId={by_hand}", "Priority=4242"])
    start = points(cluster, normal)
    wait_points(cluster, normal, lambda p: p > start + 3000, "some looks")
    assert (priority(cluster, held), priority(cluster, by_hand)) == (0, 4242)


def test_array_tasks_are_in_the_lane(cluster):
    full = fill(cluster)
    job = submit(cluster, "fl", "--array=1-3")
    wait_lane(cluster, job)
    cluster.run(["scancel", full])
    cluster.wait(lambda: cluster.sacct("-j", job, "-s", "CD", "-o", "jobid"), what="first task")
    cluster.wait(lambda: len(cluster.sacct("-j", job, "-s", "CD", "-o", "jobid")) == 3, what="all tasks")


# -- the guard --------------------------------------------------------------------------------------------------------------

GUARD = {"lanes": {"guard": {"after": "00:00:05", "points": 200000}}}


def test_the_guard_lifts_an_old_job_on_top_of_what_it_has(cluster, lane):
    fill(cluster)
    old = submit(cluster, "plain")
    cluster.run(["scontrol", "update", f"JobId={old}", "SiteFactor=777"])
    early = submit(cluster, "fl")
    wait_lane(cluster, early)
    assert priority(cluster, old) < priority(cluster, early)
    lane(**GUARD)
    wait_points(cluster, old, lambda p: p > BASE + 50000, "the guard")
    late = submit(cluster, "fl")
    cluster.wait(lambda: priority(cluster, old) > priority(cluster, late), what="old job ahead of the lane")
    cluster.wait_saved()
    crash(cluster)
    cluster.wait(lambda: points(cluster, old), what="points after a crash")
    lane()
    wait_points(cluster, old, lambda p: p == 777, "what the administrator gave")
    cluster.run(["scontrol", "update", f"JobId={old}", "SiteFactor=5"])
    assert points(cluster, old) == 5


def test_of_both_plugins_only_one_is_active(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, nodes=2, gpus=4, start=False)
    cluster.conf("PriorityType=priority/aif")
    site = Site(cluster, [allocation(FL, "fl", "fast-lane", members=cluster.users()[:1])])
    site.policy["budget"] = {"recheck": 1}
    site.write()
    cluster.start()
    cluster.run(["aif", "apply"])
    cluster.reconfigure()
    fill(cluster, "fl")
    wait_lane(cluster, submit(cluster, "fl"))
    since_start = cluster.ctld_log().rpartition(" started on cluster ")[2]
    assert since_start.count("AIF-C014") == 1


def test_nothing_at_level_error_from_us(sites):
    for site in sites.values():
        assert [line for line in our_errors(site.cluster.ctld_log()) if "aif_lanes.json" not in line] == []
