"""Runs tests/benchlib/lane_sim.c for tests/bench lane: the policy as shipped, a discipline, jobs; and what came of it."""

import json
import re
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

from clusterlib import ClusterError

from .frame import ROOT
from .lane_trace import KINDS, REST, measured, work

LANE = "fast-lane"
MODES = (*(kind.mode for kind in KINDS), REST)
BOUND_S = 10  # of the bounded slowdown: shorter jobs count as if they took so long
PERCENTILES = (50, 90, 95, 99)
AGE_WEIGHT, AGE_MAX_S = 100000, 7 * 86400  # PriorityWeightAge, and PriorityMaxAge as by default
STRICT_POINTS = 10**9


# -- what is run -----------------------------------------------------------------------------------------------------------


def shipped_policy():
    """etc/policy.json without its comments."""
    text = (ROOT / "etc" / "policy.json").read_text(encoding="utf-8")
    return json.loads(re.sub(r'("(?:[^"\\]|\\.)*")|//[^\n]*', lambda found: found[1] or "", text))


def write_site(directory, lane):
    """The shipped policy with these keys of the lane changed, and an allocation per mode, the QOS named like it."""
    policy = shipped_policy()
    policy["modes"][LANE]["lane"].update(lane)
    listed = [{"id": mode, "account": mode, "qos": mode, "mode": mode, "amount": 1, "unit": "gpu-hour",
               "start": "2020-01-01", "end": "2099-12-31"} for mode in MODES]
    (directory / "policy.json").write_text(json.dumps(policy))
    (directory / "allocations.json").write_text(json.dumps({"version": 1, "allocations": listed}))
    return policy["modes"][LANE]["lane"]


def seconds(text):
    """Of "MM:SS", "HH:MM:SS" or "D-HH:MM:SS"; 0 of all else, which the simulator refuses with the policy's own words."""
    found = re.fullmatch(r"(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)", str(text))
    days, hours, minutes, rest = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0)
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest


def qos_points(head_start):
    """QOS priority that is worth so many seconds of age."""
    return int(head_start * AGE_WEIGHT / AGE_MAX_S)


@dataclass
class Simulator:
    program: Path
    directory: Path
    gpus: int

    def starts(self, jobs, **keys):
        """When the jobs start; keys are qos=POINTS or lane=1, neither: first come, first served."""
        keys = {"gpus": self.gpus, "age_weight": AGE_WEIGHT, "age_max": AGE_MAX_S, **keys}
        lines = [f"{job.submit} {job.duration} {job.limit} {job.gpus} {job.mode}" for job in jobs]
        done = subprocess.run([self.program, self.directory, *(f"{key}={value}" for key, value in keys.items())],
                              input="\n".join([str(len(jobs)), *lines]) + "\n", capture_output=True, text=True, check=False)
        if done.returncode:
            raise ClusterError(done.stderr.strip() or f"{self.program}: exit {done.returncode}")
        *starts, (ticks, closed) = (tuple(map(int, line.split())) for line in done.stdout.splitlines())
        return [start for start, in starts], closed / ticks


# -- what came of it -------------------------------------------------------------------------------------------------------


def figures(jobs, starts, gpus, target):
    """Of the measured part. `slowdown` is the sum over all jobs without a lane, `others` their number."""
    begin, end, counted = measured(jobs)
    waits = {mode: sorted(starts[i] - jobs[i].submit for i in counted if jobs[i].mode == mode) for mode in MODES}
    others = [i for i in counted if jobs[i].mode != LANE]
    busy = sum(max(0, min(end, start + job.duration) - max(begin, start)) * job.gpus for job, start in zip(jobs, starts))
    return {"kept": sum(wait <= target for wait in waits[LANE]), "promised": len(waits[LANE]),
            "slowdown": sum(bounded_slowdown(jobs[i], starts[i]) for i in others), "others": len(others),
            "others_wait": statistics.fmean(starts[i] - jobs[i].submit for i in others),
            "utilisation": busy / (end - begin) / gpus, "load": work([jobs[i] for i in counted]) / (end - begin) / gpus,
            "waits": {mode: {part: percentile(values, part) for part in PERCENTILES}
                      for mode, values in waits.items()}}


def bounded_slowdown(job, start):
    return max(1, (start - job.submit + job.duration) / max(BOUND_S, job.duration))


def percentile(ordered, part):
    """Nearest rank."""
    return ordered[max(0, -(-len(ordered) * part // 100) - 1)] if ordered else 0


def kept(rows):
    """Percent of the lane's jobs of all runs that started in time."""
    return 100 * sum(row["kept"] for row in rows) / max(1, sum(row["promised"] for row in rows))


def slowdown(rows):
    """Mean over the other jobs of all runs."""
    return sum(row["slowdown"] for row in rows) / sum(row["others"] for row in rows)


def others_wait(rows):
    return mean(rows, "others_wait")


def mean(rows, key):
    return statistics.fmean(row[key] for row in rows)
