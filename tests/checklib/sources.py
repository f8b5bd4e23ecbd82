"""tests/check --slurm-source=DIR: what can be tested with nothing but a configured source tree of a Slurm."""

import gates
import support
from gates import TOP, Context
from run import run, tail
from sourcetree import NoTree, make_prefix, version
from tally import Tally, one_failed, one_passed, one_skipped

ONLY = ("build", "unit", "exports")


def check(tree, only, timed):
    """Tally of the gates of ONLY (those that are asked for) with that tree; the others are skipped."""
    try:
        name = version(tree)
        build = TOP / "build" / f"{name}-source"
        (build / "log").mkdir(parents=True, exist_ok=True)
        make_prefix(tree, build / "slurm")
    except NoTree as problem:
        return one_failed(str(problem))
    total = Tally()
    wanted = [gate for gate in ONLY if gate in (only or ONLY)]
    total.add(timed(f"Slurm {name}: build", lambda: _build(name, tree, build)))
    support.record(name, "build", total)
    if total.failed:
        return total
    context = Context(build, [])
    if "unit" in wanted:
        total.add(timed(f"Slurm {name}: unit", lambda: _recorded("unit", context, LD_LIBRARY_PATH=f"{build}/slurm/lib")))
    if "exports" in wanted:
        total.add(timed(f"Slurm {name}: exports", lambda: _recorded("exports", context)))
    if only is None or "pytest" in only:
        total.add(one_skipped(f"Slurm {name}: pytest: only its source is here; --slurm-root=DIR names a root that has it"))
    return total


def _recorded(gate, context, **env):
    result = gates.unit(context, env) if env else gates.GATES[gate](context)
    support.record(context.build.name.removesuffix("-source"), gate, result)
    return result


def _build(name, tree, build):
    steps = [("make", ["make", "-j2"], 3600), ("install", ["make", "install"], 600)]
    if not (build / "config.status").exists():
        steps.insert(0, ("configure", [TOP / "configure", "--quiet", "--enable-werror", f"--prefix={build}/inst",
                                       f"--with-slurm={build}/slurm", f"--with-slurm-source={tree}"], 1200))
    if not (TOP / "configure").exists():
        steps[:0] = [("packages", [TOP / "tests" / "setup", "--packages-only"], 3600),
                     ("autoreconf", ["autoreconf", "-fi", TOP], 600)]
    for step, argv, timeout in steps:
        log = build / "log" / f"{step}.log"
        if run(argv, log, timeout, cwd=build) != 0:
            print(tail(log), flush=True)
            return one_failed(f"Slurm {name}: {step}: {_reason(log)}; whole log: {log}")
    return one_passed()


def _reason(log):
    """The line that says why, not how far make came."""
    lines = [line for line in tail(log, 200).splitlines() if "error:" in line or "undefined reference" in line]
    return lines[0] if lines else tail(log, 1)
