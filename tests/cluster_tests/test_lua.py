"""The Lua module inside Slurm's own job_submit/lua and cli_filter/lua, by the examples that are shipped."""

import json
import os
import re
from pathlib import Path

import pytest
from aifsite import Site, allocation, our_errors, settings

PG, FL, LATER = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991", "EHPC-AIF-2026FL01-992"
LUA = Path(__file__).resolve().parents[2] / "lua"


@pytest.fixture(scope="module")
def user():
    return "daemon" if os.geteuid() == 0 else None


def module_dir(cluster):
    """Where the users of the cluster's jobs find the module."""
    found = sorted(Path(cluster.options.prefix).glob("lib/lua/*/aif.so"))
    if not found:
        pytest.skip("slurm-aif was built without Lua")
    return found[0].parent


def install_script(cluster, name):
    """A shipped example beside slurm.conf, told where the module is."""
    text = (LUA / name).read_text()
    (cluster.layout.etc / name).write_text(f'package.cpath = "{module_dir(cluster)}/?.so;" .. package.cpath\n{text}')


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="site_factor,select,spank", nodes=6, gpus=4, locations="FI:4,SE:2",
                           conf_lines=["JobSubmitPlugins=lua", "CliFilterPlugins=lua"], start=False)
    if not (Path(cluster.install.plugin_dir) / "job_submit_lua.so").exists():
        pytest.skip("this Slurm has no job_submit/lua")
    site = Site(cluster, [
        allocation(PG, "pg", "playground", members=cluster.users()[:2]),
        allocation(FL, "fl", "fast-lane", members=cluster.users()[:2], residency="SE"),
        allocation(LATER, "later", "fast-lane", start=5, members=cluster.users()[:2]),
    ])
    site.policy["hold"] = ["AIF-A002"]
    site.write()
    for name in ("job_submit.lua", "cli_filter.lua"):
        install_script(cluster, name)
    cluster.start()
    cluster.sacctmgr("add", "account", "plain")
    site.apply()
    for name in cluster.users()[:2]:
        cluster.sacctmgr("add", "user", name, "account=plain")
    return site


@pytest.fixture
def cluster(site):
    yield site.cluster
    site.cluster.cancel_all()


def refused(cluster, user, *options):
    """Submit what must be refused; returns the controller's line."""
    done = cluster.sbatch(*options, user=user, check=False)
    assert done.returncode != 0 and not done.stdout, options
    lines = [line for line in done.stderr.splitlines() if "aif: " in line and "likely to be refused" not in line]
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.mark.parametrize("options", [
    ["--ai-mode=playground", "-A", "pg"],
    ["--comment", "aif:mode=playground", "-A", "pg"],
    ["--ai-allocation", PG],
    ["-A", "pg", "--gpus=8", "-N2"],
])
def test_accepted_jobs_are_marked_as_by_the_plugin(cluster, user, options):
    job = cluster.sbatch(*options, user=user)
    seen = cluster.job(job)
    assert seen["QOS"] == PG.lower() and seen["Account"] == "pg"
    mark = json.loads(seen["AdminComment"])["aif"]
    assert (mark["v"], mark["mode"], mark["alloc"]) == (1, "playground", PG)


def test_jobs_that_are_not_ours_are_left_alone(cluster, user):
    seen = cluster.job(cluster.sbatch("-A", "plain", user=user))
    assert seen["QOS"] == "normal" and "AdminComment" not in seen


@pytest.mark.parametrize("rule,options,words", [
    ("AIF-M001", ["-A", "pg", "--ai-mode=playgroud"], ["did you mean playground"]),
    ("AIF-M005", ["-A", "pg", "--gpus-per-node=8", "-N2"], ["asked 16 GPUs", "limit 8"]),
    ("AIF-M005", ["-A", "pg", "--gres=gpu:4,gpu:1", "-N2"], ["asked 10 GPUs"]),
    ("AIF-M005", ["-A", "pg", "--gpus-per-task=3", "-n3"], ["asked 9 GPUs"]),
    ("AIF-M007", ["-A", "pg", "-t5:00:00"], ["asked 5:00:00", "limit 4:00:00"]),
    ("AIF-A007", ["-A", "plain", "--ai-mode=playground"], ["plain"]),
    ("AIF-Q001", ["-A", "fl", "--gpus=1", "-t60", "--array=0-4001:2%7"], ["2001 tasks", "left 1000 GPU-hours"]),
    ("AIF-R002", ["-A", "fl", "--data-residency=FI"], ["FI", "SE"]),
    ("AIF-C009", ["-A", "pg", "--comment", "aif:mood=good"], ["mood"]),
])
def test_refusals_are_the_plugins_sentences(cluster, user, rule, options, words):
    line = refused(cluster, user, *options)
    assert f"({rule})" in line
    for word in words:
        assert word in line


def test_a_held_job_waits_with_priority_zero(cluster, user):
    seen = cluster.job(cluster.sbatch("-A", "later", "--ai-purpose=inference", user=user))
    assert (seen["JobState"], seen["Priority"], seen["QOS"]) == ("PENDING", "0", LATER.lower())
    mark = json.loads(seen["AdminComment"])["aif"]
    assert (mark["hold"], mark["use"]) == ("AIF-A002", "inference")


def test_the_job_sees_its_allocation_and_runs_where_its_data_may_be(cluster, user):
    job = cluster.sbatch("--ai-mode=fast-lane", "-A", "fl", script="env | grep ^AIF_", user=user)
    assert cluster.wait_job(job) == "COMPLETED"
    assert cluster.job(job)["NodeList"] in ("n5", "n6")
    assert settings(cluster.output(job, user)) == {"AIF_MODE": "fast-lane", "AIF_ALLOCATION": FL, "AIF_RESIDENCY": "SE"}


def test_the_client_warns_but_does_not_decide(cluster, user):
    done = cluster.sbatch("-A", "pg", "--ai-mode=fast-lane", user=user, check=False)
    warning = re.search(r"likely to be refused: (aif: .*)", done.stderr)
    assert warning and "(AIF-M002)" in warning[1]
    assert done.stderr.count("(AIF-M002)") == 2
    # What the client cannot read does not matter to it.
    path = cluster.layout.aif / "allocations.json"
    path.chmod(0o600)
    try:
        assert "likely" not in cluster.sbatch("-A", "pg", "--ai-mode=fast-lane", user=user, check=False).stderr or not user
    finally:
        path.chmod(0o644)


def test_a_touched_script_reads_the_files_anew(cluster, site, user):
    site.allocations["pg"]["state"] = "paused"
    site.write()
    install_script(cluster, "job_submit.lua")
    os.utime(cluster.layout.etc / "job_submit.lua", (2_000_000_000, 2_000_000_000))
    assert "(AIF-A004)" in refused(cluster, user, "-A", "pg")
    (cluster.layout.aif / "allocations.json").write_text("{")
    os.utime(cluster.layout.etc / "job_submit.lua", (2_000_000_001, 2_000_000_001))
    line = refused(cluster, user, "-A", "pg", "--ai-mode=playground")
    assert "(AIF-C010)" in line and "tell the administrators" in line
    cluster.sbatch("-A", "plain", user=user)


def test_no_line_of_ours_at_level_error(site):
    assert our_errors(site.cluster.ctld_log()) == []
