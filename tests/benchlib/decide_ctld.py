"""The controller side of tests/bench decide: one real cluster with slurmdbd, whose slurmctld is started again and again
with another job_submit plugin, its hook timed by hooktimer.c."""

import os
import re
import shutil
import statistics
import struct
import tempfile
from pathlib import Path

from clusterlib import Cluster, ClusterError, Options, config

from . import decide_site

HERE = Path(__file__).resolve().parent
CHUNK = 500
STRIDE = 7919
WARM = 3  # jobs that go ahead, so that what happens once after a start is not counted


class DecideCluster(Cluster):
    """A cluster whose slurmctld runs with a library preloaded."""

    preload = times = None

    def _command(self, name):
        argv, log = super()._command(name)
        if name == "ctld" and self.preload:
            argv = ["/usr/bin/env", f"LD_PRELOAD={self.preload}", f"BENCH_HOOK_TIMES={self.times}", *argv]
        return argv, log


class DecideController:
    """`with DecideController(...) as ctld:` then measure("aif"), measure("lua"), measure("none") as often as needed."""

    def __init__(self, prefix, hooktimer, listed, keep=False):
        self.prefix, self.hooktimer, self.listed, self.keep = prefix, hooktimer, listed, keep
        self.usable = [a for a in listed if decide_site.is_usable(a)]
        self.directory = Path(tempfile.mkdtemp(prefix="aifb-", dir=os.environ.get("AIF_TEST_TMP", "/tmp")))
        self.cluster = None

    def __enter__(self):
        self.directory.chmod(0o755)
        try:
            self.cluster = DecideCluster.create(self.directory, self._options())
            self.cluster.preload, self.cluster.times = self.hooktimer, self.directory / "run" / "hook"
            self._write_site()
            self.cluster.stop("ctld")
            self._fill_accounting()
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
                       conf_lines=["AccountingStorageEnforce=associations,limits,safe", "SlurmctldDebug=info",
                                   "MessageTimeout=100", "JobSubmitPlugins=",
                                   # Nothing but submissions: the schedulers sleep.
                                   "SchedulerParameters=bf_interval=10000,sched_interval=10000,sched_min_interval=100000000"])

    def _write_site(self):
        layout = self.cluster.layout
        decide_site.write(layout.aif, self.listed)
        (layout.etc / "site.lua").write_text(decide_site.lua_table(self.listed))
        policy = (HERE / "decide_policy.lua").read_text().replace("@SITE@", str(layout.etc / "site.lua"))
        (layout.etc / "job_submit.lua").write_text(policy)

    def _fill_accounting(self):
        """What `aif apply` would make, but only the one user who submits; in few calls, since there is a lot of it."""
        accounts = sorted({a["account"] for a in self.listed})
        for names in _chunks(sorted(map(decide_site.qos, self.listed))):
            self._sacctmgr("add", "qos", ",".join(names), "flags=NoDecay,DenyOnLimit",
                           f"GrpTRESMins=gres/gpu={decide_site.AMOUNT * 60}", f"MaxWall={decide_site.WALL}")
        for names in _chunks(accounts):
            self._sacctmgr("add", "account", ",".join(names))
            self._sacctmgr("add", "user", config.user_name(), f"account={','.join(names)}")

    def _sacctmgr(self, *args):
        self.cluster.run(["sacctmgr", "-iQ", *args], timeout=600)

    # -- measuring ------------------------------------------------------------------------------------------------

    def measure(self, plugin, jobs):
        """One start of slurmctld with job_submit/aif, job_submit/lua or none: mean time of the submit RPC by sdiag, and the
        median and mean of the hook, in microseconds."""
        self._restart(plugin)
        for i in range(WARM):
            self._check(plugin, self._sbatch(i))
        warm = len(self._hook_times())
        self.cluster.run(["sdiag", "--reset"])
        for i in range(WARM, WARM + jobs):
            self._sbatch(i)
        figures = {"submit_rpc_us": self._rpc_mean(jobs)}
        times = self._hook_times()[warm:]
        if len(times) != (0 if plugin == "none" else jobs):
            raise ClusterError(f"job_submit/{plugin}: {len(times)} calls of the hook for {jobs} jobs")
        if times:
            figures.update(hook_us=statistics.median(times) / 1000, hook_mean_us=statistics.mean(times) / 1000)
        return figures

    def _restart(self, plugin):
        """slurmctld with an empty queue: its state is removed."""
        self.cluster.stop("ctld")
        state = self.directory / "state"
        shutil.rmtree(state)
        state.mkdir(mode=0o700)
        self.cluster.times.unlink(missing_ok=True)
        self.cluster.conf(f"JobSubmitPlugins={'' if plugin == 'none' else plugin}")
        self.cluster.restart("ctld")
        self.cluster.wait(lambda: self.cluster.run(["sinfo", "-h", "-t", "idle", "-o", "%D"]).stdout.strip() == "1",
                          what="idle node")

    def _sbatch(self, i):
        """The same job whatever the plugin is: account, QOS and mode are all given, so that Slurm's own work is the same.
        It is held, so that no time for its start is in it."""
        alloc = self.usable[i * STRIDE % len(self.usable)]
        return self.cluster.sbatch("--hold", "-N1", f"--gpus-per-node={1 + i % 4}", "-t60", "-A", alloc["account"],
                                   f"--qos={decide_site.qos(alloc)}", f"--comment=aif:mode={alloc['mode']}")

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
        if not self.cluster.times.exists():
            return ()
        data = self.cluster.times.read_bytes()
        count = struct.unpack_from("=Q", data)[0]
        return struct.unpack_from(f"={count}Q", data, 8)


def _chunks(names):
    return [names[i:i + CHUNK] for i in range(0, len(names), CHUNK)]
