"""One private Slurm cluster: create, start, stop, break, and talk to it."""

import json
import os
import shutil
import signal
import time
import uuid
from dataclasses import asdict
from pathlib import Path

from . import config, procs
from .client import ClientMixin
from .errors import ClusterError
from .options import Options
from .ports import PortBlock, port_free
from .slurm import SlurmInstall

# For machines that are much slower, and busy: a wait ends when what it waits for is there.
START_TIMEOUT = 240
STOP_TIMEOUT = 120


class Cluster(ClientMixin):
    """A cluster in `directory`. Cluster.create() makes one, Cluster(directory) opens an existing one."""

    start_timeout = START_TIMEOUT

    def __init__(self, directory):
        self.layout = config.Layout(directory)
        self.dir = self.layout.root
        try:
            info = json.loads(self.layout.info.read_text())
        except (OSError, ValueError):
            raise ClusterError(f"{self.dir}: no cluster here (no readable cluster.json)") from None
        self.options = Options(**info["options"])
        self.ports = info["ports"]
        self.mark = info["mark"]
        self._install = None
        self._reserved = None

    @property
    def install(self):
        """The Slurm installation (looked up when first needed, so that `down` works without one)."""
        if self._install is None:
            self._install = SlurmInstall(self.options.slurm_prefix)
        return self._install

    # -- life ---------------------------------------------------------------------------------------------------

    @classmethod
    def create(cls, directory, options=None, start=True):
        """Make the directory and its files, and start everything unless told not to."""
        options = options or Options()
        layout = config.Layout(directory)
        layout.check_length()
        if layout.root.is_dir() and any(layout.root.iterdir()):
            raise ClusterError(f"{layout.root}: not empty; `start` an existing cluster or `down --purge` it first")
        install = SlurmInstall(options.slurm_prefix)
        _check_plugins(options, install)
        # Held on to: a test may write more files before it starts the daemons, and start them again after a while.
        reserved = PortBlock(options.nodes + 2)
        _make_files(layout, options, install, reserved.ports)
        cluster = cls(directory)
        cluster._reserved = reserved
        if start:
            cluster.start(check_ports=False)
        return cluster

    def start(self, check_ports=True):
        """Start what does not run yet; returns when every node is idle. Stops everything again on failure."""
        busy = [p for p in self.ports if check_ports and not self.processes() and not port_free(p)]
        if busy:
            raise ClusterError(f"port {busy[0]}: taken by another program since this cluster was made; make a new one")
        try:
            self._start_daemons()
        except BaseException:
            self.down()
            raise

    def _start_daemons(self):
        self._ensure("munge")
        self._ensure("db")
        self._ensure("dbd")
        self._add_to_accounting()
        for node in self.options.node_names():
            self._ensure(node, wait=False)
        for name in self.controllers():
            self._ensure(name)
        self._wait_ready()

    def down(self, purge=False):
        """Stop every process of the cluster, jobs included. Harmless when repeated."""
        for names, grace in ((["backup"], 20), (["ctld"], 20), (self.options.node_names(), 5), (["dbd"], 10), (["db"], 10)):
            procs.stop(filter(None, (self.pid(n) for n in names)), grace)
        deadline = time.monotonic() + STOP_TIMEOUT
        while self.processes():
            procs.send(self.processes(), signal.SIGKILL)
            if time.monotonic() > deadline:
                raise ClusterError(f"{self.dir}: processes {sorted(self.processes())} survive SIGKILL")
            time.sleep(0.05)
        for pid_file in self.layout.run.glob("*.aifpid"):
            pid_file.unlink()
        if purge:
            shutil.rmtree(self.dir)
            if self._reserved:
                self._reserved.release()

    def processes(self):
        """PIDs of everything that runs for this cluster, job processes included."""
        return procs.find(self.mark, self.layout.conf)

    # -- daemons ------------------------------------------------------------------------------------------------

    def daemons(self):
        return ["munge", "db", "dbd", *self.controllers()] + self.options.node_names()

    def controllers(self):
        """The slurmctld that there are, the primary first."""
        return ["ctld", "backup"] if self.options.backup else ["ctld"]

    def pid(self, name):
        """PID of a running daemon, None if it does not run."""
        try:
            pid, start = map(int, (self.layout.run / f"{name}.aifpid").read_text().split())
        except (OSError, ValueError):
            return None
        return pid if procs.alive(pid, start) else None

    def kill(self, name, signum=signal.SIGKILL):
        """Send a signal to a daemon; with SIGKILL wait until it is gone."""
        pid = self._need(name)
        os.kill(pid, signum)
        if signum == signal.SIGKILL:
            procs.wait_until(lambda: not procs.alive(pid), STOP_TIMEOUT)

    def stop(self, name):
        """Stop one daemon the orderly way."""
        if self.pid(name):
            procs.stop([self.pid(name)], STOP_TIMEOUT)

    def restart(self, name):
        """Stop (if it runs) and start one daemon; returns when it answers."""
        self._check_name(name)
        self.stop(name)
        self._ensure(name)
        if name in self.options.node_names():
            self._wait("node " + name, lambda: self._node_states().get(name) not in (None, "unknown", "down*", "down"))

    def detach(self):
        """slurmctld as a daemon, as systemd and most sites run it, instead of in the foreground, until end_detached()."""
        self.stop("ctld")
        self.run(["slurmctld"])
        self._wait("ctld", lambda: "ctld" in self.up())

    def end_detached(self):
        """It is not among processes(): nothing else ends it."""
        pid = int((self.layout.run / "slurmctld.pid").read_text())
        self.run(["scontrol", "shutdown", "slurmctld"], check=False)
        if not procs.wait_until(lambda: not procs.alive(pid), STOP_TIMEOUT):
            procs.stop([pid], STOP_TIMEOUT)

    def _check_name(self, name):
        if name not in self.daemons():
            raise ClusterError(f"{name}: no such daemon; want one of "
                               f"{', '.join(self.daemons())}")

    def _need(self, name):
        self._check_name(name)
        pid = self.pid(name)
        if not pid:
            raise ClusterError(f"{name}: does not run")
        return pid

    def _ensure(self, name, wait=True):
        if self.pid(name):
            return
        argv, log = self._command(name)
        env = dict(self.env(), **{procs.MARK: self.mark, "MYSQL_UNIX_PORT": str(self.layout.db_socket)})
        if name == "backup":
            config.write_backup_conf(self.layout)
            env["SLURM_CONF"] = str(self.layout.backup_conf)
        pid = procs.spawn(argv, env, log)
        start = (procs.stat(pid) or ("", 0, 0))[2]
        (self.layout.run / f"{name}.aifpid").write_text(f"{pid} {start}\n")
        if wait:
            self._wait(name, self._answers(name), name)

    def _command(self, name):
        log, etc = self.layout.log, self.layout.etc
        if name == "munge":
            return [self.install.program("munged"), "--foreground", "--force", "--num-threads=4",
                    f"--key-file={etc}/munge.key", f"--socket={self.layout.munge_socket}",
                    f"--pid-file={self.layout.run}/munged.pid", f"--seed-file={self.layout.run}/munged.seed",
                    ], log / "munged.log"
        if name == "db":
            self._install_database()
            return [self.install.program("mariadbd"), f"--defaults-file={etc}/my.cnf"], log / "mariadb.log"
        if name == "dbd":
            return [self.install.program("slurmdbd"), "-D"], log / "slurmdbd.out"
        if name in config.CONTROLLERS:
            return self._controller_command(name), log / ("slurmctld.out" if name == "ctld" else "slurmctld-backup.out")
        return [self.install.program("slurmd"), "-D", "-N", name], log / f"slurmd-{name}.out"

    def _controller_command(self, name):
        command = [self.install.program("slurmctld"), "-D"]
        if not self.options.backup:
            return command
        host = config.CONTROLLERS[name][0]
        return ["unshare", "--uts", "/bin/sh", "-c", f'hostname {host} && exec "$@"', "sh", *command]

    def _install_database(self):
        if (self.layout.db / "data" / "mysql").is_dir():
            return
        # --rpm: without it the script changes the owner of a file of the installed MariaDB.
        self.run([self.install.program("mariadb-install-db"), f"--defaults-file={self.layout.etc}/my.cnf", "--rpm",
                  "--skip-test-db", "--auth-root-authentication-method=socket",
                  f"--auth-root-socket-user={config.user_name()}"], timeout=START_TIMEOUT)

    def _answers(self, name):
        port = self.ports[1] if name == "dbd" else None
        if name == "munge":
            return self.layout.munge_socket.is_socket
        if name == "db":
            return self.layout.db_socket.is_socket
        if name in config.CONTROLLERS:
            return lambda: name in self.up()
        return lambda: port is None or not port_free(port)

    def _wait(self, what, test, daemon=None):
        """Wait for `test`, but not for a daemon that died meanwhile."""
        deadline = time.monotonic() + self.start_timeout
        while not test():
            dead = daemon and not self.pid(daemon)
            if dead or time.monotonic() > deadline:
                raise ClusterError(f"{what}: {'ended at once' if dead else 'not ready in time'}; {self._last_lines(what)}")
            time.sleep(0.05)

    def _last_lines(self, what):
        logs = {"munge": ["munged.log"], "db": ["mariadb.log"], "dbd": ["slurmdbd.out", "slurmdbd.log"],
                "backup": ["slurmctld-backup.out", "slurmctld-backup.log"]}
        texts = []
        for name in logs.get(what, ["slurmctld.out", "slurmctld.log"]):
            path = self.layout.log / name
            lines = path.read_text(errors="replace").splitlines() if path.exists() else []
            texts += [line for line in lines if line.strip()][-3:]
        return f"its log ends: {' | '.join(texts) or '(empty)'}"

    # -- readiness ----------------------------------------------------------------------------------------------

    def _add_to_accounting(self):
        """The cluster, and an account for an ordinary user who runs it (root has one from the start)."""
        name = self.options.name
        try:
            known = self.sacctmgr("list", "cluster", "format=cluster").split()
        except ClusterError as exc:
            raise ClusterError(f"{exc}; {self._last_lines('dbd')}") from None
        if name not in known:
            self.sacctmgr("add", "cluster", name)
        if os.geteuid() and not self.sacctmgr("list", "user", config.user_name()):
            self.add_account("users", [config.user_name()])

    def _wait_ready(self):
        self.wait_nodes()
        self._wait("accounting", lambda: self.sacctmgr("list", "cluster", self.options.name, "format=controlport")
                   not in ("", "0"), "ctld")

    def wait_nodes(self):
        """Until every node has registered with slurmctld, which can start jobs on it from then on: restart("ctld") returns
        earlier, with the states of before."""
        names = set(self.options.node_names())
        self._wait("nodes", lambda: {n for n, s in self._node_states().items() if s in ("idle", "mixed", "allocated")}
                   >= names and self._registered() >= names, "ctld")

    def _registered(self):
        nodes = self.run(["scontrol", "-o", "show", "nodes"], check=False).stdout.splitlines()
        return {line.split()[0].partition("=")[2] for line in nodes if line and "SlurmdStartTime=None" not in line}

    def _node_states(self):
        out = self.run(["sinfo", "-h", "-N", "-o", "%N %T"], check=False).stdout
        return dict(line.split() for line in out.splitlines() if len(line.split()) == 2)


