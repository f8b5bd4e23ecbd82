"""tests/bench placement --live: does slurmctld choose the nodes that the simulator says, step by step?

Jobs start and end one at a time on a real slurmctld without nodes (tests/steplib). Each choice is compared with what the
simulator's rules choose in the same state (placement_replay.c)."""

import random
import subprocess
from datetime import datetime

from clusterlib import ClusterError
from steplib import Shape, StepSite

from .placement_run import read

SIDES = {"flat": ("flat", False), "tree": ("tree", False), "ours": ("tree", True)}  # topology, with the wrapper
GPUS = 4
LEAF = 8
LIMITS_MIN = (480, 600, 720, 960, 1200, 1440)  # longer than any of this takes
LOOKS = 100  # for a job's start: on a busy machine a scheduler may have begun its cycle before the job came


def compare(side, seed, steps, nodes, prefix, build):
    """Figures of placement_replay.c of one random run."""
    topology, wrapped = SIDES[side]
    with StepSite(Shape(nodes=nodes, leaf=LEAF, topology=topology), prefix if wrapped else "", build, audit=False) as site:
        site.start()
        lines = Run(site, random.Random(seed), nodes).events(steps)
    done = subprocess.run([build / "tests/benchlib/placement_replay", str(nodes), str(LEAF), side], input="\n".join(lines) + "\n",
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise ClusterError(done.stderr.strip())
    return read(f"arm {side}\n{done.stdout}")[side]


class Run:
    """Random jobs that always find room, so that each is placed at once and alone."""

    def __init__(self, site, rng, nodes):
        self.site, self.rng = site, rng
        self.free = [GPUS] * nodes
        self.running = {}  # slurmctld's id: (our number, GPUs per node, its nodes)
        self.lines = []
        self.number = 0
        self.fill = rng.uniform(0.6, 0.95)

    def events(self, steps):
        while self.number < steps:
            full = 1 - sum(self.free) / len(self.free) / GPUS
            if self.running and self.rng.random() < (0.65 if full > self.fill else 0.3):
                self.end()
            else:
                self.start()
        return self.lines

    def shape(self):
        """As in the traces: mostly one GPU, some parts of nodes, some whole nodes."""
        nodes = self.rng.choices([1, 2, 3, 4, 6, 8, 12], [80, 8, 3, 4, 2, 2, 1])[0]
        return nodes, GPUS if nodes > 1 else self.rng.choices([1, 2, 3, 4], [60, 20, 5, 15])[0]

    def start(self):
        nodes, gpus = self.shape()
        if sum(free >= gpus for free in self.free) < nodes:
            return
        minutes = self.rng.choice(LIMITS_MIN)
        job = self.site.need("submit", min_nodes=nodes, max_nodes=nodes, num_tasks=nodes, min_cpus=nodes, cpus_per_task=1,
                             tres_per_node=f"{self.site.gpu}{gpus}", time_limit=minutes)
        where = self.where(job)
        fields = self.site.job(job)
        if len(where) != nodes:
            raise ClusterError(f"job {job} got {len(where)} of {nodes} nodes though they were free: {fields}")
        now = int(datetime.fromisoformat(fields["StartTime"]).timestamp())
        self.lines.append(" ".join(map(str, ("start", self.number, now, 60 * minutes, nodes, gpus, *where))))
        self.running[job] = self.number, gpus, where
        self.number += 1
        for node in where:
            self.free[node] -= gpus

    def where(self, job):
        """Its nodes, as soon as it has some."""
        for _ in range(LOOKS):
            self.site.say("settle")
            names = self.site.nodes_of(job)
            if names:
                return sorted(int(name[1:]) for name in names)
        return []

    def end(self):
        job = self.rng.choice(sorted(self.running, key=int))
        number, gpus, where = self.running.pop(job)
        self.site.need(f"complete {job}")
        self.wait_gone(job)
        self.lines.append(f"end {number}")
        for node in where:
            self.free[node] += gpus

    def wait_gone(self, job):
        """Some jobs linger, as with a slow epilog; Slurm avoids their nodes as long."""
        for _ in range(100):
            if not self.site.run(["squeue", "-h", "-t", "R,CG", "-j", job], check=False).stdout.strip():
                return
            self.site.need("forward 20")
            self.site.say("settle")
        raise ClusterError(f"job {job} does not end")
