"""Run one command of a gate: own session, output to a log, stopped as a whole when we are."""

import os
import signal
import subprocess
import threading
import time

GRACE = 90


class Interrupted(Exception):
    pass


def _raise(signum, _frame):
    raise Interrupted(signum)


def catch_signals():
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, _raise)


def run(argv, log, timeout, cwd=None, env=None, echo=False):
    """Exit status of `argv` (None on timeout); output goes to the file `log`, with `echo` to our own output too."""
    with open(log, "wb") as out:
        child = subprocess.Popen([str(a) for a in argv], cwd=cwd, env=dict(os.environ, **(env or {})),
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if echo else out,
                                 stderr=subprocess.STDOUT, start_new_session=True)
        late = threading.Event()
        # Not an alarm, which only a main thread may set: pytest-xdist may run tests in another one.
        timer = threading.Timer(timeout, lambda: (late.set(), _stop(child)))
        timer.daemon = True
        timer.start()
        try:
            if echo:
                _copy(child.stdout, out)
            status = child.wait()
            return None if late.is_set() else status
        except Interrupted:
            _stop(child)
            raise
        finally:
            timer.cancel()


def _copy(source, out):
    for line in source:
        out.write(line)
        out.flush()
        os.write(1, line)


def _stop(child):
    """End the whole session: politely (its tests stop their clusters), then not."""
    for signum, grace in ((signal.SIGTERM, GRACE), (signal.SIGKILL, 10)):
        try:
            os.killpg(child.pid, signum)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + grace
        while child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)


def tail(log, count=25):
    with open(log, encoding="utf-8", errors="replace") as f:
        return "".join(f.readlines()[-count:]).rstrip()
