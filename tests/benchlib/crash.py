"""crash: aif-reportd killed, and its disk full, read-only or broken, at every call that writes, syncs, renames or sends."""

import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from clusterlib import Cluster, ClusterError, Options

from .frame import installed_prefix

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cluster_tests"))

SUMMARY = "aif-reportd broken at each of its calls on thousands of jobs; every total must be right afterwards"
STAGES = ("archive", "collect", "files", "waldur", "events", "everything")


def add_options(parser):
    parser.add_argument("--rows", type=int, default=5000, help="jobs in slurmdbd (default 5000)")
    parser.add_argument("--stages", default=",".join(STAGES), help="which of " + ", ".join(STAGES) + " (default all)")
    parser.add_argument("--kinds", default="kill,torn,28,30,5",
                        help="what happens: kill, torn (in the middle of a write), or an errno from that call on (default kill,torn,28,30,5); in "
                        "the stage collect also look and half: what kill and torn would leave, of one run that waits at each call")
    parser.add_argument("--every", type=int, default=1, help="break only every so manieth call (default 1)")
    parser.add_argument("--first", type=int, default=1, help="the first call (default 1)")
    parser.add_argument("--build", default="", help="build directory (default $AIF_BUILD, else the prefix's parent)")


def run(args, report):
    stages = args.stages.split(",")
    if set(stages) - set(STAGES) or not 100 <= args.rows <= 100000 or args.every < 1 or args.first < 1:
        raise ClusterError(f"--stages {args.stages} --rows {args.rows} --every {args.every} --first {args.first}: want some of "
                           f"{', '.join(STAGES)}, 100 to 100000 rows, and calls counted from 1")
    prefix = installed_prefix(args.prefix)
    build = Path(args.build or os.environ.get("AIF_BUILD") or prefix.parent)
    directory = Path(tempfile.mkdtemp(prefix="aifb-", dir=os.environ.get("AIF_TEST_TMP", "/tmp")))
    directory.chmod(0o755)
    cluster = None
    try:
        cluster = Cluster.create(directory / "c", Options(nodes=1, name="aif", prefix=str(prefix), plugins="none"))
        (directory / "w").mkdir()
        failures = walk_all(args, report, stages, cluster, directory / "w", build)
    finally:
        if cluster:
            cluster.down()
        if not args.keep:
            shutil.rmtree(directory, ignore_errors=True)
    if failures:
        raise ClusterError(f"{failures} walks failed")


def walk_all(args, report, stages, cluster, directory, build):
    from crashsite import CrashSite  # only here: it needs pytest, which those who ask for another benchmark may not have

    failed = 0
    with CrashSite(cluster, directory, build, args.rows) as site:
        for name in stages:
            for kind in [word for word in args.kinds.split(",") if fits(name, word)]:
                failed += walk(args, report, site, name, kind)
    return failed


def fits(stage, kind):
    """"everything" goes on until it is not killed any more; only "collect" does all its work alone, so that it can be looked at."""
    return stage == "collect" if kind in ("look", "half") else stage != "everything" or not kind.isdigit()


def walk(args, report, site, name, kind):
    """One line of JSON: points that were tried, and the first failure."""
    stage, begin, before, failure = site.stage(name), time.monotonic(), site.points, None
    everything, on_files, _ = stage.calls()
    calls, until = (on_files, "-1000000") if kind.isdigit() else (on_files if kind == "half" else everything, "")
    report.progress(f"{name}, {kind}: {calls} calls")
    try:
        stage.walk(kind, range(args.first, calls + 1, args.every), until)
    except AssertionError as wrong:
        failure = str(wrong)
    print(json.dumps({"bench": "crash", "stage": name, "kind": kind, "rows": len(site.rows), "calls": calls, "every": args.every,
                      "points": site.points - before, "failure": failure, "seconds": round(time.monotonic() - begin, 1)}), flush=True)
    return failure is not None
