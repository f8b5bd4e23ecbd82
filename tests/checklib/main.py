"""tests/check: which gates run where, and the sum of it all."""

import os
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import roots  # noqa: E402
from gates import GATES, TOP, Context  # noqa: E402
from run import Interrupted, catch_signals, run, tail  # noqa: E402
from tally import Tally, one_failed, one_passed  # noqa: E402

ALL = ("build", *GATES)


def usage(problem):
    print(f"tests/check: {problem}; see the head of tests/check", file=sys.stderr)
    sys.exit(2)


def arguments(argv):
    """(versions or None, gates or None, pytest arguments)"""
    version, only, rest = "", None, []
    for arg in argv:
        if arg.startswith("--slurm="):
            version = arg.partition("=")[2]
        elif arg.startswith("--only="):
            only = arg.partition("=")[2].split(",")
        elif arg in ("-h", "--help"):
            print(*[line[2:] for line in (TOP / "tests" / "check").read_text().splitlines() if line.startswith("# ")],
                  sep="\n")
            sys.exit(0)
        else:
            rest.append(arg)
    unknown = [gate for gate in only or [] if gate not in ALL]
    if unknown:
        usage(f"--only={unknown[0]}: want of {', '.join(ALL)}")
    return version, only, rest


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
    gates = only or ALL
    sections = "gates" if set(gates) & {"valgrind", "cppcheck", "clang"} else "test"
    log = TOP / "build" / "setup.log"
    log.parent.mkdir(exist_ok=True)
    print("== set-up: packages, Slurm source, build, install", flush=True)
    status = run([TOP / "tests" / "setup", f"--with={sections}"], log, 2400)
    if status != 0:
        print(tail(log))
        total.add(one_failed(f"set-up: exit {status}"))
        return
    total.add(one_passed())
    context = Context(tail(log, 1), pytest_args)
    for name in [g for g in GATES if g in gates]:
        total.add(timed(name, lambda gate=GATES[name]: gate(context)))


def timed(name, action):
    print(f"== {name}", flush=True)
    begin = time.monotonic()
    result = action()
    print(f"== {name}: {result.line()} ({time.monotonic() - begin:.0f} s)", flush=True)
    return result


def elsewhere(version, only, pytest_args):
    """Another Slurm, in a root of its own."""
    log = TOP / "build" / "setup.log"
    log.parent.mkdir(exist_ok=True)
    if run([TOP / "tests" / "setup", "--packages-only", "--with=root"], log, 1800) != 0:
        print(tail(log))
    return roots.check(version, only, pytest_args)


def check(total, version, only, pytest_args):
    if version in ("", "all") or version == installed_version():
        here(total, only, pytest_args)
    if version == "all":
        others = [v for v in roots.SUITES if v > installed_version()]
    else:
        others = [version] if version and version != installed_version() else []
    for other in others:
        total.add(timed(f"Slurm {other}", lambda v=other: elsewhere(v, only, pytest_args)))


def main():
    version, only, pytest_args = arguments(sys.argv[1:])
    catch_signals()
    total = Tally()
    try:
        check(total, version, only, pytest_args)
    except Interrupted:
        total.add(one_failed("interrupted"))
    print("\n".join([*total.notes, total.line()]), flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
