"""One start of slurmctld for `tests/bench select`: what its schedulers and the submit RPC take."""

import re
import subprocess
import time

from clusterlib import ClusterError, procs

from . import select_load
from .cloud import BACKFILL_ALONE, CloudController

TIMEOUT = 900
REST = 15  # seconds in which the main scheduler would have started what it can
COUNTS = re.compile(r"aif: placement: (.*)")


class SelectController(CloudController):
    """`submit`: the program submit_gpu. Sides are (plugin directories, topology)."""

    def __init__(self, submit, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.submit_gpu = submit
        self.counts = []  # what the wrapper counted, of each start

    def submit(self, lines, name, partition):
        done = subprocess.run([self.submit_gpu, name, partition], input="\n".join(lines) + "\n", env=self.env(), text=True, capture_output=True,
                              check=False, timeout=TIMEOUT)
        if done.returncode:
            raise ClusterError(f"submit_gpu: {done.stderr.strip()}")

    def make_state(self, side, percent, jobs, queued, blocker):
        """A state with so many of 100 GPUs in use, and a queue of `queued` jobs that cannot start as their partition is down: the first
        `jobs` of them fit, the next one, of `blocker` of 100 nodes, does not. Returns where it is.
        Made once, as stock Slurm takes minutes for the queue."""
        lines = select_load.filling(self.nodes, percent)
        self.start(*side)
        try:
            self.reset_counters()
            if lines:
                self.submit(lines, "fill", "gpu")
            self._wait(lambda: self.jobs_started() >= len(lines), "jobs that fill the machine")
            self.set_partition("DOWN")
            self.submit(select_load.starting(jobs) + select_load.waiting(self.nodes, queued - jobs, blocker), "queue", "gpu")
        finally:
            self.stop()
        return self.put_aside(percent)

    def main(self, side, state, jobs):
        """Mean time of the submit RPC for jobs that start in it, and of the main scheduler per job that it starts out of the queue."""
        self._start(side, state)
        try:
            self._warm_up()
            self.reset_counters()
            self.submit(select_load.starting(jobs), "bench", "open")
            self._wait_started(side, jobs)
            figures = {"submit_rpc_us": self.rpc_mean("REQUEST_SUBMIT_BATCH_JOB")}
            self.run(["scancel", "--name=bench", "--state=PENDING"])
            self._release()
            self._wait(lambda: self.main_cycles()[0], "the main scheduler")
            started = self._wait_started(side, jobs)
            figures |= {"cycle_us": self.main_cycles()[1] / started, "started": started}
            self._count(side)
            return figures
        finally:
            self.stop()

    def backfill(self, side, state, tests):
        """Mean time of a backfill cycle per job tried, `tests` of the queue."""
        self._start(side, state, BACKFILL_ALONE.format(tests=tests))
        try:
            self._warm_up()
            self._release()
            self._wait(lambda: self.backfill_cycles()[2], "backfill")
            _cycles, total, tried = self.backfill_cycles()
            started = self.jobs_started()
            self._count(side)
            return {"backfill_us": total / tried, "backfilled": started}
        finally:
            self.stop()

    # -- parts ----------------------------------------------------------------------------------------------------

    def _start(self, side, state, *parameters):
        self.start(*side, *parameters, partition="DOWN", state=state)
        if side[0] and "aif: select wrapper" not in self._own_log():
            raise ClusterError(f"{side[0][0]}: slurmctld did not take the wrapper from there")

    def _own_log(self):
        return self.ctld_log().rpartition("slurmctld version")[2]

    def _warm_up(self):
        """What is built at the first job of all is no part of a job's cost. slurmctld resets its counters once by itself in these seconds."""
        self.submit(["1 1 60 -"], "warm", "open")
        self._wait(lambda: not self.run(["squeue", "-h", "-t", "PD", "-n", "warm"]).stdout, "the first job")
        time.sleep(2)

    def _release(self):
        """All jobs of the queue at once."""
        self.reset_counters()
        self.set_partition("UP")

    def _wait(self, test, what):
        if not procs.wait_until(test, TIMEOUT, 0.5):
            raise ClusterError(f"{what}: not done in {TIMEOUT} s")

    def _wait_started(self, side, jobs):
        """Until so many jobs run, and how many do. Topology/block lets jobs wait that all others start: there, until no more start."""
        def done():
            now = self.jobs_started()
            if now != seen[0]:
                seen[:] = now, time.monotonic()
            return now >= jobs or now and side[1] == "block" and time.monotonic() - seen[1] > REST
        seen = [-1, 0]
        self._wait(done, "jobs that fit")
        return seen[0]

    def _count(self, side):
        """What the wrapper counted since this start: it logs that when slurmctld has a partition changed."""
        if not side[0]:
            return
        self.run(["scontrol", "setdebug", "debug"])
        self.set_partition("DOWN")
        found = COUNTS.findall(self._own_log())
        if not found:
            raise ClusterError("the wrapper does not log its counters")
        self.counts.append(found[-1])
