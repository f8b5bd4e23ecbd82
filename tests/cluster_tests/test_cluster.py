"""tests/cluster itself: start, side by side, ordinary user, and nothing left behind however it ends."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from clusterlib import Cluster, ClusterError, Options, procs
from clusterlib.config import MAX_DIR, set_line
from conftest import new_directory

TOOL = Path(__file__).resolve().parents[1] / "cluster"
SPAWNER = "setsid sh -c 'echo $$ >child; exec sleep 1000' & sleep 1000"


@pytest.fixture(scope="module")
def stock(make_cluster):
    return make_cluster(nodes=6, locations="FI:4,SE:2")


def tool(*args, **kwargs):
    return subprocess.run([TOOL, *map(str, args)], text=True, capture_output=True, timeout=900, check=False, **kwargs)


def running_job_with_child(cluster):
    """A job whose child left its session; returns the child's PID."""
    job = cluster.sbatch(script=SPAWNER)
    cluster.wait_job(job, "RUNNING")
    note = cluster.layout.root / "home" / "root" / "child" if os.geteuid() == 0 else None
    note = note or next((cluster.layout.root / "home").iterdir()) / "child"
    return cluster.wait(lambda: note.exists() and note.read_text().strip() and int(note.read_text()), what="job's child")


def test_nodes_are_as_asked(stock):
    rows = stock.run(["sinfo", "-h", "-N", "-o", "%N %T %G %c %f"]).stdout.split("\n")
    assert "n1 idle gpu:4(S:0-1) 8 loc_FI" in rows
    assert "n6 idle gpu:4(S:0-1) 8 loc_SE" in rows
    topology = stock.run(["scontrol", "show", "topology"]).stdout
    assert "SwitchName=leaf3" in topology and "Nodes=n[5-6]" in topology


def test_gpus_reach_the_job(stock):
    out = stock.run("srun -N2 --gpus-per-node=2 sh -c 'echo $SLURMD_NODENAME $CUDA_VISIBLE_DEVICES'").stdout
    assert sorted(out.splitlines()) == ["n1 0,1", "n2 0,1"]


def test_batch_job_is_accounted_with_its_gpus(stock):
    job = stock.sbatch("--gpus=3", "-N1", script="echo done")
    assert stock.wait_job(job) == "COMPLETED"
    assert stock.output(job) == "done\n"
    tres = stock.wait(lambda: (stock.sacct("-j", job, "-o", "alloctres", "-s", "CD") or [[""]])[0][0], what="sacct")
    assert "gres/gpu=3" in tres


def test_other_users_run_jobs(stock):
    users = stock.users()
    stock.add_account("lab", users)
    jobs = {user: stock.sbatch(script="id -un", user=user) for user in users}
    for user, job in jobs.items():
        assert stock.wait_job(job) == "COMPLETED"
        assert stock.output(job, user=user).strip() == user


def test_conf_and_reconfigure(stock):
    stock.conf("JobRequeue=0")
    stock.reconfigure()
    assert "JobRequeue              = 0" in stock.run(["scontrol", "show", "config"]).stdout


def test_set_line_replaces_adds_and_removes():
    text = "A=1\nNodeName=n1\n"
    assert set_line(text, "a=2") == "NodeName=n1\na=2\n"
    assert set_line(text, "NodeName=n2") == "A=1\nNodeName=n1\nNodeName=n2\n"
    assert set_line(text, "A=") == "NodeName=n1\n"


def test_two_clusters_side_by_side(stock, make_cluster):
    other = make_cluster(nodes=2, name="other")
    assert not set(stock.ports) & set(other.ports)
    for cluster, nodes in ((stock, 6), (other, 2)):
        out = cluster.run(["srun", f"-N{nodes}", "printenv", "SLURM_CLUSTER_NAME"]).stdout
        assert out.split() == [cluster.options.name] * nodes
    other.down()
    assert other.processes() == set()
    assert stock.run(["srun", "echo", "alive"]).stdout == "alive\n"


def can_take(port):
    """Whether another process could reserve the block that starts with that port."""
    code = f"from clusterlib.ports import reserve; print(bool(reserve({port})))"
    tests = Path(__file__).resolve().parent.parent
    return subprocess.run([sys.executable, "-c", code], cwd=tests, capture_output=True, text=True, check=True).stdout.strip()


def test_ports_are_kept_before_the_daemons_start(make_cluster):
    cluster = make_cluster(nodes=1, start=False)
    assert can_take(cluster.ports[0]) == "False"
    cluster.down(purge=True)
    assert can_take(cluster.ports[0]) == "True"


def test_killed_controller_keeps_the_queue(stock):
    running = stock.sbatch("--exclusive", "-N6", script="sleep 300")
    stock.wait_job(running, "RUNNING")
    waiting = [stock.sbatch("-N6", "--exclusive") for _ in range(5)]
    stock.wait_saved()
    stock.kill("ctld")
    assert stock.pid("ctld") is None
    stock.restart("ctld")
    assert stock.job_state(running) == "RUNNING"
    assert [stock.job_state(job) for job in waiting] == ["PENDING"] * 5
    stock.cancel_all()


def test_restart_of_every_kind_of_daemon(stock):
    for name in ("n3", "dbd", "munge", "db"):
        before = stock.pid(name)
        stock.restart(name)
        assert stock.pid(name) not in (None, before)
    assert stock.run(["srun", "-w", "n3", "echo", "alive"]).stdout == "alive\n"


