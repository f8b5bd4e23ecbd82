"""A job trace made ready for tests/bench placement: nodes and GPUs per node, limits, jitter and a load that are drawn."""

import math
import random
from dataclasses import dataclass

from .lane_trace import limit

WINDOW = (0.2, 0.7)  # of the time in which jobs come: before, the cluster fills; after, it is kept full
JITTER_S = 600       # jobs come up to so much later than the trace says
SIZE_PART = 4        # no job is larger than this part of the cluster
DAY_S = 86400


@dataclass
class Draw:
    """Jobs (submit, duration, limit, nodes, GPUs per node) by submit time, and when those that count come."""
    jobs: list
    begin: int
    end: int


def shape(gpus, per_node):
    """Nodes and GPUs per node: as few nodes as can be, all alike."""
    nodes = -(-gpus // per_node)
    return nodes, -(-gpus // nodes)


def copies(rows, cluster, load, days):
    """How often the trace must be laid over itself to keep the cluster at this load for so many days."""
    work = sum(duration * gpus for _submit, duration, gpus, _user in rows)
    return max(1, math.ceil(cluster.nodes * cluster.gpus * load * days * DAY_S / work))


def draw(rows, cluster, load, days, seed):
    """Copies of the trace, each but the first begun at a random point of it, with submit times scaled so that the measured part
    offers `load` of the cluster's GPU time."""
    pick = random.Random(seed)
    first, span = rows[0][0], rows[-1][0] - rows[0][0] + 1
    most = max(1, cluster.nodes * cluster.gpus // SIZE_PART)
    mixed = []
    for copy in range(copies(rows, cluster, load, days)):
        shift = pick.uniform(0, span) if copy else 0
        mixed += [((submit - first + shift) % span, duration, min(gpus, most)) for submit, duration, gpus, _user in rows]
    factor = sum(duration * gpus for at, duration, gpus in mixed if WINDOW[0] <= at / span < WINDOW[1]) / \
        (WINDOW[1] - WINDOW[0]) / span / (cluster.nodes * cluster.gpus * load)
    jobs = sorted((int(at * factor + pick.uniform(0, JITTER_S)), duration, limit(duration, pick), *shape(gpus, cluster.gpus))
                  for at, duration, gpus in mixed)
    begin, end = (int(part * span * factor) for part in WINDOW)
    return Draw(jobs, begin, end)
