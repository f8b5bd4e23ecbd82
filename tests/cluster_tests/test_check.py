"""aif check: the controller's own decision on a batch job, asked by an ordinary user, with nothing submitted."""

import json
import os

import pytest
from aifsite import Site, allocation

PG, FL, LATER = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991", "EHPC-AIF-2026FL01-992"


@pytest.fixture(scope="module")
def user():
    return "daemon" if os.geteuid() == 0 else None


@pytest.fixture(scope="module")
def site(make_cluster, prefix, user):
    cluster = make_cluster(prefix=prefix, plugins="all", nodes=4, gpus=4, start=False)
    members = [user or cluster.users()[0]]
    site = Site(cluster, [allocation(PG, "pg", "playground", amount=10, members=members),
                          allocation(FL, "fl", "fast-lane", amount=1000, members=members),
                          allocation(LATER, "later", "fast-lane", amount=1000, start=5, members=members)])
    site.policy["hold"] = ["AIF-A002"]
    site.write()
    cluster.start()
    cluster.sacctmgr("add", "account", "plain")
    site.apply()
    cluster.sacctmgr("add", "user", members[0], "account=plain")
    return site


@pytest.fixture
def check(site, user):
    """check(option..., code=0) -> what aif check printed; the queue stays empty and no job id is used up for good."""
    def run(*args, code=0, json_wanted=False, stdin=None):
        script = site.cluster.dir / "job.sh"
        script.write_text("#!/bin/sh\ntrue\n")
        script.chmod(0o755)
        first = ["--json"] if json_wanted else []
        done = site.cluster.run(["aif", "check", *first, *args, str(script)], user=user, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return json.loads(done.stdout) if json_wanted else done.stdout + done.stderr
    yield run
    assert site.cluster.run(["squeue", "-h"]).stdout == ""
    assert site.cluster.run(["scontrol", "show", "jobs", "-o"]).stdout.strip() in ("", "No jobs in the system")


def test_accepted_with_the_numbers(check):
    out = check("-A", "pg", "--gpus=4", "-N1", "-t60")
    assert out.startswith(f"accepted under allocation {PG}: asked 4 GPU-hours (4 GPUs x 1:00:00)")
    assert "left 6 GPU-hours" in out
    assert "start: Slurm expects " in out and "in partition " in out
    assert "error" not in out


def test_accepted_as_json(check):
    seen = check("--ai-mode=fast-lane", "--ai-allocation", FL, "--gpus=1", "-t10", json_wanted=True)
    assert seen["accepted"] is True and seen["verdict"] == "accepted" and seen["plugin"] is True
    assert FL in seen["message"] and seen["start"] and seen["nodes"] and seen["cpus"] > 0
    assert seen["slurm"] is None


@pytest.mark.parametrize("rule,options,words", [
    ("AIF-Q001", ["-A", "pg", "--gpus=4", "-t180"], ["asked 12 GPU-hours", "left 10 GPU-hours"]),
    ("AIF-M007", ["-A", "pg", "--gpus=1", "-t300"], ["asked 5:00:00", "limit 4:00:00"]),
    ("AIF-M001", ["-A", "pg", "--ai-mode=playgruond"], ["playground"]),
    ("AIF-A001", ["--ai-allocation=EHPC-AIF-2026PG01-000"], []),
])
def test_refused_with_the_rule(check, rule, options, words):
    out = check(*options, code=1)
    assert out.startswith("refused: ") and f"({rule})" in out
    assert all(word in out for word in words)
    seen = check(*options, code=1, json_wanted=True)
    assert seen["verdict"] == "refused" and seen["rule"] == rule and seen["accepted"] is False


def test_options_in_the_script_count(site, user):
    script = site.cluster.dir / "with-options.sh"
    script.write_text("#!/bin/sh\n#SBATCH -A pg --gpus=1\n#SBATCH -t 300\ntrue\n")
    script.chmod(0o755)
    done = site.cluster.run(["aif", "check", str(script)], user=user, check=False)
    assert done.returncode == 1 and "(AIF-M007)" in done.stdout


def test_held(check):
    out = check("-A", "later", "--gpus=1", "-t10")
    assert out.startswith("held: ") and "(AIF-A002)" in out
    assert check("-A", "later", "--gpus=1", "-t10", json_wanted=True)["verdict"] == "held"


def test_refused_by_slurm_itself(check):
    out = check("-A", "fl", "-N99", "--gpus-per-node=1", "-t10", code=1)
    assert out.startswith("refused by Slurm: ") and f"accepted under allocation {FL}" in out
    assert check("-A", "nobody", "-t10", code=1, json_wanted=True)["verdict"] == "refused by Slurm"


def test_jobs_that_are_nobodys(check):
    out = check("-A", "plain", "-t10")
    assert out.startswith("accepted: account plain has no allocation, so none is charged (AIF-Q007)")
    assert check("-A", "plain", "-t10", "-N99", code=1).startswith("refused by Slurm: ")


def test_quiet_sbatch_tells_no_numbers(check):
    assert check("-A", "pg", "-t10", "--quiet") == \
        "accepted: slurm-aif had nothing to say (sbatch --quiet, or spank_aif is not installed here)\n"


def test_heterogeneous_job(check):
    out = check("-A", "fl", "--gpus=1", "-t10", ":", "-A", "fl", "--gpus=2", "-t10")
    assert out.count("accepted under allocation") == 2


@pytest.mark.parametrize("options", [["--no-such-option"], ["-t", "soon"], ["--ai-mode=two words"]])
def test_wrong_options_are_sbatchs_to_tell(check, options):
    out = check(*options, code=2)
    assert "sbatch: " in out and "no job was checked" in out


def test_something_else_than_a_job(check):
    out = check("--version", code=2)
    assert out.startswith("slurm") and "no job was checked" in out


def test_no_script(site, user):
    done = site.cluster.run(["aif", "check", "/nonexistent/job.sh"], user=user, check=False)
    assert done.returncode == 2 and "/nonexistent/job.sh" in done.stderr


def test_nothing_was_charged_or_counted(site, check, user):
    for _ in range(3):
        check("-A", "pg", "--gpus=4", "-t120")
    row, = json.loads(site.cluster.run(["aif", "quota", "--json", PG], user=user).stdout)
    assert (row["used"]["seconds"], row["reserved"]["seconds"]) == (0, 0)


def test_no_controller(site, user):
    site.cluster.conf("SlurmctldTimeout=10", "MessageTimeout=5")
    site.cluster.stop("ctld")
    try:
        done = site.cluster.run(["aif", "check", "--wrap=true"], user=user, check=False)
        assert done.returncode == 3 and "slurmctld" in done.stderr and done.stderr.count("\n") == 1
    finally:
        site.cluster.conf("SlurmctldTimeout=300", "MessageTimeout=60")
        site.cluster.start()
