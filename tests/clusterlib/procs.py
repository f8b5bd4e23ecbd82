"""Start processes, and find again every process that belongs to a cluster.

Each daemon carries a random mark in its environment (never exported to users), job processes carry Slurm's own SLURM_CONF
and SLURMD_NODENAME. So a cluster's processes are found from /proc alone, also after parts of it were killed, and only they
are ever signalled, one by one by PID.
"""

import os
import signal
import subprocess
import time

MARK = "AIF_CLUSTER_MARK"
_children = set()


def spawn(argv, env, log):
    """Start a daemon in its own session, output appended to `log`; returns its PID."""
    with open(log, "ab") as out:
        child = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                 start_new_session=True, cwd="/")
    _children.add(child)
    return child.pid


def stat(pid):
    """(state, parent PID, start time) of a process, None if there is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
            fields = f.read().rpartition(")")[2].split()
    except OSError:
        return None
    return fields[0], int(fields[1]), int(fields[19])


def alive(pid, start=None):
    """True if the process runs (a zombie does not) and, with `start`, is still the same one."""
    for child in list(_children):
        if child.poll() is not None:
            _children.discard(child)
    now = stat(pid)
    return bool(now) and now[0] not in "ZX" and (start is None or now[2] == start)


def find(mark, conf):
    """PIDs of every live process of the cluster: marked daemons, job processes, and all their descendants."""
    parents = {}
    found = set()
    for name in os.listdir("/proc"):
        info = stat(name) if name.isdigit() else None
        if not info or info[0] in "ZX":
            continue
        parents[int(name)] = info[1]
        if _belongs(name, mark, conf):
            found.add(int(name))
    return _with_descendants(found, parents) - _self_and_ancestors(parents)


def _belongs(pid, mark, conf):
    try:
        with open(f"/proc/{pid}/environ", "rb") as f:
            env = f.read().split(b"\0")
    except OSError:
        return False
    if f"{MARK}={mark}".encode() in env:
        return True
    return f"SLURM_CONF={conf}".encode() in env and any(e.startswith(b"SLURMD_NODENAME=") for e in env)


def _with_descendants(found, parents):
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in found and pid not in found}
        found |= more
        grown = bool(more)
    return found


def _self_and_ancestors(parents):
    pids = set()
    pid = os.getpid()
    while pid and pid not in pids:
        pids.add(pid)
        pid = parents.get(pid, 0)
    return pids


def send(pids, signum):
    for pid in pids:
        try:
            os.kill(pid, signum)
        except (ProcessLookupError, PermissionError):
            pass


def stop(pids, timeout):
    """SIGTERM, up to `timeout` seconds of grace, then SIGKILL."""
    pids = list(pids)
    send(pids, signal.SIGTERM)
    if not wait_until(lambda: not any(alive(p) for p in pids), timeout):
        send(pids, signal.SIGKILL)
        wait_until(lambda: not any(alive(p) for p in pids), 10)


def wait_until(test, timeout, step=0.05):
    """Poll `test` until it is true or `timeout` seconds have passed; returns its last value."""
    deadline = time.monotonic() + timeout
    while True:
        value = test()
        if value or time.monotonic() >= deadline:
            return value
        time.sleep(step)
