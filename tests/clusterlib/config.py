"""Where things lie inside a cluster's directory, and the text of every configuration file.

    DIR/cluster.json      options, ports, mark
    DIR/etc/              slurm.conf and its kin (slurm-backup.conf for a backup controller), aif/ (policy.json, allocations.json), munge.key, slurmdbd.conf
    DIR/run/              PID files, munge socket       DIR/log/     one log per daemon
    DIR/db/               MariaDB data and socket       DIR/state/   StateSaveLocation
    DIR/sp/nX/            slurmd spool                  DIR/dev/     fake GPUs
    DIR/inst/             slurm-aif, when the users of jobs cannot reach where it is installed
    DIR/plugins/          links to plugins, when only some are wanted
    DIR/home/USER/        home of each user who runs jobs
"""

import os
import pwd
import socket
import stat
from pathlib import Path

from .errors import ClusterError

# slurmstepd makes the longest socket name, DIR/sp/nNNN/nNNN_<job>.<step>, and sun_path holds 107 characters.
MAX_DIR = 70

# Two slurmctld on one machine: told apart by the host name each one sees, bound to the address that this name is. As
# numbers they need no name service.
CONTROLLERS = {"ctld": ("0x7f000001", "127.0.0.1"), "backup": ("0x7f000002", "127.0.0.2")}


class Layout:
    """Paths inside the directory of one cluster."""

    def __init__(self, directory):
        self.root = Path(os.path.abspath(directory))
        self.etc = self.root / "etc"
        self.run = self.root / "run"
        self.log = self.root / "log"
        self.db = self.root / "db"
        self.conf = self.etc / "slurm.conf"
        self.backup_conf = self.etc / "slurm-backup.conf"
        self.aif = self.etc / "aif"
        self.munge_socket = self.run / "munge.sock"
        self.db_socket = self.db / "sock"
        self.info = self.root / "cluster.json"

    def check_length(self):
        text = str(self.root)
        if len(text) > MAX_DIR:
            raise ClusterError(f"{text}: {len(text)} characters, limit {MAX_DIR} "
                               "(Unix socket names must fit in 107); choose a shorter directory")
        if any(c.isspace() or c in "%\"'\\#[],=" for c in text):
            raise ClusterError(f"{text}: contains a space or a character that is special in slurm.conf")

    def make_directories(self, nodes):
        for path, mode in [(self.root, 0o755), (self.etc, 0o755), (self.aif, 0o755), (self.run, 0o755),
                           (self.log, 0o755), (self.db, 0o700), (self.root / "state", 0o700),
                           (self.root / "home", 0o755), (self.root / "dev", 0o755), (self.root / "sp", 0o755)]:
            path.mkdir(exist_ok=True)
            path.chmod(mode)
        for node in nodes:
            (self.root / "sp" / node).mkdir(exist_ok=True)
            (self.root / "sp" / node).chmod(0o755)
            # Of its own: mpi/pmix puts its clients' files there, named by job and step.
            (self.root / "tmp" / node).mkdir(parents=True, exist_ok=True)
            (self.root / "tmp" / node).chmod(0o1777)

    def spool(self, node):
        return self.root / "sp" / node


def user_name():
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise ClusterError(f"uid {os.geteuid()}: not in the user database, which Slurm needs") from None


def short_hostname():
    return socket.gethostname().split(".")[0]


def write_all(layout, options, install, ports):
    """Write every file a start needs. `ports`: slurmctld, slurmdbd, then one per node."""
    (layout.etc / "gres.conf").write_text(gres_conf(layout, options))
    (layout.etc / "topology.conf").write_text(topology_conf(options))
    (layout.etc / "cgroup.conf").write_text(cgroup_conf(install.version))
    (layout.etc / "plugstack.conf").write_text(plugstack_conf(options))
    _write_private(layout.etc / "slurmdbd.conf", slurmdbd_conf(layout, install, ports[1]))
    _write_private(layout.etc / "munge.key", os.urandom(128))
    _write_private(layout.etc / "my.cnf", my_cnf(layout))
    # slurmdbd would make it, but not with MariaDB's library 3.4.9, which takes no result after a connection that failed.
    (layout.etc / "init.sql").write_text("CREATE DATABASE IF NOT EXISTS slurm_acct;\n")
    text = slurm_conf(layout, options, install, ports)
    for line in options.conf_lines:
        text = set_line(text, line)
    layout.conf.write_text(text)
    make_devices(layout, options.gpus)


