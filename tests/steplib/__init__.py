"""Random events on a real slurmctld whose clock the test puts forward, with the audit of the select wrapper in front."""

from .identity import Pair
from .run import Outcome, run_seed
from .site import Shape, StepSite

__all__ = ["Outcome", "Pair", "Shape", "StepSite", "run_seed"]
