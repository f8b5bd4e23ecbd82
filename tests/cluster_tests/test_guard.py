"""Jobs that wait: held and released with a named reason, checked again when they start, changed by users and operators."""

import datetime
import json
import os
import time

import pytest
from aifsite import Site, allocation, our_errors

PG, FL, SOON, SHORT, TIGHT, LARGE = ("EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991", "EHPC-AIF-2026PG01-906",
                                     "EHPC-AIF-2026PG01-907", "EHPC-AIF-2026SC01-005", "EHPC-AIF-2026LS01-022")

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs users who are no operators: run as root")


def moment(seconds):
    """Now plus so many seconds, as allocations.json has it."""
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="all", nodes=2, gpus=4, start=False)
    owner = cluster.users()[0]
    listed = [(PG, "pg", "playground"), (FL, "fl", "fast-lane"), (SOON, "soon", "playground"),
              (SHORT, "short", "playground"), (TIGHT, "tight", "fast-lane"), (LARGE, "large", "closed")]
    site = Site(cluster, [allocation(*entry, members=[owner]) for entry in listed])
    site.policy["budget"] = {"recheck": 1}
    site.policy["hold"] = ["AIF-A002", "AIF-A004", "AIF-M003", "AIF-Q001"]
    site.start()
    return site


@pytest.fixture
def change(site):
    """change(account, key=value, ...): the entry of that account in force so; put back after the test."""
    before = json.dumps([site.allocations, site.policy])

    def do(account, **keys):
        site.allocations[account].update(keys)
        site.reconfigure()

    yield do
    site.cluster.cancel_all()
    site.allocations, site.policy = json.loads(before)
    site.reconfigure()


@pytest.fixture
def cluster(site):
    yield site.cluster
    site.cluster.cancel_all()


@pytest.fixture
def owner(cluster):
    return cluster.users()[0] if os.geteuid() == 0 else None


def mark(cluster, job):
    return json.loads(cluster.job(job)["AdminComment"])["aif"]


def reason(cluster, job):
    return cluster.run(["squeue", "-h", "-j", job, "-o", "%r"]).stdout.strip()


def wait_held(cluster, job, rule):
    cluster.wait(lambda: f"({rule})" in reason(cluster, job), what=f"job {job} held for {rule}")
    assert mark(cluster, job)["hold"] == rule and cluster.job(job)["Priority"] == "0"


def blocker(cluster, owner, *options):
    """A job that fills the cluster until it is cancelled."""
    job = cluster.sbatch("-A", "fl", "-N2", "--gpus-per-node=4", *options, user=owner, script="sleep 600")
    cluster.wait_job(job, "RUNNING")
    return job


def update(cluster, user, job, *changes):
    return cluster.run(["scontrol", "update", f"JobId={job}", *changes], user=user, check=False)


def timed(change, account, seconds, **keys):
    """Change `keys` to a moment so many seconds from now, and then some: as many as slurmctld needs to learn of it here, thrice.
    Returns the time of that moment."""
    begin = time.time()
    change(account)
    until = time.time() + seconds + 3 * (time.time() - begin)
    change(account, **{key: moment(until + offset - time.time()) for key, offset in keys.items()})
    return until


def test_a_job_waits_for_the_start_of_its_allocation(cluster, change, owner):
    timed(change, "soon", 15, start=0)
    job = cluster.sbatch("-A", "soon", "--gpus=1", user=owner)
    assert mark(cluster, job)["hold"] == "AIF-A002"
    wait_held(cluster, job, "AIF-A002")
    cluster.wait_job(job, "COMPLETED")
    assert "hold" not in mark(cluster, job)


def test_jobs_of_a_paused_allocation_wait_until_it_is_resumed(cluster, change, owner):
    first = blocker(cluster, owner)
    job = cluster.sbatch("-A", "pg", "--gpus=1", user=owner)
    change("pg", state="paused")
    wait_held(cluster, job, "AIF-A004")
    cluster.run(["scancel", first])
    cluster.wait_job(first)
    later = cluster.sbatch("-A", "pg", "--gpus=1", user=owner)
    wait_held(cluster, later, "AIF-A004")
    change("pg", state="ok")
    cluster.wait_job(job, "COMPLETED")
    cluster.wait_job(later, "COMPLETED")


def test_jobs_of_a_closed_mode_wait_until_it_opens(cluster, change, site, owner):
    job = cluster.sbatch("-A", "large", "--gpus=1", user=owner)
    wait_held(cluster, job, "AIF-M003")
    site.policy["modes"]["closed"]["open"] = True
    site.reconfigure()
    cluster.wait_job(job, "COMPLETED")


