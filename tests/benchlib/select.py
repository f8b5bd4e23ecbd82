"""select: what the wrapper of select/cons_tres costs, or saves, at the size of an exascale machine."""

import json
import os
import re
import statistics
import subprocess
from pathlib import Path

from clusterlib import ClusterError

from . import select_load
from .cloud import GPUS, write_aif_conf
from .frame import Report, column, installed_prefix, rotate
from .select_ctld import SelectController

SUMMARY = "main scheduling cycle, backfill and submit RPC with thousands of GPU nodes, against stock select/cons_tres"
GOALS_US = {6240: 50, 24960: 200}  # of a choice
GOAL_BYTES = 1024
GOAL_FAILURES = 0.01
CHOICE_FILLS = (50, 90)
FULL_SIZE = 6240  # the size whose ratios have goals; others run fewer rounds
PARTS = {"main": ("submit_rpc", "cycle"), "backfill": ("backfill",), "choice": ()}


def add_options(parser):
    parser.add_argument("--nodes", default="1560,6240,24960", help="cloud nodes, one size or several (default 1560,6240,24960)")
    parser.add_argument("--fill", default="0,90", help="of 100 GPUs so many in use before (default 0,90)")
    parser.add_argument("--parts", default="main,backfill,choice", help="of main (with the submit RPC), backfill, choice (default all)")
    parser.add_argument("--stock", default="", help="of flat,tree,block, what stock runs with (default: all that this Slurm has)")
    parser.add_argument("--jobs", type=int, default=60, help="jobs of 1 to 32 nodes that a measurement starts, if they fit (default 60)")
    parser.add_argument("--queue", type=int, default=1000, help="pending jobs (default 1000)")
    parser.add_argument("--blocker", type=int, default=98, help="nodes of the job that does not fit, of 100 of the machine (default 98)")
    parser.add_argument("--tests", type=int, default=30, help="jobs that backfill tries per cycle (default 30)")
    parser.add_argument("--leaf", type=int, default=16, help="nodes per leaf switch (default 16)")
    parser.add_argument("--leaves", type=int, default=15, help="leaf switches per group (default 15)")
    parser.add_argument("--cores", type=int, default=16, help="cores per socket and GPU (default 16)")
    parser.add_argument("--build", default="", help="build directory (default $AIF_BUILD, else the prefix's parent)")


def run(args, report):
    if not 2 <= args.queue <= 10000 or not 1 <= args.jobs < args.queue or not 1 <= args.tests <= args.queue:
        raise ClusterError(f"--jobs {args.jobs} --queue {args.queue} --tests {args.tests}: want a queue of 2 to 10000 jobs, and less than "
                           "that of the others")
    if not 1 <= args.blocker <= 100:
        raise ClusterError(f"--blocker {args.blocker}: want 1 to 100")
    prefix = installed_prefix(args.prefix)
    submit, choice = _built(Path(args.build or os.environ.get("AIF_BUILD") or prefix.parent))
    sizes, fills = _numbers("--nodes", args.nodes, 40, 100000), _numbers("--fill", args.fill, 0, 95)
    parts = _names("--parts", args.parts, PARTS)
    worst = {}
    for nodes in sizes:
        if "choice" in parts:
            _choose(args, report, choice, nodes)
        live = [part for part in parts if PARTS[part]]
        if live:
            _measure(args, report, SelectController(submit, nodes, args.leaf, args.cores, args.keep, args.leaves), (prefix, fills, live),
                     worst if nodes == FULL_SIZE else {})
    for metric, (ours, theirs, other) in worst.items():
        report.versus(metric, other, ours, theirs)


def _choose(args, report, program, nodes):
    """The choice alone, of the worse of two fills."""
    rows = []
    for _ in range(args.pairs):
        said = [subprocess.run([program, str(nodes), str(fill), "seren", "5000"], capture_output=True, text=True, check=True).stdout
                for fill in CHOICE_FILLS]
        rows.append(max(map(json.loads, said), key=lambda row: row["mean_us"]))
    goal = GOALS_US.get(nodes)
    if goal:
        report.figure(f"choice_us_{nodes}", "us", column(rows, "mean_us"), f"goal {goal} us", [goal])
    else:
        report.alone(f"choice_us_{nodes}", "us", column(rows, "mean_us"))
    report.figure(f"choice_bytes_per_node_{nodes}", "bytes", column(rows, "bytes_per_node"), f"goal {GOAL_BYTES}", [GOAL_BYTES])


