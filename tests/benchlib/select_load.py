"""The jobs of `tests/bench select`: those that fill the machine, and the queue. The same for every side and every run."""

import random

from .cloud import GPUS

CHUNK = 4  # nodes that lie together in a machine that was in use for a while
SIZES = (2, 4, 8, 16, 32, 64)
LARGE = 6240  # nodes from which on large jobs grow with the machine


def size(i):
    """Nodes of the i-th job that is started: 1, 2, 4, 8, 16, 32 and again."""
    return 1 << (i % 6)


def startable(nodes, wanted):
    """How many of the first `wanted` of them fit into so many idle nodes twice, with room to choose; at least one."""
    used, count = 0, 0
    while count < wanted and used + size(count) <= 0.3 * nodes:
        used += size(count)
        count += 1
    return max(count, 1)


def starting(count):
    """Lines for submit_gpu: one node with 1 to 4 of its GPUs, larger jobs take whole nodes."""
    return [f"{size(i)} {GPUS if size(i) > 1 else 1 + i // 6 % GPUS} 60 -" for i in range(count)]


def waiting(nodes, count, blocker):
    """A queue behind a job that needs so many of 100 nodes: 54 % of one GPU, 29 % of one node, the rest larger."""
    draw = random.Random(2)
    lines = [f"{nodes * blocker // 100} {GPUS} 1440 -"]
    while len(lines) < count:
        lines.append(f"{_node_count(draw, nodes)} {GPUS} {draw.randint(10, 1440)} -" if draw.random() >= 0.54 else
                     f"1 1 {draw.randint(10, 1440)} -")
    return lines[:count]


def _node_count(draw, nodes):
    if draw.random() < 0.63:
        return 1
    return min(draw.choice(SIZES) * max(nodes // LARGE, 1), max(nodes // 20, 1))


def filling(nodes, percent):
    """Lines that put jobs onto chosen nodes until so many of 100 GPUs are in use, with ends that differ."""
    draw = random.Random(1)
    free = _shuffled(draw, nodes)
    lines, budget = [], nodes * GPUS * percent // 100
    while budget >= GPUS and free:
        if draw.random() < 0.2:  # a node shared by jobs of one GPU, often not all of it
            used = draw.choice((2, 3, 4, 4))
            lines += [_on(free[:1], nodes, 1, draw) for _ in range(used)]
            budget -= used
            free = free[1:]
        else:
            count = min(_node_count(draw, nodes), budget // GPUS, len(free))
            lines.append(_on(free[:count], nodes, GPUS, draw))
            budget -= count * GPUS
            free = free[count:]
    return lines


def _shuffled(draw, nodes):
    chunks = [range(first, min(first + CHUNK, nodes)) for first in range(0, nodes, CHUNK)]
    draw.shuffle(chunks)
    return [node for chunk in chunks for node in chunk]


def _on(hosts, nodes, gpus, draw):
    """A job kept off all other nodes: named ones would make Slurm look at all of them for each job."""
    return f"{len(hosts)} {gpus} {draw.randint(60, 1440)} {_all_but(sorted(hosts), nodes)}"


def _all_but(hosts, nodes):
    ranges, first = [], 0
    for host in [*hosts, nodes]:
        if host > first:
            ranges.append(f"{first}-{host - 1}" if host - 1 > first else f"{first}")
        first = host + 1
    return f"c[{','.join(ranges)}]" if ranges else "-"