def _write_private(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(0o600)


def set_line(text, line):
    """slurm.conf text with `Key=Value` put in place of the line that sets Key; node and partition lines are added,
    an empty value removes the key."""
    key, _, value = line.partition("=")
    key = key.strip().lower()
    lines = text.splitlines()
    if key not in ("nodename", "partitionname", "nodeset", "downnodes", "include"):
        lines = [old for old in lines if old.partition("=")[0].strip().lower() != key]
    if value:
        lines.append(line)
    return "\n".join(lines) + "\n"


def slurm_conf(layout, options, install, ports):
    user = user_name()
    lines = [
        f"ClusterName={options.name}",
        *controller_lines(options),
        f"SlurmctldPort={ports[0]}",
        f"SlurmUser={user}",
        f"SlurmdUser={user}",
        "AuthType=auth/munge",
        f"AuthInfo=socket={layout.munge_socket}",
        f"StateSaveLocation={layout.root}/state",
        f"SlurmdSpoolDir={layout.root}/sp/%n",
        f"SlurmctldPidFile={layout.run}/slurmctld.pid",
        f"SlurmdPidFile={layout.run}/slurmd-%n.pid",
        f"SlurmctldLogFile={layout.log}/slurmctld.log",
        f"SlurmdLogFile={layout.log}/slurmd-%n.log",
        "SlurmctldDebug=verbose",
        "SlurmdDebug=info",
        "AccountingStorageType=accounting_storage/slurmdbd",
        "AccountingStorageHost=127.0.0.1",
        f"AccountingStoragePort={ports[1]}",
        f"AccountingStoragePass={layout.munge_socket}",
        "AccountingStorageTRES=gres/gpu",
        "AccountingStorageEnforce=associations,limits,qos,safe",
        "AccountingStoreFlags=job_comment",
        "JobAcctGatherType=jobacct_gather/none",
        "GresTypes=gpu",
        "SelectType=select/cons_tres" if "select" not in options.plugin_set() else "",
        "SelectTypeParameters=CR_Core",
        "TopologyPlugin=topology/tree",
        "ProctrackType=proctrack/linuxproc",
        "TaskPlugin=task/none",
        "SwitchType=switch/none" if install.version < (23, 11) else "",
        "MailProg=/bin/true",
        "MpiDefault=none",
        f"TmpFS={layout.root}/tmp/%n",
        "PropagateResourceLimits=NONE",
        "SlurmdParameters=config_overrides",
        "SchedulerType=sched/backfill",
        "SchedulerParameters=bf_interval=2,bf_resolution=1,bf_continue,sched_interval=2,sched_min_interval=10000,"
        "batch_sched_delay=0",
        "PriorityType=priority/multifactor",
        "PriorityCalcPeriod=1",
        "PriorityWeightAge=1000",
        "PriorityWeightFairshare=1000",
        "PriorityMaxAge=1-0",
        "ReturnToService=2",
        f"SlurmctldTimeout={20 if options.backup else 300}",
        "SlurmdTimeout=300",
        "MessageTimeout=60",
        "InactiveLimit=0",
        "MinJobAge=300",
        "KillWait=2",
        "UnkillableStepTimeout=120",
        "WaitTime=0",
        "MaxJobCount=20000",
        "MaxArraySize=2001",
    ]
    lines += plugin_lines(layout, options, install)
    lines += node_lines(options, ports[2:])
    return "\n".join(filter(None, lines)) + "\n"


def controller_lines(options):
    if not options.backup:
        return [f"SlurmctldHost={short_hostname()}(127.0.0.1)"]
    return [*(f"SlurmctldHost={name}({address})" for name, address in CONTROLLERS.values()),
            "CommunicationParameters=NoCtldInAddrAny"]


def write_backup_conf(layout):
    """The backup controller's slurm.conf: as the primary's is now, but for what two processes cannot share."""
    text = layout.conf.read_text()
    for line in (f"SlurmctldPidFile={layout.run}/slurmctld-backup.pid",
                 f"SlurmctldLogFile={layout.log}/slurmctld-backup.log"):
        text = set_line(text, line)
    layout.backup_conf.write_text(text)


def plugin_lines(layout, options, install):
    plugins = options.plugin_set()
    lines = []
    if plugins:
        ours = f"{options.prefix}/lib/slurm-aif" if "select" in plugins else f"{layout.root}/plugins"
        lines.append(f"PluginDir={ours}:{install.plugin_dir}")
    if "select" in plugins:
        lines.append(f"SelectType={install.select_type}")
    if "job_submit" in plugins:
        lines.append("JobSubmitPlugins=aif")
    if "site_factor" in plugins:
        lines.append("PrioritySiteFactorPlugin=site_factor/aif")
    if "priority" in plugins:
        lines.append("PriorityType=priority/aif")
    return lines


def node_lines(options, ports):
    sockets, cores = sockets_and_cores(options)
    gres = f" Gres=gpu:{options.gpus}" if options.gpus else ""
    lines = []
    for name, port, place in zip(options.node_names(), ports, options.node_locations()):
        feature = f" Feature=loc_{place}" if place else ""
        lines.append(f"NodeName={name} NodeHostname={short_hostname()} NodeAddr=127.0.0.1 Port={port} "
                     f"CPUs={options.cpus} Sockets={sockets} CoresPerSocket={cores} ThreadsPerCore=1 "
                     f"RealMemory=8000{gres}{feature} State=UNKNOWN")
    lines.append(f"PartitionName=gpu Nodes=n[1-{options.nodes}] Default=YES MaxTime=1-0 DefaultTime=10 State=UP")
    return lines


def sockets_and_cores(options):
    sockets = 2 if options.cpus % 2 == 0 else 1
    return sockets, options.cpus // sockets


def gres_conf(layout, options):
    """GPU i hangs on socket i * sockets / gpus; links are 4 within a socket and 1 across."""
    sockets, cores = sockets_and_cores(options)
    home = [i * sockets // options.gpus for i in range(options.gpus)]
    lines = []
    for i in range(options.gpus):
        links = ",".join("-1" if j == i else "4" if home[j] == home[i] else "1" for j in range(options.gpus))
        core = home[i] * cores
        lines.append(f"NodeName=n[1-{options.nodes}] Name=gpu File={layout.root}/dev/gpu{i} "
                     f"Cores={core}-{core + cores - 1} Links={links}")
    return "\n".join(lines) + "\n"


def topology_conf(options):
    """leafN of --leaf nodes each, two leaves to a groupN, all groups under `core`."""
    leaves = -(-options.nodes // options.leaf)
    lines = []
    for i in range(leaves):
        first, last = i * options.leaf + 1, min((i + 1) * options.leaf, options.nodes)
        lines.append(f"SwitchName=leaf{i + 1} Nodes=n[{first}-{last}]")
    groups = -(-leaves // 2)
    for i in range(groups):
        lines.append(f"SwitchName=group{i + 1} Switches=leaf[{2 * i + 1}-{min(2 * i + 2, leaves)}]")
    lines.append(f"SwitchName=core Switches=group[1-{groups}]")
    return "\n".join(lines) + "\n"


def cgroup_conf(version):
    # 22.05 and 23.11 have no such value; they do not touch cgroups as long as no plugin asks for them.
    return "CgroupPlugin=disabled\n" if version >= (24, 5) else "CgroupAutomount=no\n"


def plugstack_conf(options):
    if "spank" not in options.plugin_set():
        return ""
    return f"optional {options.prefix}/lib/slurm-aif/spank_aif.so\n"


def slurmdbd_conf(layout, install, port):
    user = user_name()
    return "\n".join([
        f"DbdHost={short_hostname()}",
        "DbdAddr=127.0.0.1",
        f"DbdPort={port}",
        f"SlurmUser={user}",
        "AuthType=auth/munge",
        f"AuthInfo=socket={layout.munge_socket}",
        f"PluginDir={install.plugin_dir}",
        f"PidFile={layout.run}/slurmdbd.pid",
        f"LogFile={layout.log}/slurmdbd.log",
        "DebugLevel=info",
        "StorageType=accounting_storage/mysql",
        "StorageHost=localhost",
        f"StorageUser={user}",
        "StorageLoc=slurm_acct",
    ]) + "\n"


def my_cnf(layout):
    """Small and quick: a test database needs to survive a kill of the server, not of the machine."""
    return "\n".join([
        "[mysqld]",
        f"user={user_name()}",
        f"datadir={layout.db}/data",
        f"socket={layout.db_socket}",
        f"pid-file={layout.db}/pid",
        f"tmpdir={layout.db}",
        f"init-file={layout.etc}/init.sql",
        "skip-networking",
        "skip-name-resolve",
        "skip-log-bin",
        "performance-schema=OFF",
        "key-buffer-size=1M",
        "max-connections=100",
        "innodb-buffer-pool-size=64M",
        "innodb-log-file-size=48M",
        "innodb-flush-log-at-trx-commit=0",
        "innodb-doublewrite=0",
        "innodb-lock-wait-timeout=900",
        "innodb-use-native-aio=0",
        "loose-innodb-snapshot-isolation=OFF",
        "plugin-maturity=unknown",
    ]) + "\n"


def make_devices(layout, count):
    """Fake GPUs. Slurm wants character devices: root makes some, anybody else links to one that exists."""
    for i in range(count):
        path = layout.root / "dev" / f"gpu{i}"
        try:
            os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        except FileExistsError:
            pass
        except OSError:
            path.symlink_to("/dev/null")
