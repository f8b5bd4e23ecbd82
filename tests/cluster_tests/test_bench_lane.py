"""tests/bench lane: its simulator on traces with known answers, and the form of its lines."""

import csv
import json
import os
import random
import subprocess
from pathlib import Path

import pytest

from benchlib import lane_trace
from benchlib.lane import GOALS
from benchlib.lane_run import LANE, STRICT_POINTS, Simulator, figures, qos_points, seconds, write_site
from benchlib.lane_trace import Job

BENCH = Path(__file__).resolve().parents[1] / "bench"
KEYS = {"bench", "metric", "value", "unit", "other", "ratio", "n", "spread"}
HOUR = 3600
REGULAR = "regular"


@pytest.fixture
def program(prefix):
    return Path(os.environ.get("AIF_BUILD") or Path(prefix).parent) / "tests" / "benchlib" / "lane_sim"


@pytest.fixture
def simulate(program, tmp_path):
    """simulate(gpus, jobs, keys of the lane, **keys of the simulator) -> start times"""
    def run(gpus, jobs, shape=None, **keys):
        write_site(tmp_path, {"base": 0, "target": "01:00:00", "from": 50, "urgency": 400000, **(shape or {})})
        return Simulator(program, tmp_path, gpus).starts(jobs, **keys)[0]
    return run


def job(submit, duration, gpus, mode=REGULAR, limit=0):
    return Job(submit, duration, limit or duration, gpus, "u", mode)


def drawn(count, seed):
    """More than 8 GPUs can do at once, some of it for the lane."""
    draw = random.Random(seed)
    times = sorted(draw.randrange(0, 20000) for _ in range(count))
    return [job(at, draw.randrange(1, 2000), draw.choice((1, 1, 2, 4, 8)), draw.choice((LANE, REGULAR, REGULAR)), 2000) for at in times]


def most_in_use(jobs, starts):
    events = sorted([(at + one.duration, -one.gpus) for at, one in zip(starts, jobs)] + [(at, one.gpus) for at, one in zip(starts, jobs)])
    used, most = 0, 0
    for _at, change in events:
        used += change
        most = max(most, used)
    assert used == 0
    return most


DISCIPLINES = ({}, {"qos": 1000}, {"qos": STRICT_POINTS}, {"lane": 1})


@pytest.mark.parametrize("keys", DISCIPLINES, ids=str)
def test_all_jobs_run_and_never_on_more_gpus_than_there_are(simulate, keys):
    jobs = drawn(200, 1)
    starts = simulate(8, jobs, **keys)
    assert len(starts) == len(jobs) and all(at >= one.submit for at, one in zip(starts, jobs))
    assert most_in_use(jobs, starts) == 8


def test_first_come_starts_equal_jobs_in_submit_order(simulate):
    jobs = [job(i, 100 + 7 * i % 50, 8) for i in range(50)]
    starts = simulate(8, jobs)
    assert starts == sorted(starts) and starts[:2] == [0, 100]


def test_backfill_delays_no_planned_job(simulate):
    """Four of eight GPUs are busy; the large job waits for them, a short one goes ahead, a long one does not."""
    jobs = [job(0, 100, 4), job(1, 100, 8), job(2, 98, 4), job(3, 99, 4)]
    assert simulate(8, jobs) == [0, 100, 2, 200]


def test_backfill_goes_by_limits_and_not_by_what_jobs_take(simulate):
    jobs = [job(0, 100, 4, limit=300), job(1, 100, 8), job(2, 150, 4, limit=298), job(3, 10, 4, limit=300)]
    assert simulate(8, jobs) == [0, 152, 2, 252]


def queue_of(mode, count=10, length=1000):
    """One job at a time, each as long; the last but two is of that mode."""
    return [job(i, length, 8, mode if i == count - 3 else REGULAR) for i in range(count)]


def test_strict_priority_takes_the_next_place(simulate):
    starts = simulate(8, queue_of(LANE), qos=STRICT_POINTS)
    assert starts[7] == 1000 and starts[1] == 2000


