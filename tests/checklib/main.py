"""tests/check: which gates run where, and the sum of it all."""

import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import roots  # noqa: E402
import sources  # noqa: E402
import support  # noqa: E402
from gates import BY_NAME, GATES, TOP, Context  # noqa: E402
from run import Interrupted, catch_signals, run, tail  # noqa: E402
from tally import Tally, one_failed, one_passed, one_skipped  # noqa: E402

ALL = ("build", *GATES)


def usage(problem):
    print(f"tests/check: {problem}; see the head of tests/check", file=sys.stderr)
    sys.exit(2)


def arguments(argv):
    """(version or "", gates or None, source trees, roots, pytest arguments)"""
    version, only, trees, given_roots, rest = "", None, [], [], []
    for arg in argv:
        if arg.startswith("--slurm="):
            version = arg.partition("=")[2]
        elif arg.startswith("--only="):
            only = arg.partition("=")[2].split(",")
        elif arg.startswith("--slurm-source="):
            trees.append(Path(arg.partition("=")[2]).resolve())
        elif arg.startswith("--slurm-root="):
            given_roots.append(Path(arg.partition("=")[2]).resolve())
        elif arg in ("-h", "--help"):
            print(*[line[2:] for line in (TOP / "tests" / "check").read_text().splitlines() if line.startswith("# ")],
                  sep="\n")
            sys.exit(0)
        else:
            rest.append(arg)
    unknown = [gate for gate in only or [] if gate not in ALL]
    if unknown:
        usage(f"--only={unknown[0]}: want of {', '.join(ALL)}")
    return version, only, trees, given_roots, rest


def installed_version():
    """"22.05" of the slurmctld on PATH, else of the one that set-up will install, "" if that is unknown."""
    try:
        out = subprocess.run(["slurmctld", "-V"], capture_output=True, text=True, check=False,
                             env={"PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}).stdout
    except OSError:
        out = ""
    if out.split():
        return ".".join(out.split()[-1].split(".")[:2])
    release = Path("/etc/os-release").read_text()
    return next((v for v, suite in roots.SUITES.items() if f"VERSION_CODENAME={suite}\n" in release), "")


def here(total, only, pytest_args):
    """The installed Slurm; adds to `total` gate by gate, so that an interruption keeps what was counted."""
    gates = only or [gate for gate in ALL if gate not in BY_NAME]
    sections = "gates" if set(gates) & {"valgrind", "cppcheck", "clang"} else "test"
    if "packages" in gates:
        sections += ",packages"
    log = TOP / "build" / "setup.log"
    log.parent.mkdir(exist_ok=True)
    print("== set-up: packages, Slurm source, build, install", flush=True)
    status = run([TOP / "tests" / "setup", f"--with={sections}"], log, 3600)
    if status == 75:
        total.add(one_skipped(f"set-up: {tail(log, 1)}"))
        return
    if status != 0:
        print(tail(log))
        total.add(one_failed(f"set-up: exit {status}"))
        return
    total.add(one_passed())
    context = Context(tail(log, 1), pytest_args)
    if "layout" in gates or context.stand_in:
        found = timed("layout", lambda: recorded("layout", context))
        total.add(found)
        if context.stand_in and not found.passed:
            return
    support.record(context.build.name, "build", one_passed())
    if "unit" in gates:
        total.add(timed("unit", lambda: recorded("unit", context)))
    beside = Beside([name for name in GATES if name in gates and name not in ("layout", "unit", "pytest")], context)
    try:
        if "pytest" in gates:
            total.add(timed("pytest", lambda: recorded("pytest", context)))
        total.add(beside.result())
    finally:
        beside.end()


class Beside:
    """Gates without a cluster, one after the other in a process of its own: the cluster tests, which mostly wait, run meanwhile."""

    def __init__(self, names, context):
        self.log = context.log("beside")
        self.log.unlink(missing_ok=True)
        self.tally, sender = multiprocessing.Pipe(duplex=False)
        self.process = multiprocessing.Process(target=self._run, args=(names, context, sender)) if names else None
        if self.process:
            self.process.start()
        sender.close()

    def _run(self, names, context, sender):
        total = Tally()
        os.nice(10)
        with open(self.log, "w", encoding="utf-8") as out:
            os.dup2(out.fileno(), 1)
        try:
            for name in names:
                total.add(timed(name, lambda gate=name: recorded(gate, context)))
        except Interrupted:
            total.add(one_failed("interrupted"))
        sender.send(total)

    def result(self):
        """What they found, after what they said."""
        if not self.process:
            return Tally()
        try:
            tally = self.tally.recv()
        except EOFError:
            tally = one_failed("gates: ended without a result")
        self.process.join()
        self.process = None
        print(self.log.read_text(encoding="utf-8", errors="replace"), end="", flush=True)
        return tally

    def end(self):
        """Also when there will be no result."""
        if self.process:
            self.process.terminate()
            self.process.join()


def recorded(gate, context):
    """What the gate found, noted for the table of README.md unless it was of single tests."""
    result = GATES[gate](context)
    if not context.pytest_args:
        support.record(context.build.name, gate, result)
    return result


def timed(name, action):
    print(f"== {name}", flush=True)
    begin = time.monotonic()
    result = action()
    print(f"== {name}: {result.line()} ({time.monotonic() - begin:.0f} s)", flush=True)
    return result


def elsewhere(version, only, trees, pytest_args):
    """Another Slurm, in a root of its own; `trees` are of sources that the mirror may not have."""
    log = TOP / "build" / "setup.log"
    log.parent.mkdir(exist_ok=True)
    if run([TOP / "tests" / "setup", "--packages-only", "--with=root"], log, 3600) != 0:
        print(tail(log))
    return roots.check(version, only, pytest_args, trees)


def given(total, only, trees, given_roots, pytest_args):
    """Slurms that are named by where they are: by source tree, by root, or by both, a root then is of the tree's version."""
    for tree in trees:
        total.add(sources.check(tree, only, timed))
    for root in given_roots:
        total.add(timed(f"root {root}", lambda r=root: roots.check_given(r, trees, only, pytest_args)))


def check(total, version, only, trees, pytest_args):
    if version in ("", "all") or version == installed_version():
        here(total, only, pytest_args)
    if version == "all":
        others = [v for v in roots.STABLE if v > installed_version()]
    else:
        others = [version] if version and version != installed_version() else []
    for other in others:
        total.add(timed(f"Slurm {other}", lambda v=other: elsewhere(v, only, trees, pytest_args)))


def main():
    version, only, trees, given_roots, pytest_args = arguments(sys.argv[1:])
    catch_signals()
    total = Tally()
    try:
        if given_roots or (trees and not version):
            given(total, only, trees, given_roots, pytest_args)
        else:
            check(total, version, only, trees, pytest_args)
    except Interrupted:
        total.add(one_failed("interrupted"))
    print("\n".join([*total.notes, total.line()]), flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