def test_jobs_wait_for_what_others_give_back(cluster, change, owner):
    """The amount is for one job at a time; which one ends early is not known at submission."""
    change("tight", amount=1)
    first = cluster.sbatch("-A", "tight", "--gpus=1", "-t50", user=owner, script="sleep 600")
    cluster.wait_job(first, "RUNNING")
    job = cluster.sbatch("-A", "tight", "--gpus=1", "-t40", user=owner)
    wait_held(cluster, job, "AIF-Q001")
    cluster.run(["scancel", first])
    cluster.wait_job(job, "COMPLETED")


def test_an_allocation_that_ends_holds_what_still_waits_for_it(cluster, change, owner):
    blocker(cluster, owner)
    job = cluster.sbatch("-A", "short", "--gpus=1", "-t1", user=owner)
    change("short", end=moment(8))
    wait_held(cluster, job, "AIF-A003")
    change("short", end=moment(86400))
    cluster.wait(lambda: "hold" not in mark(cluster, job), what="the hold to end")


def test_array_tasks_are_held_and_released_each(cluster, change, owner):
    first = blocker(cluster, owner)
    job = cluster.sbatch("-A", "pg", "--gpus=4", "-N1", "-a0-3%1", user=owner,
                         script="[ $SLURM_ARRAY_TASK_ID != 0 ] || sleep 600")
    cluster.run(["scancel", first])
    cluster.wait(lambda: cluster.run(["squeue", "-h", "-j", job, "-t", "R", "-o", "%i"]).stdout, what="a task running")
    change("pg", state="paused")
    wait_held(cluster, job, "AIF-A004")
    change("pg", state="ok")
    cluster.run(["scancel", f"{job}_0"])
    cluster.wait(lambda: not cluster.run(["squeue", "-h", "-j", job]).stdout, what="the end of the array")


def test_a_het_job_is_held_and_released_as_a_whole(cluster, change, owner):
    first = blocker(cluster, owner)
    job = cluster.sbatch("-A", "pg", "--gpus=1", ":", "-A", "pg", "--gpus=2", user=owner)
    change("pg", state="paused")
    wait_held(cluster, job, "AIF-A004")
    assert reason(cluster, job).count("AIF-A004") == 2
    change("pg", state="ok")
    cluster.run(["scancel", first])
    cluster.wait_job(job, "COMPLETED")


@as_root
def test_a_user_cannot_release_what_we_hold_but_an_operator_can(cluster, change, owner):
    change("pg", state="paused")
    job = cluster.sbatch("-A", "pg", "--gpus=1", user=owner)
    wait_held(cluster, job, "AIF-A004")
    assert cluster.run(["scontrol", "release", job], user=owner, check=False).returncode != 0
    wait_held(cluster, job, "AIF-A004")
    cluster.run(["scontrol", "release", job])
    cluster.wait_job(job, "COMPLETED")
    assert mark(cluster, job)["over"].startswith("AIF-A004 by 0 at 2") and "hold" not in mark(cluster, job)


@as_root
def test_a_user_releases_what_nothing_is_against_any_more(cluster, change, site, owner):
    site.policy["budget"]["recheck"] = 3600
    timed(change, "soon", 15, start=0)
    job = cluster.sbatch("-A", "soon", "--gpus=1", user=owner)
    assert mark(cluster, job)["hold"] == "AIF-A002"
    cluster.wait(lambda: not cluster.run(["scontrol", "release", job], user=owner, check=False).returncode,
                 what="the release to be accepted")
    cluster.wait_job(job, "COMPLETED")


@as_root
def test_what_a_user_holds_stays_his(cluster, change, owner):
    change("pg", state="paused")
    job = cluster.sbatch("-A", "pg", "--gpus=1", "-H", user=owner)
    assert "hold" not in mark(cluster, job)
    held = cluster.sbatch("-A", "pg", "--gpus=1", user=owner)
    wait_held(cluster, held, "AIF-A004")
    cluster.run(["scontrol", "hold", held], user=owner)
    change("pg", state="ok")
    done = cluster.sbatch("-A", "pg", "--gpus=1", user=owner)
    cluster.wait_job(done, "COMPLETED")
    assert reason(cluster, job) == reason(cluster, held) == "JobHeldUser"
    cluster.run(["scontrol", "release", f"{job},{held}"], user=owner)
    cluster.wait_job(job, "COMPLETED")
    cluster.wait_job(held, "COMPLETED")


@as_root
def test_a_user_who_releases_his_job_too_early_has_it_held_by_us(cluster, change, owner):
    change("pg", state="paused")
    job = cluster.sbatch("-A", "pg", "--gpus=1", "-H", user=owner)
    cluster.run(["scontrol", "release", job], user=owner, check=False)
    wait_held(cluster, job, "AIF-A004")
    change("pg", state="ok")
    cluster.wait_job(job, "COMPLETED")


