"""What every benchmark shares: alternating runs, medians, and the line of JSON per figure."""

import json
import os
import statistics
import sys
from pathlib import Path

from clusterlib import ClusterError
from clusterlib.slurm import SlurmInstall

ROOT = Path(__file__).resolve().parents[2]


class Report:
    """Prints figures as JSON on stdout, progress on stderr."""

    def __init__(self, bench):
        self.bench = bench

    def progress(self, text):
        print(f"bench {self.bench}: {text}", file=sys.stderr, flush=True)

    def figure(self, metric, unit, ours, other, theirs):
        """The median of `ours`, and its ratio to the median of `theirs`; spread is that of `ours`."""
        value = statistics.median(ours)
        self._print(metric, value, unit, other, _ratio(value, statistics.median(theirs)), ours)

    def versus(self, metric, other, ours, theirs):
        """A metric x_vs_y: the median over the pairs of ours / theirs is the value itself."""
        ratios = [_ratio(a, b) for a, b in zip(ours, theirs)]
        value = statistics.median(ratios)
        self._print(metric, value, "ratio", other, value, ratios)

    def alone(self, metric, unit, values):
        """The median of values that nothing is compared with."""
        self._print(metric, statistics.median(values), unit, None, None, values)

    def _print(self, metric, value, unit, other, ratio, samples):
        print(json.dumps({"bench": self.bench, "metric": metric, "value": _round(value), "unit": unit, "other": other,
                          "ratio": ratio if ratio is None else _round(ratio), "n": len(samples), "spread": _round(spread(samples))}), flush=True)


def spread(samples):
    """Range of the samples as a part of their median."""
    middle = statistics.median(samples)
    return (max(samples) - min(samples)) / abs(middle) if middle else 0.0


def _ratio(a, b):
    if not b:
        raise ClusterError("a figure of the other side is 0: nothing was measured")
    return a / b


def _round(value):
    """Four significant digits."""
    return float(f"{value:.4g}")


def alternate(pairs, ours, theirs, report):
    """Run both sides `pairs` times, swapping who goes first, so that drift of the machine hits both alike.

    Each side is a function without arguments that returns a dict of figures. Returns two lists of dicts."""
    results = rotate(pairs, {"other": theirs, "ours": ours}, report)
    return results["ours"], results["other"]


def rotate(rounds, sides, report):
    """The same for any number of sides, {name: function}: each round begins with the next one. {name: list of dicts}."""
    names, results = list(sides), {name: [] for name in sides}
    for i in range(rounds):
        first = i % len(names)
        for name in names[first:] + names[:first]:
            figures = sides[name]()
            results[name].append(figures)
            shown = ", ".join(f"{key} {value:.4g}" for key, value in figures.items())
            report.progress(f"pair {i + 1} of {rounds}, {name}: {shown}")
    return results


def column(rows, key):
    return [row[key] for row in rows]


def installed_prefix(given):
    """Where slurm-aif is installed; ClusterError if it is not."""
    prefix = Path(given or os.environ.get("AIF_PREFIX") or ROOT / "build" / SlurmInstall().version_text / "inst").absolute()
    if not (prefix / "lib" / "slurm-aif").is_dir():
        raise ClusterError(f"{prefix}: slurm-aif is not installed there; run tests/setup, or give --prefix")
    return prefix
