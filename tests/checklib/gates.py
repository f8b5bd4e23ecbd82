"""The gates: each takes a Context and returns a Tally."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

from exports import expected_files
from exports import problems as plugin_problems
from packages import packages
from run import run, tail
from sourcetree import NoTree
from tally import Tally, one_failed, one_passed, one_skipped

TOP = Path(__file__).resolve().parents[2]
VALGRIND = ("./libtool --mode=execute valgrind --quiet --error-exitcode=99 --leak-check=full "
            "--errors-for-leak-kinds=definite,indirect,possible")
CPPCHECK = ["cppcheck", "--quiet", "-j2", "--enable=warning,performance,portability", "--inline-suppr", "--std=c11",
            "--error-exitcode=1", "--suppress=missingInclude", "--suppress=missingIncludeSystem", "--suppress=unknownMacro",
            "-Ilib"]

# Cluster tests mostly wait. A file stays with one worker, since its tests share clusters.
WORKERS = ["-n", "4", "--dist", "loadfile"]


class Context:
    """What gates share: build directory of the version under test, its Slurm source, log directory, pytest arguments."""

    def __init__(self, build, pytest_args):
        self.build = Path(build)
        self.logs = self.build / "log"
        self.pytest_args = pytest_args
        self.source = re.search(r"--with-slurm-source=([^'\s]+)", (self.build / "config.status").read_text())[1]
        mark = Path(self.source, ".aif-nearest")
        self.stand_in = mark.read_text() if mark.exists() else ""  # the version that the source really is of

    def log(self, name):
        self.logs.mkdir(exist_ok=True)
        return self.logs / f"{name}.log"


def _show(title, log):
    print(f"---- {title}: end of {log}\n{tail(log)}\n----", flush=True)


def _simple(ctx, name, argv, timeout, **kwargs):
    """A gate that is one command: one test."""
    status = run(argv, ctx.log(name), timeout, **kwargs)
    if status == 0:
        return one_passed()
    _show(name, ctx.log(name))
    return one_failed(f"{name}: {'timeout' if status is None else f'exit {status}'}")


# -- Slurm's records -----------------------------------------------------------------------------------------------------

def layout(ctx):
    """Are Slurm's records in the installed library as in the source that we build with?"""
    log = ctx.log("layout")
    status = run([ctx.build / "tests" / "layout" / "probe", _internal_library()], log, 120)
    if status == 0:
        return one_passed()
    found = tail(log, 400).splitlines()
    reason = "; ".join(found[:2]) if found else "no answer"
    if ctx.stand_in:
        return one_skipped(f"layout: the source at hand is of {ctx.stand_in}, and the installed Slurm is not like it: {reason}")
    _show("layout", log)
    return one_failed(f"layout: exit {status}: {reason}")


def _internal_library():
    sys.path.insert(0, str(TOP / "tests"))
    from clusterlib.slurm import SlurmInstall
    return Path(SlurmInstall().plugin_dir, "libslurmfull.so")


# -- unit tests ----------------------------------------------------------------------------------------------------------

def unit(ctx, env=None):
    """`make check`; every cmocka case counts."""
    return _make_check(ctx, "unit", ctx.build, cases=True, env=env)


def valgrind(ctx):
    """The same programs under memcheck; every program counts."""
    return _make_check(ctx, "valgrind", ctx.build, f"LOG_COMPILER={VALGRIND}")


def sanitizers(ctx):
    """A build of its own with ASan and UBSan; every program counts."""
    made = _build_variant(ctx, "sanitizers", ["--enable-sanitizers"])
    return made if made.failed else _make_check(ctx, "sanitizers", ctx.build / "sanitizers")


def _make_check(ctx, name, directory, *settings, cases=False, env=None):
    for old in directory.glob("tests/**/*.trs"):
        old.unlink()
    status = run(["make", "-j2", "-k", "check", *settings], ctx.log(name), 3600, cwd=directory, env=env)
    result = Tally()
    for trs in sorted(directory.glob("tests/**/*.trs")):
        result.add(_program_result(trs, name, cases))
    if status != 0 and not result.failed:
        result.add(one_failed(f"{name}: make check: {'timeout' if status is None else f'exit {status}'}"))
        _show(name, ctx.log(name))
    return result


def _program_result(trs, name, cases):
    outcome = re.search(r"^:test-result: (\w+)", trs.read_text(), re.M)[1]
    log = trs.with_suffix(".log")
    text = log.read_text(errors="replace") if log.exists() else ""
    if outcome not in ("PASS", "SKIP", "XFAIL"):
        _show(f"{name} {trs.stem}", log)
    if cases and outcome in ("PASS", "FAIL"):
        counts = {key: sum(map(int, re.findall(rf"\[\s+{key}\s+\] (?:.*: )?(\d+) test", text)))
                  for key in ("PASSED", "FAILED", "SKIPPED")}
        if counts["PASSED"] and bool(counts["FAILED"]) == (outcome == "FAIL"):
            notes = [f"FAILED {name}: {trs.stem}"] if counts["FAILED"] else []
            return Tally(counts["PASSED"], counts["FAILED"], counts["SKIPPED"], notes)
    if outcome in ("PASS", "XFAIL"):
        return one_passed()
    return one_skipped(f"{name}: {trs.stem}") if outcome == "SKIP" else one_failed(f"{name}: {trs.stem}")


