"""tests/bench placement: its simulator on cases with known answers, against slurmctld, and the form of its lines."""

import csv
import json
import os
import random
import subprocess
from pathlib import Path

import pytest

from benchlib import placement_trace
from benchlib.placement import GOALS, USUAL
from benchlib.placement_run import ARMS, CLUSTERS, POOL, STOCK, Case, Cluster, read, run_draw

BENCH = Path(__file__).resolve().parents[1] / "bench"
HOUR = 3600


@pytest.fixture
def programs(prefix):
    return Path(os.environ.get("AIF_BUILD") or Path(prefix).parent) / "tests" / "benchlib"


@pytest.fixture
def simulate(programs):
    """simulate(cluster, jobs, arms, keys) -> ({arm: figures}, {arm: [(time, job, nodes)]})"""
    def run(cluster, jobs, *arms, **keys):
        lines = [str(len(jobs)), *(" ".join(map(str, job)) for job in jobs)]
        done = subprocess.run([programs / "placement_sim", *cluster.arguments(), "trace=1", *(f"{k}={v}" for k, v in keys.items()), *arms],
                              input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
        figures, starts, waiting = [], {}, []
        for line in done.stdout.splitlines():
            words = line.split()
            if words[0] == "start":
                waiting.append((int(words[1]), int(words[2]), [int(node) for node in words[3:]]))
                continue
            figures.append(line)
            if words[0] == "arm":
                starts[words[1]], waiting = waiting, []
        return read("\n".join(figures)), starts
    return run


# -- what stock Slurm did on a real controller (24.11.5, 16 nodes of 4 GPUs, leaves of 4; nodes from 0) ------------------------

USED = {1: 4, 5: 4, 6: 4, 9: 1}
LIVE = {"flat": ([7, 8], [10, 11, 12, 13], [2, 3, 4, 14, 15]), "tree": ([4, 7], [12, 13, 14, 15], [0, 2, 3, 8, 10]),
        "dragonfly": ([12, 13], [0, 4, 8, 14]), "block": ([4, 7], [12, 13, 14, 15]), "ours": ([4, 7], [12, 13, 14, 15], [0, 2, 3, 8, 10])}


@pytest.mark.parametrize("arm", LIVE)
def test_whole_nodes_are_chosen_as_on_a_real_controller(programs, arm):
    def equal(events):
        done = subprocess.run([programs / "placement_replay", "16", "4", arm], input="\n".join(events) + "\n",
                              capture_output=True, text=True, check=True)
        return read(f"arm {arm}\n{done.stdout}")[arm]["equal"]

    events = [f"start {i} 0 {HOUR} 1 {gpus} {node}" for i, (node, gpus) in enumerate(USED.items())]
    for i, nodes in enumerate(LIVE[arm], len(events)):
        before = equal(events)
        events.append(" ".join(map(str, ("start", i, 0, HOUR, len(nodes), 4, *nodes))))
        assert equal(events) == before + 1, nodes


def test_an_event_that_cannot_be_is_refused(programs):
    for events in ("start 0 0 60 1 4 99", "start 0 0 60 1 5 0", "start 0 0 60 1 4 0\nstart 1 0 60 1 1 0", "stop 1"):
        done = subprocess.run([programs / "placement_replay", "16", "4", "tree"], input=events + "\n", capture_output=True, text=True,
                              check=False)
        assert done.returncode == 1 and len(done.stderr.splitlines()) == 1


# -- the scheduler -------------------------------------------------------------------------------------------------------------


def drawn(count, seed, nodes):
    """More than the nodes can do at once."""
    draw, at, jobs = random.Random(seed), 0, []
    for _ in range(count):
        at += draw.randrange(0, 60)
        duration, many = draw.randrange(10, 3000), draw.choice((1, 1, 1, 1, 2, 3, nodes // 2))
        jobs.append((at, duration, duration + draw.randrange(0, 3000), many, draw.randrange(1, 5) if many == 1 else 4))
    return jobs


@pytest.mark.parametrize("arm", [arm for arm in ARMS if arm != POOL])
def test_all_jobs_run_and_no_gpu_twice(simulate, arm):
    cluster, jobs = Cluster(24, 4, 4, 12), drawn(300, 3, 24)
    _figures, starts = simulate(cluster, jobs, arm)
    assert sorted(job for _at, job, _nodes in starts[arm]) == list(range(len(jobs)))
    events = []
    for at, job, nodes in starts[arm]:
        submit, duration, _limit, many, gpus = jobs[job]
        assert at >= submit and len(set(nodes)) == many == len(nodes)
        events += [(at, 1, node, gpus) for node in nodes] + [(at + duration, 0, node, -gpus) for node in nodes]
    used, most = [0] * cluster.nodes, 0
    for _at, _kind, node, gpus in sorted(events):
        used[node] += gpus
        most = max(most, used[node])
    assert most == cluster.gpus and not any(used)


@pytest.mark.parametrize("arm", (*STOCK, "ours"))
def test_backfill_does_not_delay_the_first_job(simulate, arm):
    # The first waits for a node until 1000 at most; of those behind it only the short one may go ahead.
    jobs = [(0, 500, 1000, 1, 4), (1, 3000, 3000, 1, 2), (2, 100, 100, 2, 4), (3, 4000, 4000, 1, 2), (4, 90, 90, 1, 2)]
    _figures, starts = simulate(Cluster(2, 4, 2), jobs, arm)
    when = {job: at for at, job, _nodes in starts[arm]}
    assert when[2] == 3001 and when[4] < 500 and when[3] >= when[2]


def test_small_jobs_fill_holes_so_that_larger_ones_stay_together(simulate):
    # What leaves two idle nodes, one in each leaf, to the last job: a job of one GPU in an idle node of the fuller leaf.
    long = 10 * HOUR
    jobs = [(0, long, long, 2, 4), (1, 99, 99, 2, 4), (2, long, long, 1, 3), (101, long, long, 1, 1), (102, long, long, 2, 4),
            (103, long, long, 2, 4)]
    figures, _starts = simulate(Cluster(8, 4, 4), jobs, "tree", "ours")
    assert figures["tree"]["span_jobs"] == 0.25 and figures["ours"]["span_jobs"] == 0
    assert figures["ours"]["stranded"] < figures["tree"]["stranded"]


def test_strict_waits_for_the_fewest_islands_and_no_longer_than_told(simulate):
    # Each leaf has one idle node when the job of two comes.
    jobs = [(0, 5000, 5000, 1, 4), (1, 9000, 9000, 2, 4), (2, 9000, 9000, 1, 4), (3, 100, 100, 2, 4)]
    cluster = Cluster(6, 4, 3)
    soft, patient, hasty = (simulate(cluster, jobs, arm, **keys)[0][arm] for arm, keys in
                            (("ours", {}), ("strict", {}), ("strict", {"strict": 600})))
    assert soft["span_jobs"] <= hasty["span_jobs"] and patient["span_jobs"] == 0
    assert soft["wait_multi"] <= hasty["wait_multi"] <= patient["wait_multi"]


def test_fragments_cost_less_with_ours(simulate):
    found = {"tree": 0, "ours": 0}
    for seed in range(4):
        draw = random.Random(seed)
        jobs = []
        for i in range(600):
            duration = int(60 * 10 ** draw.uniform(0, 2.5))
            nodes, gpus = draw.choice([(1, 1)] * 8 + [(1, 4), (2, 4)])
            jobs.append((40 * i, duration, duration, nodes, gpus))
        figures, _starts = simulate(Cluster(32, 4, 8), jobs, *found, end=24000)
        for arm in found:
            found[arm] += figures[arm]["stranded"]
    assert 0 < found["ours"] < 0.8 * found["tree"]


# -- the trace -----------------------------------------------------------------------------------------------------------------


def test_a_draw_offers_its_load():
    rows = [(i * 100, 5000, 1 + i % 16, "u") for i in range(2000)]
    cluster = Cluster(32, 4, 8)
    for days in (0, 30):
        draw = placement_trace.draw(rows, cluster, 0.8, days, 7)
        work = sum(duration * nodes * gpus for at, duration, _limit, nodes, gpus in draw.jobs if draw.begin <= at < draw.end)
        assert work / (draw.end - draw.begin) / 128 == pytest.approx(0.8, rel=0.15)
        assert draw.jobs == sorted(draw.jobs) and all(limit >= duration for _at, duration, limit, _nodes, _gpus in draw.jobs)
    assert len(draw.jobs) > 2000  # laid over itself


def test_jobs_take_as_few_nodes_as_can_be():
    assert [placement_trace.shape(gpus, 8) for gpus in (1, 8, 12, 16, 24)] == [(1, 1), (1, 8), (2, 6), (2, 8), (3, 8)]


# -- the command ---------------------------------------------------------------------------------------------------------------


def bench(*args, **env):
    return subprocess.run([str(BENCH), "placement", *args], capture_output=True, text=True, timeout=900, check=False,
                          env=dict(os.environ, **env))


@pytest.fixture
def trace(tmp_path):
    path = tmp_path / "small.csv"
    draw, at = random.Random(5), 0
    with open(path, "w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream)
        out.writerow(["job_id", "submit_s", "duration_s", "gpus", "user"])
        for i in range(3000):
            at += draw.randrange(0, 100)
            out.writerow([i, at, draw.randrange(2000, 9000), draw.choice((1, 1, 2, 4, 8, 16, 64, 400)), f"u{draw.randrange(9)}"])
    return path


def test_prints_its_figures(prefix, trace):
    done = bench(f"--trace={trace}", "--cluster=lumi", "--load=0.9", "--seeds=2", "--days=0", "--workers=2", f"--prefix={prefix}")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    told = {row["arm"]: row for row in rows if "figures" in row}
    assert set(told) == set(USUAL) and all(row["kind"] == "synthetic" and row["n"] == 2 for row in told.values())
    assert all(0 < row["figures"]["utilisation"][0] <= 1 for row in told.values())
    worst = {row["metric"]: row for row in rows if row["bench"] == "placement" and "metric" in row}
    assert {"stranded_vs_best_stock", "util_vs_best_stock"} <= set(worst) <= set(GOALS)
    assert all(row["case"] == "lumi small load 0.9" and row["other"] for row in worst.values())
    assert worst["util_vs_best_stock"]["value"] > 0.9


def test_on_a_machine_without_nodes_no_gpu_is_stranded(programs):
    """Of two nodes with 4 GPUs two jobs take 3 each: two more GPUs are free, but not on one node."""
    small = Cluster(2, 4, 2)
    draw = placement_trace.Draw([(0, HOUR, HOUR, 1, 3), (0, HOUR, HOUR, 1, 3), (60, HOUR, HOUR, 1, 2)], 0, 2 * HOUR)
    case = Case(programs / "placement_sim", Path("none"), 0, "small", small, 1, 0, 1, ("flat", POOL))
    assert run_draw(case, draw)["flat"]["wait_all"] == pytest.approx((HOUR - 60) / 3)
    assert run_draw(case, draw)[POOL]["wait_all"] == 0


def test_slurmctld_chooses_what_the_simulator_says(prefix):
    done = bench("--live=25", "--nodes=16", "--seeds=1", "--arm=flat", "--arm=tree", "--arm=ours", f"--prefix={prefix}")
    assert done.returncode == 0, done.stderr
    rows = {row["arm"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert set(rows) == {"flat", "tree", "ours"} and all(row["figures"]["starts"] == 25 for row in rows.values())
    # Other versions of Slurm may treat ties another way: 26.05 does, among idle nodes of no switch.
    least = {"flat": 0.4, "tree": 0.6, "ours": 0.6}
    assert all(row["value"] >= least[arm] for arm, row in rows.items()), {arm: row["value"] for arm, row in rows.items()}


def test_missing_traces_are_said_in_one_line(prefix, tmp_path):
    done = bench(f"--prefix={prefix}", AIF_TRACES=str(tmp_path))
    assert done.returncode == 1 and "AIF_TRACES" in done.stderr and len(done.stderr.splitlines()) == 1


def test_clusters_are_those_of_the_reference():
    assert {name: cluster.nodes * cluster.gpus for name, cluster in CLUSTERS.items()} == \
        {"lumi": 1984, "leonardo": 2880, "jupiter": 24000, "nvl72": 4608}
