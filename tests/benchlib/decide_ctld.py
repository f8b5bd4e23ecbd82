"""The controller side of tests/bench decide: one real cluster with slurmdbd, whose slurmctld is started again and again
with another job_submit plugin, its hook timed by hooktimer.c."""

import os
import re
import shutil
import statistics
import struct
import tempfile
from pathlib import Path

from clusterlib import ClusterError, Options

from . import decide_lua, decide_site
from .preload import PreloadedCluster

STRIDE = 7919
BATCH = 10  # jobs: short, since what disturbs a batch should not reach the one that it is compared with
WARM = 20  # jobs that go ahead, so that what happens once after a start is not counted


class DecideController:
    """`with DecideController(...) as ctld:` then measure("aif"), measure("lua"), measure("none") as often as needed."""

    def __init__(self, prefix, hooktimer, submit, listed, keep=False):
        self.prefix, self.hooktimer, self.submit, self.listed, self.keep = prefix, hooktimer, submit, listed, keep
        self.usable = [a for a in listed if decide_site.is_usable(a)]
        self.directory = Path(tempfile.mkdtemp(prefix="aifb-", dir=os.environ.get("AIF_TEST_TMP", "/tmp")))
        self.cluster = self.times = None

    def __enter__(self):
        self.directory.chmod(0o755)
        try:
            self.cluster = PreloadedCluster.create(self.directory, self._options())
            self.times = self.directory / "run" / "hook"
            self.cluster.preload, self.cluster.preload_env = self.hooktimer, {"BENCH_HOOK_TIMES": self.times}
            self._write_site()
            self.cluster.stop("ctld")
            decide_site.fill_accounting(self.cluster, self.listed)
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
        # One user may use every account here, with every QOS: so which QOS an association may use is not enforced.
        return Options(nodes=1, name="bench", prefix=str(self.prefix), plugins="job_submit",
                       conf_lines=[*(f"PartitionName={name} Nodes=n1 MaxTime=1-0" for name in decide_site.OTHER_PARTITIONS),
                                   "AccountingStorageEnforce=associations,limits,safe", "SlurmctldDebug=info",
                                   "MessageTimeout=100", "JobSubmitPlugins=",
                                   # Nothing but submissions: the schedulers sleep.
                                   "SchedulerParameters=bf_interval=10000,sched_interval=10000,sched_min_interval=100000000"])

    def _write_site(self):
        layout = self.cluster.layout
        decide_site.write(layout.aif, self.listed)
        (layout.etc / "site.lua").write_text(decide_lua.table(decide_site.policy(), self.listed))
        usage = layout.etc / "usage"
        usage.mkdir()
        for alloc in self.listed:
            (usage / decide_site.qos(alloc)).write_text(decide_lua.usage())
        (layout.etc / "job_submit.lua").write_text(decide_lua.policy(layout.etc / "site.lua", usage))

    # -- measuring ------------------------------------------------------------------------------------------------

    def measure(self, plugin, jobs):
        """One start of slurmctld with job_submit/aif, job_submit/lua or none, in microseconds: time of the submit RPC (median over
        batches of what sdiag calls its mean, so that what else slurmctld does in one of them does not count), and the median
        and mean of the hook."""
        self._restart(plugin)
        self._check(plugin, self._sbatch(0))
        self._submit(range(1, WARM))
        warm = len(self._hook_times())
        pairs = [self._pair(numbers, i % 2) for i, numbers in enumerate(_batches(jobs))]
        figures = {"submit_rpc_us": statistics.median(called for called, _ in pairs),
                   "rpc_vs_skipped": statistics.median(called / skipped for called, skipped in pairs)}
        times = self._hook_times()[warm:]
        if len(times) != (0 if plugin == "none" else jobs):
            raise ClusterError(f"job_submit/{plugin}: {len(times)} calls of the hook for {jobs} jobs")
        if times:
            figures.update(hook_us=statistics.median(times) / 1000, hook_mean_us=statistics.mean(times) / 1000)
        return figures

    def _pair(self, numbers, order):
        """The time of the RPC with the plugin and, in the same slurmctld right before or after it, with the plugin skipped."""
        times = {}
        for skip in (order, 1 - order):
            times[skip] = self._batch(numbers, skip)
        return times[0], times[1]

    def _batch(self, numbers, skip):
        self._skip(skip)
        self.cluster.run(["sdiag", "--reset"])
        self._submit(numbers)
        return self._rpc_mean(len(numbers))

    def _restart(self, plugin):
        """slurmctld with an empty queue: its state is removed."""
        self.cluster.stop("ctld")
        state = self.directory / "state"
        shutil.rmtree(state)
        state.mkdir(mode=0o700)
        self.times.unlink(missing_ok=True)
        self.cluster.conf(f"JobSubmitPlugins={'' if plugin == 'none' else plugin}")
        self.cluster.restart("ctld")
        self.cluster.wait(lambda: self.cluster.run(["sinfo", "-h", "-t", "idle", "-o", "%D"]).stdout.strip() == "1",
                          what="idle node")

    def _job(self, i):
        """The same job whatever the plugin is: account, QOS and mode are all given, so that Slurm's own work is the same.
        It is held, so that no time for its start is in it. (account, QOS, comment, GPUs)"""
        alloc = self.usable[i * STRIDE % len(self.usable)]
        return alloc["account"], decide_site.qos(alloc), f"aif:mode={alloc['mode']}", 1 + i % 4

    def _sbatch(self, i):
        account, qos, comment, gpus = self._job(i)
        return self.cluster.sbatch("--hold", "-N1", f"--gpus-per-node={gpus}", "-t60", "-A", account, f"--qos={qos}",
                                   f"--comment={comment}")

    def _submit(self, numbers):
        """The same jobs as _sbatch() makes, from one process: see submit.c."""
        lines = "".join(" ".join(map(str, self._job(i))) + "\n" for i in numbers)
        self.cluster.run([str(self.submit)], stdin=lines, timeout=600)

    def _check(self, plugin, job_id):
        """The plugin's mark must be on the job, or something else was measured."""
        marked = '"alloc":"EHPC-' in self.cluster.job(job_id).get("AdminComment", "")
        if marked != (plugin != "none"):
            raise ClusterError(f"job_submit/{plugin}: {'a' if marked else 'no'} mark on job {job_id}")

    def _rpc_mean(self, jobs):
        found = re.search(r"REQUEST_SUBMIT_BATCH_JOB\s*\(\s*\d+\)\s*count:(\d+)\s*ave_time:(\d+)",
                          self.cluster.run(["sdiag"]).stdout)
        if not found or int(found[1]) != jobs:
            raise ClusterError(f"sdiag: counted {found[1] if found else 'no'} submissions, not {jobs}")
        return int(found[2])

    def _hook_times(self):
        """Nanoseconds per call since slurmctld started."""
        if not self.times.exists():
            return ()
        data = self.times.read_bytes()
        count = struct.unpack_from("=Q", data)[0]
        return struct.unpack_from(f"={count}Q", data, 16)

    def _skip(self, skip):
        """Whether the plugin is called at all; see hooktimer.c."""
        if self.times.exists():
            with self.times.open("r+b") as file:
                file.seek(8)
                file.write(struct.pack("=Q", skip))


def _batches(jobs):
    """The numbers of the jobs that are counted, in equal parts."""
    return [range(WARM + at, WARM + min(at + BATCH, jobs)) for at in range(0, jobs, BATCH)]
