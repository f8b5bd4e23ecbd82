"""tests/bench at a size that takes seconds: the form of its lines, and that it cleans up."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[1] / "bench"
KEYS = {"bench", "metric", "value", "unit", "other", "ratio", "n", "spread"}


def bench(*args, **env):
    return subprocess.run([str(BENCH), *args], capture_output=True, text=True, timeout=500, check=False,
                          env=dict(os.environ, **env))


def test_list_and_unknown_names():
    assert {"decide", "select"} <= set(bench("--list").stdout.split())
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


DECIDE = ["p50_us", "p99_us", "clock_us", "mallocs_per_accept", "hook_us", "hook_vs_lua", "submit_rpc_us",
          "submit_rpc_vs_none", "lua_submit_rpc_vs_none", "hook_vs_submit"]


@pytest.fixture
def near_tmp():
    """pytest's own directories have names too long for the sockets of a whole cluster."""
    with tempfile.TemporaryDirectory(prefix="aifd-", dir=os.environ.get("AIF_TEST_TMP", "/tmp")) as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_decide_prints_its_figures_and_cleans_up(prefix, near_tmp):
    done = bench("decide", "--allocations=40", "--accounts=4", "--calls=1000", "--jobs=2", "--pairs=1", f"--prefix={prefix}",
                 AIF_TEST_TMP=str(near_tmp))
    assert done.returncode == 0, done.stderr
    rows = {row["metric"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert list(rows) == DECIDE
    assert all(set(row) == KEYS and row["bench"] == "decide" and row["n"] == 1 for row in rows.values())
    # Accepting takes no memory: true of every run, however short.
    assert rows.pop("mallocs_per_accept")["value"] == 0
    assert all(row["value"] > 0 for row in rows.values())
    assert all(f"pair 1 of 1, {side}:" in done.stderr for side in ("none", "aif", "lua"))
    assert not list(near_tmp.iterdir())


def test_decide_refuses_sizes_that_make_no_site(prefix):
    done = bench("decide", "--allocations=5", "--accounts=4", f"--prefix={prefix}")
    assert done.returncode == 1 and "want ten or more allocations per account" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_too_few_nodes_is_said_in_one_line(prefix):
    done = bench("select", "--nodes=10", "--jobs=60", f"--prefix={prefix}")
    assert done.returncode == 1 and "give more nodes or fewer jobs" in done.stderr
    assert len(done.stderr.splitlines()) == 1
