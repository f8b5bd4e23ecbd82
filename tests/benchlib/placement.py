"""placement: fragments, needless islands and waits with our placement and with stock Slurm's, simulated over job traces."""

import json
import math
import os
import statistics
from itertools import groupby
from pathlib import Path

from clusterlib import ClusterError

from . import lane_trace, placement_live
from .frame import _round, installed_prefix
from .placement_run import ARMS, CLUSTERS, FIRST, POOL, STOCK, Case, kind_of, run_all

SUMMARY = "placement of GPU jobs against stock flat, tree, dragonfly and block on four kinds of clusters, simulated"
LOADS = (0.75, 0.85, 0.95)
USUAL = (*STOCK, "ours", "strict", POOL)
LARGE_NODES = 6000
SOFT = ("flat", "tree", "dragonfly")  # stock sides that never let a job wait for better nodes
# Figures that say nothing below: waits shorter than the interval of backfill, spans and fragments that hardly exist.
LEAST = {"wait_all": 30, "wait_multi": 30, "wait_weighted": 30, "wait_gpu1": 30, "span_time": 0.005, "stranded": 0.0005}


class Goal:
    """A ratio of two arms' means, with the worse direction."""

    def __init__(self, figure, ours, others, better=min, worse=max, large=None):
        self.figure, self.ours, self.others, self.better, self.worse, self.large = figure, ours, others, better, worse, large

    def other(self, arms):
        """The arm to be compared with: of several the best, by its mean over all seeds."""
        present = [arm for arm in self.others if arm in arms]
        return self.better(present, key=lambda arm: mean(arms[arm], self.figure)) if present else None

    def ratio(self, arms):
        """(ratio of the means, its standard deviation by leaving one seed out, name of the other arm), or None."""
        other = self.other(arms)
        if self.ours not in arms or other is None:
            return None
        mine, theirs = ([row.get(self.figure, 0) for row in arms[arm]] for arm in (self.ours, other))
        if statistics.fmean(theirs) < LEAST.get(self.figure, 1e-9):
            return None
        return quotient(mine, theirs), jackknife(mine, theirs), other


GOALS = {
    "span_vs_tree": Goal("span_time", "ours", ("tree",)),
    "stranded_vs_best_stock": Goal("stranded", "ours", STOCK),
    "stranded_vs_best_stock_6000": Goal("stranded", "ours", STOCK, large=True),
    "wait_vs_best_stock": Goal("wait_all", "ours", STOCK),
    "wait_vs_best_soft_stock": Goal("wait_all", "ours", SOFT),
    "wait_weighted_vs_best_stock": Goal("wait_weighted", "ours", STOCK),
    "util_vs_best_stock": Goal("utilisation", "ours", STOCK, max, min),
    "strict_wait_vs_block": Goal("wait_multi", "strict", ("block",)),
    "strict_wait_all_vs_block": Goal("wait_all", "strict", ("block",)),
    "strict_wait_weighted_vs_block": Goal("wait_weighted", "strict", ("block",)),
    "strict_span_vs_block": Goal("span_time", "strict", ("block",)),
    # How near a goal of waits can be come at all.
    "pool_wait_vs_best_stock": Goal("wait_all", POOL, STOCK),
    "pool_wait_weighted_vs_best_stock": Goal("wait_weighted", POOL, STOCK),
    # Where we may lose.
    "wait_gpu1_vs_best_stock": Goal("wait_gpu1", "ours", STOCK),
    "wait_multi_vs_best_stock": Goal("wait_multi", "ours", STOCK),
    "block_wait_vs_block": Goal("wait_all", "ours_block", ("block",)),
    "block_stranded_vs_block": Goal("stranded", "ours_block", ("block",)),
}


def add_options(parser):
    parser.add_argument("--trace", action="append", default=[], metavar="FILE",
                        help="job trace, may be repeated (default: all of $AIF_TRACES, else of ../shared/data/traces)")
    parser.add_argument("--cluster", action="append", default=[], choices=[*CLUSTERS, *FIRST],
                        help=f"may be repeated (default {' '.join(CLUSTERS)})")
    parser.add_argument("--load", action="append", type=float, default=[], help="offered load, may be repeated (default .75 .85 .95)")
    parser.add_argument("--arm", action="append", default=[], choices=ARMS, help=f"may be repeated (default {' '.join(USUAL)})")
    parser.add_argument("--seeds", type=int, default=8, help="draws of limits and submit times (default 8)")
    parser.add_argument("--jobs", type=int, default=0, help="only the first so many jobs of a trace (default all)")
    parser.add_argument("--days", type=float, default=2, help="a trace is laid over itself until it fills so many days (default 2)")
    parser.add_argument("--key", action="append", default=[], metavar="KEY=NUMBER", help="of placement_sim.c, e.g. leftover=600")
    parser.add_argument("--live", type=int, default=0, metavar="STARTS",
                        help="instead: compare so many starts of a real slurmctld per side and seed with the simulator's choices")
    parser.add_argument("--nodes", type=int, default=48, help="of that slurmctld, in leaves of 8 (default 48)")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes (default: as many as processors)")
    parser.add_argument("--build", default="", help="build directory (default $AIF_BUILD, else the prefix's parent)")