# -- builds and static analysis --------------------------------------------------------------------------------------------

def gcc(ctx):
    return _build_variant(ctx, "gcc", ["--enable-werror", "CC=gcc"])


def clang(ctx):
    return _build_variant(ctx, "clang", ["--enable-werror", "CC=clang"])


def _build_variant(ctx, name, options):
    """Configure and build everything, unit tests included, in a directory of its own."""
    directory = ctx.build / name
    directory.mkdir(exist_ok=True)
    if not (directory / "config.status").exists():
        made = _simple(ctx, f"{name}-configure", [TOP / "configure", "--quiet", f"--with-slurm-source={ctx.source}",
                                                  *options], 1200, cwd=directory)
        if made.failed:
            return made
    return _simple(ctx, f"{name}-build", ["make", "-j2", "check", "TESTS="], 3600, cwd=directory)


def cppcheck(ctx):
    folders = [f for f in ("lib", "plugins", "spank", "tools", "lua", "tests") if any((TOP / f).rglob("*.c"))]
    return _simple(ctx, "cppcheck", [*CPPCHECK, *folders], 3600, cwd=TOP)


# -- the plugins as files ---------------------------------------------------------------------------------------------------

def exports(ctx):
    """What the installed plugins export and ask for, and that they load anywhere; every plugin counts."""
    return plugins_as_files(ctx.build / "inst" / "lib" / "slurm-aif", Path(ctx.source))


def plugins_as_files(directory, tree, name="exports"):
    result = Tally()
    try:
        problems = plugin_problems(directory, tree)
    except (NoTree, OSError, subprocess.SubprocessError) as problem:
        return one_failed(f"{name}: {problem}")
    for file in [f"{name}.so" for name in expected_files(tree)] + ["spank_aif.so"]:
        texts = [text for of, text in problems if of == file]
        result.add(one_failed(f"{name}: {file} {'; '.join(texts)}") if texts else one_passed())
    return result


# -- cluster tests ---------------------------------------------------------------------------------------------------------

def pytest(ctx):
    """tests/cluster_tests on real clusters; whatever happens, no cluster outlives this."""
    clusters = Path(tempfile.mkdtemp(prefix="aift-", dir="/tmp"))
    clusters.chmod(0o755)
    report = ctx.logs / "pytest.xml"
    report.unlink(missing_ok=True)
    env = {"AIF_PREFIX": str(ctx.build / "inst"), "AIF_TEST_TMP": str(clusters), "AIF_BUILD": str(ctx.build),
           "AIF_TEST_LOGS": str(ctx.logs / "clusters"), "PYTHONDONTWRITEBYTECODE": "1"}
    shutil.rmtree(ctx.logs / "clusters", ignore_errors=True)
    argv = [sys.executable, "-m", "pytest", "-vv", "--color=no", f"--junitxml={report}", "-c", TOP / "tests" / "pytest.ini",
            *([] if _names_tests(ctx.pytest_args) else [*WORKERS, TOP / "tests" / "cluster_tests"]), *ctx.pytest_args]
    try:
        status = run(argv, ctx.log("pytest"), 7200, cwd=TOP, env=env, echo=True)
    finally:
        _remove_clusters(clusters)
    return _pytest_result(report, status)


def _names_tests(args):
    return any("::" in arg or (TOP / arg).exists() or Path(arg).exists() for arg in args if not arg.startswith("-"))


def _remove_clusters(parent):
    sys.path.insert(0, str(TOP / "tests"))
    from clusterlib import Cluster, ClusterError
    for directory in list(parent.glob("*/")):
        try:
            Cluster(directory).down(purge=True)
        except ClusterError:
            pass
    shutil.rmtree(parent, ignore_errors=True)


def _pytest_result(report, status):
    what = "timeout" if status is None else f"exit {status}"
    if not report.exists():
        return one_failed(f"pytest: {what}, no report")
    result = Tally()
    for case in xml.parse(report).getroot().iter("testcase"):
        name = f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}"
        skip = case.find("skipped")
        problems = [problem for kind in ("failure", "error") for problem in case.findall(kind)]
        if problems:
            result.add(one_failed(f"pytest: {name}: {_in_a_line(problems[0].get('message'))}"))
        elif skip is not None:
            result.add(one_skipped(f"pytest: {name}: {skip.get('message')}"))
        else:
            result.add(one_passed())
    # 5: no test matches the arguments.
    if status not in (0, 5) and not result.failed:
        result.add(one_failed(f"pytest: {what}"))
    return result


def _in_a_line(text):
    """What is left of CI's output may be its end alone. " - " is how pytest's own summary looks."""
    return " ".join((text or "").split()).replace(" - ", ", ")[:600]


GATES = {"layout": layout, "unit": unit, "exports": exports, "valgrind": valgrind, "sanitizers": sanitizers, "gcc": gcc, "clang": clang, "cppcheck": cppcheck,
         "pytest": pytest, "packages": packages}
# Takes two builds of everything and is asked for by name.
BY_NAME = ("packages",)
