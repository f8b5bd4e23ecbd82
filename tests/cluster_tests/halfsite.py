"""A cluster with a copy of the installed plugins of its own, which can be taken away or made of another Slurm, and what programs say there."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aifsite import Site
from clusterlib import ClusterError
from clusterlib.rest import RestServer

# What people and scripts run. Those of accounting need no slurmctld.
ACCOUNTING = ("sacct -nXP -j 999999", "sacctmgr -inP list qos normal format=name", "sreport -nP cluster utilization format=cluster")
LOOKS = ("squeue", "sinfo", "scontrol ping", "scontrol -o show node", "scontrol show partition", "sprio", "sshare -nP -o account -A root -u root", "sdiag",
         "strigger --get", "scancel 999999")
SUBMITS = ("sbatch --wrap=true -N1 -o /dev/null", "srun -N1 echo in the step", "salloc -N1 echo in the allocation")
# srun and salloc tell of waiting, or do not.
WAITING = re.compile(r".*: (Granted|Pending|Waiting for resource|Nodes? |Relinquishing|job N |Job allocation).*")
C_PROGRAM = r"""
#include <stdio.h>
#include <slurm/slurm.h>
int main(void)
{
    job_info_msg_t *jobs = NULL;
    node_info_msg_t *nodes = NULL;
    partition_info_msg_t *parts = NULL;
    slurm_conf_t *conf = NULL;
    slurm_init(NULL);
    printf("%d ", slurm_load_jobs(0, &jobs, SHOW_ALL));
    printf("%d ", slurm_load_node(0, &nodes, SHOW_ALL));
    printf("%d ", slurm_load_partitions(0, &parts, SHOW_ALL));
    printf("%d\n", slurm_load_ctl_conf(0, &conf));
    return 0;
}
"""
# As pyslurm does: libslurm in an interpreter that knows nothing of it.
PYTHON = ("import ctypes as c; s = c.CDLL('libslurm.so', mode=c.RTLD_GLOBAL); s.slurm_init(None); p = c.c_void_p(); "
          "print(s.slurm_load_jobs(c.c_long(0), c.byref(p), 1), s.slurm_load_node(c.c_long(0), c.byref(p), 1))")
LUA = {"job_submit.lua": "function slurm_job_submit(job, parts, uid) return slurm.SUCCESS end\n"
                         "function slurm_job_modify(job, rec, parts, uid) return slurm.SUCCESS end\n",
       "cli_filter.lua": "function slurm_cli_setup_defaults(options, early) return slurm.SUCCESS end\n"
                         "function slurm_cli_pre_submit(options, offset) return slurm.SUCCESS end\n"
                         "function slurm_cli_post_submit(offset, job, step) return slurm.SUCCESS end\n"}


class Programs:
    """The programs of users on a cluster, as one user."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.user = "daemon" if "daemon" in cluster.users() else None
        self.binary = cluster.layout.root / "loads"
        source = self.binary.with_suffix(".c")
        source.write_text(C_PROGRAM)
        subprocess.run(["gcc", "-w", "-o", self.binary, source, "-lslurm"], check=True)

    def said(self, command):
        """[status, stdout, stderr] of a command, without what differs between any two clusters or moments."""
        done = self.cluster.run(command, user=self.user, check=False)
        return [done.returncode, self.plain(done.stdout), self.plain(done.stderr)]

    def plain(self, text):
        text = re.sub(r"\d+(\.\d+)?", "N", text.replace(str(self.cluster.layout.root), "DIR"))
        lines = (" ".join(line.split()) for line in text.splitlines())
        return "\n".join(line for line in lines if line and not WAITING.fullmatch(line))

    def rest(self):
        """What slurmrestd answers and logs."""
        with RestServer(self.cluster, self.user) as server:
            status, _ = server.ask("GET", f"/slurm/v0.0.{server.version}/ping")
            nodes, _ = server.ask("GET", f"/slurm/v0.0.{server.version}/nodes")
            job, _ = server.submit(time_limit=1)
        self.cluster.run(["scancel", str(job)], check=False)
        return [(status, nodes, bool(job)), "", self.plain(re.sub(r"rest-[^/]+/", "", server.log()))]

    def all(self):
        """Command -> what it said."""
        self.cluster.wait(self._is_quiet, what="no job left")
        words = {command: command.split() for command in ACCOUNTING + LOOKS}
        words.update({"libslurm": [str(self.binary)], "python": ["/usr/bin/python3", "-c", PYTHON]})
        with ThreadPoolExecutor(4) as pool:
            told = dict(zip(words, pool.map(self.said, words.values())))
        told["sdiag"][1] = ""  # lists what was asked of it so far
        words = {command: command.split(maxsplit=2) for command in SUBMITS}
        with ThreadPoolExecutor(4) as pool:
            rest = pool.submit(self.rest)
            told.update(zip(SUBMITS, pool.map(lambda command: self.said(command.split()), SUBMITS)))
            told["slurmrestd"] = rest.result()
        return told

    def accounting(self):
        return {command: self.said(command.split()) for command in ACCOUNTING}

    def _is_quiet(self):
        states = self.cluster.run(["sinfo", "-h", "-o", "%T"], check=False).stdout.split()
        return states == ["idle"] and not self.cluster.run(["squeue", "-h"]).stdout