def test_qos_weight_is_worth_a_head_start(simulate):
    """Of two hours the jobs that came an hour before the lane's are ahead of it with half an hour, behind with two."""
    jobs = [job(0, 2 * HOUR, 8), job(10, 1000, 8), job(HOUR, 1000, 8, LANE)]
    assert simulate(8, jobs, qos=qos_points(HOUR // 2)) == [0, 2 * HOUR, 2 * HOUR + 1000]
    assert simulate(8, jobs, qos=qos_points(2 * HOUR)) == [0, 2 * HOUR + 1000, 2 * HOUR]


def test_lane_waits_as_others_do_until_its_target_nears(simulate):
    """An hour's promise, urgent from its half on: with jobs of 1000 s the first place after 1800 s is that at 2000 s."""
    starts = simulate(8, queue_of(LANE), lane=1)
    assert starts[7] == 2000 and starts[1] == 1000 and starts[2] == 3000


def test_lane_with_a_base_waits_for_nobody(simulate):
    assert simulate(8, queue_of(LANE), {"base": 100000}, lane=1)[7] == 1000


def test_other_modes_gain_nothing_from_the_lane(simulate):
    assert simulate(8, queue_of("playground"), lane=1) == [1000 * i for i in range(10)]


def test_same_jobs_start_at_the_same_time_again(simulate):
    jobs = drawn(200, 2)
    assert simulate(8, jobs, lane=1) == simulate(8, jobs, lane=1)


def test_a_job_larger_than_the_cluster_is_refused(program, tmp_path):
    write_site(tmp_path, {})
    done = subprocess.run([program, tmp_path, "gpus=8"], input=f"1\n0 10 10 9 {LANE}\n", capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "larger than the cluster" in done.stderr


# -- what is made of a trace, and of start times ---------------------------------------------------------------------------


def test_draws_reach_load_and_shares():
    rows = [(60.0 * i, 50 + 37 * i % 4000, (1, 2, 8)[i % 3], f"u{i // 10 % 9}") for i in range(5000)]
    jobs = lane_trace.make(rows, 64, 0.95, seed=3)
    assert jobs == lane_trace.make(rows, 64, 0.95, seed=3) and jobs != lane_trace.make(rows, 64, 0.95, seed=4)
    begin, end, counted = lane_trace.measured(jobs)
    assert lane_trace.work([jobs[i] for i in counted]) / (end - begin) / 64 == pytest.approx(0.95, rel=0.01)
    for kind in lane_trace.KINDS:
        share = lane_trace.work([one for one in jobs if one.mode == kind.mode]) / lane_trace.work(jobs)
        assert kind.share * 0.9 < share <= kind.share
    assert all(one.duration <= one.limit <= 3 * one.duration + 60 for one in jobs)


def test_figures_are_of_the_measured_part():
    """Ten jobs of one GPU, 100 s each, one every 100 s on one GPU: all wait 50 s. The second to the sixth count."""
    jobs = [job(100 * i, 100, 1, LANE if i % 2 else REGULAR) for i in range(11)]
    found = figures(jobs, [one.submit + 50 for one in jobs], 1, target=50)
    assert (found["kept"], found["promised"], found["others"]) == (3, 3, 2)
    assert found["slowdown"] == pytest.approx(2 * 1.5) and found["others_wait"] == 50
    assert found["utilisation"] == pytest.approx(1) and found["waits"][LANE][95] == 50


# -- the command -------------------------------------------------------------------------------------------------------------


def bench(*args, **env):
    return subprocess.run([str(BENCH), "lane", *args], capture_output=True, text=True, timeout=3000, check=False,
                          env=dict(os.environ, **env))


@pytest.fixture
def trace(tmp_path):
    path = tmp_path / "small.csv"
    draw, at = random.Random(5), 0
    with open(path, "w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream)
        out.writerow(["job_id", "submit_s", "duration_s", "gpus", "user"])
        for i in range(600):
            at += draw.randrange(0, 100)
            out.writerow([i, at, draw.randrange(10, 2000), draw.choice((1, 1, 2, 4)), f"u{draw.randrange(9)}"])
    return path


def test_prints_its_figures(prefix, trace, tmp_path):
    (tmp_path / "scratch").mkdir()
    done = bench(f"--trace={trace}", "--gpus=32", "--pairs=2", f"--prefix={prefix}", AIF_TEST_TMP=str(tmp_path / "scratch"))
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(set(row) == KEYS for row in rows) and {row["bench"] for row in rows} == {"lane", "lane:small"}
    worst = {row["metric"]: row["value"] for row in rows if row["bench"] == "lane"}
    assert set(worst) - {"others_slowdown_vs_qos_weight"} == set(GOALS) - {"others_slowdown_vs_qos_weight"}
    assert 0 < worst["promise_kept_pct"] <= 100 and worst["utilisation_vs_fcfs"] > 0
    assert not list((tmp_path / "scratch").iterdir())


def test_curve_has_a_point_for_each_value(prefix, trace):
    done = bench(f"--trace={trace}", "--gpus=32", "--pairs=1", "--curve", f"--prefix={prefix}")
    assert done.returncode == 0, done.stderr
    points = [json.loads(line) for line in done.stdout.splitlines()]
    assert {point["lane"]["from"] for point in points if "lane" in point} >= {0, 50, 75, 90}
    assert any("qos_weight_head_start_h" in point for point in points)
    assert all(point["others_slowdown_vs_fcfs"] > 0 for point in points)


def test_missing_traces_are_said_in_one_line(prefix, tmp_path):
    done = bench(f"--prefix={prefix}", AIF_TRACES=str(tmp_path))
    assert done.returncode == 1 and "AIF_TRACES" in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("key, value", (("from", "100"), ("target", "soon"), ("speed", "1")))
def test_a_lane_that_the_policy_refuses_is_said_in_its_words(prefix, trace, key, value):
    done = bench(f"--trace={trace}", "--gpus=32", f"--lane={key}={value}", f"--prefix={prefix}")
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1
    assert f"{key}" in done.stderr and value in done.stderr and "AIF-C" in done.stderr


def test_times_are_read_as_in_the_policy():
    assert [seconds(text) for text in ("05:00", "00:30:00", "1-02:00:00", "soon", None)] == [300, 1800, 93600, 0, 0]
