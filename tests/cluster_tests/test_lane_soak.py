"""Two hours of a busy machine, a minute in a second: Fast Lane, Playground and others on a cluster that is always full.

What is asserted is computed from what ran: who was passed by whom, and for how long. How long things took in seconds
depends on the machine that runs this, and is not.
"""

import json
import os
import random
import time

import pytest
from aifsite import Site, allocation, our_errors
from clusterlib import ClusterError

if os.geteuid():
    pytest.skip("several users are needed: run as root", allow_module_level=True)

FL, PG = "EHPC-AIF-2026FL01-991", "EHPC-AIF-2026PG01-905"
NODES, GPUS = 4, 4
SECONDS = 90         # of submissions; two hours are 120 of them, with what still waits then
TARGET, GUARD = 15, 15  # seconds
WINDOW, PERCENT = 60, 8
SLACK = 5            # a round of the scheduler, and whole seconds; looks of the lane thread come on top


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="job_submit,priority", nodes=NODES, gpus=GPUS, start=False,
                           conf_lines=["PriorityWeightFairshare=2000", "PriorityWeightJobSize=500"])
    members = cluster.users()[:3]
    site = Site(cluster, [allocation(FL, "fl", "fast-lane", amount=1000000, members=members),
                          allocation(PG, "pg", "playground", amount=1000000, members=members)])
    site.policy["budget"] = {"recheck": 1}
    site.policy["modes"]["fast-lane"]["lane"] = {"base": 0, "target": f"00:00:{TARGET}", "from": 50, "urgency": 400000,
                                                 "level": True}
    site.policy["modes"]["playground"]["lane"] = {"base": 50000}
    site.policy["lanes"] = {"window": "00:01:00", "guard": {"after": f"00:00:{GUARD}"}}
    site.policy["shares"] = [{"title": "Playground", "modes": ["playground"], "percent": PERCENT}]
    site.start()
    cluster.add_account("plain", members)
    for i, user in enumerate(members):
        cluster.sacctmgr("modify", "user", user, "where", "account=fl", "set", f"Fairshare={1 + 30 * i}")
    return site


class Run:
    """One run of one job, times in seconds since the epoch."""

    def __init__(self, row):
        self.job, self.account, self.state = int(row[0]), row[1], row[2]
        self.submit, self.start, self.end = map(int, row[3:6])
        self.gpus = int(row[6].partition("gres/gpu=")[2].partition(",")[0])

    def passes(self, other, since):
        """Whether this one took, from that moment on, what the other could have had: at least as much of one node."""
        return since < self.start < other.start and self.gpus >= other.gpus


class Soak:
    """Submits, and has afterwards what ran and what the share's state was meanwhile."""

    def __init__(self, cluster):
        self.cluster, self.chance, self.samples, self.passes, self.jobs = cluster, random.Random(4), [], set(), 0
        self.users = cluster.users()[:3]
        for _ in range(40):
            self.submit("plain")
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            self.submit(self.chance.choices(("fl", "pg", "plain"), (3, 4, 8))[0])
            self.sample()
            time.sleep(0.2)
        cluster.wait(self.is_over, 900, "the end of all jobs")
        try:
            self.runs = cluster.wait(self.ended, what="every job in accounting")
        except ClusterError as err:
            raise ClusterError(f"{err}; {self.rows} rows of {self.jobs}, not complete are {self.incomplete[:5]}") from err

    def submit(self, account):
        gpus = 2 if account == "fl" else self.chance.choice((1, 2, 2, 4))
        self.cluster.sbatch("-A", account, "-N1", f"--gpus={gpus}", "-t1", script=f"sleep {self.chance.randint(1, 3)}",
                            user=self.chance.choice(self.users))
        self.jobs += 1

    def sample(self):
        state = self.cluster.layout.root / "state"
        try:
            self.passes.add(int((state / "priority_last_decay_ran").stat().st_mtime))
            lanes = json.loads((state / "aif_lanes.json").read_text())
            self.samples.append((lanes["at"], lanes["shares"][0]["closed"]))
        except FileNotFoundError:
            pass

    def slack(self):
        looks = sorted({at for at, _closed in self.samples})
        return SLACK + max(later - look for look, later in zip(looks, looks[1:]))

    def has_decayed(self, moment):
        """Whether that second is between a pass of the decay thread, after which Slurm's own order counts, and the look of
        the lane thread that follows it."""
        looks = sorted({at for at, _closed in self.samples})
        return any(end - 1 <= moment <= min((at for at in looks if at > end), default=moment) + 1 for end in self.passes)

    def is_over(self):
        self.sample()
        return not self.cluster.run(["squeue", "-h"]).stdout

    def ended(self):
        text = self.cluster.run(["sacct", "-nPaXD", "-o", "jobid,account,state,submit,start,end,alloctres"],
                                env={"SLURM_TIME_FORMAT": "%s"}).stdout
        rows = [line.split("|") for line in text.splitlines()]
        self.rows, self.incomplete = len(rows), [row for row in rows if not row[5].isdigit() or "gres/gpu=" not in row[6]]
        return [Run(row) for row in rows] if not self.incomplete and self.rows >= self.jobs else None

    def of(self, *accounts):
        return sorted((run for run in self.runs if run.account in accounts), key=lambda run: run.job)


