"""lane: what the promise of Fast Lane costs the others, simulated over job traces with the lane engine itself."""

import json
import os
import statistics
import tempfile
from pathlib import Path

from clusterlib import ClusterError

from . import lane_trace
from .frame import ROOT, Report, installed_prefix
from .lane_run import AGE_MAX_S, LANE, MODES, PERCENTILES, STRICT_POINTS, Simulator, kept, mean, figures, others_wait, qos_points, \
    seconds, slowdown, write_site

SUMMARY = "promise of Fast Lane and slowdown of the others, against QOS weight, strict priority and first-come, simulated"
FCFS, QOS, LEAST, STRICT = "first-come", "QOS weight", "QOS weight 95", "strict priority"
# Which of two traces is the worse one, and what a figure is compared with.
GOALS = {"promise_kept_pct": (min, "goal 95 percent", 95), "others_slowdown_vs_fcfs": (max, FCFS, 1),
         "others_slowdown_vs_qos_weight": (max, QOS, 1), "utilisation_vs_fcfs": (min, FCFS, 1)}
HEAD_START_STEP_S = 300
CURVE = {"target": ("00:30:00", "01:00:00", "02:00:00", "04:00:00", "08:00:00"), "from": (0, 50, 75, 90),
         "urgency": (1000, 10000, 100000, 1000000), "base": (0, 1000, 10000, 100000)}
CURVE_HEAD_STARTS_H = (1, 2, 3, 4, 6, 12)


def add_options(parser):
    parser.add_argument("--trace", action="append", default=[], metavar="FILE",
                        help="job trace, may be repeated (default: all of $AIF_TRACES, else of ../shared/data/traces)")
    parser.add_argument("--gpus", type=int, default=2288, help="GPUs of the cluster (default 2288)")
    parser.add_argument("--load", type=float, default=0.95, help="offered load, a part of the cluster (default 0.95)")
    parser.add_argument("--jobs", type=int, default=0, help="only the first so many jobs of a trace (default all)")
    parser.add_argument("--lane", action="append", default=[], metavar="KEY=VALUE",
                        help="a key of the lane other than in etc/policy.json, e.g. target=01:00:00")
    parser.add_argument("--curve", action="store_true", help="print how promise and cost change with each key of the lane, and end")
    parser.add_argument("--build", default="", help="build directory (default $AIF_BUILD, else the prefix's parent)")


def run(args, report):
    if not 0 < args.load <= 2 or args.gpus < 8 or args.jobs < 0:
        raise ClusterError(f"--load {args.load} --gpus {args.gpus} --jobs {args.jobs}: want a load above 0 up to 2 and 8 GPUs or more")
    program, paths, lane = built(args), lane_trace.find(args.trace), changes(args.lane)
    worst = {}
    with tempfile.TemporaryDirectory(prefix="aifb-", dir=os.environ.get("AIF_TEST_TMP", "/tmp")) as directory:
        simulator = Simulator(program, Path(directory), args.gpus)
        for path in paths:
            name = path.name.split(".")[0]
            bench = Bench(simulator, jobs_of(path, args), lane, Report(f"{report.bench}:{name}"))
            for metric, samples in (bench.curve() if args.curve else bench.compare()).items():
                worst.setdefault(metric, []).append(samples)
    for metric, (choose, _other, _against) in GOALS.items():
        if metric in worst:
            show(report, metric, choose(worst[metric], key=statistics.median))


def show(report, metric, samples):
    _worse, other, against = GOALS[metric]
    if against == 1:
        report.versus(metric, other, samples, [1] * len(samples))
    else:
        report.figure(metric, "percent", samples, other, [against])


def built(args):
    """The program that `make` leaves in the build directory."""
    directory = args.build or os.environ.get("AIF_BUILD") or installed_prefix(args.prefix).parent
    program = (Path(directory) / "tests/benchlib/lane_sim").absolute()
    if not program.exists():
        raise ClusterError(f"{program}: missing; run make there, or give --build")
    return program


def changes(texts):
    """{"target": "01:00:00", "from": 50} of KEY=VALUE; what is wrong with them, the policy's own check says."""
    pairs = [text.partition("=") for text in texts]
    return {key: int(value) if value.isdigit() else value for key, _equals, value in pairs}


def jobs_of(path, args):
    rows = lane_trace.read(path)
    rows = rows[:args.jobs or len(rows)]
    return [lane_trace.make(rows, args.gpus, args.load, seed) for seed in range(1, args.pairs + 1)]


