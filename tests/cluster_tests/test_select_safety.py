"""The promise of the select wrapper: no job waits that plain Slurm would have started, whatever happens on the cluster.

A few random sequences of tests/bench safety; see tests/steplib and tests/select_audit."""

import os
from pathlib import Path

import pytest
from steplib import run_seed

STEPS = 500


@pytest.fixture(scope="module")
def build(prefix):
    path = Path(os.environ.get("AIF_BUILD") or prefix.parent)
    assert list((path / "tests" / "select_audit" / ".libs").glob("select_*.so")), f"{path}: not a build directory"
    return path


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_lost_that_stock_would_start(prefix, build, seed):
    outcome = run_seed(seed, STEPS, prefix, build)
    assert not outcome.bad, "\n".join([outcome.text(), *outcome.bad[:10], *outcome.last])
    assert outcome.steps == STEPS
    # Or the comparison was of nothing.
    assert outcome.totals["starts"] > STEPS // 4 and outcome.totals["calls"] > 2 * STEPS
