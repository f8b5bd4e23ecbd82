"""One seed: so many random steps on one fresh slurmctld, and what the audit says of them."""

import dataclasses
import random

from clusterlib import ClusterError
from clusterlib.slurm import SlurmInstall

from .events import Events
from .site import Shape, StepSite

# What must not happen. Not among them, and why: STRICT jobs wait because their user asked for it. DIFFERS is what the
# wrapper is for. FOUND: stock's own search missed a place that its check then confirmed.
BAD = ("LOST", "LATER", "RANGE", "CODE", "PREEMPT", "RECOUNT")
TOPOLOGIES = ("tree", "flat", "block")
PREEMPTIONS = ("off", "requeue", "off", "cancel", "off", "suspend")


@dataclasses.dataclass
class Outcome:
    seed: int
    shape: Shape
    steps: int = 0
    submitted: int = 0
    unsettled: int = 0
    totals: dict = dataclasses.field(default_factory=dict)
    bad: list = dataclasses.field(default_factory=list)
    last: list = dataclasses.field(default_factory=list)

    def text(self):
        figures = " ".join(f"{key} {n}" for key, n in self.totals.items())
        return (f"seed {self.seed} {self.shape.topology} preempt={self.shape.preempt} weights={self.shape.weights}: "
                f"{self.steps} steps, {self.submitted} jobs, unsettled {self.unsettled}; {figures}")


def shape_of(seed, version):
    """Topology, preemption, weights and way of counting follow from the seed, so that a few seeds see all of them."""
    topologies = TOPOLOGIES if version >= (23, 11) else TOPOLOGIES[:2]
    return Shape(topology=topologies[seed % len(topologies)], preempt=PREEMPTIONS[seed // 2 % len(PREEMPTIONS)],
                 weights=seed % 7 == 3, select="CR_Core" if seed % 5 == 4 else "CR_Core_Memory",
                 nodes=24 if seed % 4 == 1 else 16)


def run_seed(seed, steps, prefix, build, keep=False, progress=None, shape=None):
    """An Outcome; bad has the audit's lines of what must not be, last the steps before the first of them."""
    shape = shape or shape_of(seed, SlurmInstall().version)
    outcome = Outcome(seed, shape)
    with StepSite(shape, prefix, build, keep=keep) as site:
        site.start()
        if not site.findings("comparing the wrapper"):
            raise ClusterError("the audit plugin was not loaded")
        events = Events(random.Random(seed), site)
        while outcome.steps < steps:
            words = events.step()
            outcome.last.append(f"{outcome.steps}: {words}")
            if "-> ok" not in words:
                continue  # refused: nothing has happened
            outcome.unsettled += not site.say("settle")[0]
            outcome.steps += 1
            if outcome.steps % 100 == 0:
                del outcome.last[:-100]
                if progress:
                    progress(f"seed {seed}: {outcome.steps} steps")
        outcome.submitted = events.numbers["submitted"]
        site.stop()
        outcome.totals = site.totals()
        outcome.bad = site.findings(*BAD)
    return outcome