class Bench:
    """One trace, with as many draws of limits and modes as there are pairs."""

    def __init__(self, simulator, draws, lane, report):
        self.simulator, self.draws, self.lane, self.report = simulator, draws, lane, report
        self.target = seconds(write_site(simulator.directory, lane).get("target"))
        self.weighted = {}

    def simulate(self, name, **keys):
        """Figures of each draw, by a discipline: qos=POINTS, lane=1, or first come, first served."""
        rows = []
        for jobs in self.draws:
            starts, closed = self.simulator.starts(jobs, **keys)
            rows.append(dict(figures(jobs, starts, self.simulator.gpus, self.target), closed=closed))
        self.report.progress(f"{name}: {kept(rows):.2f} % start in time, slowdown of the others {slowdown(rows):.4g}, their mean wait "
                             f"{others_wait(rows):.0f} s, utilisation {mean(rows, 'utilisation'):.4f}, "
                             f"load {mean(rows, 'load'):.3f}, lane closed {100 * mean(rows, 'closed'):.2g} % of the time")
        return rows

    # -- the lane of the policy --------------------------------------------------------------------------------------------

    def compare(self):
        """Prints all figures; returns the samples of those that have a goal."""
        fcfs, ours, strict = self.simulate(FCFS), self.simulate("lane", lane=1), self.simulate(STRICT, qos=STRICT_POINTS)
        head_start, weighted = self.tune(kept(ours), strict)
        least = self.tune(min(kept(ours), GOALS["promise_kept_pct"][2]), strict)[1]
        found = {"promise_kept_pct": [kept([row]) for row in ours],
                 "others_slowdown_vs_fcfs": ratios(slowdown, ours, fcfs),
                 "others_slowdown_vs_qos_weight": costs(slowdown, ours, weighted, fcfs),
                 "utilisation_vs_fcfs": ratios(lambda rows: mean(rows, "utilisation"), ours, fcfs)}
        found = {metric: samples for metric, samples in found.items() if samples}
        for metric, samples in found.items():
            show(self.report, metric, samples)
        self.report.alone("qos_weight_head_start_s", "s", [head_start])
        self.tell(ours, fcfs, {QOS: weighted, LEAST: least, STRICT: strict})
        return found

    def tune(self, wanted, strict):
        """The smallest QOS weight, as seconds of age, with which as many of the lane's jobs start in time."""
        low, high, rows = 0, AGE_MAX_S, strict
        if kept(strict) < wanted:
            return high, strict
        step = self.target
        while high - low > HEAD_START_STEP_S:
            middle = min(low + step, (low + high) // 2)
            tried = self.by_qos(middle)
            if kept(tried) >= wanted:
                high, rows = middle, tried
            else:
                low, step = middle, 2 * step
        return high, rows

    def by_qos(self, head_start):
        if head_start not in self.weighted:
            self.weighted[head_start] = self.simulate(f"{QOS}, head start {head_start} s", qos=qos_points(head_start))
        return self.weighted[head_start]

    def tell(self, ours, fcfs, others):
        """What the goals do not say: the others by name, mean waits, and the percentiles of each mode."""
        for name, rows in others.items():
            word = name.replace(" ", "_").lower()
            self.report.alone(f"{word}_kept_pct", "percent", [kept([row]) for row in rows])
            self.report.versus(f"{word}_slowdown_vs_fcfs", FCFS, *columns(slowdown, rows, fcfs))
            self.report.versus(f"others_slowdown_to_{word}", name, *columns(slowdown, ours, rows))
            for what, of in (("slowdown", slowdown), ("wait", others_wait)):
                cost = costs(of, ours, rows, fcfs)
                if cost and (name, what) != (QOS, "slowdown"):
                    self.report.versus(f"others_{what}_vs_{word}", name, cost, [1] * len(cost))
        self.report.alone("fcfs_kept_pct", "percent", [kept([row]) for row in fcfs])
        self.report.versus("others_wait_vs_fcfs", FCFS, *columns(others_wait, ours, fcfs))
        for mode in MODES:
            for part in PERCENTILES:
                mine, theirs = ([max(1, row["waits"][mode][part]) for row in rows] for rows in (ours, fcfs))
                self.report.figure(f"wait_p{part}_s {mode}", "s", mine, FCFS, theirs)

    # -- other lanes -------------------------------------------------------------------------------------------------------

    def curve(self):
        """A line of JSON for each point: every key of the lane by itself, and QOS weight; nothing has a goal."""
        fcfs = self.simulate(FCFS)
        for key, values in CURVE.items():
            for value in values:
                lane = write_site(self.simulator.directory, {**self.lane, key: value})
                self.target = seconds(lane.get("target"))
                self.point({"lane": lane}, self.simulate(f"{key} {value}", lane=1), fcfs)
        self.target = seconds(write_site(self.simulator.directory, self.lane).get("target"))
        for hours in CURVE_HEAD_STARTS_H:
            self.point({"qos_weight_head_start_h": hours}, self.by_qos(3600 * hours), fcfs)
        return {}

    def point(self, what, rows, fcfs):
        print(json.dumps({"bench": self.report.bench, **what, "target_s": self.target, "promise_kept_pct": round(kept(rows), 2),
                          "others_slowdown_vs_fcfs": round(slowdown(rows) / slowdown(fcfs), 4),
                          "others_wait_vs_fcfs": round(others_wait(rows) / others_wait(fcfs), 4),
                          "utilisation_vs_fcfs": round(mean(rows, "utilisation") / mean(fcfs, "utilisation"), 4),
                          "lane_wait_p50_s": statistics.median(row["waits"][LANE][50] for row in rows)}), flush=True)


def columns(of, *sides):
    """A figure of each draw, for each of the sides."""
    return [[of([row]) for row in rows] for rows in sides]


def ratios(of, ours, theirs):
    return [a / b for a, b in zip(*columns(of, ours, theirs))]


def costs(of, ours, theirs, without):
    """What ours adds to first-come, as a part of what theirs adds, over all draws but one, for each one: a single draw's
    difference is smaller than what chance does to it. Empty where theirs adds nothing: then there is nothing to compare with."""
    found = []
    for i in range(len(ours)):
        a, b, base = (of(rows[:i] + rows[i + 1:] or rows) for rows in (ours, theirs, without))
        if b <= base:
            return []
        found.append((a - base) / (b - base))
    return found
