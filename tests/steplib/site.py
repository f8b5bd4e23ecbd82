"""One small slurmctld on CLOUD nodes, without slurmd and accounting, driven by tests/select_steps/steps.

What slurmctld sends to nodes is answered inside of it (tests/select_steps/answer.c), so jobs run until they are ended; the clock of slurmctld goes forward as
the stepper says (tests/select_steps/clock.h), so that nothing here waits for seconds to pass.
"""

import dataclasses
import json
import os
import re
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

from clusterlib import ClusterError, Options, config, procs
from clusterlib.client import ClientMixin
from clusterlib.ports import PortBlock
from clusterlib.slurm import SlurmInstall

START_TIMEOUT = 120
ANSWER_TIMEOUT = 300
GPUS = SOCKETS = 4
TYPES = ("a100", "h100")  # the last leaf has the second


@dataclasses.dataclass
class Shape:
    """What differs between sites."""

    nodes: int = 16
    leaf: int = 4
    cores: int = 4  # per socket; the GPU of a socket is bound to them
    memory: int = 64000
    topology: str = "tree"  # tree, flat, block, or several: tree, but blocks for partition low
    weights: bool = False  # a weight of its own for each node
    preempt: str = "off"  # off, requeue, cancel or suspend (which is gang scheduling): of partition low
    select: str = "CR_Core_Memory"
    placement: str = "on"  # on, off or shadow


