"""The controller side of tests/bench residency: one real cluster with slurmdbd and thousands of nodes of a cloud, whose slurmctld is
started again and again with our plugins and with Slurm's own."""

import json
import os
import re
import shutil
import statistics
import struct
import tempfile
from pathlib import Path

from clusterlib import ClusterError, Options, config

from . import select_load
from .cloud import GPUS, MAIN_ALONE, CloudController
from .preload import PreloadedCluster

KINDS = ("tagged", "untagged")
MODE = "fast-lane"
ACCOUNTS = {"tagged": "EHPC-AIF-2026FL01-991", "untagged": "EHPC-AIF-2026FL01-046"}
COMMENTS = {"tagged": f"aif:mode={MODE},residency=FI|SE|NO", "untagged": f"aif:mode={MODE}"}
CORES = 16  # per socket and GPU
LEAF = 16
BATCH = 25  # submissions
TIMEOUT = 600
TIMES_MAX = 65536  # of hooktimer.c
COUNTER = "=Q"


class ResidencyController:
    """`with ResidencyController(...) as ctld:` then measure("ours", ...), measure("stock", ...) as often as needed."""

    def __init__(self, prefix, programs, nodes, keep=False):
        self.prefix, self.nodes, self.keep = prefix, nodes, keep
        self.hooktimer, self.submit_gpu = programs
        self.directory = Path(tempfile.mkdtemp(prefix="aifb-", dir=os.environ.get("AIF_TEST_TMP", "/tmp")))
        self.cluster = self.times = None

    def __enter__(self):
        self.directory.chmod(0o755)
        try:
            self.cluster = PreloadedCluster.create(self.directory, self._options(), start=False)
            self.times = self.directory / "run" / "hook"
            self.cluster.preload, self.cluster.preload_env = self.hooktimer, {"BENCH_HOOK_TIMES": self.times}
            self._write_site()
            self.cluster.start()
            self.cluster.run(["aif", "apply"], timeout=TIMEOUT)
            self.cluster.stop("ctld")
            self.cluster.stop("n1")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc):
        if self.cluster:
            self.cluster.down()
        if not self.keep:
            shutil.rmtree(self.directory, ignore_errors=True)

    # -- the site -------------------------------------------------------------------------------------------------

    def _options(self):
        return Options(nodes=1, gpus=GPUS, name="bench", prefix=str(self.prefix), plugins="job_submit,select", conf_lines=[
            "SlurmctldDebug=info", "MessageTimeout=100", f"SchedulerParameters={MAIN_ALONE}", "PrivateData=cloud", "SlurmdTimeout=0",
            "SlurmctldParameters=power_save_interval=36000,power_save_min_interval=36000", "ResumeProgram=/bin/true",
            "SuspendProgram=/bin/true", "SuspendTime=86400", "ResumeTimeout=60000", "SuspendTimeout=30", "ResumeRate=0", "SuspendRate=0",
            f"NodeName={self._names()} CPUs={GPUS * CORES} Sockets={GPUS} CoresPerSocket={CORES} ThreadsPerCore=1 RealMemory=400000 "
            f"Gres=gpu:{GPUS} State=CLOUD", "PartitionName=cloud Nodes=ALL MaxTime=1-0 DefaultTime=60"])

    def _names(self):
        return f"c[0-{self.nodes - 1}]"

    def _write_site(self):
        """Half of the nodes in one country, half in another, both inside of the tag; one location by a feature that no node has."""
        layout, half = self.cluster.layout, self.nodes // 2
        policy = {"version": 1, "cluster": "bench", "modes": {MODE: {"code": "FL", "open": True, "wall_max": "1-00:00:00"}},
                  "placement": {"mode": "off"},
                  "residency": {"home": "FI", "locations": [{"nodes": f"c[0-{half - 1}]", "country": "FI"},
                                                            {"nodes": f"c[{half}-{self.nodes - 1}]", "country": "SE"},
                                                            {"feature": "loc_US", "country": "US"}]},
                  "report": {"ledger": "/nonexistent/ledger.db", "interval": 300, "overlap": 86400}}
        listed = [dict({"id": name, "account": kind, "mode": MODE, "amount": 10000000, "unit": "gpu-hour", "start": "2020-01-01",
                        "end": "2099-12-31", "members": [config.user_name()]}, **({"residency": "EEA30"} if kind == "tagged" else {}))
                  for kind, name in ACCOUNTS.items()]
        layout.aif.mkdir(exist_ok=True)
        (layout.aif / "policy.json").write_text(json.dumps(policy))
        (layout.aif / "allocations.json").write_text(json.dumps({"version": 1, "allocations": listed}))
        with (layout.etc / "gres.conf").open("a") as file:
            for i in range(GPUS):
                file.write(f"NodeName={self._names()} Name=gpu File={layout.root}/dev/gpu{i} Cores={i * CORES}-{(i + 1) * CORES - 1}\n")
        leaves = [f"c[{first}-{min(first + LEAF, self.nodes) - 1}]" for first in range(0, self.nodes, LEAF)]
        (layout.etc / "topology.conf").write_text("".join(f"SwitchName=leaf{i} Nodes={hosts}\n" for i, hosts in enumerate(["n1", *leaves])) +
                                                  f"SwitchName=core Switches=leaf[0-{len(leaves)}]\n")

    # -- measuring ------------------------------------------------------------------------------------------------

    def measure(self, side, kinds, jobs, submissions):
        """One start of slurmctld, in microseconds per job: for each kind a cycle that starts its jobs and, of ours, the time of the
        submit hook (mean and median of a quick series, and mean of those that Slurm looks for nodes in between) and the wrapper's
        own part of the cycle. Stock starts jobs of the same accounts, none of which has a tag for it."""
        self._restart(side)
        figures = {}
        if side == "ours":
            self._hooks(kinds, submissions, figures)
        for kind in kinds:
            self._cycle(side, kind, jobs, figures)
        self.cluster.stop("ctld")
        return figures

    def _restart(self, side):
        """slurmctld with an empty queue: its state is removed."""
        state = self.directory / "state"
        shutil.rmtree(state)
        state.mkdir(mode=0o700)
        self.times.unlink(missing_ok=True)
        install = self.cluster.install
        ours = f"{self.cluster.options.prefix}/lib/slurm-aif:" if side == "ours" else ""
        self.cluster.conf(f"PluginDir={ours}{install.plugin_dir}", f"JobSubmitPlugins={'aif' if ours else ''}",
                          f"SelectType={install.select_type if ours else 'select/cons_tres'}")
        self.cluster.restart("ctld")
        if ours and "aif: select wrapper" not in self.cluster.ctld_log().rpartition("slurmctld version")[2]:
            raise ClusterError("slurmctld did not take the wrapper")
        CloudController._prefer(_Controller(self.cluster.pid("ctld")))
        self._set_partition("UP")
        for kind in KINDS:
            self._submit("warm", kind, select_load.starting(2))
        self._set_partition("DOWN")

    def _submit(self, name, kind, lines):
        self.cluster.run([str(self.submit_gpu), name, "cloud", kind, ACCOUNTS[kind].lower(), COMMENTS[kind]], stdin="\n".join(lines) + "\n",
                         timeout=TIMEOUT)

    def _set_partition(self, state):
        self.cluster.run(["scontrol", "update", "PartitionName=cloud", f"State={state}"])

    def _hooks(self, kinds, count, figures):
        """Short series of one kind and the other. The partition is down, so that Slurm does nothing with the jobs."""
        times = {kind: [] for kind in kinds}
        for first in range(0, count, BATCH):
            for kind in kinds:
                times[kind] += self._timed_submit("series", kind, min(BATCH, count - first))
        for kind in kinds:
            figures[f"{kind}_hook_us"] = statistics.mean(times[kind])
            figures[f"{kind}_hook_median_us"] = statistics.median(times[kind])

    def _timed_submit(self, name, kind, count):
        before = len(self._hook_times())
        self._submit(name, kind, select_load.starting(count))
        took = self._hook_times()[before:]
        if len(took) != count:
            raise ClusterError(f"{len(took)} calls of the submit hook for {count} jobs")
        return [ns / 1000 for ns in took]

    def _cycle(self, side, kind, jobs, figures):
        """The jobs are to begin in an hour at first, so that they are looked at, get their tickets, and wait."""
        self._set_partition("UP")
        if side == "ours":
            figures[f"{kind}_cold_hook_us"] = statistics.mean(self._timed_submit(kind, kind, jobs))
        else:
            self._submit(kind, kind, select_load.starting(jobs))
        if side == "ours" and kind == "tagged":
            self.cluster.wait(lambda: self._sealed() >= jobs, what="tickets of all jobs")
        self._set_partition("DOWN")
        self.cluster.run(["scontrol", "update", f"JobName={kind}", "StartTime=now"], timeout=TIMEOUT)
        self.cluster.run(["sdiag", "--reset"])
        before = self._select_times()
        self._set_partition("UP")
        self.cluster.wait(lambda: self._counted("Jobs started") >= jobs and self._cycles()[0], what="jobs that start")
        outer, inner, calls = (b - a for a, b in zip(before, self._select_times()))
        figures[f"{kind}_cycle_us"] = self._cycles()[1] / jobs
        if side == "ours":
            figures.update({f"{kind}_own_us": (outer - inner) / 1000 / jobs, f"{kind}_calls": calls})
        self._set_partition("DOWN")

    def _sealed(self):
        """Tagged jobs of the cycle that have their tickets: those are noted when they get them. The warm ones come on top."""
        files = (self.directory / "state" / "aif_audit").glob("*.jsonl")
        return sum(path.read_text().count('"kind":"accept"') for path in files) - 2

    # -- what is counted ------------------------------------------------------------------------------------------

    def _hook_times(self):
        """Nanoseconds per call since slurmctld started."""
        data = self.times.read_bytes()
        return struct.unpack_from(f"={struct.unpack_from(COUNTER, data)[0]}Q", data, 16)

    def _select_times(self):
        """Nanoseconds in the select plugin's hooks, those of them in the plugin behind it, and the number of calls."""
        with self.times.open("rb") as file:
            file.seek(8 * (2 + TIMES_MAX))
            return struct.unpack("=3Q", file.read(24))

    def _cycles(self):
        """(number, total time in microseconds) of the main scheduler's cycles since the last reset."""
        block = self._sdiag().partition("Main schedule statistics")[2].partition("Backfilling")[0]
        count = _number(block, "Total cycles")
        return count, count * _number(block, "Mean cycle")

    def _counted(self, name):
        return _number(self._sdiag(), name)

    def _sdiag(self):
        return self.cluster.run(["sdiag"]).stdout


class _Controller:
    """What CloudController._prefer() wants to know."""

    def __init__(self, pid):
        self._pids = {"slurmctld": pid}


def _number(text, name):
    found = re.search(rf"{name}:\s*(\d+)", text)
    return int(found[1]) if found else 0
