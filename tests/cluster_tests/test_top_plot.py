"""aif top and aif report plot: what they say of a real cluster, and what they say where something is missing."""

import json
import os
import shutil

import pytest
from aifsite import Site, allocation

FULL, FRESH = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991"

needs_gnuplot = pytest.mark.skipif(not shutil.which("gnuplot"), reason="needs gnuplot")


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, nodes=4, gpus=4, leaf=2, start=False)
    user = cluster.users()[0]
    site = Site(cluster, [allocation(FULL, "pg", "playground", start=-5, end=5, members=[user]),
                          allocation(FRESH, "fl", "fast-lane", start=-5, end=300, members=[user])])
    site.policy["placement"] = {"mode": "on"}
    site.policy["report"]["ledger"] = f"{cluster.layout.root}/ledger.db"
    site.user = user if os.geteuid() == 0 else None
    site.start()
    done = cluster.sbatch("-A", "pg", "-N2", "--gpus-per-node=4", script="sleep 2", user=site.user)
    cluster.wait_job(done, "COMPLETED")
    cluster.wait(lambda: recorded(cluster, done), what="the job in the ledger")
    site.running = cluster.sbatch("-A", "pg", "-N1", "--gpus-per-node=1", script="sleep 600", user=site.user)
    cluster.wait_job(site.running, "RUNNING")
    return site


def recorded(cluster, job):
    cluster.run(["aif-reportd", "--once"])
    return f'"job_id":{job},' in cluster.run(["aif", "export"]).stdout.replace(" ", "")


def test_top_in_json(site):
    told = json.loads(site.cluster.run(["aif", "top", "--json"]).stdout)
    lines = dict(line.split("|") for line in site.cluster.run(["aif", "top", "--parsable"]).stdout.splitlines())
    assert lines["KEY"] == "TEXT" and lines["lanes.1.mode"] == told["lanes"][0]["mode"]
    assert lines["placement.gpus.used"] == str(told["placement"]["gpus"]["used"])
    assert [row["allocation"] for row in told["ending"]] == [FULL] and told["ending"][0]["days_left"] < 6
    assert {row["mode"]: row["running"] for row in told["lanes"]}["playground"] == 1
    assert told["placement"]["jobs"] == 1 and told["placement"]["mean_percent"] == 100
    gpus = told["placement"]["gpus"]
    assert (gpus["used"], gpus["free_fragments"], gpus["free_idle"], gpus["out_of_service"]) == (1, 3, 12, 0)
    assert gpus["fragments_percent"] == 20 and [row["island"] for row in told["placement"]["islands"]] == ["leaf1", "leaf2"]
    assert told["now"] - told["reporting"]["collected"] < 600


def test_top_as_text_once_where_there_is_no_terminal(site):
    text = site.cluster.run(["aif", "top"]).stdout
    assert "\033" not in text and "Placement of 1 running jobs: 100 %" in text and FULL in text and FRESH not in text
    assert "Reporting: slurmdbd read" in text
    done = site.cluster.run(["aif", "top", "--once"], user=site.user)
    assert "GPUs: 1 used, 15 free, 20 %" in done.stdout


@needs_gnuplot
def test_consumption_is_drawn(site):
    svg = site.cluster.run(["aif", "report", "plot"]).stdout
    assert svg.startswith("<?xml") and FULL in svg and FRESH in svg and "even pace" in svg
    one = site.cluster.run(["aif", "report", "plot", "--allocation", FULL]).stdout
    assert f"{FULL}: 0." in one or f"{FULL}: 0.0" in one
    assert FRESH not in one


@needs_gnuplot
def test_islands_are_drawn(site):
    svg = site.cluster.run(["aif", "report", "plot", "--islands"]).stdout
    assert "GPUs of 2 islands: 1 used, 15 free, 20 % of these in fragments" in svg and "leaf2" in svg
    picture = site.cluster.layout.root / "islands.png"
    site.cluster.run(["aif", "report", "plot", "--islands", "--output", str(picture)])
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_without_gnuplot_one_line_says_so(site, tmp_path):
    for name in ("sh", "scontrol"):
        (tmp_path / name).symlink_to(shutil.which(name))
    aif = shutil.which("aif", path=site.cluster.env()["PATH"])
    done = site.cluster.run([aif, "report", "plot"], env={"PATH": str(tmp_path)}, check=False)
    assert done.returncode == 1 and "gnuplot is not installed here; install it" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("args", [["top", "now"], ["top", "--interval", "1"], ["top", "--interval", "x"],
                                  ["report", "plot", "--islands", "--allocation", "x"], ["report", "status", "--islands"],
                                  ["report", "plot", "--json"], ["report", "plot", "--month", "2026-11"]])
def test_wrong_command_lines(site, args):
    done = site.cluster.run(["aif", *args], check=False)
    assert done.returncode == 2 and done.stderr.startswith("aif: ") and not done.stdout