class StepSite(ClientMixin):
    """`with StepSite(shape, prefix, build) as site:` then start(), say(), stop(). Without a prefix it is stock Slurm;
    without a build there is no audit."""

    def __init__(self, shape, prefix="", build="", audit=True, keep=False):
        self.shape, self.prefix, self.build, self.audit, self.keep = shape, prefix, Path(build), audit, keep
        self.options = Options(nodes=1)
        self.install = SlurmInstall()
        self.layout = config.Layout(tempfile.mkdtemp(prefix="aifs-", dir=os.environ.get("AIF_TEST_TMP", "/tmp")))
        self.pid = None
        self._mark = uuid.uuid4().hex
        self._ports = PortBlock(1)
        self._munged = self._steps = None

    def __enter__(self):
        try:
            self.layout.root.chmod(0o755)
            self.layout.make_directories([])
            self._write_files()
            self._munged = self._spawn("munged", [
                self.install.program("munged"), "--foreground", "--force", f"--key-file={self.layout.etc}/munge.key",
                f"--socket={self.layout.munge_socket}", f"--pid-file={self.layout.run}/munged.pid",
                f"--seed-file={self.layout.run}/munged.seed"], self.layout.munge_socket.is_socket)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc):
        self.stop()
        if self._munged:
            procs.stop([self._munged], 10)
        self._ports.release()
        if not self.keep:
            shutil.rmtree(self.layout.root, ignore_errors=True)

    # -- slurmctld ------------------------------------------------------------------------------------------------

    def start(self, clean=True):
        """Start slurmctld; with an empty state all nodes are idle."""
        self.write_conf()
        if clean:
            state = self.layout.root / "state"
            shutil.rmtree(state, ignore_errors=True)
            state.mkdir(mode=0o700)
            # CLOUD nodes are powered down the first time, and up when a state is recovered where there is no power saving.
            self._start_daemon()
            self.stop_daemon()
        self._start_daemon()
        if clean:
            self.wait(self._has_power, START_TIMEOUT, "nodes with power")
        if self._steps is None:
            self._steps = subprocess.Popen([self._program("steps"), self._clock()], stdin=subprocess.PIPE, text=True,
                                           stdout=subprocess.PIPE, env=self.env(), cwd=self.layout.root)

    def _has_power(self):
        """If not, another start: one that is stopped in its first moments has no state to leave."""
        if "~" not in self.run(["sinfo", "-h", "-o", "%t"]).stdout:
            return True
        self.stop_daemon()
        self._start_daemon()
        return False

    def _start_daemon(self):
        preload = f"{self._program('clock.so')}:{self._program('answer.so')}"
        self.pid = self._spawn("slurmctld", [self.install.program("slurmctld"), "-D"], self._answers, LD_PRELOAD=preload,
                               AIF_STEP_CLOCK=self._clock())

    def stop(self, kill=False):
        if self._steps:
            self._steps.stdin.close()
            self._steps.wait(60)
            self._steps = None
        self.stop_daemon(kill)

    def stop_daemon(self, kill=False):
        """slurmctld alone; the stepper finds the next one."""
        if not self.pid:
            return
        if kill:
            procs.send(self._daemons(), 9)
            procs.wait_until(lambda: not self._daemons(), 10)
        else:
            procs.stop(self._daemons(), 60)
        self.pid = None

    def _daemons(self):
        """slurmctld becomes another process when it reads its configuration anew, from 23.11 on."""
        return [pid for pid in procs.find(self._mark, self.layout.conf) if pid != self._munged]

    def _answers(self):
        return self.run(["scontrol", "ping"], check=False).returncode == 0

    def _spawn(self, name, argv, ready, **more):
        env = {**self.env(), **{procs.MARK: self._mark}, **{key: str(value) for key, value in more.items()}}
        pid = procs.spawn(argv, env, self.layout.log / f"{name}.out")
        if not procs.wait_until(lambda: ready() or not procs.alive(pid), START_TIMEOUT) or not procs.alive(pid):
            raise ClusterError(f"{name}: does not come up; its log ends: {self._last_lines(name)}")
        return pid

    def _last_lines(self, name):
        texts = []
        for path in sorted(self.layout.log.glob(f"{name}.*")):
            texts += path.read_text(errors="replace").splitlines()[-3:]
        return " | ".join(texts) or "(empty)"

    # -- the stepper ----------------------------------------------------------------------------------------------

    def say(self, command, **fields):
        """One command of steps.c; (whether it went well, the rest of the answer)."""
        line = " ".join([command, words(fields)]).strip()
        self._steps.stdin.write(line + "\n")
        self._steps.stdin.flush()
        answer = self._steps.stdout.readline().strip()
        if not answer:
            raise ClusterError(f"{line}: the stepper has ended; {self._last_lines('slurmctld')}")
        verb, _, rest = answer.partition(" ")
        return verb == "ok", rest

    def need(self, command, **fields):
        """The same where it must go well; the rest of the answer."""
        good, rest = self.say(command, **fields)
        if not good:
            raise ClusterError(f"{command} {words(fields)}: {rest}; in {self.layout.root}")
        return rest

    def jobs(self):
        """{job id: (state as a number, nodes)} of all jobs that slurmctld knows."""
        fields = [entry.split(":") for entry in self.need("jobs").split()]
        return {int(job): (int(state), int(nodes)) for job, state, nodes in fields}

    def reconfigure(self, changed=False):
        """Read the configuration again; returns when all nodes have answered, and ours, if changed, are in force."""
        self.need("reconfigure")
        if self.prefix and changed:
            check = self.run([f"{self.prefix}/bin/aif", "config", "check", str(self.layout.aif)]).stdout
            want = re.search(r"\b([0-9a-f]{8})[0-9a-f]*", check)[1]
            self.wait(lambda: self._in_force() == want, ANSWER_TIMEOUT, f"policy {want} in force")
        self.wait(self._all_answer, ANSWER_TIMEOUT, "answers of the nodes")

    def _in_force(self):
        """First digits of the hash of the policy that the wrapper took last; it may look without being told to."""
        return re.findall(r"policy ([0-9a-f]{8}) with .* is in force", self.ctld_log())[-1]

    def _all_answer(self):
        self.need("forward 10")
        return "*" not in self.run(["sinfo", "-h", "-o", "%t"]).stdout

    def nodes_of(self, job_id):
        """Names of the nodes a job holds."""
        listed = self.job(job_id).get("NodeList", "")
        return self.run(["scontrol", "show", "hostnames", listed]).stdout.split() if listed not in ("", "(null)") else []

    @property
    def gpu(self):
        """What stands before a number of GPUs in a request."""
        return "gres/gpu:" if self.install.version >= (23, 11) else "gres:gpu:"

    # -- the audit ------------------------------------------------------------------------------------------------

    def findings(self, *kinds):
        """Lines of the audit of these kinds (compare.h)."""
        return [line for line in self.ctld_log().splitlines() if re.search(rf"audit: (?:{'|'.join(kinds)})\b", line)]

    def totals(self):
        """Sum of the audit's and the wrapper's last figures of each slurmctld so far: {"calls": .., "LOST": .., "samples": .., ...}."""
        sums, last = {}, {}
        for line in self.ctld_log().splitlines():
            if "audit: comparing the wrapper" in line:
                add(sums, last)
                last = {}
            elif "audit: totals:" in line:
                last |= {key: int(n) for key, n in re.findall(r"(\w+) (\d+)", line.partition("totals:")[2])}
            elif "aif: placement:" in line:
                last |= {key: int(n) for key, n in re.findall(r"\b(samples(?:-refused)?) (\d+)", line)}
        add(sums, last)
        return sums

    # -- files ----------------------------------------------------------------------------------------------------

    def _program(self, name):
        folder = self.build / "tests" / "select_steps"
        return folder / ".libs" / name if name.endswith(".so") else folder / name

    def _clock(self):
        return self.layout.run / "clock"

    def names(self, first=0, last=None):
        return f"c[{first}-{self.shape.nodes - 1 if last is None else last}]"

    def _write_files(self):
        etc = self.layout.etc
        config.make_devices(self.layout, GPUS)
        (etc / "munge.key").write_bytes(os.urandom(128))
        (etc / "munge.key").chmod(0o600)
        (etc / "cgroup.conf").write_text(config.cgroup_conf(self.install.version))
        (etc / "gres.conf").write_text("".join(
            f"NodeName={names} Name=gpu Type={kind} File={self.layout.root}/dev/gpu{i} "
            f"Cores={i * self.shape.cores}-{(i + 1) * self.shape.cores - 1}\n"
            for kind, names in zip(TYPES, self._by_type()) for i in range(GPUS)))
        self.write_topology()
        self.write_policy(self.shape.placement)
        self._clock().write_bytes(bytes(8))

    def _by_type(self):
        first = self.shape.nodes - self.shape.leaf
        return self.names(0, first - 1), self.names(first)

    def write_topology(self, leaf=None):
        leaf = leaf or self.shape.leaf
        starts = range(0, self.shape.nodes, leaf)
        names = [f"c[{i}-{min(i + leaf, self.shape.nodes) - 1}]" for i in starts]
        if self.shape.topology == "block":
            lines = [*(f"BlockName=b{i} Nodes={nodes}" for i, nodes in enumerate(names)), f"BlockSizes={leaf}"]
        else:
            lines = [*(f"SwitchName=leaf{i} Nodes={nodes}" for i, nodes in enumerate(names)),
                     f"SwitchName=core Switches=leaf[0-{len(names) - 1}]"]
        path = self.layout.etc / "topology.conf"
        if self.shape.topology == "several":
            (self.layout.etc / "topology.yaml").write_text(several_topologies(names, leaf))
        elif self.shape.topology == "flat":
            path.unlink(missing_ok=True)
        else:
            path.write_text("\n".join(lines) + "\n")

    def write_policy(self, placement, more=""):
        self.layout.aif.mkdir(exist_ok=True)
        (self.layout.aif / "policy.json").write_text(
            '{"version": 1, "cluster": "steps", "modes": {"science": {"open": true, "wall_max": "1-00:00:00"}},\n'
            f' "placement": {{{placement_text(placement)}{more}}},\n'
            ' "report": {"ledger": "/nonexistent/ledger.db", "interval": 300, "overlap": 86400}}\n')
        (self.layout.aif / "allocations.json").write_text('{"version": 1, "allocations": []}\n')

    def plugin_dirs(self):
        dirs = [Path(self.prefix, "lib", "slurm-aif")] if self.prefix else []
        if dirs and self.audit:
            # The build directory has more in it than the plugin: a link leads past that.
            link = self.layout.root / "audit"
            if not link.is_dir():
                link.mkdir()
                for path in (self.build / "tests" / "select_audit" / ".libs").glob("select_*.so"):
                    (link / path.name).symlink_to(path)
            dirs.insert(0, link)
        return [*map(str, dirs), self.install.plugin_dir]

    def _topology_plugin(self):
        if self.shape.topology == "flat":
            return "topology/default" if self.install.version >= (23, 11) else "topology/none"
        return "topology/tree" if self.shape.topology == "several" else f"topology/{self.shape.topology}"

    def _preemption(self):
        if self.shape.preempt == "off":
            return ["PreemptType=preempt/none"]
        mode = "SUSPEND,GANG" if self.shape.preempt == "suspend" else self.shape.preempt.upper()
        return ["PreemptType=preempt/partition_prio", f"PreemptMode={mode}"]

    def _node_lines(self):
        shape = self.shape
        common = (f"CPUs={SOCKETS * shape.cores} Sockets={SOCKETS} CoresPerSocket={shape.cores} ThreadsPerCore=1 "
                  f"RealMemory={shape.memory} NodeAddr=127.0.0.1 State=CLOUD")
        lines = []
        for i in range(shape.nodes):
            kind = TYPES[i >= shape.nodes - shape.leaf]
            weight = f" Weight={1 + i * 7 % shape.nodes}" if shape.weights else ""
            lines.append(f"NodeName=c{i} Port={10 + i} Gres=gpu:{kind}:{GPUS} Feature={'odd' if i % 2 else 'even'},leaf{i // shape.leaf}"
                         f"{weight} {common}")
        return lines

    def write_conf(self):
        layout, user = self.layout, config.user_name()
        part = "MaxTime=1-0 DefaultTime=60 State=UP"
        low = "" if self.shape.preempt == "off" else f" PreemptMode={self.shape.preempt.upper()}"
        lines = [
            "ClusterName=steps", f"SlurmctldHost={config.short_hostname()}(127.0.0.1)",
            f"SlurmctldPort={self._ports.ports[0]}", f"SlurmUser={user}", f"SlurmdUser={user}", "AuthType=auth/munge",
            f"AuthInfo=socket={layout.munge_socket}", f"StateSaveLocation={layout.root}/state",
            f"SlurmdSpoolDir={layout.root}/sp/%n", f"SlurmctldPidFile={layout.run}/slurmctld.pid",
            f"SlurmctldLogFile={layout.log}/slurmctld.log", "SlurmctldDebug=info",
            f"PluginDir={':'.join(self.plugin_dirs())}",
            f"SelectType={self.install.select_type if self.prefix else 'select/cons_tres'}",
            f"SelectTypeParameters={self.shape.select}", f"TopologyPlugin={self._topology_plugin()}", "GresTypes=gpu",
            "ProctrackType=proctrack/linuxproc", "TaskPlugin=task/none", "MpiDefault=none",
            "JobAcctGatherType=jobacct_gather/none", "MailProg=/bin/true", "PriorityType=priority/basic",
            "SwitchType=switch/none" if self.install.version < (23, 11) else "", "SchedulerType=sched/backfill",
            # The limits of a cycle are in seconds of a clock that jumps.
            "SchedulerParameters=bf_interval=1,bf_max_time=3600,bf_yield_interval=10000000,batch_sched_delay=0,sched_interval=5,"
            "max_sched_time=50,default_queue_depth=10000,bf_continue,bf_resolution=600,bf_window=180",
            "PrivateData=cloud", "SlurmdTimeout=0", "MessageTimeout=100", "MinJobAge=10", "KillWait=5", "TreeWidth=1000",
            "ReturnToService=2", "DefMemPerCPU=500", f"MaxNodeCount={self.shape.nodes + 8}", *self._preemption(), *self._node_lines(),
            f"PartitionName=gpu Nodes=ALL Default=YES PriorityTier=2 {part}",
            f"PartitionName=low Nodes=ALL PriorityTier=1{low}{' Topology=blocks' if self.shape.topology == 'several' else ''} {part}",
            f"PartitionName=excl Nodes=ALL PriorityTier=2 OverSubscribe=EXCLUSIVE {part}",
            f"PartitionName=share Nodes={self.names(0, self.shape.leaf - 1)} PriorityTier=2 OverSubscribe=YES:2 {part}",
        ]
        layout.conf.write_text("\n".join(filter(None, lines)) + "\n")


def several_topologies(leaves, leaf):
    """topology.yaml, from 25.05 on: switches for all partitions but those that ask for blocks."""
    switches = [{"switch": f"leaf{i}", "nodes": nodes} for i, nodes in enumerate(leaves)]
    blocks = [{"block": f"b{i}", "nodes": nodes} for i, nodes in enumerate(leaves)]
    core = {"switch": "core", "children": f"leaf[0-{len(leaves) - 1}]"}
    return json.dumps([{"topology": "main", "cluster_default": True, "tree": {"switches": [core, *switches]}},
                       {"topology": "blocks", "cluster_default": False, "block": {"block_sizes": [leaf], "blocks": blocks}}])


def placement_text(mode):
    return {"on": '"mode": "on"', "off": '"mode": "off"', "shadow": '"mode": "shadow"'}[mode]


def words(fields):
    return " ".join(f"{key}={value}" for key, value in fields.items() if value is not None)


def add(sums, more):
    for key, n in more.items():
        sums[key] = sums.get(key, 0) + n
