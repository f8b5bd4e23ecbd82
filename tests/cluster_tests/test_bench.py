"""tests/bench at a size that takes seconds: the form of its lines, and that it cleans up."""

import json
import os
import subprocess
from pathlib import Path

BENCH = Path(__file__).resolve().parents[1] / "bench"
KEYS = {"bench", "metric", "value", "unit", "other", "ratio", "n", "spread"}


def bench(*args, **env):
    return subprocess.run([str(BENCH), *args], capture_output=True, text=True, timeout=500, check=False,
                          env=dict(os.environ, **env))


def test_list_and_unknown_names():
    assert "select" in bench("--list").stdout.split()
    assert bench("nosuch").returncode == 2


def test_select_prints_its_figures_and_cleans_up(prefix, tmp_path):
    tmp_path.chmod(0o755)
    done = bench("select", "--nodes=60", "--jobs=4", "--pairs=1", f"--prefix={prefix}", AIF_TEST_TMP=str(tmp_path))
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["metric"] for row in rows] == ["cycle_us", "cycle_vs_stock", "submit_rpc_us", "submit_rpc_vs_stock"]
    for row in rows:
        assert set(row) == KEYS and row["bench"] == "select" and row["n"] == 1
        assert row["value"] > 0
        if "_vs_" in row["metric"]:
            assert row["value"] == row["ratio"]
    assert "pair 1 of 1" in done.stderr
    assert not list(tmp_path.iterdir())


def test_too_few_nodes_is_said_in_one_line(prefix):
    done = bench("select", "--nodes=10", "--jobs=60", f"--prefix={prefix}")
    assert done.returncode == 1 and "give more nodes or fewer jobs" in done.stderr
    assert len(done.stderr.splitlines()) == 1
