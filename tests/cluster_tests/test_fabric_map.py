"""Islands from a map file, against Slurm's own topology: which nodes a job gets, and what is not named."""

import json
import re

import pytest
from aifsite import Site

NODES = 6  # Slurm's leaves are n1-n2, n3-n4, n5-n6


class Mapped(Site):
    def draw(self, *levels):
        """Levels of (name, weight, islands), in force."""
        (self.cluster.layout.aif / "map.json").write_text(json.dumps({"version": 1, "levels": [
            {"name": name, "weight": weight, "islands": islands} for name, weight, islands in levels]}))
        self.policy["placement"] = {"mode": "on", "map": "map.json"}
        self.reconfigure()

    def place(self, *options):
        """The nodes that a job gets."""
        job = self.cluster.sbatch("-A", "pg", "-t5", *options, script="sleep 600")
        self.cluster.wait_job(job, "RUNNING")
        listed = self.cluster.job(job)["NodeList"]
        return job, self.cluster.run(["scontrol", "show", "hostnames", listed]).stdout.split()

    def fabric(self):
        """What the wrapper said last of its islands."""
        return re.findall(r"aif: fabric of (\d+ nodes, .*)", self.cluster.ctld_log())[-1]


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="select", nodes=NODES, gpus=4, leaf=2, start=False,
                           conf_lines=["SlurmctldDebug=debug2"])
    site = Mapped(cluster)
    site.write()
    cluster.start()
    cluster.add_account("pg", [cluster.run(["id", "-un"]).stdout.strip()])
    return site


@pytest.fixture(autouse=True)
def empty(site):
    yield
    site.cluster.cancel_all()


def test_islands_of_the_map(site):
    """Every other node: a job of three nodes goes where Slurm's leaves would not send it."""
    site.draw(("rail", 1, {"odd": "n[1,3,5]", "even": "n[2,4,6]"}))
    taken, first = site.place("-N2", "--gpus-per-node=4")
    assert first in (["n1", "n3"], ["n1", "n5"], ["n3", "n5"]), first
    assert site.place("-N3", "--gpus-per-node=4")[1] == ["n2", "n4", "n6"]
    assert site.fabric() == "6 nodes, rail: 2 islands of weight 1"


def test_nodes_that_no_island_names(site):
    """n5 and n6 on no level, n3 and n4 only on the inner one: they stay together, and jobs still run on all."""
    site.draw(("leaf", 1, {"a": "n[1-2]", "b": "n[3-4]"}), ("pod", 100, {"p": "n[1-2]"}))
    assert site.place("-N4", "--gpus-per-node=4")[1] == ["n1", "n2", "n3", "n4"]
    assert site.place("-N2", "--gpus-per-node=4")[1] == ["n5", "n6"]
    assert site.fabric() == "6 nodes, leaf: 4 islands of weight 1, pod: 4 islands of weight 100"
