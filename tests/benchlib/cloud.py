"""A slurmctld with thousands of nodes and no slurmd: State=CLOUD nodes that never have to answer.

Resuming them is /bin/true and may take hours, so a job that was started stays "configuring" and holds its nodes. Only
munged and slurmctld run; every start begins with an empty state.
"""

import os
import re
import shutil
import tempfile
import uuid
from pathlib import Path

from clusterlib import ClusterError, Options, config, procs
from clusterlib.client import ClientMixin
from clusterlib.ports import PortBlock
from clusterlib.slurm import SlurmInstall

START_TIMEOUT = 120
GPUS = SOCKETS = 4


class CloudController(ClientMixin):
    """`with CloudController(nodes, leaf) as ctld:` then start(), stop() as often as needed."""

    def __init__(self, nodes, leaf, cores, keep=False):
        """Nodes of 4 GPUs on as many sockets of `cores` cores, `leaf` of them per leaf switch."""
        self.nodes, self.leaf, self.cores, self.keep = nodes, leaf, cores, keep
        self.options = Options(nodes=1)
        self.install = SlurmInstall()
        self.layout = config.Layout(tempfile.mkdtemp(prefix="aifb-", dir=os.environ.get("AIF_TEST_TMP", "/tmp")))
        self._mark = uuid.uuid4().hex
        self._ports = PortBlock(1)
        self._pids = {}

    def __enter__(self):
        try:
            self._port = self._ports.__enter__()[0]
            self.layout.root.chmod(0o755)
            self.layout.make_directories([])
            self._write_files()
            self._spawn("munge", [self.install.program("munged"), "--foreground", "--force",
                                  f"--key-file={self.layout.etc}/munge.key", f"--socket={self.layout.munge_socket}",
                                  f"--pid-file={self.layout.run}/munged.pid",
                                  f"--seed-file={self.layout.run}/munged.seed"],
                        self.layout.munge_socket.is_socket)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc):
        for name in list(self._pids):
            self._stop(name)
        self._ports.__exit__()
        if not self.keep:
            shutil.rmtree(self.layout.root, ignore_errors=True)

    # -- controller -----------------------------------------------------------------------------------------------

    def start(self, plugin_dirs):
        """Start slurmctld with an empty state and these directories before the stock plugins."""
        state = self.layout.root / "state"
        shutil.rmtree(state, ignore_errors=True)
        state.mkdir(mode=0o700)
        self._write_conf(plugin_dirs)
        self._spawn("slurmctld", [self.install.program("slurmctld"), "-D", "-c"], self._is_ready)

    def stop(self):
        self._stop("slurmctld")

    def _is_ready(self):
        if self.run(["scontrol", "ping"], check=False).returncode:
            return False
        idle = self.run(["sinfo", "-h", "-t", "idle", "-o", "%D"], check=False).stdout.split()
        return sum(map(int, idle)) == self.nodes

    def _spawn(self, name, argv, ready):
        env = dict(self.env(), **{procs.MARK: self._mark})
        self._pids[name] = procs.spawn(argv, env, self.layout.log / f"{name}.out")
        if not procs.wait_until(lambda: ready() or not procs.alive(self._pids[name]), START_TIMEOUT) or \
                not procs.alive(self._pids[name]):
            raise ClusterError(f"{name}: does not come up; {self._last_lines(name)}")

    def _stop(self, name):
        procs.stop([self._pids.pop(name)], 60)

    def _last_lines(self, name):
        texts = []
        for path in sorted(self.layout.log.glob(f"{name}.*")):
            texts += path.read_text(errors="replace").splitlines()[-3:]
        return f"its log ends: {' | '.join(texts) or '(empty)'}"

    # -- files ----------------------------------------------------------------------------------------------------

    def _write_files(self):
        etc = self.layout.etc
        config.make_devices(self.layout, GPUS)
        (etc / "munge.key").write_bytes(os.urandom(128))
        (etc / "munge.key").chmod(0o600)
        (etc / "cgroup.conf").write_text(config.cgroup_conf(self.install.version))
        (etc / "topology.conf").write_text(self._topology())
        (etc / "gres.conf").write_text("".join(
            f"NodeName={self._names()} Name=gpu File={self.layout.root}/dev/gpu{i} "
            f"Cores={i * self.cores}-{(i + 1) * self.cores - 1}\n" for i in range(GPUS)))

    def _names(self):
        return f"c[0-{self.nodes - 1}]"

    def _topology(self):
        count = -(-self.nodes // self.leaf)
        lines = [f"SwitchName=leaf{i} Nodes=c[{i * self.leaf}-{min((i + 1) * self.leaf, self.nodes) - 1}]"
                 for i in range(count)]
        return "\n".join([*lines, f"SwitchName=core Switches=leaf[0-{count - 1}]"]) + "\n"

    def _write_conf(self, plugin_dirs):
        layout, user = self.layout, config.user_name()
        plugins = ":".join([*map(str, plugin_dirs), self.install.plugin_dir])
        lines = [
            "ClusterName=bench", f"SlurmctldHost={config.short_hostname()}(127.0.0.1)", f"SlurmctldPort={self._port}",
            f"SlurmUser={user}", f"SlurmdUser={user}", "AuthType=auth/munge", f"AuthInfo=socket={layout.munge_socket}",
            f"StateSaveLocation={layout.root}/state", f"SlurmdSpoolDir={layout.root}/sp/%n",
            f"SlurmctldPidFile={layout.run}/slurmctld.pid", f"SlurmctldLogFile={layout.log}/slurmctld.log",
            "SlurmctldDebug=info", f"PluginDir={plugins}",
            "SelectType=select/cons_tres", "SelectTypeParameters=CR_Core", "TopologyPlugin=topology/tree",
            "GresTypes=gpu", "ProctrackType=proctrack/linuxproc", "TaskPlugin=task/none", "MpiDefault=none",
            "JobAcctGatherType=jobacct_gather/none", "MailProg=/bin/true", "PriorityType=priority/basic",
            "SwitchType=switch/none" if self.install.version < (23, 11) else "",
            # The main scheduler alone, and one cycle for all jobs that are released together.
            "SchedulerType=sched/backfill",
            "SchedulerParameters=bf_interval=10000,sched_min_interval=1000000,sched_interval=5,max_sched_time=60,"
            "default_queue_depth=10000",
            "PrivateData=cloud", "SlurmdTimeout=0", "SuspendTime=86400", "ResumeTimeout=60000", "SuspendTimeout=30", "ResumeRate=0",
            "ResumeProgram=/bin/true", "SuspendProgram=/bin/true", "MessageTimeout=100", "MaxJobCount=20000",
            f"NodeName={self._names()} CPUs={SOCKETS * self.cores} Sockets={SOCKETS} "
            f"CoresPerSocket={self.cores} ThreadsPerCore=1 RealMemory=400000 Gres=gpu:{GPUS} State=CLOUD",
            "PartitionName=gpu Nodes=ALL Default=YES MaxTime=1-0 DefaultTime=60 State=UP",
        ]
        layout.conf.write_text("\n".join(filter(None, lines)) + "\n")

    # -- measuring ------------------------------------------------------------------------------------------------

    def reset_counters(self):
        self.run(["sdiag", "--reset"])

    def main_cycles(self):
        """(number, total time in microseconds) of the main scheduler's cycles since the last reset."""
        block = self.run(["sdiag"]).stdout.partition("Main schedule statistics")[2].partition("Backfilling")[0]
        total = re.search(r"Total cycles:\s*(\d+)", block)
        mean = re.search(r"Mean cycle:\s*(\d+)", block)
        count = int(total[1]) if total else 0
        return count, count * int(mean[1]) if count and mean else 0

    def rpc_mean(self, name):
        """Mean time of a request's handling in microseconds since the last reset."""
        found = re.search(rf"{name}\s*\(\s*\d+\)\s*count:(\d+)\s*ave_time:(\d+)", self.run(["sdiag"]).stdout)
        if not found or not int(found[1]):
            raise ClusterError(f"sdiag has no {name}")
        return int(found[2])

    def started(self):
        """Number of jobs that hold nodes."""
        return len(self.run(["squeue", "-h", "-t", "CF,R", "-o", "%A"]).stdout.split())

    def cancel_all(self, timeout=120):
        self.run(["scancel", "-u", config.user_name()], check=False)
        if not procs.wait_until(lambda: not self.run(["squeue", "-h", "-t", "PD,CF,R"]).stdout.strip(), timeout, 0.2):
            raise ClusterError("jobs do not end")


def write_aif_conf(directory, placement=True):
    """A policy that only places, and no allocations."""
    directory = Path(directory)
    directory.mkdir(exist_ok=True)
    (directory / "policy.json").write_text(
        '{"version": 1, "cluster": "bench", "modes": {"science": {"open": true, "wall_max": "1-00:00:00"}},\n'
        f' "placement": {{"enabled": {str(placement).lower()}}},\n'
        ' "report": {"ledger": "/nonexistent/ledger.db", "interval": 300, "overlap": 86400}}\n')
    (directory / "allocations.json").write_text('{"version": 1, "allocations": []}\n')
