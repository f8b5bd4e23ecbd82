"""A job trace made ready for tests/bench lane: its durations and sizes, with limits, modes and a load that are drawn."""

import csv
import gzip
import os
import random
from dataclasses import dataclass
from pathlib import Path

from clusterlib import ClusterError

from .frame import ROOT

DURATION_MAX = 86400
WINDOW = (0.1, 0.6)  # of the time in which jobs come
SIZE_PART = 8      # no job is larger than this part of the cluster, as sites limit their normal partitions
BATCH_GAP_S = 600  # jobs of one user and size that come as close as this belong together,
BATCH_MAX = 8      # up to so many


@dataclass
class Job:
    submit: float
    duration: int
    limit: int
    gpus: int
    user: str
    mode: str = ""


@dataclass
class Kind:
    """Which jobs may be of a mode, and how much of all GPU time they have."""
    mode: str
    share: float
    gpus_max: int
    limit_max: int


# Limits are those of etc/policy.json; Fast Lane has none of its own for GPUs, half of an island is plausible.
KINDS = (Kind("fast-lane", 0.05, 64, 86400), Kind("playground", 0.03, 8, 14400))
REST = "regular"


def directory():
    return Path(os.environ.get("AIF_TRACES") or ROOT.parent / "shared" / "data" / "traces")


def find(names):
    """Paths of the traces: those that are named, else all of the directory."""
    paths = [Path(name) for name in names] or sorted(directory().glob("*.csv.gz"))
    missing = [path for path in paths if not path.is_file()]
    if missing or not paths:
        raise ClusterError(f"{missing[0] if missing else directory()}: no job trace there; name the directory with "
                           "AIF_TRACES or a file with --trace")
    return paths


def read(path):
    """(submit, duration, gpus, user) by submit time."""
    opened = gzip.open(path, "rt", newline="") if path.suffix == ".gz" else open(path, newline="", encoding="utf-8")
    with opened as stream:
        rows = [(float(row["submit_s"]), min(DURATION_MAX, max(1, int(float(row["duration_s"])))), int(row["gpus"]), row["user"])
                for row in csv.DictReader(stream)]
    return sorted(row for row in rows if row[2] > 0)


def make(rows, gpus, load, seed):
    """Jobs with limits and modes by seed, their submit times scaled so that they offer `load` of the cluster's GPU time."""
    draw = random.Random(seed)
    most = max(1, gpus // SIZE_PART)
    jobs = [Job(submit, duration, limit(duration, draw), min(size, most), user) for submit, duration, size, user in rows]
    scale(jobs, gpus, load)
    give_modes(jobs, draw)
    return jobs


def limit(duration, draw):
    """What people ask for: up to three times what the job takes, and a minute more."""
    return max(duration, min(DURATION_MAX, int(duration * draw.uniform(1, 3)) + 60))


def work(jobs):
    return sum(job.duration * job.gpus for job in jobs)


def measured(jobs):
    """The jobs whose waits count: what comes before fills the cluster, what comes after keeps it full."""
    first, last = jobs[0].submit, jobs[-1].submit
    begin, end = (first + part * (last - first) for part in WINDOW)
    return begin, end, [i for i, job in enumerate(jobs) if begin <= job.submit < end]


def scale(jobs, gpus, load):
    """The load is that of the measured part: a trace may be busier at its beginning than at its end."""
    first = jobs[0].submit
    begin, end, counted = measured(jobs)
    factor = work([jobs[i] for i in counted]) / (gpus * load) / max(1, end - begin)
    for job in jobs:
        job.submit = int((job.submit - first) * factor)


# -- modes ---------------------------------------------------------------------------------------------------------------


def batches(rows):
    """Indices of jobs that one user sent together, with the same size: they are of one project."""
    last, found = {}, []
    for i, job in enumerate(rows):
        key = (job.user, job.gpus)
        batch = last.get(key)
        if batch is None or job.submit - rows[batch[-1]].submit > BATCH_GAP_S or len(batch) == BATCH_MAX:
            batch = last[key] = []
            found.append(batch)
        batch.append(i)
    return found


def give_modes(jobs, draw):
    """Whole batches, in a random order, until each mode has its share of the GPU time."""
    total, rest = work(jobs), batches(jobs)
    draw.shuffle(rest)
    for kind in KINDS:
        left = total * kind.share
        for batch in rest:
            chosen = [jobs[i] for i in batch]
            amount = work(chosen)
            if not chosen[0].mode and amount <= left and all(fits(job, kind) for job in chosen):
                left -= amount
                for job in chosen:
                    job.mode = kind.mode
    for job in jobs:
        job.mode = job.mode or REST


def fits(job, kind):
    return job.gpus <= kind.gpus_max and job.limit <= kind.limit_max
