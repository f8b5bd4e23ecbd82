"""Rules that only advise: nothing is refused or held, by Slurm neither; log, ledger and "aif report advise" tell what would be.

An allocation of one GPU-hour in a mode of one GPU per job, and one that is paused; tests leave every rule advising behind.
"""

import json
import os

import pytest
from aifsite import Site, allocation

HOUR, PAUSED = "EHPC-AIF-2026SC01-011", "EHPC-AIF-2026SC01-012"
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs users who are no operators: run as root")


class AdviseSite(Site):
    """A site that can be told what to enforce, and asked what would have been."""

    def enforce(self, value):
        self.policy["enforce"] = value
        self.reconfigure()

    def refused(self, *args):
        done = self.cluster.sbatch(*args, user=self.cluster.users()[0], check=False)
        assert done.returncode != 0, done.stdout
        return done.stderr

    def taken(self, *args):
        return self.cluster.sbatch(*args, user=self.cluster.users()[0], script="true")

    def report(self, *words):
        """(rule, account, would) -> what "aif report advise" says of it."""
        self.cluster.run(["aif-reportd", "--once", "--no-send"])
        rows = json.loads(self.cluster.run(["aif", "report", "advise", "--json", *words]).stdout)
        assert all(row["mode"] == "single" for row in rows)
        return {(row["rule"], row["account"], row["would"]): row for row in rows}

    def wait_report(self, *key, count=1):
        return self.cluster.wait(lambda: (row := self.report().get(key)) and row["count"] >= count and row, what=f"{count} {key}")

    def limits(self, qos):
        done = self.cluster.run(["sacctmgr", "-nP", "show", "qos", qos, "format=GrpTRESMins,MaxTRES,GrpJobs,GrpSubmit"])
        return done.stdout.strip()


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="all", nodes=1, gpus=4, start=False)
    members = [cluster.users()[0]]
    site = AdviseSite(cluster, [allocation(HOUR, "hour", "single", 1, members=members),
                                allocation(PAUSED, "paused", "single", 1000, members=members, state="paused")])
    site.policy.update({"enforce": "advise", "hold": ["AIF-A004"], "budget": {"recheck": 1}})
    site.policy["report"]["ledger"] = str(cluster.layout.root / "ledger.db")
    site.start()
    return site


@pytest.fixture(autouse=True)
def cluster(site):
    yield site.cluster
    site.cluster.cancel_all()
    if site.policy["enforce"] != "advise":
        site.policy["enforce"] = "advise"
        site.apply()


def test_a_job_against_two_rules_runs(site, cluster):
    assert site.limits(HOUR.lower()) == "|||"
    job = site.taken("-A", "hour", "--gpus=2", "-t", "300")
    assert cluster.wait_job(job) == "COMPLETED"
    assert cluster.job(job)["QOS"] == HOUR.lower() and cluster.job(job)["TimeLimit"] == "05:00:00"
    row = site.wait_report("AIF-M005", "hour", "refuse")
    assert row["gpu_seconds"] == 2 * 300 * 60 * row["count"] and row["user"] == cluster.users()[0] and row["job"] is None
    assert row["example"] == "aif: number of GPUs per job in mode single: asked 2 GPUs, limit 1 GPU (AIF-M005); ask for fewer"
    assert "has too little left: asked 10 GPU-hours" in site.report()["AIF-Q001", "hour", "refuse"]["example"]
    assert f"would have been refused: {row['example']}" in cluster.ctld_log()
    assert not site.report("--from", "2099-01-01") and not site.report("--to", "2020-01-01")
    assert cluster.run(["aif", "audit", "residency", "--parsable"]).stdout.count("\n") == 1
    text = cluster.run(["aif", "report", "advise", "--parsable"]).stdout.splitlines()
    assert text[0] == "RULE|MODE|ACCOUNT|WOULD|COUNT|GPU-HOURS|LAST|JOB|USER|EXAMPLE"
    assert text[1].startswith(f"AIF-M005|single|hour|refuse|{row['count']}|{10 * row['count']}|")
    cluster.run("aif export | aif verify")


