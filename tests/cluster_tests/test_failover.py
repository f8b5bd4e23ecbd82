"""Lanes, share windows and the budget guard across fail-over to a backup controller and back, with both priority shims side by side."""

import concurrent.futures
import datetime
import json
import os
import subprocess
import time

import pytest
from aifsite import Site, allocation, our_errors
from clusterlib import ClusterError

if os.geteuid() or subprocess.run(["unshare", "--uts", "hostname", "n"], capture_output=True, check=False).returncode:
    pytest.skip("a backup controller needs a host name of its own, which only root can give it (unshare --uts): run as root, "
                "where a container allows that", allow_module_level=True)

PG, FL, HOUR, SOON = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991", "EHPC-AIF-2026LS01-060", "EHPC-AIF-2026PG01-906"
BASE, OTHERS = 100000, 777


@pytest.fixture(scope="module")
def sites(make_cluster, prefix):
    return [new_site(make_cluster, prefix, shim) for shim in ("priority", "site_factor")]


def new_site(make_cluster, prefix, shim):
    cluster = make_cluster(prefix=prefix, plugins=f"job_submit,{shim}", nodes=2, gpus=4, backup=True, start=False)
    members = cluster.users()[:1]
    site = Site(cluster, [allocation(PG, "pg", "playground", members=members),
                          allocation(FL, "fl", "fast-lane", members=members),
                          allocation(HOUR, "hour", "here", amount=1, members=members),
                          allocation(SOON, "soon", "playground", members=members)])
    site.policy["budget"] = {"recheck": 1}
    site.policy["hold"] = ["AIF-A002", "AIF-Q001"]
    site.policy["modes"]["playground"]["lane"] = {"base": 5000}
    site.policy["lanes"] = {"window": "01:00:00", "capacity": 1}
    site.policy["shares"] = [{"title": "Playground", "modes": ["playground"], "percent": 1}]
    site.start()
    cluster.add_account("plain", members)
    return site


@pytest.fixture(scope="module")
def user():
    return "daemon"


# -- what waits and what runs --------------------------------------------------------------------------------------------

def site_factors(cluster):
    """Job id -> column SITE of sprio."""
    out = cluster.run(["sprio", "-h", "-o", "%i %S"], check=False).stdout
    return {job: int(site) for job, site in (line.split() for line in out.splitlines())}


def queue(cluster):
    """One row per job or task: id, state, restarts and, when it runs, its start."""
    return sorted(cluster.run(["squeue", "-h", "-r", "-O", "jobarrayid:20,statecompact:6,restartcnt:6"]).stdout.splitlines())


def share(cluster):
    """(closed, GPU-seconds) of the share, as written for the next slurmctld; None where nothing is yet."""
    try:
        state = json.loads((cluster.layout.root / "state" / "aif_lanes.json").read_text())["shares"][0]
    except FileNotFoundError:
        return None
    return state["closed"], sum(state["buckets"])


def use_up_share(cluster, user):
    """With jobs that are over: what they used is known to no job record that a new slurmctld could count."""
    job = cluster.sbatch("-A", "pg", "-N2", "--gpus-per-node=4", "-t5", script="sleep 6", user=user)
    cluster.wait_job(job, "COMPLETED")
    cluster.wait(lambda: (share(cluster) or (False,))[0], what="a closed share")


def fill(cluster, user):
    """Three GPUs stay free: one for a job that uses up the hour, two for what fits beside it."""
    jobs = [cluster.sbatch("-A", "plain", "-N1", "--gpus-per-node=4", "-t120", script="sleep 2900", user=user),
            cluster.sbatch("-A", "hour", "--gpus=1", "-t50", script="sleep 2900", user=user)]
    for job in jobs:
        cluster.wait_job(job, "RUNNING")
    return jobs


def waiting(cluster, user, account, *options):
    return cluster.sbatch("-A", account, "-N2", "--gpus-per-node=4", "-t5", *options, user=user, script="sleep 1")


class Load:
    """Jobs on one cluster: two that run, some that wait in a lane and beside it, one that is held for the budget."""

    def __init__(self, site, user):
        self.site, self.cluster, self.user = site, site.cluster, user
        cluster = site.cluster
        use_up_share(cluster, user)
        self.used = share(cluster)[1]
        self.filler, self.hour = fill(cluster, user)
        fast, array = waiting(cluster, user, "fl"), waiting(cluster, user, "fl", "--array=1-3")
        slow, other = waiting(cluster, user, "pg"), waiting(cluster, user, "plain")
        cluster.run(["scontrol", "update", f"JobId={other}", f"SiteFactor={OTHERS}"])
        self.factors = {fast: BASE, array: BASE, slow: 0, other: OTHERS}
        self.held = self.over_budget()
        self.check_factors()
        self.rows = queue(cluster)

    def over_budget(self):
        """A job that the allocation cannot pay while the other one runs: accepted, and held."""
        return self.submit_held("hour", "AIF-Q001")

    def too_early(self, seconds):
        """A job whose allocation begins in so many seconds, and then some on a slow machine: accepted, and held until then."""
        clock = time.monotonic()
        self.site.reconfigure()
        seconds += 3 * (time.monotonic() - clock)
        begin = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
        self.site.allocations["soon"]["start"] = begin.strftime("%Y-%m-%dT%H:%M:%SZ")
        self.site.reconfigure()
        return self.submit_held("soon", "AIF-A002")

    def submit_held(self, account, rule):
        job = self.cluster.sbatch("-A", account, "--gpus=1", "-t20", user=self.user)
        self.check_held(job, rule)
        return job

    def check_held(self, job, rule="AIF-Q001"):
        shown = self.cluster.job(job)
        assert shown["Priority"] == "0" and f'"hold":"{rule}"' in shown["AdminComment"]

    def check_refusal(self):
        done = self.cluster.sbatch("-A", "hour", "--gpus=1", "-t61", user=self.user, check=False)
        assert done.returncode and "AIF-Q001" in done.stderr

    def check_factors(self):
        self.cluster.wait(lambda: self.factors.items() <= site_factors(self.cluster).items(),
                          what=f"site factors {self.factors}")

    def check(self):
        """Nothing is lost or doubled, and everything is worth what it was."""
        self.check_factors()
        assert queue(self.cluster) == self.rows
        self.check_held(self.held)
        self.check_refusal()


