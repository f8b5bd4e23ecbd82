"""site_factor: what a refresh of a long queue costs in the decay thread, beside what multifactor does for the same jobs."""

import os
import subprocess
from pathlib import Path

from clusterlib import ClusterError

from . import decide_site
from .frame import column, installed_prefix
from .site_factor_ctld import LANE_BASE, LongQueue

SUMMARY = "site_factor/aif's refresh of 100,000 pending jobs against multifactor's own pass, and the memory it takes"
OTHER = "priority/multifactor"


def add_options(parser):
    parser.add_argument("--jobs", type=int, default=100000, help="pending jobs (default 100000)")
    parser.add_argument("--allocations", type=int, default=10000, help="allocations (default 10000)")
    parser.add_argument("--accounts", type=int, default=1000, help="accounts that have them (default 1000)")
    parser.add_argument("--build", default="", help="build directory (default $AIF_BUILD, else the prefix's parent)")


def run(args, report):
    if not 10 <= 10 * args.accounts <= args.allocations <= 100000 or not 1 <= args.jobs <= 190000:
        raise ClusterError(f"--allocations {args.allocations} --accounts {args.accounts} --jobs {args.jobs}: want ten or more "
                           "allocations per account, at most 100000, and 1 to 190000 jobs")
    prefix = installed_prefix(args.prefix)
    timer, submit = built(Path(args.build or os.environ.get("AIF_BUILD") or prefix.parent))
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    listed = decide_site.allocations(args.allocations, args.accounts, user)
    queue = LongQueue(prefix, timer, submit, listed, args.keep)
    report.progress(f"making a cluster with {args.allocations} QOS in {queue.directory}")
    with queue:
        measure(queue, args, report)
        queue.use_priority_plugin()
        looks(passes(queue, args, "priority/aif", report), "priority_look_cpu_ms", report)


def built(directory):
    """The programs that `make` leaves in the build directory."""
    files = [directory / "tests/benchlib" / name for name in (".libs/site_factor_timer.so", "submit")]
    for path in files:
        if not path.exists():
            raise ClusterError(f"{path}: missing; run make there, or give --build")
    return [path.absolute() for path in files]


def measure(queue, args, report):
    before = queue.plugin_bytes()
    report.progress(f"submitting {args.jobs} jobs")
    report.progress(f"submitted in {queue.fill(args.jobs):.0f} s")
    rows = passes(queue, args, "site_factor/aif", report)
    # Not even a look at each job takes less than a nanosecond.
    if min(column(rows, "refresh_ms")) * 1e6 < args.jobs:
        raise ClusterError(f"a refresh of {args.jobs} jobs in {min(column(rows, 'refresh_ms'))} ms did nothing")
    figures(rows, report)
    looks(rows, "look_cpu_ms", report)
    report.figure("bytes_per_job", "bytes", [(queue.plugin_bytes() - before) / args.jobs], "goal 64 bytes", [64])


def passes(queue, args, plugin, report):
    # What is made once is no part of a pass or a look.
    queue.one_pass(args.jobs)
    queue.look_ms()
    rows = []
    for i in range(args.pairs):
        rows.append({**queue.one_pass(args.jobs), "look_cpu_ms": queue.look_ms()})
        shown = ", ".join(f"{key} {value:.4g}" for key, value in rows[-1].items())
        report.progress(f"{plugin}, pass {i + 1} of {args.pairs}: {shown}")
    check(queue, args.jobs)
    return rows


def check(queue, jobs):
    """Every job of the lane must have points, and no other, or something else was measured."""
    found, lane = queue.site_factors(), queue.lane_jobs(jobs)
    got = {"all": sum(found.values()), "lane": sum(n for points, n in found.items() if points > LANE_BASE),
           "none": found.get(0, 0)}
    want = {"all": jobs, "lane": lane, "none": jobs - lane}
    if got != want:
        raise ClusterError(f"jobs by what sprio shows as SITE: {got}, not {want}")


def figures(rows, report):
    ours, theirs = column(rows, "refresh_ms"), column(rows, "slurm_ms")
    report.figure("refresh_100k_ms", "ms", ours, "goal 30 ms", [30])
    report.figure("multifactor_ms", "ms", theirs, "whole pass", column(rows, "pass_ms"))
    # Of processor time: on a busy machine the longer of the two is interrupted more often.
    report.versus("vs_multifactor", OTHER, column(rows, "refresh_cpu_ms"), column(rows, "slurm_cpu_ms"))
    report.versus("wall_vs_multifactor", OTHER, ours, theirs)


def looks(rows, metric, report):
    report.figure(metric, "ms", column(rows, "look_cpu_ms"), OTHER, column(rows, "slurm_cpu_ms"))
