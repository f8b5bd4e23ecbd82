"""aif topo: the map of ranks, GPUs and islands through PMIx and from Slurm alone; what slurmstepd tells PMIx clients of the job."""

import json
import os
import re
from pathlib import Path

import pytest
from aifsite import Site, allocation
from clusterlib.slurm import SlurmInstall
from storylib import bound_ranks

PROJECT = "EHPC-AIF-2026PG01-905"
CPUS = sorted(os.sched_getaffinity(0))[:2]
needs_pmix = pytest.mark.skipif(len(CPUS) < 2 or not Path(SlurmInstall().plugin_dir, "mpi_pmix.so").exists(),
                                reason="needs Slurm's mpi/pmix and two CPUs")


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    if not (Path(prefix) / "lib/slurm-aif/aif-rank").exists():
        pytest.skip("aif-rank is not installed")
    cluster = make_cluster(prefix=prefix, nodes=4, gpus=4, leaf=2, start=False)
    user = cluster.users()[0]
    site = Site(cluster, [allocation(PROJECT, "pg", "playground", members=[user])])
    site.policy["modes"]["playground"].update({"residency": "EU27", "nodes_per_job": {"max": 4}})
    site.user = user if os.geteuid() == 0 else None
    site.start()
    return site


@pytest.fixture(scope="module")
def step(site):
    """Run a step of 8 ranks on 4 nodes with a GPU each, bound by a script; ranks in `wrong` to the other NUMA node."""
    script = bound_ranks(site.cluster) or "env"

    def run(*command, wrong="", mpi="pmix", check=True):
        return site.cluster.run(["env", f"WRONG={wrong}", "srun", "-A", "pg", "-t5", "-N4", "-n8", "--ntasks-per-node=2",
                                 "--gpus-per-task=1", f"--mpi={mpi}", str(script), *command], user=site.user, check=check)

    return run


@needs_pmix
def test_eight_ranks_tell_where_they_are(step):
    told = json.loads(step("aif", "topo", "--json").stdout)
    assert [rank["node"] for rank in told["ranks"]] == ["n1", "n1", "n2", "n2", "n3", "n3", "n4", "n4"]
    assert {rank["binding"] for rank in told["ranks"]} == {"near"} and told["wrong"] == []
    assert [rank["domains"] for rank in told["ranks"]] == [rank["gpus"][0]["near"] for rank in told["ranks"]]
    assert told["ranks"][7]["address"] == "core.group1.leaf2.n4"
    assert told["score"]["percent"] == 100 and told["score"]["islands"]["levels"] == [{"level": "leaf", "islands": 2, "least": 2}]
    assert (told["source"], told["mode"], told["allocation"], told["residency"]) == ("pmix", "playground", PROJECT, "EU27")


@needs_pmix
def test_a_wrong_binding_is_found_and_named(step, site):
    picture = site.cluster.layout.root / "home" / "map.svg"
    picture.parent.mkdir(exist_ok=True)
    picture.touch()
    picture.chmod(0o666)
    done = step("aif", "topo", "--check", "--svg", str(picture), wrong="5", check=False)
    assert done.returncode == 1
    complaints = [line for line in done.stdout.splitlines() if line.startswith("! ")]
    assert len(complaints) == 1 and "rank 5 on n3: wrong binding: " in complaints[0]
    assert re.search(r"^ +5 .* far$", done.stdout, re.M) and "cores near to GPUs: 7 of 8" in done.stdout
    drawn = picture.read_text()
    assert drawn.startswith("<svg ") and drawn.count("#c62828") == 1 and drawn.count('class="rank">rank') == 8


@needs_pmix
def test_programs_read_what_the_job_is(step, site, prefix):
    client = Path(os.environ.get("AIF_BUILD") or Path(prefix).parent) / "tests/pmixclient/get"
    if not client.exists():
        pytest.skip("tests/pmixclient/get is not built")
    out = step(str(client), "aif.nothing", "aif.island", "aif.mode", "aif.allocation", "aif.residency").stdout
    said = {tuple(line.split(maxsplit=2)[:2]): line.split(maxsplit=2)[2] for line in out.splitlines()}
    for rank in map(str, range(8)):
        assert (said[rank, "aif.mode"], said[rank, "aif.allocation"], said[rank, "aif.residency"]) == ("playground", PROJECT, "EU27")
        assert said[rank, "aif.island"] == ("leaf1" if int(rank) < 4 else "leaf2")
        assert said[rank, "aif.nothing"].startswith("("), "what nobody published is not there"


def test_slurm_alone_knows_nodes_gpus_and_islands(step, site):
    told = json.loads(step("aif", "topo", "--json", mpi="none").stdout)
    assert [rank["node"] for rank in told["ranks"]] == ["n1", "n1", "n2", "n2", "n3", "n3", "n4", "n4"]
    assert told["source"] == "slurm" and told["mode"] == "playground" and told["domain"] == "socket"
    assert told["ranks"][0]["address"] == "core.group1.leaf1.n1" and len(told["ranks"][0]["gpus"]) == 2
    job = site.cluster.sbatch("-A", "pg", "-N2", "--gpus-per-node=1", script="sleep 600", user=site.user)
    site.cluster.wait_job(job, "RUNNING")
    text = site.cluster.run(["aif", "topo", job]).stdout
    assert "leaf 1 (least 1)" in text and re.search(r"^core.group1.leaf1 +n1 ", text, re.M)
    site.cluster.cancel_all()


@pytest.mark.parametrize(("args", "status"), [(["nonsense"], 2), (["1.x"], 2), (["1", "2"], 2), (["4000000"], 1), ([], 2)])
def test_wrong_command_lines(site, args, status):
    done = site.cluster.run(["aif", "topo", *args], check=False)
    assert done.returncode == status and done.stderr.startswith("aif: topo: ") and not done.stdout
