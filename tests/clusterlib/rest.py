"""slurmrestd of a cluster, as one user, on a Unix socket: jobs as portals and workflow services submit them."""

import http.client
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from . import procs
from .errors import ClusterError


class _Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=300)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class RestServer:
    """`with RestServer(cluster, user) as rest:`; the server runs as that user, and whoever asks must be him, or
    `headers` (name and token for rest_auth/jwt) tell who he is."""

    def __init__(self, cluster, user, headers=None):
        self._cluster = cluster
        self._auth = "rest_auth/jwt" if headers else "rest_auth/local"
        self.headers = headers or {}
        self._who = pwd.getpwnam(user) if user else pwd.getpwuid(os.geteuid())
        # Not below the cluster's directory: its user must be able to make the socket.
        self._dir = Path(tempfile.mkdtemp(prefix="rest-", dir=cluster.layout.root))
        self._log = self._dir / "log"
        self._server = None
        self.version = None

    def __enter__(self):
        if os.geteuid() == 0:
            os.chown(self._dir, self._who.pw_uid, self._who.pw_gid)
        switch = {} if self._who.pw_uid == os.geteuid() else {"user": self._who.pw_uid, "group": self._who.pw_gid,
                                                               "extra_groups": []}
        env = dict(self._cluster.env(), **{procs.MARK: self._cluster.mark,
                                           "SLURMRESTD_SECURITY": "disable_unshare_sysv,disable_unshare_files"})
        if self.headers:
            # Without it, slurmrestd would talk to slurmctld as who it is itself.
            env["SLURM_JWT"] = "daemon"
        program = shutil.which("slurmrestd", path=env["PATH"] + ":/usr/sbin:/sbin")
        with open(self._log, "wb") as log:
            self._server = subprocess.Popen([program, "-a", self._auth, f"unix:{self._socket}"], env=env, cwd="/",
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, **switch)
        procs.wait_until(lambda: self._socket.is_socket() or self._server.poll() is not None, 240)
        self.version = self._newest()
        return self

    def __exit__(self, *_exc):
        self._server.send_signal(signal.SIGTERM)
        try:
            self._server.wait(120)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()

    @property
    def _socket(self):
        return self._dir / "s"

    def log(self):
        return self._log.read_text(errors="replace")

    def _newest(self):
        """"v0.0.38": the newest interface for jobs."""
        _, text = self.ask("GET", "/openapi/v3")
        found = re.findall(r"slurm/v0\.0\.(\d+)/job/submit", text.replace("\\", ""))
        if not found:
            raise ClusterError(f"slurmrestd: no interface for jobs; its log: {self.log()}")
        return int(max(found, key=int))

    def ask(self, method, path, body=None):
        """(status, text); as root in a child that is the user, for the server looks at who is on the other side."""
        if os.geteuid() == self._who.pw_uid:
            return self._ask(method, path, body)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            self._ask_as_user(method, path, body, writer)
        os.close(writer)
        with os.fdopen(reader, "rb") as answers:
            text = answers.read().decode(errors="replace")
        os.waitpid(child, 0)
        status, _, text = text.partition("\n")
        return int(status or 0), text

    def _ask_as_user(self, method, path, body, writer):
        try:
            os.setgroups([])
            os.setgid(self._who.pw_gid)
            os.setuid(self._who.pw_uid)
            status, text = self._ask(method, path, body)
        except (OSError, http.client.HTTPException) as problem:
            status, text = 0, str(problem)
        with os.fdopen(writer, "wb") as out:
            out.write(f"{status}\n{text}".encode())
        os._exit(0)

    def _ask(self, method, path, body):
        connection = _Connection(self._socket)
        connection.request(method, path, body, {**self.headers, **({"Content-Type": "application/json"} if body is not None else {})})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")

    def submit(self, **job):
        """Submit a job that sleeps; (id or None, the server's answer)."""
        environment = {"PATH": "/bin:/usr/bin"}
        wanted = {"name": "rest", "current_working_directory": "/tmp", "standard_output": "/dev/null",
                  "environment": environment if self.version < 39 else [f"{k}={v}" for k, v in environment.items()], **job}
        return self.submit_bytes(json.dumps({"job": wanted, "script": "#!/bin/sh\nsleep 100\n"}).encode())

    def submit_bytes(self, body):
        _, text = self.ask("POST", f"/slurm/v0.0.{self.version}/job/submit", body)
        number = re.search(r'"job_id": *(\d+)', text)
        return (number[1] if number and number[1] != "0" else None), text