def test_what_waits_counts_where_the_policy_says_so(cluster, change, site, owner):
    site.policy["budget"]["count_pending"] = True
    site.policy["hold"].remove("AIF-Q001")
    change("tight", amount=2)
    first = blocker(cluster, owner)
    job = cluster.sbatch("-A", "tight", "--gpus=1", "-t55", user=owner)
    refused = cluster.run(["sbatch", "-A", "tight", "--gpus=1", "-t80", "--wrap=true"], user=owner, check=False)
    assert "AIF-Q001" in refused.stderr
    second = cluster.sbatch("-A", "tight", "--gpus=1", "-t55", user=owner)
    cluster.run(["scancel", job])
    cluster.wait(lambda: not cluster.run(["sbatch", "-A", "tight", "--gpus=1", "-t50", "-H", "--wrap=true"], user=owner,
                                         check=False).returncode, what="the room that the cancelled job left")
    cluster.wait(lambda: not update(cluster, owner, second, "TimeLimit=60").returncode, what="60 minutes to be accepted")
    assert (update(cluster, owner, second, "TimeLimit=90").returncode != 0) == (os.geteuid() == 0)
    cluster.run(["scancel", first])


def test_no_way_to_the_nodes_leads_past_the_check_at_the_start(cluster, change, site, owner):
    """The guard is too slow here: what stands between the job and its nodes is the select wrapper."""
    site.policy["budget"]["recheck"] = 3600
    first = blocker(cluster, owner)
    job = cluster.sbatch("-A", "short", "--gpus=1", "-t1", user=owner)
    too_late = timed(change, "short", 10, end=60)
    cluster.run(["scontrol", "setdebug", "debug"])
    cluster.wait(lambda: time.time() > too_late + 2, what="the moment from which a minute is too long")
    cluster.run(["scontrol", "top", job])
    cluster.run(["scancel", first])
    cluster.wait(lambda: f"JobId={job} does not start" in cluster.ctld_log(), what="an attempt to start the job")
    cluster.run(["scontrol", "setdebug", "verbose"])
    assert cluster.job(job)["JobState"] == "PENDING" and cluster.job(job)["Priority"] != "0"
    done = cluster.sbatch("-A", "fl", "--gpus=1", user=owner)
    cluster.wait_job(done, "COMPLETED")


def test_a_requeued_job_waits_when_its_allocation_is_paused(cluster, change, owner):
    job = cluster.sbatch("-A", "pg", "--gpus=1", "--requeue", user=owner, script="sleep 600")
    cluster.wait_job(job, "RUNNING")
    change("pg", state="paused")
    cluster.run(["scontrol", "requeue", job])
    wait_held(cluster, job, "AIF-A004")


@as_root
def test_more_time_for_a_running_job_is_an_operators_to_give(cluster, change, owner):
    change("short", end=moment(7200), amount=1)
    job = cluster.sbatch("-A", "short", "--gpus=1", "-t10", user=owner, script="sleep 600")
    cluster.wait_job(job, "RUNNING")
    assert update(cluster, None, job, "TimeLimit=30").returncode == 0
    assert "over" not in mark(cluster, job)
    assert update(cluster, None, job, "TimeLimit=90").returncode == 0
    assert mark(cluster, job)["over"].startswith("AIF-Q001 by 0 at ")
    assert update(cluster, None, job, "TimeLimit=300").returncode == 0
    assert mark(cluster, job)["over"].startswith("AIF-A008 by 0 at ")


def test_an_operator_overrides_and_the_next_update_forgets_it(cluster, owner):
    blocker(cluster, owner)
    job = cluster.sbatch("-A", "pg", "--gpus=1", user=owner)
    assert update(cluster, None, job, "TimeLimit=2-0").returncode == 0
    assert mark(cluster, job)["over"].startswith("AIF-M007 by 0 at ") and "UTC" not in mark(cluster, job)["over"]
    assert update(cluster, owner, job, "TimeLimit=1:00:00").returncode == 0
    assert "over" not in mark(cluster, job)


def test_slurmctld_comes_back_with_what_it_held_and_stops_without_delay(cluster, change, owner):
    change("pg", state="paused")
    job = cluster.sbatch("-A", "pg", "--gpus=1", user=owner)
    wait_held(cluster, job, "AIF-A004")
    cluster.wait_saved()
    for _ in range(3):
        cluster.reconfigure()
    cluster.restart("ctld")
    wait_held(cluster, job, "AIF-A004")
    change("pg", state="ok")
    cluster.wait_job(job, "COMPLETED")
    assert not our_errors(cluster.ctld_log())


def test_the_plugin_can_be_taken_out_while_the_guard_is_at_work(cluster, site):
    """Up to 22.05 slurmctld unloads it in a thread that holds all the locks that the guard may be waiting for."""
    for plugins in ("", "aif", "", "aif"):
        cluster.conf(f"JobSubmitPlugins={plugins}")
        cluster.reconfigure()
    site.reconfigure()
    assert cluster.pid("ctld")
