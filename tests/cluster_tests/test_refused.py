"""aif explain --refused: what was turned down is remembered by slurmctld, and told to whom it concerns only."""

import json
import os
import time

import pytest
from aifsite import Site, allocation

PG = "EHPC-AIF-2026PG01-905"
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs users who are no operators: run as root")


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, nodes=2, gpus=4, start=False)
    site = Site(cluster, [allocation(PG, "pg", "playground", members=["daemon", "nobody"])])
    site.start()
    return site


@pytest.fixture
def refuse(site):
    def run(*options, user="daemon", name="train"):
        done = site.cluster.run(["sbatch", "-D", "/tmp", "-o", "/dev/null", "-A", "pg", "-J", name, *options, "--wrap", "true"],
                                user=user, check=False)
        assert done.returncode, done.stdout
        return done.stderr
    return run


@pytest.fixture
def explain(site):
    def run(*options, user="daemon", code=0):
        done = site.cluster.run(["aif", "explain", *options], user=user, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stderr if code else done.stdout
    return run


def wait_for(condition):
    deadline = time.monotonic() + 240
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def told(text):
    return [(one["user"], one["name"], one["rule"], one["times"]) for one in json.loads(text)]


def test_all_of_it(site, refuse, explain):
    assert json.loads(explain("--json")) == [] and "nothing was refused" in explain()
    sentence = refuse("--gpus=16")
    refuse("--gpus=16")
    refuse("--ai-mode=playgroud", name="typo|x")
    refuse("--gpus=16", user="nobody", name="other")
    mine = json.loads(explain("--refused", "--json"))
    assert [(one["name"], one["rule"], one["times"]) for one in mine] == [("typo|x", "AIF-M001", 1), ("train", "AIF-M005", 2)]
    assert mine[1]["message"] in sentence and "asked 16" in mine[1]["why"] and mine[1]["why"].endswith("(AIF-M005)")
    assert mine[1]["next"] and mine[1]["next"] not in mine[1]["why"]
    assert abs(mine[1]["at"] - time.time()) < 3600 and mine[1]["account"] == "pg" and mine[1]["job"] is None
    text = explain()
    assert "2 times the same" in text and "AIF-M005" in text and mine[1]["next"] in text and "other" not in text
    rows = [line.split("|") for line in explain("--parsable").splitlines()]
    assert rows[0][:3] == ["AT", "USER", "BY"] and {len(row) for row in rows} == {10}
    for command in (["--all"], ["--user", "nobody"], ["--user", "0"]):
        assert "only operators" in explain(*command, code=1)
    assert told(explain("--user", "nobody", "--json", user=None)) == [("nobody", "other", "AIF-M005", 1)]
    assert {one[0] for one in told(explain("--all", "--json", user=None))} == {"daemon", "nobody"}
    assert json.loads(explain("--json", user=None)) == []
    assert "no user" in explain("--user", "nosuchuser", user=None, code=1)
    assert site.cluster.run(["squeue", "-h"]).stdout == ""


def test_a_change_of_a_job(site, refuse, explain):
    job = site.cluster.run(["sbatch", "-D", "/tmp", "-o", "/dev/null", "-A", "pg", "-H", "-t5", "--gpus=1", "--wrap", "true",
                            "--parsable"], user="daemon").stdout.strip()
    changed = site.cluster.run(["scontrol", "update", f"JobId={job}", "TimeLimit=12:00:00"], user="daemon", check=False)
    site.cluster.run(["scancel", job])
    newest = json.loads(explain("--json"))[0]
    assert changed.returncode and (newest["job"], newest["rule"], newest["user"]) == (int(job), "AIF-M007", "daemon")
    assert f"a change of job {job}" in explain()


def test_it_outlives_slurmctld(site, refuse, explain):
    refuse("--gpus=16", name="before")
    before = explain("--json")
    state = site.cluster.dir / "state" / "aif_refused"
    wait_for(lambda: state.exists() and '"before"' in state.read_text())
    assert state.stat().st_mode & 0o777 == 0o600
    site.cluster.kill("ctld")
    site.cluster.restart("ctld")
    wait_for(lambda: explain("--json") == before)
