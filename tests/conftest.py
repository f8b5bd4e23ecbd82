"""Fixtures for the cluster tests (tests/cluster_tests/test_*.py), all on real private clusters.

prefix        session: where slurm-aif is installed: $AIF_PREFIX, else build/<slurm version>/inst of this checkout
make_cluster  module: factory make_cluster(**options) -> Cluster; options are the fields of clusterlib.Options
              (nodes, gpus, cpus, leaf, locations, plugins, conf_lines, aif_conf, ...). Stock Slurm unless prefix= is
              given. Every cluster is stopped and removed at the end of the module, whatever happened.
cluster       module: six nodes with four GPUs (n1-n4 feature loc_FI, n5-n6 loc_SE; two nodes per leaf, two leaves per
              group), all plugins (site_factor as the priority shim), tests/data/aif/*.json as its aif/ directory
users         module: names to run jobs as on `cluster` (several system users when root, else oneself)

What a Cluster offers is in tests/clusterlib/client.py (run, sbatch, wait_job, job, sacct, sacctmgr, add_account, conf,
aif_conf, reconfigure, ctld_log, node_log, output, cancel_all, wait) and cluster.py (start, down, restart, wait_nodes,
stop, kill, pid, processes). A failing command raises ClusterError, whose text has the command and its words; pass check=False to
look at the result yourself.

Environment: AIF_PREFIX (above), AIF_TEST_TMP (parent of the clusters' directories, default /tmp; every parent must be
open to other users when root), AIF_TEST_LOGS (logs of a module's clusters are copied there if one of its tests failed),
AIF_KEEP=1 (leave clusters running).
"""

import os
import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from clusterlib import Cluster, ClusterError, Options  # noqa: E402
from clusterlib.slurm import SlurmInstall  # noqa: E402

CLUSTER_OPTIONS = {"nodes": 6, "gpus": 4, "locations": "FI:4,SE:2", "plugins": "all"}


def _terminated(_signum, _frame):
    raise KeyboardInterrupt


def pytest_configure():
    # SIGTERM must tear the clusters down like Ctrl-C does. A worker of xdist may find itself in another thread than the
    # main one, where no handler can be set: what it leaves behind, tests/check removes.
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _terminated)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    outcome = yield
    if outcome.get_result().failed:
        item.getparent(pytest.Module).aif_failed = True


@pytest.fixture(scope="session")
def prefix():
    if os.environ.get("AIF_PREFIX"):
        return Path(os.environ["AIF_PREFIX"])
    installed = HERE.parent / "build" / SlurmInstall().version_text / "inst"
    if not (installed / "lib" / "slurm-aif").is_dir():
        pytest.skip(f"slurm-aif is not installed in {installed}: run tests/setup, or set AIF_PREFIX")
    return installed


@pytest.fixture(scope="module")
def make_cluster(request):
    made = []

    def make(start=True, **options):
        options["prefix"] = str(options.get("prefix", ""))
        directory = new_directory()
        made.append(directory)
        return Cluster.create(directory, Options(**options), start=start)

    yield make
    if os.environ.get("AIF_KEEP"):
        return
    for directory in made:
        _remove(directory, getattr(request.node, "aif_failed", False), request.node.name)


@pytest.fixture(scope="module")
def cluster(make_cluster, prefix):
    return make_cluster(prefix=prefix, aif_conf=str(HERE / "data" / "aif"), **CLUSTER_OPTIONS)


@pytest.fixture(scope="module")
def users(cluster):
    return cluster.users()


def new_directory():
    """An empty directory that other users can reach."""
    path = Path(tempfile.mkdtemp(prefix="aifc-", dir=os.environ.get("AIF_TEST_TMP", "/tmp")))
    path.chmod(0o755)
    return path


def _remove(directory, failed, module):
    logs = os.environ.get("AIF_TEST_LOGS")
    if failed and logs and (directory / "log").is_dir():
        shutil.copytree(directory / "log", Path(logs, Path(module).stem, directory.name), dirs_exist_ok=True)
    try:
        Cluster(directory).down(purge=True)
    except ClusterError:
        # Creation failed before there was anything to stop.
        shutil.rmtree(directory, ignore_errors=True)