def _measure(args, report, controller, what, worst):
    prefix, fills, parts = what
    with controller as ctld:
        write_aif_conf(ctld.layout.aif)
        report.progress(f"{ctld.nodes} nodes, Slurm {ctld.install.version_text}, in {ctld.layout.root}")
        one = Size(args, ctld, prefix)
        for fill in fills:
            one.measure(fill, parts, worst)
        one.totals(report)


class Size:
    """All measurements on a machine of one size."""

    def __init__(self, args, ctld, prefix):
        self.args, self.ctld = args, ctld
        # Rounds at other sizes show how it grows; the ratios that have a goal need more of them.
        self.rounds = args.pairs if ctld.nodes == FULL_SIZE else -(-args.pairs // 3)
        self.sides = {"ours": ([prefix / "lib" / "slurm-aif"], "tree")}
        for topology in _names("--stock", args.stock or ",".join(ctld.topologies()), ctld.topologies()):
            self.sides[f"stock {topology}"] = ([], topology)

    def measure(self, fill, parts, worst):
        nodes = self.ctld.nodes
        report = Report(f"select:{nodes}:{fill}")
        jobs = select_load.startable(nodes - nodes * fill // 100, self.args.jobs)
        state = self.ctld.make_state(self.sides["ours"], fill, jobs, self.args.queue, self.args.blocker)
        for part in parts:
            rows = rotate(self.rounds, {name: self._part(part, side, state, jobs) for name, side in self.sides.items()}, report)
            for metric in PARTS[part]:
                _compare(report, metric, rows, worst)

    def _part(self, part, side, state, jobs):
        if part == "main":
            return lambda: self.ctld.main(side, state, jobs)
        return lambda: self.ctld.backfill(side, state, self.args.tests)

    def totals(self, report):
        """What the wrapper counted in all starts on this machine."""
        asked = sum(_count(text, "proposals") for text in self.ctld.counts)
        if self.ctld.counts:
            refused = sum(_count(text, "first-refused") for text in self.ctld.counts)
            report.figure(f"first_proposal_failures_{self.ctld.nodes}", "ratio", [refused / max(asked, 1)], f"goal {GOAL_FAILURES}", [GOAL_FAILURES])
            report.figure(f"bytes_per_node_{self.ctld.nodes}", "bytes", [_count(self.ctld.counts[-1], "bytes_per_node")],
                          f"goal {GOAL_BYTES}", [GOAL_BYTES])


def _compare(report, metric, rows, worst):
    """Ours against each topology of stock; the ratio that counts is to the fastest of them."""
    ours = column(rows["ours"], f"{metric}_us")
    stock = {name: column(rows[name], f"{metric}_us") for name in rows if name != "ours"}
    for name, theirs in stock.items():
        report.figure(f"{metric}_us", "us", ours, name, theirs)
    fastest = min(stock, key=lambda name: statistics.median(stock[name]))
    report.versus(f"{metric}_vs_stock", fastest, ours, stock[fastest])
    ratio = statistics.median(ours) / statistics.median(stock[fastest])
    known = worst.get(f"{metric}_vs_stock")
    if not known or ratio > statistics.median(known[0]) / statistics.median(known[1]):
        worst[f"{metric}_vs_stock"] = (ours, stock[fastest], f"{fastest}, {report.bench.rpartition(':')[2]} % full")


def _count(text, name):
    found = re.search(rf"\b{name} (\d+)", text)
    return int(found[1]) if found else 0


def _built(directory):
    """The programs that `make` leaves in the build directory."""
    files = [directory / "tests/benchlib" / name for name in ("submit_gpu", "place_choice")]
    for path in files:
        if not path.exists():
            raise ClusterError(f"{path}: missing; run make there, or give --build")
    return [path.absolute() for path in files]


def _numbers(option, text, low, high):
    words = text.split(",")
    if not all(word.isdigit() and low <= int(word) <= high for word in words):
        raise ClusterError(f"{option} {text}: want numbers from {low} to {high}, with commas between them")
    return list(map(int, words))


def _names(option, text, known):
    words = text.split(",")
    if not set(words) <= set(known):
        raise ClusterError(f"{option} {text}: known are {', '.join(known)}")
    return words
