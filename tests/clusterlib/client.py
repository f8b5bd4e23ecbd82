"""What a user, an administrator or a test does with a running cluster."""

import os
import pwd
import re
import shlex
import shutil
import signal
import subprocess
import threading
import time
import uuid
from pathlib import Path

from . import config, procs
from .errors import ClusterError

_NOT_YET = "DB index is being set"
_USERS = ("daemon", "games", "www-data", "backup", "proxy")
# Seconds: for machines that are much slower, and busy. A wait ends when what it waits for is there.
TIMEOUT = 300
FINAL = ("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED",
         "TIMEOUT")


class ClientMixin:
    """Commands against the cluster; needs `layout`, `options`, `install` of Cluster."""

    _cluster_id = None  # what is in the state directory, as of the first reconfigure()

    def env_exports(self):
        """The variables a shell needs to use this cluster."""
        path = [f"{self.options.prefix}/{d}" for d in ("bin", "sbin") if self.options.prefix]
        if self.options.slurm_prefix:
            path += [f"{self.install.prefix}/{d}" for d in ("bin", "sbin")]
        return {"SLURM_CONF": str(self.layout.conf), "AIF_CLUSTER_DIR": str(self.layout.root),
                "MUNGE_SOCKET": str(self.layout.munge_socket), "PATH_PREFIX": os.pathsep.join(path)}

    def env(self):
        """A full environment: the caller's without other Slurm settings, plus this cluster's."""
        env = {k: v for k, v in os.environ.items() if not re.match(r"(SLURM|SBATCH|SALLOC|SRUN|SINFO|SQUEUE|AIF_)", k)}
        exports = self.env_exports()
        prefix = exports.pop("PATH_PREFIX")
        env.update(exports)
        env["PATH"] = os.pathsep.join(filter(None, [prefix, self.install.path]))
        return env

    def run(self, cmd, user=None, check=True, timeout=TIMEOUT, env=None, cwd=None, stdin=None):
        """Run a command (list, or a shell line) as this or another user; returns CompletedProcess with text output.

        `check`: ClusterError with the command's words if it fails. Runs in the user's home inside the cluster."""
        argv = cmd if isinstance(cmd, (list, tuple)) else ["/bin/sh", "-c", cmd]
        who = pwd.getpwnam(user) if user else pwd.getpwuid(os.geteuid())
        home = self.home(who)
        full = dict(self.env(), HOME=str(home), USER=who.pw_name, LOGNAME=who.pw_name, **(env or {}))
        switch = {} if who.pw_uid == os.geteuid() else {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
        program = shutil.which(argv[0], path=full["PATH"]) or argv[0]
        begin = time.monotonic()
        try:
            done = None
            # slurmctld cannot change a job before slurmdbd knows it, and gives up after five seconds.
            while not done or (_NOT_YET in done.stderr and time.monotonic() < begin + timeout):
                done = subprocess.run([program, *map(str, argv[1:])], env=full, cwd=cwd or home, text=True, input=stdin or "",
                                      errors="replace", capture_output=True, timeout=timeout, check=False, **switch)
        except FileNotFoundError:
            raise ClusterError(f"{argv[0]}: not found on the cluster's PATH") from None
        except subprocess.TimeoutExpired as late:
            raise ClusterError(f"{_shown(cmd)}: no answer in {timeout} s; it said: {late.stdout or ''}") from None
        if check and done.returncode:
            raise ClusterError(f"{_shown(cmd)}: exit {done.returncode}: {(done.stderr or done.stdout).strip()}")
        return done

    def home(self, who):
        home = self.layout.root / "home" / who.pw_name
        if not home.is_dir():
            home.mkdir(exist_ok=True)  # another thread may be as quick
            if os.geteuid() == 0:
                os.chown(home, who.pw_uid, who.pw_gid)
        return home

    def users(self):
        """Existing users to run jobs as: several system users when root, else only oneself."""
        if os.geteuid():
            return [config.user_name()]
        known = {entry.pw_name for entry in pwd.getpwall()}
        return [name for name in _USERS if name in known]

    # -- accounting ---------------------------------------------------------------------------------------------

    def sacctmgr(self, *args):
        """`sacctmgr -inP ARGS`; returns its output, stripped."""
        return self.run(["sacctmgr", "-inP", *args]).stdout.strip()

    def add_account(self, account, users, *limits):
        """An account with its users, e.g. add_account("ehpc", ["daemon"], "QOS=normal")."""
        self.sacctmgr("add", "account", account, *limits)
        for user in users:
            # The first account is the default one; from 25.11 on only if that is said.
            first = [] if self.sacctmgr("list", "user", user) else [f"defaultaccount={account}"]
            self.sacctmgr("add", "user", user, f"account={account}", *first)

    def sacct(self, *args):
        """Rows of `sacct -nPaX ARGS` as lists of fields."""
        out = self.run(["sacct", "-nPaX", *args]).stdout
        return [line.split("|") for line in out.splitlines()]

    # -- jobs ---------------------------------------------------------------------------------------------------

    def sbatch(self, *args, script="sleep 1", user=None, check=True, env=None):
        """Submit a batch script. Returns the job id, or with check=False the CompletedProcess."""
        text = script if script.startswith("#!") else f"#!/bin/sh\n{script}\n"
        done = self.run(["sbatch", "--parsable", *args], user=user, check=check, stdin=text, env=env)
        return done.stdout.strip().split(";")[0] if check else done

    def gate(self):
        """A script, gate.script, for jobs that run until gate.open(), however long a test takes until then."""
        return _Gate(self.layout.root / f"gate-{uuid.uuid4().hex}")

    def job(self, job_id):
        """Fields of `scontrol show job` as a dict; empty when the controller does not know the job."""
        done = self.run(["scontrol", "-o", "show", "job", str(job_id)], check=False)
        if done.returncode:
            return {}
        return dict(re.findall(r"(\w[\w/:]*)=(.*?)(?=\s+\w[\w/:]*=|\s*$)", done.stdout.splitlines()[0]))

    def job_state(self, job_id):
        """State of a job from the controller, else from accounting; "" if neither knows it."""
        state = self.job(job_id).get("JobState", "")
        if not state:
            rows = self.sacct("-j", str(job_id), "-o", "state")
            state = rows[0][0].split()[0] if rows and rows[0][0] else ""
        return state

    def wait_job(self, job_id, states=FINAL, timeout=TIMEOUT):
        """Wait until the job is in one of `states` (a name or several); returns the state."""
        wanted = (states,) if isinstance(states, str) else tuple(states)
        deadline = time.monotonic() + timeout
        while True:
            state = self.job_state(job_id)
            if state in wanted:
                return state
            if time.monotonic() > deadline or (state in FINAL and not set(wanted) & set(FINAL)):
                raise ClusterError(f"job {job_id}: is {state or 'unknown'}, waited for {', '.join(wanted)}; "
                                   f"reason {self.job(job_id).get('Reason', '?')}")
            time.sleep(0.2)

    def wait(self, test, timeout=TIMEOUT, what="condition"):
        """Poll until test() is true and return its value; ClusterError after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while True:
            value = test()
            if value:
                return value
            if time.monotonic() > deadline:
                raise ClusterError(f"{what}: not reached in {timeout} s")
            time.sleep(0.2)

    def wait_saved(self):
        """Wait until slurmctld has written what it knows of jobs by now: call it before a kill -9 that must lose nothing.

        It writes some seconds after a change, so a change is made that changes nothing: without one there may be no more to
        write. A queue that is empty has nothing to lose."""
        rows = self.run(["squeue", "-h", "-o", "%A|%j"]).stdout.splitlines()
        if not rows:
            return
        # A job whose row in the database is being made when the state is written can never be changed again in 22.05. It is
        # made within five seconds; held jobs have none, so that is as long as it is worth waiting for.
        procs.wait_until(lambda: {row.split("|")[0] for row in rows} <= self._accounted(), 8, 0.2)
        state, now = self.layout.root / "state" / "job_state", time.time()
        time.sleep(0.02)  # times of files go by the kernel's ticks, so one written at once could seem to be older
        if not any(self._change(*row.split("|", 1)) for row in rows[:10]):
            raise ClusterError(f"none of {', '.join(rows[:10])} can be changed")
        self.wait(lambda: state.exists() and state.stat().st_mtime > now, what="job state written")

    def _change(self, job, name):
        return self.run(["scontrol", "update", f"JobId={job}", f"JobName={name}"], check=False, timeout=30).returncode == 0

    def _accounted(self):
        """Ids of the jobs that slurmdbd knows; a held one may not be among them."""
        out = self.run(["sacct", "-nPaX", "-S", "now-1days", "-o", "jobidraw"], check=False).stdout
        return set(out.split())

    def cancel_all(self, timeout=TIMEOUT):
        """Cancel every job and wait until none is left."""
        self.run(["scancel", "--state=PENDING"], check=False)
        self.run("squeue -h -o %A | sort -u | xargs -r scancel", check=False)
        self.wait(lambda: not self.run(["squeue", "-h"]).stdout.strip(), timeout, "empty queue")

    # -- configuration ------------------------------------------------------------------------------------------

    def conf(self, *lines):
        """Set slurm.conf lines ("Key=Value"; "Key=" removes). Takes effect at reconfigure() or restart()."""
        text = self.layout.conf.read_text()
        for line in lines:
            text = config.set_line(text, line)
        self.layout.conf.write_text(text)

    def aif_conf(self, name, text):
        """Write a file of the aif/ configuration directory, atomically."""
        path = self.layout.aif / name
        aside = path.with_suffix(".new")
        aside.write_text(text)
        aside.replace(path)
        return path

    def reconfigure(self, check=True):
        """`scontrol reconfigure` (what became of it is returned), then wait until the controller answers."""
        self._keep_cluster_id()
        done = threading.Event()
        may_stop = (24, 11) <= self.install.version < (24, 11, 6)
        if may_stop:
            threading.Thread(target=self._wake, args=(done,), daemon=True).start()
        try:
            said = self.run(["scontrol", "reconfigure"], check=check and not may_stop)
        finally:
            done.set()
        if may_stop and said.returncode and not self._is_back():
            self._start_again()
        elif check and said.returncode:
            raise ClusterError(f"scontrol reconfigure: exit {said.returncode}: {(said.stderr or said.stdout).strip()}")
        self.wait(lambda: self.run(["scontrol", "ping"], check=False).returncode == 0, TIMEOUT, "slurmctld after reconfigure")
        return said

    def _keep_cluster_id(self):
        """A slurmctld 24.11 that goes on after a reconfigure that failed, while slurmdbd is slow to answer, writes down another
        ClusterID than it has there, and the next one does not start with it."""
        path = self.layout.root / "state" / "clustername"
        known = path.read_text() if path.exists() else None
        if self._cluster_id is None:
            self._cluster_id = known
        elif known != self._cluster_id:
            path.write_text(self._cluster_id)

    def _wake(self, done):
        """slurmctld up to 24.11.5 may stop at a reconfigure until a signal comes (fixed in 24.11.6, see Slurm's list of changes):
        where it waits for its last connections, or later where it waits for them again."""
        while not done.wait(20):
            _, asked, since = self.ctld_log().rpartition("Reconfigure signal (SIGHUP) received")
            if asked and "slurmctld version" not in since:
                # A daemon of its own (detach()) is known by its file alone.
                os.kill(self.pid("ctld") or int((self.layout.run / "slurmctld.pid").read_text()), signal.SIGUSR2)

    def _is_back(self):
        """Whether slurmctld answers, soon after a reconfigure that failed; else no signal has woken it."""
        return procs.wait_until(lambda: self.run(["scontrol", "ping"], check=False).returncode == 0, 30)

    def _start_again(self):
        """What remains to be done with one that has stopped for good. It had saved its state."""
        self.kill("ctld")
        self.restart("ctld")

    def up(self):
        """The controllers (of controllers()) that answer, in control or not."""
        said = self.run(["scontrol", "ping"], check=False).stdout
        roles = {"ctld": "primary", "backup": "backup"}
        return [name for name, role in roles.items() if re.search(rf"\({role}\d*\) at \S+ is UP", said)]

    def ctld_log(self, daemon="ctld"):
        """The whole log of a slurmctld; of the backup controller with "backup"."""
        name = "slurmctld.log" if daemon == "ctld" else f"slurmctld-{daemon}.log"
        return (self.layout.log / name).read_text(errors="replace")

    def node_log(self, name):
        """The whole log of one slurmd."""
        return (self.layout.log / f"slurmd-{name}.log").read_text(errors="replace")

    def output(self, job_id, user=None):
        """What a batch job wrote to its default output file."""
        who = pwd.getpwnam(user) if user else pwd.getpwuid(os.geteuid())
        return Path(self.home(who), f"slurm-{job_id}.out").read_text(errors="replace")


class _Gate:
    def __init__(self, path):
        self._path = path
        self.script = f"until [ -e {path} ]; do sleep 0.1; done"

    def open(self):
        self._path.touch()


def _shown(cmd):
    return cmd if isinstance(cmd, str) else shlex.join(map(str, cmd))
