"""residency: what a data residency tag costs in the submit hook and in a scheduling cycle, at 6,250 nodes."""

import os
from pathlib import Path

from clusterlib import ClusterError

from .frame import column, installed_prefix, rotate
from .residency_ctld import KINDS, ResidencyController

SUMMARY = "submit hook and main scheduling cycle with tagged jobs, against jobs without tag and stock select/cons_tres"
GOAL_SUBMIT_US = 5


def add_options(parser):
    parser.add_argument("--nodes", type=int, default=6250, help="cloud nodes (default 6250)")
    parser.add_argument("--jobs", type=int, default=30, help="jobs of 1 to 32 nodes in a cycle (default 30)")
    parser.add_argument("--submissions", type=int, default=200, help="further jobs of each kind whose submit hook is timed (default 200)")
    parser.add_argument("--build", default="", help="build directory (default $AIF_BUILD, else the prefix's parent)")


def run(args, report):
    if not 40 <= args.nodes <= 100000 or not 1 <= args.jobs <= args.nodes // 20 or not 1 <= args.submissions <= 5000:
        raise ClusterError(f"--nodes {args.nodes} --jobs {args.jobs} --submissions {args.submissions}: want 40 to 100000 nodes, 1 to a "
                           "twentieth as many jobs, and 1 to 5000 submissions")
    prefix = installed_prefix(args.prefix)
    programs = _built(Path(args.build or os.environ.get("AIF_BUILD") or prefix.parent))
    with ResidencyController(prefix, programs, args.nodes, args.keep) as ctld:
        report.progress(f"{args.nodes} nodes, Slurm {ctld.cluster.install.version_text}, in {ctld.directory}")
        rows = rotate(args.pairs, {side: _measure(ctld, side, args) for side in ("stock", "ours")}, report)
    _submissions(report, rows["ours"])
    _cycles(report, rows["ours"], rows["stock"], args.jobs)


def _built(directory):
    """The programs that `make` leaves in the build directory."""
    files = [directory / "tests/benchlib" / name for name in (".libs/hooktimer.so", "submit_gpu")]
    for path in files:
        if not path.exists():
            raise ClusterError(f"{path}: missing; run make there, or give --build")
    return [path.absolute() for path in files]


def _measure(ctld, side, args):
    """Each round takes the kinds the other way round."""
    rounds = iter(range(args.pairs))
    return lambda: ctld.measure(side, KINDS[::1 - 2 * (next(rounds) % 2)], args.jobs, args.submissions)


def _submissions(report, ours):
    for name in ("hook", "hook_median", "cold_hook"):
        tagged, plain = (column(ours, f"{kind}_{name}_us") for kind in KINDS)
        more = [a - b for a, b in zip(tagged, plain)]
        metric = {"hook": "submit_us", "hook_median": "submit_median_us", "cold_hook": "submit_cold_us"}[name]
        report.figure(metric, "us", more, f"goal {GOAL_SUBMIT_US} us", [GOAL_SUBMIT_US])
        report.figure(f"{name}_us", "us", tagged, "jobs without tag", plain)


def _cycles(report, ours, stock, jobs):
    """The whole cycle, and what of it is spent in the wrapper itself: clocks inside tell that more exactly than two starts."""
    theirs = [sum(row[f"{kind}_cycle_us"] for kind in KINDS) / len(KINDS) for row in stock]
    tagged, plain = (column(ours, f"{kind}_cycle_us") for kind in KINDS)
    report.figure("cycle_us", "us", tagged, "stock", theirs)
    report.versus("cycle_vs_stock", "stock", tagged, theirs)
    report.versus("untagged_cycle_vs_stock", "stock", plain, theirs)
    tagged, plain = (column(ours, f"{kind}_own_us") for kind in KINDS)
    report.figure("own_us", "us", tagged, "jobs without tag", plain)
    report.versus("own_vs_stock_cycle", "stock", tagged, theirs)
    report.versus("tag_vs_stock_cycle", "stock", [a - b for a, b in zip(tagged, plain)], theirs)
    report.alone("calls_per_job", "count", [row["tagged_calls"] / jobs for row in ours])
