"""Free TCP ports for one cluster, safe against other clusters starting at the same moment.

A block of ports is reserved by binding an abstract Unix socket named after it: the kernel drops it with the process, so
no lock file outside the cluster's directory is needed. The reservation is held as long as the one who made it lives; daemons
that run on mark the block as taken by listening. The range lies below Linux's ephemeral ports.
"""

import random
import socket

from .errors import ClusterError

_FIRST, _LAST, _BLOCK = 20000, 32700, 64


class PortBlock:
    """`ports` is a list of `count` free ports in a row, reserved until release() or until nobody has the object."""

    def __init__(self, count):
        self._locks = []
        blocks = -(-count // _BLOCK)
        starts = list(range(_FIRST, _LAST - blocks * _BLOCK, _BLOCK))
        random.shuffle(starts)
        for start in starts:
            if self._lock(start, blocks) and _all_free(start, blocks * _BLOCK):
                self.ports = list(range(start, start + count))
                return
            self.release()
        raise ClusterError(f"no {count} free ports in a row between {_FIRST} and {_LAST}")

    def _lock(self, start, blocks):
        locks = [reserve(start + i * _BLOCK) for i in range(blocks)]
        self._locks = [lock for lock in locks if lock]
        return len(self._locks) == blocks

    def release(self):
        for lock in self._locks:
            lock.close()
        self._locks = []


def reserve(start):
    """The reservation of one block as long as it is open, or None: somebody else has it."""
    lock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        lock.bind(f"\0slurm-aif-ports-{start}")
    except OSError:
        lock.close()
        return None
    return lock


def port_free(port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return False
    return True


def _all_free(start, count):
    return all(port_free(port) for port in range(start, start + count))
