"""aif config init: a placement section that fits the cluster, and that aif config check takes."""

import json

import pytest
from aifsite import Site

NODES = 8


def proposed(cluster, code=0):
    done = cluster.run(["aif", "config", "init"], check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def without_comments(text):
    return "\n".join(line for line in text.splitlines() if not line.strip().startswith("//"))


def placement(cluster):
    text = proposed(cluster).stdout
    return json.loads("{" + without_comments(text) + "}")["placement"]


@pytest.fixture(scope="module")
def cluster(make_cluster, prefix):
    return make_cluster(prefix=prefix, plugins="none", nodes=NODES, gpus=4, leaf=2, conf_lines=[
        "NodeName=c1 CPUs=2 RealMemory=100 State=FUTURE", "PartitionName=cpu Nodes=c1"])


def test_tree(cluster):
    section = placement(cluster)
    assert section["mode"] == "shadow"
    assert section["partitions"] == {"cpu": "off"}
    assert section["levels"][0] == {"name": "leaf", "weight": 1}
    text = proposed(cluster).stdout
    assert f"// {NODES} nodes with GPUs, most of them with 4; topology/tree." in text
    assert "// leaf: 4 of 2 nodes" in text


def test_can_be_pasted(cluster, tmp_path):
    """As it is printed, comments and all, it is a part of a valid policy.json."""
    policy = json.dumps(Site(cluster).policy)
    (tmp_path / "policy.json").write_text(policy[:-1] + ",\n" + proposed(cluster).stdout + "}\n")
    (tmp_path / "allocations.json").write_text('{"version": 1, "allocations": []}')
    done = cluster.run(["aif", "config", "check", str(tmp_path)])
    assert done.stdout.startswith("ok: ")
    assert "placement" not in done.stdout  # no advice


def test_a_whole_policy(cluster, tmp_path):
    """It is valid as it is, and fits the cluster that it was made from."""
    text = cluster.run(["aif", "config", "init", "--policy"]).stdout
    (tmp_path / "policy.json").write_text(text)
    (tmp_path / "allocations.json").write_text('{"version": 1, "allocations": []}')
    assert f"(default): {NODES} nodes with GPUs" in text and '"cluster": "aif"' in text
    done = cluster.run(["aif", "config", "check", "--live", "--json", str(tmp_path)], check=False)
    told = json.loads(done.stdout)
    assert told["modes"] == 3 and not [line for line in told["live"] if "partition" in line["text"]]
    policy = json.loads(without_comments(text))
    assert policy["modes"]["playground"]["partitions"] == ["gpu"] and policy["placement"]["mode"] == "shadow"


def test_says_when_slurm_is_down(cluster):
    cluster.stop("ctld")
    try:
        done = proposed(cluster, code=3)
    finally:
        cluster.restart("ctld")
    assert done.stdout == "" and done.stderr.startswith("aif: cannot read nodes and topology: ")


def test_flat_cluster_without_gpus(make_cluster, prefix):
    flat = make_cluster(prefix=prefix, plugins="none", nodes=2, gpus=0)
    done = proposed(flat, code=1)
    assert done.stdout == "" and "no node has GPUs" in done.stderr


def test_known_system(make_cluster, prefix):
    """Two racks of 18 nodes with 4 GPUs are NVL72, without a slurmd on any node."""
    nodes = ["NodeName=r[1-2]n[1-18] CPUs=4 RealMemory=100 Gres=gpu:4 State=CLOUD", "PartitionName=nvl Nodes=r[1-2]n[1-18]",
             "ResumeProgram=/bin/true", "PrivateData=cloud", "SuspendProgram=/bin/true", "SuspendTime=86400",
             "SuspendExcNodes=n1"]
    racks = make_cluster(prefix=prefix, plugins="none", nodes=1, gpus=0, start=False, conf_lines=nodes)
    (racks.layout.etc / "topology.conf").write_text(
        "SwitchName=d1 Nodes=r1n[1-18]\nSwitchName=d2 Nodes=r2n[1-18]\nSwitchName=m Nodes=n1\nSwitchName=top Switches=d[1-2],m\n")
    with (racks.layout.etc / "gres.conf").open("a") as file:
        file.write("NodeName=r[1-2]n[1-18] Name=gpu File=/dev/tty[0-3]\n")
    racks.start()
    section = placement(racks)
    assert section["preset"] == "nvl72" and "levels" not in section