@pytest.fixture(scope="module")
def loads(sites, user):
    return [Load(site, user) for site in sites]


# -- who is in control ---------------------------------------------------------------------------------------------------

def in_control(cluster):
    """The controller whose word counts, None in between."""
    done = cluster.run(["scontrol", "show", "config"], check=False)
    line = next((line for line in done.stdout.splitlines() if line.startswith("SlurmctldLogFile")), "")
    return line and ("backup" if line.endswith("-backup.log") else "ctld")


def wait_control(loads, name):
    for load in loads:
        load.cluster.wait(lambda c=load.cluster: in_control(c) == name, what=f"{name} in control")
        load.site.controller = name


def take_over(cluster):
    cluster.run(["scontrol", "takeover"])


def crash(cluster):
    cluster.wait_saved()
    cluster.kill("ctld")


def to_backup(loads, how):
    with concurrent.futures.ThreadPoolExecutor(len(loads)) as pool:
        list(pool.map(how, [load.cluster for load in loads]))
    wait_control(loads, "backup")


def to_primary(loads):
    for load in loads:
        load.cluster.restart("ctld")
    wait_control(loads, "ctld")
    for load in loads:
        stand_by(load.cluster)


def stand_by(cluster):
    """Slurm 22.05 itself, without any plugin of ours, now and then never ends the backup's time in control (its thread that
    purges files misses its wake-up), while the primary goes on. It is then ended here, and started again."""
    try:
        cluster.wait(lambda: "backup" in cluster.up(), what="backup standing by")
    except ClusterError:
        cluster.kill("backup")
        cluster.restart("backup")


# -- tests, in this order ------------------------------------------------------------------------------------------------

def test_lanes_and_budget_survive_a_takeover(loads):
    to_backup(loads, take_over)
    for load in loads:
        load.check()
        load.cluster.run(["scancel", load.over_budget()])


def test_the_backup_releases_what_was_held_for_the_budget(loads):
    for load in loads:
        load.cluster.run(["scancel", load.hour])
        assert load.cluster.wait_job(load.held) == "COMPLETED"
        load.hour = load.cluster.sbatch("-A", "hour", "--gpus=1", "-t50", script="sleep 2900", user=load.user)
        load.cluster.wait_job(load.hour, "RUNNING")
        load.held = load.over_budget()
        load.rows = queue(load.cluster)


def test_they_survive_the_way_back(loads):
    to_primary(loads)
    for load in loads:
        load.check()


def test_they_survive_a_crash_of_the_primary(loads):
    to_backup(loads, crash)
    for load in loads:
        load.check()


def test_a_backup_that_stands_by_leaves_jobs_alone(loads):
    """It has the jobs of its time in control still in memory, and may neither hold nor release nor start them."""
    early = [load.too_early(20) for load in loads]
    to_primary(loads)
    before = [len(load.cluster.ctld_log("backup")) for load in loads]
    for load, job, length in zip(loads, early, before):
        assert load.cluster.wait_job(job) == "COMPLETED"
        load.check()
        assert "job_submit/aif: JobId" not in load.cluster.ctld_log("backup")[length:]


def test_the_share_that_was_used_up_is_still_closed(loads):
    """After all of that, for a job that comes now."""
    for load in loads:
        closed, used = share(load.cluster)
        assert closed and used >= load.used
        job = waiting(load.cluster, load.user, "pg")
        load.cluster.wait(lambda c=load.cluster, j=job: j in site_factors(c), what=f"job {job} in sprio")
        assert site_factors(load.cluster)[job] == 0
        load.cluster.run(["scancel", job])


def test_the_fast_lane_still_starts_first(loads):
    for load in loads:
        load.cluster.run(["scancel", load.filler, load.hour])
        for job in load.factors:
            load.cluster.wait_job(job, "COMPLETED")
    for load in loads:
        check_once(load)


def check_once(load):
    """Every job ran once, those of the lane first."""
    runs = load.cluster.wait(lambda: ended(load), what="the end of every job in accounting")
    assert len({job for job, _start in runs}) == len(runs)
    starts = {BASE: [], 0: [], OTHERS: []}
    for job, start in runs:
        starts[load.factors[job.partition("_")[0]]].append(start)
    assert max(starts[BASE]) <= min(starts[0] + starts[OTHERS])


def ended(load):
    """(job or task, start) of each run of the jobs that waited, as slurmdbd has them; None while one is missing."""
    rows = [(job, start) for job, state, start in load.cluster.sacct("-D", "-o", "jobid,state,start")
            if job.partition("_")[0] in load.factors and state == "COMPLETED"]
    return rows if len(rows) >= len(load.factors) + 2 else None


def test_nothing_at_level_error_from_us(loads):
    for load in loads:
        for name in load.cluster.controllers():
            assert our_errors(load.cluster.ctld_log(name)) == []
