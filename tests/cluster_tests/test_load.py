"""The built plugins as files: what they export, and that any program can load them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from clusterlib.slurm import SlurmInstall

CONTROLLER = ("job_submit_aif", "priority_aif", "site_factor_aif", "select_cons_tres")
COMMON = {"plugin_name", "plugin_type", "plugin_version", "init", "fini"}
OURS = {"select_cons_tres": {"plugin_id", "aif_select_probe"}}
LOAD = "import ctypes, os, sys; ctypes.CDLL(sys.argv[1], mode=os.RTLD_LAZY)"


@pytest.fixture(params=CONTROLLER)
def plugin(request, prefix):
    return prefix / "lib" / "slurm-aif" / f"{request.param}.so"


def exported(path):
    text = subprocess.run(["nm", "-D", "--defined-only", path], capture_output=True, text=True, check=True).stdout
    return {line.split()[-1] for line in text.splitlines()}


def hooks(path):
    """The functions of a stock plugin that Slurm looks up."""
    return {name for name in exported(path) if name.startswith(("select_p_", "priority_p_", "site_factor_p_"))}


def wanted(name, stock):
    if name == "job_submit_aif":
        return {"job_submit", "job_modify"}
    if name == "site_factor_aif":
        return {"site_factor_p_set", "site_factor_p_update"}
    return hooks(stock / f"{name.replace('priority_aif', 'priority_multifactor')}.so")


def test_it_exports_what_slurm_asks_for_and_nothing_else(plugin):
    want = wanted(plugin.stem, Path(SlurmInstall().plugin_dir))
    have = exported(plugin) - COMMON - OURS.get(plugin.stem, set())
    assert want and want <= have
    assert have - want <= {"site_factor_p_reconfig"}


def test_its_functions_are_bound_late(plugin):
    text = subprocess.run(["readelf", "-d", plugin], capture_output=True, text=True, check=True).stdout
    assert "BIND_NOW" not in text and "Flags: NOW" not in text


def test_a_program_without_slurm_can_load_it(plugin):
    done = subprocess.run([sys.executable, "-c", LOAD, plugin], capture_output=True, text=True,
                          env={**os.environ, "LD_LIBRARY_PATH": ""})
    assert done.returncode == 0, done.stderr
