"""Free TCP ports for one cluster, safe against other clusters starting at the same moment.

A block of ports is reserved by binding an abstract Unix socket named after it: the kernel drops it with the process, so
no lock file outside the cluster's directory is needed. The reservation is held until the daemons listen; afterwards the
listening daemons themselves mark the block as taken. The range lies below Linux's ephemeral ports.
"""

import random
import socket

from .errors import ClusterError

_FIRST, _LAST, _BLOCK = 20000, 32700, 64


class PortBlock:
    """`with PortBlock(count) as ports:` ports is a list of `count` free ports, reserved inside the block."""

    def __init__(self, count):
        self._count = count
        self._locks = []

    def __enter__(self):
        blocks = -(-self._count // _BLOCK)
        starts = list(range(_FIRST, _LAST - blocks * _BLOCK, _BLOCK))
        random.shuffle(starts)
        for start in starts:
            if self._lock(start, blocks) and _all_free(start, blocks * _BLOCK):
                return list(range(start, start + self._count))
            self._unlock()
        raise ClusterError(f"no {self._count} free ports in a row between {_FIRST} and {_LAST}")

    def __exit__(self, *_exc):
        self._unlock()

    def _lock(self, start, blocks):
        for i in range(blocks):
            lock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._locks.append(lock)
            try:
                lock.bind(f"\0slurm-aif-ports-{start + i * _BLOCK}")
            except OSError:
                return False
        return True

    def _unlock(self):
        for lock in self._locks:
            lock.close()
        self._locks = []


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
