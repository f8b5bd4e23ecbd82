"""One of the example sites of etc/sites on a real cluster: its files as they are, but for the cluster's name and the dates."""

import datetime
import json
import re
from pathlib import Path

import pytest
from aifsite import Site, day

RECIPE = Path(__file__).resolve().parents[2] / "etc" / "sites" / "meluxina-like"


def read(name):
    """A file of the recipe, without its comments."""
    return json.loads(re.sub(r"(?m)(^|\s)//.*$", "", (RECIPE / name).read_text()))


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    settings = dict(line.split("=", 1) for line in (RECIPE / "slurm.conf.snippet").read_text().splitlines() if line[:1].isalpha())
    own = {"PriorityDecayHalfLife", "PriorityUsageResetPeriod", "AccountingStorageTRES", "AccountingStorageEnforce", "PrologFlags"}
    cluster = make_cluster(prefix=prefix, nodes=2, gpus=4, start=False,
                           conf_lines=[f"{key}={value}" for key, value in settings.items() if key in own])
    rows = [{**row, "start": datetime.date.today().replace(day=1).isoformat(), "end": day(335), "members": cluster.users()[:1]} for row in read("allocations.json")["allocations"]]
    site = Site(cluster, rows)
    site.policy = {**read("policy.json"), "cluster": "aif"}
    site.policy["report"]["ledger"] = f"{cluster.layout.root}/ledger.db"
    site.start()
    return site


def test_an_example_site_works(site):
    user = site.cluster.users()[0]
    job = site.cluster.sbatch("-A", "p200777", "-N1", "--gres=gpu:4", "-t", "5", script="echo $AIF_MODE", user=user)
    site.cluster.wait_job(job, "COMPLETED")
    assert site.cluster.output(job, user).strip() == "regular"
    site.cluster.run(["aif-reportd", "--once"])
    row, = json.loads(site.cluster.run(["aif", "quota", "--json", "EHPC-REG-2026R01-077"]).stdout)
    days = (datetime.date.today() + datetime.timedelta(335) - datetime.date.today().replace(day=1)).days + 1
    granted = row["pacing"]["month_grant"]["seconds"] / 3600 / (36500 / days)
    assert 28 <= round(granted, 3) <= 31, "each month what its days make of the year"
