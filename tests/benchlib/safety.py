"""safety: jobs that plain Slurm would have started and ours did not, over thousands of random events on a real slurmctld."""

import os
from pathlib import Path

from clusterlib import ClusterError
from steplib import run_seed

from .frame import installed_prefix

SUMMARY = "random events on a small cluster, each of Slurm's searches for nodes compared with what stock would have answered"
FIGURES = ("calls", "starts", "LOST", "LATER", "RANGE", "CODE", "PREEMPT", "RECOUNT", "recounts", "DIFFERS", "FOUND", "STRICT", "samples")


def add_options(parser):
    parser.add_argument("--seeds", type=int, default=10, help="how many random sequences (default 10)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default 0); one that failed can be run again alone")
    parser.add_argument("--steps", type=int, default=2000, help="events per seed (default 2000)")
    parser.add_argument("--build", default=os.environ.get("AIF_BUILD", ""),
                        help="build directory, for the audit plugin (default $AIF_BUILD, else beside the prefix)")


def run(args, report):
    prefix = installed_prefix(args.prefix)
    build = Path(args.build) if args.build else prefix.parent
    sums = dict.fromkeys(("steps", "jobs", "unsettled", *FIGURES), 0)
    failed = []
    for seed in range(args.first, args.first + args.seeds):
        outcome = run_seed(seed, args.steps, prefix, build, args.keep, report.progress)
        report.progress(outcome.text())
        for line in [*outcome.bad[:10], *(outcome.last if outcome.bad else [])]:
            report.progress(f"    {line}")
        if outcome.bad:
            failed.append(seed)
        for key, n in {"steps": outcome.steps, "jobs": outcome.submitted, "unsettled": outcome.unsettled,
                       **outcome.totals}.items():
            sums[key] = sums.get(key, 0) + n
    for key, n in sums.items():
        report.alone(key.lower(), "count", [n])
    if failed:
        raise ClusterError(f"seeds {', '.join(map(str, failed))}: see above; again with --first N --seeds 1 --keep")
