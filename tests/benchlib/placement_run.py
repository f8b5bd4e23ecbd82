"""Runs tests/benchlib/placement_sim.c for tests/bench placement: a cluster, a draw of jobs, all ways to place them."""

import subprocess
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from clusterlib import ClusterError

from . import lane_trace, placement_trace


@dataclass(frozen=True)
class Cluster:
    """Nodes of `gpus` GPUs, leaf switches of `leaf` nodes in groups of `group` (0: none)."""
    nodes: int
    gpus: int
    leaf: int
    group: int = 0
    pairs: int = 0

    def arguments(self):
        return [f"{key}={getattr(self, key)}" for key in ("nodes", "gpus", "leaf", "group", "pairs")]


# After reference topology.md 4.2. LUMI's nodes have their NICs on four switches, so the group is their innermost island.
CLUSTERS = {"lumi": Cluster(248, 8, 124, 0, 1), "leonardo": Cluster(720, 4, 10, 180), "jupiter": Cluster(6000, 4, 16, 240),
            "nvl72": Cluster(1152, 4, 18)}
# Those of reference topology.md 5.8, to compare with its first simulation.
FIRST = {"512x4": Cluster(512, 4, 16), "256x8": Cluster(256, 8, 16), "576x4": Cluster(576, 4, 18)}
STOCK = ("flat", "tree", "dragonfly", "block")
# No way to place jobs, but what the best could reach: a machine without nodes, on which no GPU is ever stranded.
POOL = "pool"
POOL_FIGURES = ("wait_all", "wait_weighted", "utilisation", "utilisation_queued")
ARMS = (*STOCK, "best_fit", "ours", "ours_flat", "ours_block", "strict", POOL)
REAL = ("philly",)


@dataclass(frozen=True)
class Case:
    """What one process simulates."""
    program: Path
    trace: Path
    jobs: int
    cluster_name: str
    cluster: Cluster
    load: float
    days: float
    seed: int
    arms: tuple
    keys: tuple = ()

    @property
    def trace_name(self):
        return self.trace.name.split(".")[0]

    @property
    def title(self):
        return f"{self.cluster_name} {self.trace_name} load {self.load:g}"


def kind_of(trace_name):
    return "real" if trace_name.startswith(REAL) else "synthetic"


def simulate(program, cluster, draw, arms, keys=()):
    """{arm: {figure: value}} of one draw."""
    lines = [f"{len(draw.jobs)}", *(" ".join(map(str, job)) for job in draw.jobs)]
    done = subprocess.run([program, *cluster.arguments(), f"begin={draw.begin}", f"end={draw.end}", *keys, *arms],
                          input="\n".join(lines) + "\n", capture_output=True, text=True, check=False)
    if done.returncode:
        raise ClusterError(done.stderr.strip() or f"{program}: exit {done.returncode}")
    return read(done.stdout)


def read(text):
    found = {}
    for line in text.splitlines():
        key, value = line.split()
        if key == "arm":
            figures = found[value] = {}
        else:
            figures[key] = float(value)
    return found


def pool(case, draw):
    """The same jobs by GPUs alone. Of the figures only those that do not speak of nodes mean anything."""
    gpus = case.cluster.nodes * case.cluster.gpus
    jobs = [(submit, duration, wanted, nodes * per_node, 1) for submit, duration, wanted, nodes, per_node in draw.jobs]
    figures = simulate(case.program, Cluster(gpus, 1, gpus), replace(draw, jobs=jobs), ("flat",), case.keys)["flat"]
    return {name: figures[name] for name in POOL_FIGURES}


def run_case(case):
    rows = lane_trace.read(case.trace)
    rows = rows[:case.jobs or len(rows)]
    return run_draw(case, placement_trace.draw(rows, case.cluster, case.load, case.days, case.seed))


def run_draw(case, draw):
    found = simulate(case.program, case.cluster, draw, [arm for arm in case.arms if arm != POOL], case.keys)
    if POOL in case.arms:
        found[POOL] = pool(case, draw)
    return found


def run_all(cases, workers):
    """(case, its figures), in the order of the cases."""
    with ProcessPoolExecutor(workers) as pool:
        yield from zip(cases, pool.map(run_case, cases))
