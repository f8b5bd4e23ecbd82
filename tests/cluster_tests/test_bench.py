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
    return subprocess.run([str(BENCH), *args], capture_output=True, text=True, timeout=3000, check=False,
                          env=dict(os.environ, **env))


def test_list_and_unknown_names():
    assert {"apply", "decide", "select", "site_factor"} <= set(bench("--list").stdout.split())
    assert bench("nosuch").returncode == 2


SELECT = {"submit_rpc_us", "submit_rpc_vs_stock", "cycle_us", "cycle_vs_stock", "backfill_us", "backfill_vs_stock"}


def test_select_prints_its_figures_and_cleans_up(prefix, tmp_path):
    tmp_path.chmod(0o755)
    done = bench("select", "--nodes=60", "--fill=90", "--stock=tree", "--jobs=2", "--queue=10", "--tests=4", "--pairs=1",
                 f"--prefix={prefix}", AIF_TEST_TMP=str(tmp_path))
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(set(row) == KEYS and row["n"] == 1 for row in rows)
    assert {row["metric"] for row in rows if row["bench"] == "select:60:90"} == SELECT
    assert [row["metric"] for row in rows if row["bench"] == "select"] == ["choice_us_60", "choice_bytes_per_node_60",
                                                                           "first_proposal_failures_60", "bytes_per_node_60"]
    for row in rows:
        assert row["value"] > 0 or row["metric"].startswith("first_proposal")
        assert "_vs_" not in row["metric"] or row["value"] == row["ratio"]
    assert "pair 1 of 1" in done.stderr
    assert not list(tmp_path.iterdir())


DECIDE = ["p50_us", "p99_us", "clock_us", "mallocs_per_accept", "hook_us", "hook_vs_lua", "submit_rpc_us",
          "submit_rpc_vs_none", "lua_submit_rpc_vs_none", "submit_rpc_vs_skipped", "lua_submit_rpc_vs_skipped",
          "none_submit_rpc_vs_skipped", "hook_vs_submit"]


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


def test_apply_prints_its_figures_and_cleans_up(prefix, near_tmp):
    done = bench("apply", "--allocations=100", "--accounts=10", "--sample=10", "--pairs=1", f"--prefix={prefix}",
                 AIF_TEST_TMP=str(near_tmp))
    assert done.returncode == 0, done.stderr
    rows = {row["metric"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert list(rows) == ["first_apply_s", "idle_apply_s", "reproject_s", "vs_sacctmgr"]
    assert all(set(row) == KEYS and row["bench"] == "apply" and row["n"] == 1 for row in rows.values())
    assert all(row["value"] > 0 for row in rows.values())
    assert not list(near_tmp.iterdir())


def test_site_factor_prints_its_figures_and_cleans_up(prefix, near_tmp):
    done = bench("site_factor", "--jobs=50", "--allocations=40", "--accounts=4", "--pairs=2", f"--prefix={prefix}",
                 AIF_TEST_TMP=str(near_tmp))
    assert done.returncode == 0, done.stderr
    rows = {row["metric"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert list(rows) == ["refresh_100k_ms", "multifactor_ms", "vs_multifactor", "wall_vs_multifactor", "look_cpu_ms",
                          "bytes_per_job", "priority_look_cpu_ms"]
    assert all(set(row) == KEYS and row["bench"] == "site_factor" for row in rows.values())
    assert rows.pop("bytes_per_job")["value"] >= 0
    assert all(row["value"] > 0 and row["n"] == 2 for row in rows.values())
    assert all(f"{plugin}/aif, pass 2 of 2:" in done.stderr for plugin in ("site_factor", "priority"))
    assert not list(near_tmp.iterdir())


RESIDENCY = ["submit_us", "hook_us", "submit_median_us", "hook_median_us", "submit_cold_us", "cold_hook_us", "cycle_us", "cycle_vs_stock",
             "untagged_cycle_vs_stock", "own_us", "own_vs_stock_cycle", "tag_vs_stock_cycle", "calls_per_job"]


def test_residency_prints_its_figures_and_cleans_up(prefix, near_tmp):
    done = bench("residency", "--nodes=60", "--jobs=3", "--submissions=10", "--pairs=1", f"--prefix={prefix}", AIF_TEST_TMP=str(near_tmp))
    assert done.returncode == 0, done.stderr
    rows = {row["metric"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert list(rows) == RESIDENCY
    assert all(set(row) == KEYS and row["bench"] == "residency" and row["n"] == 1 for row in rows.values())
    # A job is tested and begun at least; a difference of two short runs may have either sign.
    assert rows["calls_per_job"]["value"] >= 2 and rows["own_us"]["value"] > 0 and rows["cycle_vs_stock"]["value"] > 0
    assert not list(near_tmp.iterdir())


def test_decide_refuses_sizes_that_make_no_site(prefix):
    done = bench("decide", "--allocations=5", "--accounts=4", f"--prefix={prefix}")
    assert done.returncode == 1 and "want ten or more allocations per account" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_what_select_cannot_do_is_said_in_one_line(prefix):
    for option, said in (("--nodes=10", "want numbers from 40"), ("--queue=5", "want a queue"), ("--parts=some", "known are main"),
                         ("--stock=ring", "known are flat")):
        done = bench("select", option, f"--prefix={prefix}")
        assert done.returncode == 1 and said in done.stderr.splitlines()[-1]
        assert "Traceback" not in done.stderr


def test_ledger_prints_its_figures_and_cleans_up(prefix, tmp_path):
    done = bench("ledger", "--rows=3000", "--sacct-rows=0", "--pairs=1", f"--prefix={prefix}", AIF_TEST_TMP=str(tmp_path))
    assert done.returncode == 0, done.stderr
    rows = {row["metric"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert set(rows) == {"ingest_rows_s", "verify_rows_s", "export_rows_s", "peak_mib", "ingest_vs_sqlite", "ingest_cpu_vs_sqlite"}
    assert all(set(row) == KEYS and row["value"] > 0 for row in rows.values()) and rows["peak_mib"]["value"] < 64
    assert not list(tmp_path.iterdir())
