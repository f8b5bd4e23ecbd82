"""Attempts to have a tagged job run on a foreign node, all in one queue: what sbatch and scontrol take (bypasstable.py). Jobs
without a tag run there meanwhile, or nothing was shown."""

import os
import re

import bypasssite
import pytest
from bypasssite import INSIDE
from bypasstable import SUBMISSIONS, UPDATES

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs users who are no operators: run as root")
ABROAD = {"n3", "n4", "n5"}
UNSEEN = {"n3", "n4", "n5", "future", "option-empty"}  # by slurmctld's plugins: no tag, no node at all, refused by sbatch itself
NO_NODES = "node configuration is not available"


class Attempt:
    """A row of the table, and what became of it."""

    def __init__(self, row, words):
        self.name, self.expect, self.words = row[0], row[-1], words.split()
        self.refused, self.said, self.job, self.nodes, self.without_tag = None, "", "", set(), None

    def must_end(self):
        return bool(self.job) and self.expect in ("no", "inside")


class Round:
    """Everything is submitted, then everything is waited for."""

    def __init__(self, site, prefix):
        self.site, self.cluster = site, site.cluster
        hosts = self.cluster.layout.root / "hosts"
        hosts.write_text("n4\n")
        self.names = {"HOST": str(hosts), "USER": site.user}
        self.conf = {"@client": site.own_conf("client", ""), "@forger": site.forger(prefix)}
        self.attempts = {}

    def run(self):
        for row in SUBMISSIONS:
            self.compare(self.submit(Attempt(row, row[2])))
        for node in sorted(ABROAD):
            control = self.submit(Attempt((node, "inside"), f"-A open -w {node}" + " --reservation=abroad" * (node == "n5")))
        for row in UPDATES:
            self.change(self.submit(Attempt(row, row[2])), row[3].replace("ABROAD", control.job).split())
        since = bypasssite.now()
        self.cluster.wait(lambda: self.is_over(since), what="every job to end or to wait")
        for row in self.queue("-t", "all"):
            for attempt in self.attempts.values():
                if attempt.job == row[0]:
                    attempt.nodes |= self.hosts(row[3])
        self.cluster.cancel_all()
        return self.attempts

    def submit(self, attempt):
        words = [self.names.get(word, word) for word in attempt.words]
        env = dict(word[1:].split("=", 1) for word in words if word.startswith("$"))
        for word in words:
            env.update(self.conf.get(word, {}))
        directive = "#SBATCH -w n4\n" if "@directive" in words else ""
        done = self.cluster.sbatch(*(word for word in words if word[0] not in "@$"), check=False, env=env,
                                   script=f"#!/bin/sh\n{directive}{self.site.leave(attempt.name)}\n",
                                   user=None if "@root" in words else self.site.user)
        attempt.refused, attempt.said, attempt.job = done.returncode != 0, done.stderr, done.stdout.strip()
        self.attempts[attempt.name] = attempt
        return attempt

    def compare(self, attempt):
        """Would the same be taken of an account without tag, where Slurm says that there are no nodes?"""
        if NO_NODES in attempt.said and attempt.words[:2] == ["-A", "fi"] and attempt.name != "future":
            other = Attempt((f"without-{attempt.name}", None), " ".join(attempt.words).replace("-A fi", "-A open --test-only"))
            attempt.without_tag = not self.submit(other).refused

    def change(self, attempt, words):
        assert not attempt.refused, attempt.said
        text = " ".join(words).replace("NEXT", str(int(attempt.job) + 1)).replace("JOB", attempt.job)
        first = [] if text.startswith("JobId=") else [f"JobId={attempt.job}"]
        done = self.cluster.run(["scontrol", "update", *first, *text.split()], user=self.site.user, check=False)
        attempt.refused, attempt.said = done.returncode != 0, done.stderr
        self.cluster.run(["scontrol", "release", attempt.job])

    def queue(self, *args):
        """(job, state, reason, nodes) of each job, array task and part of a het job."""
        rows = [line.split("|") for line in self.cluster.run(["squeue", "-h", "-r", "-o", "%i|%T|%r|%N", *args]).stdout.splitlines()]
        return [(re.split(r"[_+]", row[0])[0], *row[1:]) for row in rows]

    def is_over(self, since):
        ends = {attempt.job for attempt in self.attempts.values() if attempt.must_end()}
        return all(state == "PENDING" and job not in ends and self.site.is_settled(job, since)
                   for job, state, _, _ in self.queue())

    def hosts(self, text):
        return set(self.cluster.run(["scontrol", "show", "hostnames", text]).stdout.split()) if text else set()


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    site = bypasssite.make(make_cluster, prefix, bypasssite.far_away)
    site.cluster.run(["scontrol", "create", "reservation", "ReservationName=abroad", "Nodes=n5", "StartTime=now",
                      "Duration=120", f"Users={site.user}", "Flags=ignore_jobs,overlap"])
    return site


@pytest.fixture(scope="module")
def attempts(site, prefix):
    return Round(site, prefix).run()


@pytest.mark.parametrize("name", [row[0] for row in SUBMISSIONS + UPDATES])
def test_attempt(site, attempts, name):
    tried = attempts[name]
    traces = site.seen(name)
    assert tried.without_tag is not False, "this was not shown"
    assert traces | tried.nodes <= INSIDE
    assert tried.refused == (tried.expect == "no") or tried.expect == "safe", tried.said
    assert traces if tried.expect == "inside" else tried.expect != "waits" or not traces or name == "set-tasks"


def test_each_attempt_is_on_record(site, attempts):
    """A job that got into the queue has events of its own; who is refused never learns of a number."""
    tagged = [tried for name, tried in attempts.items() if tried.expect and name not in UNSEEN]
    jobs = {int(tried.job) for tried in tagged if tried.job}
    site.cluster.wait(lambda: jobs <= {number for event in site.audited() for number in (event["job"], event["parent"])},
                      what="events of every job")
    refused = [event for event in site.audited() if event["kind"] == "refuse" and not event["job"]]
    assert len(refused) >= len([tried for tried in tagged if "(AIF-R" in tried.said and not tried.job]) > 0


def test_jobs_without_a_tag_run_abroad(site, attempts):
    assert {node for node in ABROAD if site.seen(node) == {node} == attempts[node].nodes} == ABROAD


def test_nobody_started_the_cloud_but_a_job_without_a_tag(site, attempts):
    assert attempts and not site.seen("resumed")
    site.cluster.sbatch("-A", "open", "-p", "cloud", "-w", "cloud1", user=site.user)
    site.cluster.wait(lambda: site.seen("resumed"), what="a start of the node in the cloud")
    site.cluster.cancel_all()
