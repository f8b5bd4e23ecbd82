"""A real private Slurm cluster in one directory.

Used by tests/cluster (command line), by the fixtures in tests/conftest.py and by tests/try. Standard library only.
"""

from .cluster import Cluster
from .errors import ClusterError
from .options import Options

__all__ = ["Cluster", "ClusterError", "Options"]
