"""The Slurm installation a cluster runs on."""

import glob
import os
import re
import shutil
import subprocess

from .errors import ClusterError

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_CLIENTS = ("sinfo", "scontrol", "sacctmgr", "srun", "sbatch")
_DAEMONS = ("slurmctld", "slurmd", "slurmdbd")


class SlurmInstall:
    """Where the binaries and stock plugins are, and their version (a tuple such as (22, 5, 8))."""

    def __init__(self, prefix=""):
        self.prefix = os.path.abspath(prefix) if prefix else ""
        own = [f"{self.prefix}/sbin", f"{self.prefix}/bin"] if self.prefix else []
        self.path = os.pathsep.join(own + [os.environ.get("PATH", ""), _SYSTEM_PATH])
        self._programs = {}
        for name in _CLIENTS + _DAEMONS:
            self.program(name)
        self.version = self._version()
        self.plugin_dir = self._plugin_dir()

    def program(self, name):
        """Absolute path of a program; ClusterError if it is not installed."""
        if name not in self._programs:
            found = shutil.which(name, path=self.path)
            if not found:
                raise ClusterError(f"{name}: not found on PATH; install it (tests/setup does) or give --slurm-prefix")
            self._programs[name] = found
        return self._programs[name]

    @property
    def version_text(self):
        """As Slurm writes it: 22.05.8."""
        major, minor, micro = self.version
        return f"{major}.{minor:02}.{micro}"

    @property
    def select_type(self):
        """SelectType with the wrapper: in front of the stock plugin by its name, or by a name of its own."""
        return "select/cons_tres_aif" if self.version >= (25, 5) else "select/cons_tres"

    def _version(self):
        out = subprocess.run([self.program("slurmctld"), "-V"], capture_output=True, text=True, check=False).stdout
        match = re.search(r"(\d+)\.(\d+)\.(\d+)", out)
        if not match:
            raise ClusterError(f"slurmctld -V says {out.strip()!r}: no version in it")
        return tuple(int(n) for n in match.groups())

    def _plugin_dir(self):
        if self.prefix:
            places = [f"{self.prefix}/lib/slurm", f"{self.prefix}/lib64/slurm"]
        else:
            places = glob.glob("/usr/lib/*/slurm-wlm") + ["/usr/lib64/slurm", "/usr/lib/slurm", "/usr/local/lib/slurm"]
        for place in places:
            if os.path.exists(f"{place}/select_cons_tres.so"):
                return place
        raise ClusterError(f"select_cons_tres.so: in none of {', '.join(places)}; where are the stock Slurm plugins?")