def test_down_ends_jobs_and_their_children(make_cluster):
    cluster = make_cluster(nodes=1)
    child = running_job_with_child(cluster)
    everything = cluster.processes()
    assert child in everything
    cluster.down()
    assert not [pid for pid in everything if procs.alive(pid)]
    cluster.down()


def test_down_after_parts_were_killed(make_cluster):
    cluster = make_cluster(nodes=2)
    child = running_job_with_child(cluster)
    everything = cluster.processes()
    for name in ("n1", "ctld", "db"):
        cluster.kill(name)
    cluster.down()
    assert not [pid for pid in everything | {child} if procs.alive(pid)]


def test_stopped_cluster_starts_again_with_its_state(make_cluster):
    cluster = make_cluster(nodes=1)
    job = cluster.sbatch("--begin=now+1hour")
    cluster.down()
    cluster.start()
    assert cluster.job_state(job) == "PENDING"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_ordinary_user():
    base = Path(tempfile.mkdtemp(prefix="aifc-", dir=os.environ.get("AIF_TEST_TMP", "/tmp")))
    shutil.copytree(TOOL.parent / "clusterlib", base / "clusterlib")
    shutil.copy(TOOL, base / "cluster")
    shutil.chown(base, "games")
    as_games = ["setpriv", "--reuid=games", "--regid=games", "--clear-groups", "env", f"HOME={base}", base / "cluster"]

    def run(*args):
        return subprocess.run([*as_games, *args], text=True, capture_output=True, timeout=900, check=False)

    try:
        up = run("up", base / "c", "--nodes", "6")
        assert up.returncode == 0, up.stderr
        job = run("run", base / "c", "srun", "-N2", "--gpus=2", "id", "-un")
        assert job.stdout == "games\ngames\n", job.stderr
        pids = Cluster(base / "c").processes()
        assert {os.stat(f"/proc/{pid}").st_uid for pid in pids} == {os.stat(base).st_uid}
        assert run("down", base / "c").returncode == 0
        assert not [pid for pid in pids if procs.alive(pid)]
    finally:
        run("down", base / "c", "--purge")
        shutil.rmtree(base)


def test_command_line_from_up_to_purge():
    directory = new_directory()
    up = tool("up", directory, "--nodes", "1", "--gpus", "0", "--conf-line", "MaxJobCount=77")
    assert up.returncode == 0, up.stderr
    try:
        shell = f'eval "$({TOOL} env {directory})"; scontrol show config | grep ^MaxJobCount'
        assert "= 77" in subprocess.run(["sh", "-c", shell], text=True, capture_output=True, check=True).stdout
        assert tool("status", directory).returncode == 0
        assert tool("kill", directory, "n1", "TERM").returncode == 0
        assert tool("restart", directory, "ctld").returncode == 0
        assert tool("run", directory, "false").returncode == 1
        assert "not empty" in tool("up", directory).stderr
    finally:
        down = tool("down", directory, "--purge")
    assert down.returncode == 0, down.stderr
    assert not directory.exists()
    assert tool("down", directory).returncode == 0


def test_interrupted_start_leaves_nothing():
    directory = new_directory()
    start = subprocess.Popen([sys.executable, TOOL, "up", directory], stdout=subprocess.DEVNULL)
    assert procs.wait_until(lambda: (directory / "run" / "db.aifpid").exists(), 300)
    start.send_signal(signal.SIGTERM)
    start.wait(300)
    assert Cluster(directory).processes() == set()
    shutil.rmtree(directory)


def test_directory_that_is_too_long():
    base = new_directory()
    done = tool("up", base / ("x" * MAX_DIR))
    base.rmdir()
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert f"limit {MAX_DIR}" in done.stderr


def test_failed_start_says_why_in_one_line(make_cluster):
    with pytest.raises(ClusterError) as problem:
        make_cluster(nodes=1, conf_lines=["SchedulerType=sched/nonsense"])
    assert "ended at once" in str(problem.value) and "sched/nonsense" in str(problem.value)
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize("options, words", [
    ({"nodes": 0}, "--nodes 0"),
    ({"locations": "FI"}, "NAME:COUNT"),
    ({"locations": "FI:7"}, "names 7 nodes"),
    ({"prefix": "/p", "plugins": "selct"}, "'selct' is none of"),
    ({"prefix": "/p", "plugins": "priority,site_factor"}, "choose one"),
    ({"conf_lines": ["Nonsense"]}, "Key=Value"),
    ({"name": "A b"}, "lower-case"),
])
def test_wrong_options_are_refused(options, words):
    with pytest.raises(ClusterError, match=words):
        Options(**options)


def test_without_select_its_wrapper_is_not_found(make_cluster, prefix):
    cluster = make_cluster(start=False, prefix=prefix, plugins="job_submit")
    text = cluster.layout.conf.read_text()
    assert f"PluginDir={cluster.dir}/plugins:" in text and "JobSubmitPlugins=aif" in text
    names = {path.name for path in (cluster.dir / "plugins").iterdir()}
    assert "job_submit_aif.so" in names and not [name for name in names if name.startswith("select_")]


def test_missing_plugins_are_named(tmp_path):
    with pytest.raises(ClusterError, match="make install"):
        Cluster.create(new := new_directory(), Options(prefix=str(tmp_path)))
    new.rmdir()