def run(args, report):
    if args.seeds < 1 or args.jobs < 0 or args.days < 0 or any(not 0 < load <= 2 for load in args.load):
        raise ClusterError("--seeds, --jobs, --days, --load: want 1 or more, 0 or more, 0 or more, and above 0 up to 2")
    if args.live:
        live(args, report)
        return
    ratios = {}
    for case, arms in by_case(cases_of(args), args.workers):
        tell(report, case, arms)
        for metric, goal in GOALS.items():
            if goal.large and case.cluster.nodes < LARGE_NODES:
                continue
            found = goal.ratio(arms)
            if found:
                ratios.setdefault(metric, []).append((*found, case))
                show(f"{report.bench}:{case.title}", metric, found, len(arms[goal.ours]))
    for metric, found in ratios.items():
        worst = GOALS[metric].worse(found, key=lambda one: one[0])
        show(report.bench, metric, worst, args.seeds, case=worst[3].title)


def live(args, report):
    """A line per side: how often slurmctld and the simulator chose the same nodes, and what became of the cluster either way."""
    build = built(args)
    for side in [side for side in placement_live.SIDES if not args.arm or side in args.arm]:
        rows = [placement_live.compare(side, seed, args.live, args.nodes, installed_prefix(args.prefix), build)
                for seed in range(1, args.seeds + 1)]
        figures = {name: sum(row[name] for row in rows) for name in ("starts", "equal", "better", "worse", "refused")}
        for name in ("stranded", "leaves"):
            figures[f"{name}_vs_slurmctld"] = _round(mean(rows, f"{name}_own") / mean(rows, f"{name}_real"))
        print(json.dumps({"bench": f"{report.bench}:live", "metric": "equal_choices", "value": _round(figures["equal"] / figures["starts"]),
                          "unit": "share", "arm": side, "n": len(rows), "figures": figures}), flush=True)


def built(args):
    """The build directory, in which `make` leaves the programs."""
    directory = Path(args.build or os.environ.get("AIF_BUILD") or installed_prefix(args.prefix).parent).absolute()
    for name in ("placement_sim", "placement_replay"):
        if not (directory / "tests/benchlib" / name).exists():
            raise ClusterError(f"{directory}/tests/benchlib/{name}: missing; run make there, or give --build")
    return directory


def cases_of(args):
    program = built(args) / "tests/benchlib/placement_sim"
    arms = tuple(arm for arm in ARMS if arm in (args.arm or USUAL))
    return [Case(program, path, args.jobs, name, (CLUSTERS | FIRST)[name], load, args.days, seed, arms, tuple(args.key))
            for name in args.cluster or CLUSTERS for path in lane_trace.find(args.trace) for load in args.load or LOADS
            for seed in range(1, args.seeds + 1)]


def by_case(cases, workers):
    """(a case, {arm: [figures of each seed]}) as soon as all its seeds are there."""
    for _title, group in groupby(run_all(cases, workers), key=lambda done: done[0].title):
        done = list(group)
        yield done[0][0], {arm: [figures[arm] for _case, figures in done] for arm in done[0][1]}


# -- what came of it -------------------------------------------------------------------------------------------------------


def mean(rows, figure):
    return statistics.fmean(row.get(figure, 0) for row in rows)


def deviation(values):
    return statistics.stdev(values) if len(values) > 1 else 0.0


def quotient(mine, theirs):
    return statistics.fmean(mine) / statistics.fmean(theirs)


def jackknife(mine, theirs):
    """Standard deviation of the ratio of the means."""
    count = len(mine)
    if count < 2:
        return 0.0
    parts = [quotient(mine[:i] + mine[i + 1:], theirs[:i] + theirs[i + 1:]) for i in range(count) if sum(theirs) > theirs[i]]
    middle = statistics.fmean(parts)
    return math.sqrt((count - 1) / count * sum((part - middle) ** 2 for part in parts))


def tell(report, case, arms):
    """A line per arm with the mean and standard deviation of each figure over the seeds."""
    for arm, rows in arms.items():
        figures = {name: [_round(mean(rows, name)), _round(deviation([row.get(name, 0) for row in rows]))] for name in rows[0]}
        print(json.dumps({"bench": report.bench, "cluster": case.cluster_name, "trace": case.trace_name, "kind": kind_of(case.trace_name),
                          "load": case.load, "arm": arm, "n": len(rows), "figures": figures}), flush=True)
        report.progress(f"{case.title}, {arm}: " + ", ".join(
            f"{name} {mean(rows, key) * scale:.4g}" for name, key, scale in
            (("stranded %", "stranded", 100), ("span %", "span_time", 100), ("wait", "wait_all", 1), ("multi", "wait_multi", 1),
             ("1 GPU", "wait_gpu1", 1), ("used %", "utilisation", 100), ("us", "choice_us", 1)) if key in rows[0]))


def show(bench, metric, found, count, **more):
    value, deviation_of, other = found[:3]
    print(json.dumps({"bench": bench, "metric": metric, "value": _round(value), "unit": "ratio", "other": other, "ratio": _round(value),
                      "n": count, "sd": _round(deviation_of), **more}), flush=True)