def test_what_is_refused_anyway_does_not_count(site, cluster):
    site.enforce({"default": "advise", "rules": {"AIF-Q001": "on"}})
    before = site.report().get(("AIF-M005", "hour", "refuse"), {"count": 0})["count"]
    assert "(AIF-Q001)" in site.refused("-A", "hour", "--gpus=3", "-t", "60")
    site.taken("-A", "hour", "--gpus=3", "-t", "1")
    site.wait_report("AIF-M005", "hour", "refuse", count=before + 1)
    assert site.report()["AIF-M005", "hour", "refuse"]["count"] == before + 1


def test_from_advice_to_force_and_back(site, cluster):
    site.policy["enforce"] = {"default": "advise", "rules": {"AIF-M005": "on"}}
    site.apply()
    assert "gres/gpu=1" in site.limits(HOUR.lower())
    assert "(AIF-M005); ask for fewer" in site.refused("-A", "hour", "--gpus=2", "-t", "1")
    site.taken("-A", "hour", "--gpus=1", "-t", "300")
    site.policy["enforce"] = "on"
    site.apply()
    assert "(AIF-Q001)" in site.refused("-A", "hour", "--gpus=1", "-t", "300")
    site.policy["enforce"] = "off"
    site.apply()
    count = site.report()["AIF-Q001", "hour", "refuse"]["count"]
    site.taken("-A", "hour", "--gpus=2", "-t", "300")
    assert site.report()["AIF-Q001", "hour", "refuse"]["count"] == count


def test_an_update(site, cluster):
    owner = cluster.users()[0]
    job = cluster.sbatch("-H", "-A", "hour", "--gpus=1", "-t", "10", user=owner)
    cluster.run(["scontrol", "update", f"JobId={job}", "TimeLimit=2:00:00"], user=owner)
    assert cluster.job(job)["TimeLimit"] == "02:00:00"
    cluster.wait(lambda: site.wait_report("AIF-Q001", "hour", "refuse")["job"] == int(job), what="the update in the report")
    assert f"advise: update of JobId={job} by uid" in cluster.ctld_log()
    site.enforce("on")
    done = cluster.run(["scontrol", "update", f"JobId={job}", "TimeLimit=3:00:00"], user=owner, check=False)
    assert done.returncode
    assert "refused: aif: allocation" in cluster.ctld_log().rpartition(f"update of JobId={job} by uid")[2]  # scontrol may not show it


def test_holds(site, cluster):
    job = site.taken("-A", "paused", "--gpus=1", "-t", "1")
    assert cluster.wait_job(job) == "COMPLETED"
    assert f"allocation {PAUSED} is paused (AIF-A004)" in site.wait_report("AIF-A004", "paused", "hold")["example"]
    site.policy["enforce"] = "on"
    site.apply()
    held = site.taken("-A", "paused", "--gpus=1", "-t", "1")
    assert cluster.job(held)["Priority"] == "0"
    site.policy["enforce"] = "advise"
    site.apply()
    assert cluster.wait_job(held) == "COMPLETED"


def test_a_residency_tag_is_kept(site, cluster):
    assert "AIF-R003" in site.refused("-A", "hour", "--data-residency=SE", "-t", "1")
    assert "AIF-A007" in site.refused("-A", "none", "--data-residency=FI", "-t", "1")


def test_the_tools_tell(site, cluster):
    line = next(line for line in cluster.run(["aif", "config", "check"]).stdout.splitlines() if "enforce" in line)
    assert line.startswith("advice: enforce: these rules only advise and refuse nothing: AIF-A002 ")
    found = json.loads(cluster.run(["aif", "doctor", "--json"], check=False).stdout)["findings"]
    said = [finding for finding in found if finding["check"] == "enforce"]
    assert [finding["state"] for finding in said] == ["warning"] and "advised are AIF-A002 " in said[0]["text"]