class HalfSite(Site):
    """`installed` is where the cluster's own copy of the plugins is."""

    def __init__(self, cluster, allocations=()):
        super().__init__(cluster, allocations)
        self.installed = Path(cluster.options.prefix, "lib", "slurm-aif")
        self.log = ""  # of slurmctld, since the last restart

    def take(self, path):
        """Remove a file; returns what puts it back."""
        path = Path(path)
        content, mode = path.read_bytes(), path.stat().st_mode
        path.unlink()

        def put_back():
            path.unlink(missing_ok=True)
            path.write_bytes(content)
            path.chmod(mode)
        return put_back

    def forge(self, name, version):
        """A plugin as if it had been built for another Slurm; returns what undoes it."""
        path = self.installed / name
        data = bytearray(path.read_bytes())
        at = _offset(path, "plugin_version")
        assert int.from_bytes(data[at:at + 4], "little") == _number(self.cluster.install.version)
        data[at:at + 4] = _number(version).to_bytes(4, "little")
        put_back = self.take(path)  # a running daemon keeps what it has mapped
        path.write_bytes(data)
        path.chmod(0o755)
        return put_back

    def restart(self, controller=True):
        """What loads plugins, until it works; False if slurmctld ends instead."""
        cluster = self.cluster
        if controller:
            size = len(cluster.ctld_log())
            try:
                cluster.restart("ctld")
            except ClusterError:
                self.log = cluster.ctld_log()[size:]
                return False
        for name in cluster.options.node_names():
            cluster.restart(name)
        cluster.wait_nodes()
        if controller:
            self.log = cluster.ctld_log()[size:]
        return True


def _number(version):
    return version[0] << 16 | version[1] << 8 | version[2]


def _offset(path, symbol):
    """Where in the file a symbol's content is."""
    symbols = subprocess.run(["nm", "-D", path], capture_output=True, text=True, check=True).stdout
    address = int(re.search(rf"^(\w+) \w {symbol}$", symbols, re.M)[1], 16)
    headers = subprocess.run(["readelf", "-lW", path], capture_output=True, text=True, check=True).stdout
    for offset, start, size in re.findall(r"LOAD +0x(\w+) 0x(\w+) 0x\w+ 0x(\w+)", headers):
        if int(start, 16) <= address < int(start, 16) + int(size, 16):
            return int(offset, 16) + address - int(start, 16)
    raise AssertionError(f"{path}: {symbol} is in no segment")
