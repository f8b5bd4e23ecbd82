"""Residency tags with conditions, data sets, dated groups and clusters of a federation, on a real cluster."""

import json
import os
import re

import pytest
from aifsite import Site, allocation, day

FL, PG = "EHPC-AIF-2026FL01-991", "EHPC-AIF-2026PG01-905"
HEALTH = "FI;zone=spe;class=ehds;permit=FI-2026-17"
DATASETS = [
    {"id": "health", "residency": "FI;zone=spe;class=ehds", "permit": "FI-2026-17",
     "accounts": ["fl"]},
    {"id": "cohort", "residency": "EU27;class=ehds", "permit": "SE-3", "accounts": ["fl", "pg"]},
    {"id": "swiss", "residency": "CH", "accounts": ["fl"]},
]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs users who are no operators: run as root")


def membership():
    """CLUB lost Finland yesterday and gains Norway tomorrow."""
    members = [{"country": "SE"}, {"country": "FI", "until": day(-1)}, {"country": "NO", "from": day(1)}]
    return {"version": 1, "groups": {"CLUB": {"source": "this test", "members": members}}}


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="all", nodes=6, gpus=4, locations="FI:4,SE:2", start=False)
    members = [cluster.users()[0]]
    site = Site(cluster, [allocation(FL, "fl", "fast-lane", members=members),
                          allocation(PG, "pg", "playground", members=members)])
    site.policy["residency"]["locations"].append({"nodes": "n[1-2]", "country": "FI", "zone": "SPE"})
    site.policy["residency"]["clusters"] = {"north": "SE", "south": "GR"}
    site.write()
    cluster.aif_conf("datasets.json", json.dumps({"version": 1, "datasets": DATASETS}))
    cluster.aif_conf("membership.json", json.dumps(membership()))
    site.start()
    return site


@pytest.fixture
def cluster(site):
    yield site.cluster
    site.cluster.cancel_all()


@pytest.fixture
def owner(cluster):
    return cluster.users()[0] if os.geteuid() == 0 else None


def mark(cluster, job):
    return json.loads(cluster.job(job)["AdminComment"])["aif"]


def nodes_of(cluster, owner, *args):
    """Where a job with these options runs, one per node."""
    job = cluster.sbatch("-A", "fl", "--exclusive", *args, user=owner, script="sleep 300")
    cluster.wait_job(job, "RUNNING")
    return cluster.job(job)["NodeList"]


def refusal(cluster, owner, *args):
    """What sbatch says; the job must be refused."""
    done = cluster.run(["sbatch", *args, "--wrap", "true"], user=owner, check=False)
    assert done.returncode != 0
    return re.search(r"aif: .*", done.stderr)[0]


def update(cluster, owner, job, *changes):
    return cluster.run(["scontrol", "update", f"JobId={job}", *changes], user=owner, check=False).returncode == 0


def test_a_zone_keeps_the_job_on_its_nodes(cluster, owner):
    assert nodes_of(cluster, owner, "-N2", "--data-residency=EEA30;zone=spe") == "n[1-2]"
    assert nodes_of(cluster, owner, "-N4", "--data-residency=EEA30") == "n[3-6]"
    assert "(AIF-R003)" in refusal(cluster, owner, "-A", "fl", "-N3", "--data-residency=FI;zone=spe")
    assert "(AIF-R003)" in refusal(cluster, owner, "-A", "fl", "--data-residency=SE;zone=spe")


def test_a_zone_cannot_be_named_away(cluster, owner):
    """-w of a node outside: no node is left, and Slurm says so."""
    done = cluster.run(["sbatch", "-A", "fl", "-w", "n3", "--data-residency=FI;zone=spe", "--wrap", "true"], user=owner,
                       check=False)
    assert done.returncode != 0 and "node configuration is not available" in done.stderr


def test_a_data_set_brings_its_tag(cluster, owner):
    job = cluster.sbatch("-A", "fl", "-N2", "--exclusive", "--dataset=Health,cohort", user=owner, script="sleep 300")
    seen = mark(cluster, job)
    assert (seen["res"], seen["data"]) == (HEALTH + "+SE-3", "health,cohort")
    cluster.wait_job(job, "RUNNING")
    assert cluster.job(job)["NodeList"] == "n[1-2]"


@pytest.mark.parametrize("args,rule", [(["-A", "fl", "--dataset=lost"], "AIF-R006"),
                                       (["-A", "pg", "--dataset=health"], "AIF-R007"),
                                       (["-A", "fl", "--dataset=health,swiss"], "AIF-R002"),
                                       (["-A", "fl", "--dataset=health", "--data-residency=SE"], "AIF-R002"),
                                       (["-A", "fl", "--comment=aif:dataset=health+lost"], "AIF-R006")])
def test_a_data_set_may_be_refused(cluster, owner, args, rule):
    assert f"({rule})" in refusal(cluster, owner, *args)


def test_check_asks_about_data_sets(cluster, owner):
    done = cluster.run(["aif", "check", "-A", "pg", "--dataset=health", "--wrap", "true"], user=owner, check=False)
    assert done.returncode == 1 and "AIF-R007" in done.stdout