def _check_plugins(options, install):
    if not options.prefix:
        return
    options.prefix = os.path.abspath(options.prefix)
    files = {"job_submit": "job_submit_aif.so", "site_factor": "site_factor_aif.so", "priority": "priority_aif.so",
             "select": f"{install.select_type.replace('/', '_')}.so", "spank": "spank_aif.so"}
    for plugin in options.plugin_set():
        path = Path(options.prefix, "lib", "slurm-aif", files[plugin])
        if not path.exists():
            raise ClusterError(f"{path}: missing; `make install` slurm-aif into {options.prefix} first")


def _make_files(layout, options, install, ports):
    layout.root.mkdir(parents=True, exist_ok=True)
    layout.make_directories(options.node_names())
    _bring_prefix_near(layout, options)
    config.write_all(layout, options, install, ports)
    if options.plugin_set() and "select" not in options.plugin_set():
        _link_plugins(layout, options)
    if options.aif_conf:
        for path in sorted(Path(options.aif_conf).glob("*.json")):
            (layout.aif / path.name).write_text(path.read_text().replace("@DIR@", str(layout.root)))
    info = {"options": asdict(options), "ports": ports, "mark": uuid.uuid4().hex, "slurm": list(install.version)}
    layout.info.write_text(json.dumps(info, indent=1) + "\n")


def _bring_prefix_near(layout, options):
    """Copy slurm-aif into the cluster's directory when other users cannot reach it, as in a checkout below /root."""
    if not options.prefix or os.geteuid():
        return
    prefix = Path(options.prefix)
    if all(path.stat().st_mode & 0o001 for path in (prefix, *prefix.parents)):
        return
    near = layout.root / "inst"
    shutil.copytree(prefix, near, symlinks=True)
    options.prefix = str(near)


def _link_plugins(layout, options):
    """A plugin directory without the select wrapper, which would be active by merely being found first."""
    links = layout.root / "plugins"
    links.mkdir()
    for path in Path(options.prefix, "lib", "slurm-aif").glob("*.so"):
        if not path.name.startswith("select_"):
            (links / path.name).symlink_to(path)
