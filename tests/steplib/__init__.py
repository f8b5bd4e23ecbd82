"""Random events on a real slurmctld whose clock the test puts forward, with the audit of the select wrapper in front."""

from .identity import Pair
from .run import BAD, Outcome, run_seed
from .site import Shape, StepSite

__all__ = ["BAD", "Outcome", "Pair", "Shape", "StepSite", "run_seed"]
