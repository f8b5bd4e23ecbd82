"""What a cluster looks like: the options of `tests/cluster up`, kept in DIR/cluster.json."""

import dataclasses
import os
import re

from .errors import ClusterError

PLUGINS = ("job_submit", "site_factor", "priority", "select", "spank")
# `all` takes the SITE factor: priority/aif is the other shim over the same function, and only one may be active.
ALL_PLUGINS = ("job_submit", "site_factor", "select", "spank")


@dataclasses.dataclass
class Options:
    """Effect of each field: see `tests/cluster up --help`."""

    nodes: int = 6
    gpus: int = 4
    cpus: int = 8
    leaf: int = 2
    locations: str = ""
    name: str = "aif"
    prefix: str = ""
    plugins: str = "all"
    slurm_prefix: str = ""
    conf_lines: list = dataclasses.field(default_factory=list)
    aif_conf: str = ""
    backup: bool = False

    def __post_init__(self):
        _check_range("--nodes", self.nodes, 1, 512)
        _check_range("--gpus", self.gpus, 0, 16)
        _check_range("--cpus", self.cpus, 1, 512)
        _check_range("--leaf", self.leaf, 1, 512)
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", self.name):
            raise ClusterError(f"--name {self.name!r}: want a lower-case word of at most 32 characters")
        if self.backup and os.geteuid():
            raise ClusterError("--backup: a second slurmctld on one machine needs a host name of its own, which only "
                               "root can give it")
        self.plugin_set()
        self.node_locations()
        for line in self.conf_lines:
            if "=" not in line:
                raise ClusterError(f"--conf-line {line!r}: want Key=Value")

    def plugin_set(self):
        """The plugins in use; empty on a stock cluster (no prefix)."""
        if not self.prefix or self.plugins == "none":
            return frozenset()
        names = ALL_PLUGINS if self.plugins == "all" else self.plugins.split(",")
        unknown = [n for n in names if n not in PLUGINS]
        if unknown:
            raise ClusterError(f"--plugins {self.plugins!r}: {unknown[0]!r} is none of {', '.join(PLUGINS)}, all, none")
        if {"site_factor", "priority"} <= set(names):
            raise ClusterError("--plugins: site_factor and priority are two shims over one function; choose one")
        return frozenset(names)

    def node_locations(self):
        """Location of every node ("" for none), in node order, from e.g. FI:4,SE:2."""
        places = []
        for part in filter(None, self.locations.split(",")):
            match = re.fullmatch(r"([A-Za-z0-9_-]{1,16}):(\d{1,4})", part)
            if not match:
                raise ClusterError(f"--locations {part!r}: want NAME:COUNT[,NAME:COUNT...], e.g. FI:4,SE:2")
            places += [match[1]] * int(match[2])
        if len(places) > self.nodes:
            raise ClusterError(f"--locations {self.locations!r}: names {len(places)} nodes, the cluster has {self.nodes}")
        return places + [""] * (self.nodes - len(places))

    def node_names(self):
        return [f"n{i}" for i in range(1, self.nodes + 1)]


def _check_range(what, value, low, high):
    if not low <= value <= high:
        raise ClusterError(f"{what} {value}: want a number from {low} to {high}")
