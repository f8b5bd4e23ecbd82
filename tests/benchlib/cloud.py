"""A slurmctld with thousands of nodes and no slurmd: State=CLOUD nodes that never have to answer.

Nobody resumes them, and that may take hours, so a job that was started stays "configuring" and holds its nodes, and jobs may share
them. Only munged and slurmctld run; every start begins with an empty state, or with one that was put aside before.
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

START_TIMEOUT = 300
GPUS = SOCKETS = 4
# What sets the two schedulers apart: one cycle of the main one for all jobs that are released together, or none at all.
MAIN_ALONE = "bf_interval=10000,sched_min_interval=1000000,sched_interval=5,max_sched_time=50,default_queue_depth=10000"
BACKFILL_ALONE = "sched_interval=-1,bf_interval=2,bf_continue,bf_yield_interval=10000000,bf_max_time=3600,bf_max_job_test={tests}"


class CloudController(ClientMixin):
    """`with CloudController(nodes, leaf) as ctld:` then start(), stop() as often as needed."""

    def __init__(self, nodes, leaf, cores, keep=False, leaves=0):
        """Nodes of 4 GPUs on as many sockets of `cores` cores, `leaf` of them per leaf switch, `leaves` of these per group
        (0: no groups)."""
        self.nodes, self.leaf, self.cores, self.keep, self.leaves = nodes, leaf, cores, keep, leaves
        self.options = Options(nodes=1)
        self.install = SlurmInstall()
        self.layout = config.Layout(tempfile.mkdtemp(prefix="aifb-", dir=os.environ.get("AIF_TEST_TMP", "/tmp")))
        self._mark = uuid.uuid4().hex
        self._ports = PortBlock(1)
        self._pids = {}

    def __enter__(self):
        try:
            self._port = self._ports.ports[0]
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
        self._ports.release()
        if not self.keep:
            shutil.rmtree(self.layout.root, ignore_errors=True)

    # -- controller -----------------------------------------------------------------------------------------------

    def start(self, plugin_dirs, topology="tree", parameters=MAIN_ALONE, partition="UP", state=None):
        """Start slurmctld with these directories before the stock plugins, and with a copy of the state that put_aside() made
        (None: an empty one)."""
        own = self.layout.root / "state"
        shutil.rmtree(own, ignore_errors=True)
        if state:
            shutil.copytree(state, own)
        else:
            own.mkdir(mode=0o700)
        self._write_topology(topology)
        self._write_conf(plugin_dirs, topology, parameters, partition)
        fresh = [] if state else ["-c"]
        self._spawn("slurmctld", [self.install.program("slurmctld"), "-D", *fresh], self._is_ready)
        self._prefer()

    def _prefer(self):
        """Before other work on this machine, where root may ask for that: else the clock on the wall measures that work."""
        try:
            Path(f"/proc/{self._pids['slurmctld']}/autogroup").write_text("-15")
        except OSError:
            pass

    def stop(self):
        self._stop("slurmctld")

    def put_aside(self, name):
        """Keep the state of a slurmctld that was stopped, for later starts; returns where."""
        kept = self.layout.root / f"state-{name}"
        (self.layout.root / "state").rename(kept)
        return kept

    def topologies(self):
        """Names of topologies that this Slurm can have."""
        return ["flat", "tree", "block"] if self.install.version >= (24, 5) else ["flat", "tree"]

    def _is_ready(self):
        if self.run(["scontrol", "ping"], check=False).returncode:
            return False
        known = self.run(["sinfo", "-h", "-o", "%D"], check=False).stdout.split()
        return sum(map(int, known)) == self.nodes

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
        (etc / "gres.conf").write_text("".join(
            f"NodeName={self._names()} Name=gpu File={self.layout.root}/dev/gpu{i} "
            f"Cores={i * self.cores}-{(i + 1) * self.cores - 1}\n" for i in range(GPUS)))

    def _names(self):
        return f"c[0-{self.nodes - 1}]"

    def _write_topology(self, topology):
        lines = {"flat": list, "tree": self._switches, "block": self._blocks}[topology]()
        (self.layout.etc / "topology.conf").write_text("".join(f"{line}\n" for line in lines))

    def _leaf_nodes(self):
        """Hosts of each leaf."""
        return [f"c[{first}-{min(first + self.leaf, self.nodes) - 1}]" for first in range(0, self.nodes, self.leaf)]

    def _switches(self):
        leaves = self._leaf_nodes()
        lines = [f"SwitchName=leaf{i} Nodes={hosts}" for i, hosts in enumerate(leaves)]
        below, count = "leaf", len(leaves)
        if self.leaves:
            lines += [f"SwitchName=group{i} Switches=leaf[{first}-{min(first + self.leaves, count) - 1}]"
                      for i, first in enumerate(range(0, count, self.leaves))]
            below, count = "group", -(-count // self.leaves)
        return [*lines, f"SwitchName=core Switches={below}[0-{count - 1}]"]

    def _blocks(self):
        return [*(f"BlockName=block{i} Nodes={hosts}" for i, hosts in enumerate(self._leaf_nodes())), f"BlockSizes={self.leaf}"]

    def _topology_plugin(self, topology):
        if topology != "flat":
            return f"topology/{topology}"
        if self.install.version >= (25, 5):
            return "topology/flat"
        return "topology/default" if self.install.version >= (23, 11) else "topology/none"

    def _write_conf(self, plugin_dirs, topology, parameters, partition):
        layout, user = self.layout, config.user_name()
        plugins = ":".join([*map(str, plugin_dirs), self.install.plugin_dir])
        lines = [
            "ClusterName=bench", f"SlurmctldHost={config.short_hostname()}(127.0.0.1)", f"SlurmctldPort={self._port}",
            f"SlurmUser={user}", f"SlurmdUser={user}", "AuthType=auth/munge", f"AuthInfo=socket={layout.munge_socket}",
            f"StateSaveLocation={layout.root}/state", f"SlurmdSpoolDir={layout.root}/sp/%n",
            f"SlurmctldPidFile={layout.run}/slurmctld.pid", f"SlurmctldLogFile={layout.log}/slurmctld.log",
            "SlurmctldDebug=info", f"PluginDir={plugins}",
            f"SelectType={self.install.select_type if plugin_dirs else 'select/cons_tres'}", "SelectTypeParameters=CR_Core",
            f"TopologyPlugin={self._topology_plugin(topology)}",
            "GresTypes=gpu", "ProctrackType=proctrack/linuxproc", "TaskPlugin=task/none", "MpiDefault=none",
            "JobAcctGatherType=jobacct_gather/none", "MailProg=/bin/true", "PriorityType=priority/basic",
            "SwitchType=switch/none" if self.install.version < (23, 11) else "",
            "SchedulerType=sched/backfill", f"SchedulerParameters={parameters}",
            "PrivateData=cloud", "SlurmdTimeout=0", "SlurmctldParameters=power_save_interval=36000,power_save_min_interval=36000",
            "SuspendTime=86400", "ResumeTimeout=60000", "SuspendTimeout=30", "ResumeRate=0", "SuspendRate=0",
            "ResumeProgram=/bin/true", "SuspendProgram=/bin/true", "MessageTimeout=100", "MaxJobCount=20000",
            f"NodeName={self._names()} CPUs={SOCKETS * self.cores} Sockets={SOCKETS} "
            f"CoresPerSocket={self.cores} ThreadsPerCore=1 RealMemory=400000 Gres=gpu:{GPUS} State=CLOUD",
            f"PartitionName=gpu Nodes=ALL Default=YES MaxTime=1-0 DefaultTime=60 State={partition}",
            "PartitionName=open Nodes=ALL MaxTime=1-0 DefaultTime=60 State=UP",
        ]
        layout.conf.write_text("\n".join(filter(None, lines)) + "\n")

    # -- measuring ------------------------------------------------------------------------------------------------

    def reset_counters(self):
        self.run(["sdiag", "--reset"])

    def main_cycles(self):
        """(number, total time in microseconds) of the main scheduler's cycles since the last reset."""
        block = self.run(["sdiag"]).stdout.partition("Main schedule statistics")[2].partition("Backfilling")[0]
        count = _counter(block, "Total cycles")
        return count, count * _counter(block, "Mean cycle")

    def backfill_cycles(self):
        """(number, total time in microseconds, jobs tried) of the complete cycles of backfill since the last reset."""
        said = self.run(["sdiag"]).stdout
        block = said.partition("Backfilling stats")[2].partition("Remote Procedure")[0]
        count = _counter(block, "Total cycles")
        return count, count * _counter(block, "Mean cycle"), count * _counter(block, r"Depth Mean \(try depth\)")

    def jobs_started(self):
        """Jobs that were started since the last reset, by which scheduler ever."""
        return _counter(self.run(["sdiag"]).stdout, "Jobs started")

    def set_partition(self, state):
        self.run(["scontrol", "update", "PartitionName=gpu", f"State={state}"])

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


def _counter(text, name):
    found = re.search(rf"{name}:\s*(\d+)", text)
    return int(found[1]) if found else 0


def write_aif_conf(directory, placement=True):
    """A policy that only places, and no allocations."""
    directory = Path(directory)
    directory.mkdir(exist_ok=True)
    (directory / "policy.json").write_text(
        '{"version": 1, "cluster": "bench", "modes": {"science": {"open": true, "wall_max": "1-00:00:00"}},\n'
        f' "placement": {{"mode": "{"on" if placement else "off"}"}},\n'
        ' "report": {"ledger": "/nonexistent/ledger.db", "interval": 300, "overlap": 86400}}\n')
    (directory / "allocations.json").write_text('{"version": 1, "allocations": []}\n')
