"""aif modes: the site's modes in words, columns and JSON; it needs policy.json and nothing else of the cluster."""

import datetime
import json
import os

import pytest
from aifsite import Site, day

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs a user who is no administrator: run as root")


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    site = Site(make_cluster(prefix=prefix, plugins="none", nodes=1, gpus=0, start=False))
    site.policy["modes"]["playground"].update({
        "title": "AI Factory Playground", "jobs_per_user": 4, "submits_per_allocation": 20,
        "categories": ["sme", "startup"], "inference": {"share": 10}, "pacing": {"kind": "monthly"},
        "interactive": {"allowed": True, "wall_max": "02:00:00", "gpus_per_job": {"max": 4}},
        "award": {"unit": "gpu-hour", "amount": {"min": 5000, "max": 5000}, "months": {"min": 1, "max": 3}},
        "closures": [{"partitions": ["boost"], "from": day(-5), "until": day(5), "note": "demand"},
                     {"partitions": ["acc"], "from": day(10), "until": day(20)},
                     {"partitions": ["old"], "from": day(-20), "until": day(-10)}]})
    site.policy["shares"] = [{"title": "Entry modes", "modes": ["playground", "fast-lane"], "percent": 10}]
    site.write()
    return site


def modes(site, *args, code=0, user=None):
    done = site.cluster.run(["aif", "modes", *args], user=user, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stderr if code else done.stdout


def test_table(site):
    rows = {line.split()[0]: line for line in modes(site).splitlines()}
    assert list(rows) == ["MODE", "playground", "fast-lane", "closed", "here", "single"]
    assert " partly " in rows["playground"] and " up to 8 " in rows["playground"] and "sme, startup" in rows["playground"]
    assert "5000 GPU-hours, 1 to 3 months" in rows["playground"]
    assert " open " in rows["fast-lane"] and " closed " in rows["closed"]


def test_parsable_has_every_column_of_every_mode(site):
    rows = [line.split("|") for line in modes(site, "--parsable").splitlines()]
    assert all(len(row) == 9 for row in rows) and len(rows) == 6
    assert rows[1][:3] == ["playground", "PG", "partly"] and rows[1][5] == "4:00:00"


def test_one_mode_in_full(site):
    text = modes(site, "PG")
    said = {line[:11].strip(): line[13:] for line in text.splitlines()}
    assert said["mode"] == "playground (PG): AI Factory Playground"
    assert said["state"] == "partly" and said["closed"] == f"boost from {day(-5)} until {day(5)}: demand"
    assert said["closes"] == f"acc from {day(10)} until {day(20)}" and "old" not in text
    assert said["jobs"] == "4 running per user, 20 queued and running per allocation"
    assert said["interactive"] == "up to 2:00:00, up to 4 GPUs"
    assert said["inference"] == "up to 10 % of an allocation's amount"
    assert said["pacing"].startswith("monthly: ")
    assert said["share"] == "Entry modes: at most 10 % of the machine"
    assert "opens in May" in modes(site, "closed")


def test_json(site):
    rows = {row["mode"]: row for row in json.loads(modes(site, "--json"))}
    assert len(rows) == 5 and rows["closed"]["closed_note"] == "opens in May"
    assert rows["fast-lane"]["lane"] == {"base": 100000, "level": False, "preempts_free": False}
    row = rows["playground"]
    assert "lane" not in row and row["categories"] == ["sme", "startup"] and row["gpus_per_job"] == {"max": 8}
    assert [closure["now"] for closure in row["closures"]] == [True, False, False]
    until = datetime.datetime.fromtimestamp(row["closures"][0]["until"])
    assert (until.date().isoformat(), until.hour) == (day(5), 23)
    assert row["pacing"] == {"kind": "monthly"} and row["inference_percent"] == 10
    assert row["interactive"] == {"allowed": True, "wall_max_minutes": 120, "gpus_per_job": {"max": 4}}
    assert row["award"] == {"unit": "gpu-hour", "amount": {"min": 5000, "max": 5000}, "months": {"min": 1, "max": 3}}
    assert row["shares"] == [{"title": "Entry modes", "percent": 10}] and rows["single"]["shares"] == []


def test_unknown_mode(site):
    line = modes(site, "playgruond", code=1)
    assert "AIF-M001" in line and "did you mean playground" in line and line.count("\n") == 1


@as_root
def test_anybody_may_ask_even_without_the_allocations(site):
    path = site.cluster.layout.aif / "allocations.json"
    path.chmod(0o600)
    try:
        assert "playground" in modes(site, user="daemon")
    finally:
        path.chmod(0o644)


def test_broken_policy_is_one_line(site, tmp_path):
    (tmp_path / "policy.json").write_text("{")
    done = site.cluster.run(["aif", "--conf-dir", str(tmp_path), "modes"], check=False)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "policy.json:1" in done.stderr