def test_a_group_has_the_members_of_today(cluster, owner):
    job = cluster.sbatch("-A", "fl", "-H", "--data-residency=CLUB", user=owner)
    assert mark(cluster, job)["res"] == "SE"
    assert "no country satisfies" in refusal(cluster, owner, "-A", "fl", "--data-residency=CLUB&NO")


@as_root
def test_an_update_only_narrows(cluster, owner):
    job = cluster.sbatch("-A", "fl", "-H", "--dataset=health", user=owner)
    for wider in ("aif:residency=FI;zone=open", "aif:residency=SE", "aif:dataset=swiss", "aif:dataset=lost"):
        assert not update(cluster, owner, job, f"Comment={wider}")
        assert mark(cluster, job)["res"] == HEALTH
    assert not update(cluster, owner, job, "Account=pg")
    assert update(cluster, owner, job, "Comment=aif:residency=FI|SE") and mark(cluster, job)["res"] == HEALTH
    assert update(cluster, owner, job, "Comment=aif:residency=FI;permit=mine,dataset=cohort")
    seen = mark(cluster, job)
    assert (seen["res"], seen["data"]) == (HEALTH + "+SE-3+mine", "health,cohort")
    plain = cluster.sbatch("-A", "fl", "-H", "--data-residency=FI;zone=spe", user=owner)
    assert not update(cluster, owner, plain, "Comment=aif:residency=FI")
    assert mark(cluster, plain)["res"] == "FI;zone=spe"


def held(cluster, owner, *args):
    return cluster.sbatch("-A", "fl", "-H", *args, user=owner)


def set_feature(cluster, node, feature):
    cluster.run(["scontrol", "update", f"NodeName={node}", f"AvailableFeatures={feature}", f"ActiveFeatures={feature}"])


def test_what_lies_inside_follows_features(cluster, owner):
    """Numbers are remembered by tag: each answer is asked for twice, and must not outlast the nodes that it was made of."""
    swedish = "--data-residency=SE"
    for _ in range(2):
        held(cluster, owner, "-N2", swedish)
    assert "limit 2 nodes" in refusal(cluster, owner, "-A", "fl", "-N3", swedish)
    set_feature(cluster, "n4", "loc_SE")
    try:
        for _ in range(2):
            held(cluster, owner, "-N3", swedish)
    finally:
        set_feature(cluster, "n4", "loc_FI")
    assert "limit 2 nodes" in refusal(cluster, owner, "-A", "fl", "-N3", swedish)


def test_a_tag_follows_the_files(site, cluster, owner):
    """The same question before and after a change of policy.json and allocations.json."""
    question = ["-N2", "--data-residency=FI|SE"]
    for _ in range(2):
        assert mark(cluster, held(cluster, owner, *question))["res"] == "FI|SE"
    places = site.policy["residency"]["locations"]
    site.allocations["fl"]["residency"] = "SE|DE"
    site.policy["residency"]["locations"] = [{"nodes": "n5", "country": "SE"}, {"nodes": "n6", "country": "NO"}]  # no features
    site.reconfigure()
    try:
        assert "limit 1 node " in refusal(cluster, owner, "-A", "fl", *question)
        for _ in range(2):
            assert mark(cluster, held(cluster, owner, "--data-residency=FI|SE"))["res"] == "SE"
        assert "(AIF-R002)" in refusal(cluster, owner, "-A", "fl", "--data-residency=FI")
    finally:
        del site.allocations["fl"]["residency"]
        site.policy["residency"]["locations"] = places
        site.reconfigure()
    assert mark(cluster, held(cluster, owner, *question))["res"] == "FI|SE"


def known_siblings(cluster):
    return set(re.findall(r"^(?:Self|Sibling):\s+(\w+):", cluster.run(["scontrol", "show", "federation"]).stdout, re.M))


@pytest.fixture
def federation(cluster):
    """With clusters that are not there: where a job may go is settled when it comes."""
    own = cluster.options.name
    cluster.sacctmgr("add", "cluster", "north,south,stray")
    cluster.sacctmgr("add", "federation", "fed", f"clusters={own},north,south,stray")
    cluster.wait(lambda: len(known_siblings(cluster)) == 4, what="the federation")
    yield own
    cluster.cancel_all()
    cluster.sacctmgr("remove", "federation", "fed")
    cluster.sacctmgr("remove", "cluster", "north,south,stray")
    cluster.wait(lambda: not known_siblings(cluster), what="no federation")


def siblings_of(cluster, job):
    """Where the job may go."""
    return set(cluster.job(job)["FedViableSiblings"].split(","))


@as_root
def test_siblings_outside_of_the_tag_are_left_out(cluster, owner, federation):
    for args, expected in ((["--data-residency=SE"], {federation, "north"}),
                           (["--data-residency=GR|SE|FI"], {federation, "north", "south"}),
                           (["--dataset=health"], {federation}),
                           ([], {federation, "north", "south", "stray"})):
        job = cluster.sbatch("-A", "fl", "-H", *args, user=owner)
        assert siblings_of(cluster, job) == expected, args
    job = cluster.sbatch("-A", "fl", "-H", "--data-residency=SE", user=owner)
    assert not update(cluster, owner, job, "Clusters=south")
    assert update(cluster, owner, job, f"Clusters={federation},south,stray") and siblings_of(cluster, job) == {federation}
