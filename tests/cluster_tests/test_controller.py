"""slurmctld with our plugins through its life: a new policy, a broken one, load, restarts, a crash, and without us."""

import concurrent.futures
import os
import re
import signal
import subprocess
import time

import pytest
from aifsite import Site, allocation, our_errors

PG, FL = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991"
SUBMISSIONS = 1000


@pytest.fixture(scope="module")
def user():
    return "daemon" if os.geteuid() == 0 else None


@pytest.mark.parametrize("name,hooks", [
    ("job_submit_aif", {"job_submit", "job_modify"}),
    ("priority_aif", {"priority_p_set", "priority_p_reconfig", "priority_p_job_end"}),
    ("site_factor_aif", {"site_factor_p_set", "site_factor_p_update"}),
])
def test_a_plugin_exports_its_hooks_only_and_binds_lazily(prefix, name, hooks):
    plugin = str(prefix / "lib" / "slurm-aif" / f"{name}.so")
    table = subprocess.run(["nm", "-D", "--defined-only", plugin], capture_output=True, text=True, check=True).stdout
    names = {line.split()[-1] for line in table.splitlines()}
    frame = {"init", "fini", "plugin_name", "plugin_type", "plugin_version"}
    assert hooks | frame <= names
    assert all(n in frame or n.startswith(("job_", "priority_p_", "site_factor_p_")) for n in names), names
    dynamic = subprocess.run(["readelf", "-d", plugin], capture_output=True, text=True, check=True).stdout
    assert "NOW" not in dynamic


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    return new_site(make_cluster, prefix)


def new_site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="all", nodes=6, gpus=4, locations="FI:4,SE:2", start=False,
                           conf_lines=["MaxJobCount=5000"])
    members = cluster.users()[:1]
    site = Site(cluster, [allocation(PG, "pg", "playground", amount=1000000, members=members),
                          allocation(FL, "fl", "fast-lane", amount=1000000, members=members)])
    site.start()
    return site


@pytest.fixture
def cluster(site):
    yield site.cluster
    site.cluster.cancel_all()


def answer(cluster, user, *options):
    done = cluster.sbatch("-H", *options, user=user, check=False)
    return done.stdout.strip() or done.stderr


def test_reconfigure_takes_a_new_policy(site, cluster, user):
    ask = ("-A", "pg", "--gpus=8")
    assert answer(cluster, user, *ask).isdigit()
    time.sleep(3)  # slurmctld may read the files twice after the reconfigure of the fixture
    site.policy["modes"]["playground"]["gpus_per_job"]["max"] = 7
    site.write()
    assert answer(cluster, user, *ask).isdigit(), "files count only after a reconfigure"
    site.reconfigure()
    assert "asked 8 GPUs, limit 7 GPUs (AIF-M005)" in answer(cluster, user, *ask)
    site.policy["modes"]["playground"]["gpus_per_job"]["max"] = 8
    site.reconfigure()
    assert answer(cluster, user, *ask).isdigit()


def test_two_changes_within_a_second_are_both_seen(site, cluster, user):
    for limit in (3, 2, 5):
        site.policy["modes"]["playground"]["gpus_per_job"]["max"] = limit
        site.write()
        cluster.reconfigure()
    site.reconfigure()
    assert "limit 5 GPUs" in answer(cluster, user, "-A", "pg", "--gpus=8")
    site.policy["modes"]["playground"]["gpus_per_job"]["max"] = 8
    site.reconfigure()


def complaints(cluster):
    return [line for line in cluster.ctld_log().splitlines() if "policy.json" in line and " error: " in line]


def break_policy(cluster, limit):
    path = cluster.layout.aif / "policy.json"
    good = path.read_text()
    cluster.aif_conf("policy.json", good.replace('"open": true', f'"opne": {limit}', 1))
    return good


def test_a_broken_file_keeps_the_old_policy_and_says_so_once(site, cluster, user):
    if cluster.install.version >= (23, 11):
        pytest.skip("a reconfigure replaces the process here; see the cold start")
    before = len(complaints(cluster))
    good = break_policy(cluster, "true")
    for _ in range(3):
        cluster.reconfigure()
        cluster.wait(lambda: len(complaints(cluster)) > before, what="a complaint")
    assert answer(cluster, user, "-A", "pg", "--gpus=1").isdigit()
    assert "AIF-M005" in answer(cluster, user, "-A", "pg", "--gpus=9")
    said = complaints(cluster)[before:]
    assert len(said) == 1 and "policy.json:" in said[0] and "opne" in said[0] and "AIF-C003" in said[0]
    cluster.aif_conf("policy.json", good)
    cluster.reconfigure()


@pytest.fixture
def detached(cluster):
    """slurmctld as a daemon, as systemd and most sites run it, instead of in the foreground."""
    cluster.detach()
    yield cluster
    cluster.end_detached()
    cluster.restart("ctld")


def test_a_daemon_keeps_the_old_policy_in_every_version(site, detached, user):
    good = break_policy(detached, "true")
    done = detached.reconfigure(check=False)
    if detached.install.version >= (23, 11):
        assert done.returncode != 0, "here the new process gives up and scontrol says so"
    assert "AIF-M005" in answer(detached, user, "-A", "pg", "--gpus=9")
    assert answer(detached, user, "-A", "pg", "--gpus=1").isdigit()
    assert any("opne" in line for line in complaints(detached))
    detached.aif_conf("policy.json", good)
    site.policy["modes"]["playground"]["gpus_per_job"]["max"] = 6
    site.reconfigure()
    assert "limit 6 GPUs" in answer(detached, user, "-A", "pg", "--gpus=9")
    site.policy["modes"]["playground"]["gpus_per_job"]["max"] = 8
    site.reconfigure()


