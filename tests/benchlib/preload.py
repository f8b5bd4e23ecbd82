"""A cluster whose slurmctld runs with a library of ours preloaded."""

from clusterlib import Cluster


class PreloadedCluster(Cluster):
    """`preload`: the library, None for none; `preload_env`: what it reads from the environment."""

    preload = None
    preload_env = {}

    def _command(self, name):
        argv, log = super()._command(name)
        if name == "ctld" and self.preload:
            words = [f"{key}={value}" for key, value in self.preload_env.items()]
            argv = ["/usr/bin/env", f"LD_PRELOAD={self.preload}", *words, *argv]
        return argv, log
