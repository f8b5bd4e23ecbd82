"""The controller of tests/bench site_factor: one real slurmctld with a long queue that nothing starts, its decay thread
timed and called by site_factor_timer.c."""

import mmap
import os
import shutil
import struct
import subprocess
import tempfile
import time
from pathlib import Path

from clusterlib import ClusterError, Options, procs

from . import decide_site
from .preload import PreloadedCluster

LANE = "fast-lane"
LANE_BASE = 100000
RECHECK = 3  # seconds between two looks of the plugin's own thread
CLIENTS = 3
SUBMIT_TIMEOUT = 3600
PASS_TIMEOUT = 600
STRIDE = 7919
# struct bench_board of site_factor_timer.h
HEAD, PASS, PASSES_MAX = "=QQqQQ", "=6Q", 1024
WANTED, DONE, LOOK = 0, 8, 32
WEIGHTS = ("PriorityWeightAge=10000", "PriorityWeightFairshare=100000", "PriorityWeightJobSize=1000",
           "PriorityWeightPartition=1000", "PriorityWeightQOS=10000")


class TimedCluster(PreloadedCluster):
    start_timeout = 600  # it reads the whole queue


class LongQueue:
    """`with LongQueue(...) as queue:` then fill(jobs) and as many one_pass() as wanted."""

    def __init__(self, prefix, timer, submit, listed, keep=False):
        self.prefix, self.timer, self.submit, self.listed, self.keep = prefix, timer, submit, listed, keep
        self.usable = [a for a in listed if decide_site.is_usable(a)]
        self.directory = Path(tempfile.mkdtemp(prefix="aifb-", dir=_place()))
        self.cluster = self._memory = None

    def __enter__(self):
        self.directory.chmod(0o755)
        try:
            self.cluster = TimedCluster.create(self.directory, self._options())
            self._write_site()
            self.cluster.stop("ctld")
            decide_site.fill_accounting(self.cluster, self.listed)
            self._make_board()
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc):
        if self.cluster:
            self.cluster.down()
        if not self.keep:
            shutil.rmtree(self.directory, ignore_errors=True)

    def _options(self):
        return Options(nodes=1, name="bench", prefix=str(self.prefix), plugins="site_factor",
                       conf_lines=[*WEIGHTS, "MaxJobCount=200000", "AccountingStorageEnforce=associations,limits,safe",
                                   "SlurmctldDebug=error", "MessageTimeout=100", "MinJobAge=100000",
                                   # Nothing but submissions and the decay thread: the schedulers sleep.
                                   "SchedulerParameters=defer,bf_interval=10000,sched_interval=10000,"
                                   "sched_min_interval=100000000"])

    def _write_site(self):
        policy = decide_site.policy()
        # Urgency that rises from the start, and levelling: every job of the lane has other points at every look.
        policy["modes"][LANE]["lane"] = {"base": LANE_BASE, "target": "12:00:00", "from": 0, "urgency": 400000, "level": True}
        policy["shares"] = [{"title": "Lanes", "modes": [LANE, "playground"], "percent": 10},
                            {"title": "Science", "modes": ["science"], "percent": 25}]
        policy["budget"] = {"recheck": RECHECK}
        decide_site.write(self.cluster.layout.aif, self.listed, policy)

    def _make_board(self):
        path = self.directory / "run" / "board"
        path.write_bytes(bytes(struct.calcsize(HEAD) + PASSES_MAX * struct.calcsize(PASS)))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 0)
        self.cluster.preload, self.cluster.preload_env = self.timer, {"BENCH_BOARD": path}

    def _start(self):
        """slurmctld with a node that takes no jobs; the database away, so that it does not use the processors."""
        self.cluster.restart("ctld")
        self.cluster.wait(lambda: self._nodes("idle") or self._nodes("drained"), what="node")
        self.cluster.run(["scontrol", "update", "NodeName=n1", "State=DRAIN", "Reason=bench"])
        self.cluster.wait(lambda: self._nodes("drained"), what="drained node")
        for name in ("dbd", "db"):
            self.cluster.stop(name)

    def use_priority_plugin(self):
        """From now on priority/aif in place of site_factor/aif, with the same jobs."""
        for name in ("db", "dbd"):
            self.cluster.restart(name)
        self.cluster.stop("ctld")
        self.cluster.conf("PrioritySiteFactorPlugin=")
        self.cluster.conf("PriorityType=priority/aif")
        self._start()

    def _nodes(self, state):
        return self.cluster.run(["sinfo", "-h", "-t", state, "-o", "%D"]).stdout.strip() == "1"

    # -- the queue ------------------------------------------------------------------------------------------------

    def fill(self, jobs):
        """Submit that many pending jobs, over the allocations in an order that is not theirs; returns seconds."""
        begun = time.monotonic()
        parts = [range(i, jobs, CLIENTS) for i in range(CLIENTS)]
        clients = [self._client(i, part) for i, part in enumerate(parts)]
        try:
            if not procs.wait_until(lambda: all(c.poll() is not None for c in clients), SUBMIT_TIMEOUT, 0.2):
                raise ClusterError(f"{jobs} jobs were not submitted in {SUBMIT_TIMEOUT} s")
        finally:
            for client in clients:
                client.kill()
                client.wait()
        failed = [i for i, client in enumerate(clients) if client.returncode]
        if failed:
            raise ClusterError((self.directory / f"submit{failed[0]}.err").read_text().strip() or "submit failed")
        return time.monotonic() - begun

    def _client(self, i, numbers):
        jobs, errors = (self.directory / f"submit{i}.{end}" for end in ("jobs", "err"))
        jobs.write_text("".join(" ".join(map(str, self._job(n))) + "\n" for n in numbers))
        # Each job is stored with its environment: keep it short.
        env = {key: self.cluster.env()[key] for key in ("SLURM_CONF", "PATH")}
        with jobs.open() as given, errors.open("w") as said:
            return subprocess.Popen([str(self.submit), "pending"], stdin=given, stderr=said, env=env)

    def _job(self, i):
        """ACCOUNT QOS COMMENT GPUS"""
        alloc = self.usable[i * STRIDE % len(self.usable)]
        return alloc["account"], decide_site.qos(alloc), "bench", 1 + i % 4

    def lane_jobs(self, jobs):
        return sum(self.usable[i * STRIDE % len(self.usable)]["mode"] == LANE for i in range(jobs))

    def site_factors(self):
        """How many pending jobs have which SITE component."""
        counts = {}
        for value in self.cluster.run(["sprio", "-h", "-o", "%S"], timeout=300).stdout.split():
            counts[int(value)] = counts.get(int(value), 0) + 1
        return counts

    # -- measuring ------------------------------------------------------------------------------------------------

    def plugin_bytes(self):
        """What the plugin has allocated now."""
        _wanted, _done, size, lost, _look = struct.unpack_from(HEAD, self._memory)
        if lost:
            raise ClusterError(f"{lost} allocations of the plugin could not be counted")
        return size

    def one_pass(self, jobs):
        """One pass of the decay thread: milliseconds of our refresh and of multifactor's own walks over the same jobs."""
        number = self._ask()
        if not procs.wait_until(lambda: self._read(DONE) > number, PASS_TIMEOUT, 0.02):
            raise ClusterError(f"the decay thread made no pass in {PASS_TIMEOUT} s")
        offset = struct.calcsize(HEAD) + number * struct.calcsize(PASS)
        *times, found = struct.unpack_from(PASS, self._memory, offset)
        if found != jobs:
            raise ClusterError(f"the decay thread saw {found} jobs, not {jobs}")
        names = ("refresh_ms", "refresh_cpu_ms", "slurm_ms", "slurm_cpu_ms", "pass_ms")
        return {name: ns / 1e6 for name, ns in zip(names, times)}

    def _ask(self):
        done = self._read(DONE)
        struct.pack_into("=Q", self._memory, WANTED, done + 1)
        return done

    def _read(self, offset):
        return struct.unpack_from("=Q", self._memory, offset)[0]

    def look_ms(self):
        """Processor time of a look at all jobs by the plugin's own thread: the most that it took in two of its periods."""
        struct.pack_into("=Q", self._memory, LOOK, 0)
        time.sleep(2 * RECHECK + 1)
        return self._read(LOOK) / 1e6


def _place():
    """In memory where there is some: slurmctld writes files for every job, and all of its state again and again."""
    shm = Path("/dev/shm")
    return os.environ.get("AIF_TEST_TMP") or (shm if os.access(shm, os.W_OK) else "/tmp")