def test_a_cold_start_with_a_broken_file(site, cluster, user):
    good = break_policy(cluster, "false")
    cluster.restart("ctld")
    assert "AIF-C010" in answer(cluster, user, "-A", "pg", "--comment", "aif:mode=playground")
    assert answer(cluster, user, "-A", "pg").isdigit()
    cluster.aif_conf("policy.json", good)
    site.reconfigure()
    assert "AIF-M005" in answer(cluster, user, "-A", "pg", "--gpus=9")


def queue(cluster):
    return set(cluster.run(["squeue", "-h", "-r", "-o", "%A"]).stdout.split())


def test_a_full_queue_survives_whatever_happens_to_slurmctld(make_cluster, prefix, user):
    """1,000 submissions, a reconfigure, a restart and a kill -9: no job lost, nothing of ours at level error."""
    site = new_site(make_cluster, prefix)
    cluster = site.cluster

    def submit(number):
        account = ("pg", "fl")[number % 2]
        return cluster.sbatch("-H", "-A", account, "--gpus=1", "-t5", user=user)

    jobs = [submit(0)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        jobs += pool.map(submit, range(1, SUBMISSIONS))
    assert len(set(jobs)) == SUBMISSIONS
    cluster.reconfigure()
    assert queue(cluster) == set(jobs)
    cluster.restart("ctld")
    assert queue(cluster) == set(jobs)
    cluster.wait_saved()
    cluster.kill("ctld", signal.SIGKILL)
    cluster.restart("ctld")
    assert queue(cluster) == set(jobs)
    check_marks(cluster)
    cluster.run(["scontrol", "release", *jobs[:12]])
    for job in jobs[:12]:
        cluster.wait_job(job)
    assert our_errors(cluster.ctld_log()) == []


def check_marks(cluster):
    """Every job still has its QOS, its mark and, in the fast lane, its lane."""
    rows = cluster.run(["squeue", "-h", "-O", "account:10,qos:40"]).stdout.splitlines()
    assert len(rows) == SUBMISSIONS
    for account, qos in (row.split() for row in rows):
        assert qos == {"pg": PG.lower(), "fl": FL.lower()}[account]
    text = cluster.run(["scontrol", "-o", "show", "job"]).stdout
    assert text.count('AdminComment={"aif":') == SUBMISSIONS


def test_without_our_directory_the_cluster_runs_on(make_cluster, prefix, user):
    """PluginDir without ours and a restart is a full uninstall: jobs, limits and usage stay."""
    site = new_site(make_cluster, prefix)
    cluster = site.cluster
    running = cluster.sbatch("-A", "fl", "--gpus=2", "-t60", script="sleep 600", user=user)
    cluster.wait_job(running, "RUNNING")
    done = cluster.sbatch("-A", "fl", "--gpus=4", "-t5", script="sleep 2", user=user)
    assert cluster.wait_job(done) == "COMPLETED"
    held = cluster.sbatch("-A", "fl", "--gpus=1", "-t60", "-H", user=user)
    array = cluster.sbatch("-A", "pg", "--gpus=1", "-t60", "-H", "--array=1-5", user=user)
    limits = cluster.sacctmgr("show", "qos", "format=name,flags,grptresmins,maxwall")
    usage = cluster.wait(lambda: raw_usage(cluster), what="usage of the job that ended")
    uninstall(cluster)
    assert cluster.job(running)["JobState"] == "RUNNING"
    assert cluster.job(held)["JobState"] == "PENDING" and cluster.job(held)["QOS"] == FL.lower()
    assert f"{array}_[1-5]" in cluster.run(["squeue", "-h", "-o", "%i"]).stdout
    assert cluster.sacctmgr("show", "qos", "format=name,flags,grptresmins,maxwall") == limits
    assert raw_usage(cluster) >= usage > 0
    cluster.run(["scancel", running])
    assert cluster.wait_job(running) == "CANCELLED"
    cluster.run(["scontrol", "release", held])
    cluster.wait_job(held)
    denied = cluster.sbatch("-A", "pg", f"--qos={PG.lower()}", "--gpus=1", "-t10:00:00", user=user, check=False)
    assert denied.returncode != 0, "the QOS alone still caps the time"
    log = cluster.ctld_log().rpartition(" started on cluster ")[2]
    assert "/aif: policy" not in log and "select wrapper" not in log


def raw_usage(cluster):
    """Seconds charged to the QOS of fl, as slurmctld keeps them."""
    text = cluster.run(["scontrol", "show", "assoc_mgr", "flags=qos", f"qos={FL.lower()}"]).stdout
    return float(re.search(r"UsageRaw=([\d.]+)", text).group(1))


def uninstall(cluster):
    """What the administrator's guide says: take our lines out of slurm.conf and restart slurmctld."""
    text = cluster.layout.conf.read_text()
    plugin_dir = next(line for line in text.splitlines() if line.startswith("PluginDir="))
    cluster.conf("PluginDir=" + plugin_dir.rpartition(":")[2], "JobSubmitPlugins=", "PrioritySiteFactorPlugin=",
                 "SelectType=select/cons_tres")
    (cluster.layout.etc / "plugstack.conf").unlink(missing_ok=True)
    cluster.wait_saved()
    cluster.restart("ctld")
    cluster.wait(lambda: "idle" in cluster.run(["sinfo", "-h", "-o", "%T"]).stdout, what="nodes")