@pytest.fixture(scope="module")
def soak(site):
    pid = site.cluster.pid("ctld")
    made = Soak(site.cluster)
    made.unharmed = site.cluster.pid("ctld") == pid
    return made


def test_nothing_is_lost_or_run_twice(soak):
    assert len(soak.runs) == soak.jobs and len({run.job for run in soak.runs}) == soak.jobs
    assert {run.state for run in soak.runs} == {"COMPLETED"}


def test_the_cluster_was_full_and_the_lane_was_used(soak):
    """Else the others would show nothing."""
    waits = [run.start - run.submit for run in soak.of("plain")]
    assert max(waits) > GUARD
    assert any(fast.passes(other, other.submit) and fast.submit > other.submit
               for fast in soak.of("fl") for other in soak.of("plain"))


def test_lane_jobs_of_one_size_start_in_the_order_of_submission(soak):
    runs = soak.of("fl")
    assert len(runs) > 20
    for i, early in enumerate(runs):
        by = [(late.job, late.submit, late.start) for late in runs[i + 1:]
              if late.start < early.start and not soak.has_decayed(late.start)]
        assert not by, f"lane job {(early.job, early.submit, early.start)} was passed by {by}; decay passes: {soak.passes}"


def test_lane_jobs_start_within_their_target_where_there_is_room(soak):
    """A lane job that is late was passed, after its target, by nobody whom the guard had not lifted."""
    target = TARGET + soak.slack()
    for late in (run for run in soak.of("fl") if run.start - run.submit > target):
        by = [run.job for run in soak.of("plain", "pg")
              if run.passes(late, late.submit + target) and run.start - run.submit < GUARD]
        assert not by, f"lane job {late.job} was late and passed by {by}"


def test_nothing_starves(soak):
    """Once a job has waited for twice the guard's time, nothing takes its place that came later by more than that time:
    so much, and no more, is the best lane worth."""
    slack = soak.slack()
    for old in soak.of("plain", "pg"):
        by = [run.job for run in soak.runs
              if run.passes(old, old.submit + 2 * GUARD + slack) and run.submit > old.submit + GUARD + slack]
        assert not by, f"job {old.job} waited {old.start - old.submit} s and was passed by {by}"


def used(runs, now):
    """GPU-seconds in the window that ends now."""
    return sum(run.gpus * max(0, min(run.end, now) - max(run.start, now - WINDOW)) for run in runs)


def test_the_share_closes_its_lane_and_opens_it_again(soak):
    """As what ran says: within a second of each job, and two buckets of the window."""
    cap = NODES * GPUS * WINDOW * PERCENT / 100
    tolerance = NODES * GPUS * 2
    runs = soak.of("pg")
    seen = {at: closed for at, closed in soak.samples}
    assert set(seen.values()) == {True, False}
    for at, closed in seen.items():
        assert closed or used(runs, at) <= cap + tolerance
        assert not closed or used(runs, at) >= 0.95 * cap - tolerance


def test_slurmctld_is_unharmed(soak, site):
    assert soak.unharmed and our_errors(site.cluster.ctld_log()) == []
