"""How well a job was placed: the wrapper writes it into admin_comment, aif explain tells it. The way on: test_reportd.py."""

import json
import re

import pytest

SCORE = r'"score":"(100 [^"]*)"'


@pytest.fixture(scope="module")
def cluster(make_cluster, prefix, tmp_path_factory):
    conf = tmp_path_factory.mktemp("aif")
    (conf / "policy.json").write_text(json.dumps({"version": 1, "cluster": "aif", "modes": {"science": {"open": True}},
                                                  "placement": {"mode": "on"},
                                                  "report": {"ledger": "/nonexistent/ledger.db", "interval": 300,
                                                             "overlap": 86400}}))
    (conf / "allocations.json").write_text(json.dumps({"version": 1, "allocations": []}))
    return make_cluster(prefix=prefix, plugins="select", nodes=4, aif_conf=str(conf))


def comment(cluster, job):
    return cluster.run(["scontrol", "show", "job", job]).stdout


def test_a_job_tells_how_well_it_was_placed(cluster):
    job = cluster.sbatch("-N2", "--gres=gpu:2", "--hold", script="sleep 600")
    cluster.run(["scontrol", "update", f"JobId={job}", 'AdminComment={"site":1}'])
    cluster.run(["scontrol", "release", job])
    cluster.wait_job(job, "RUNNING")
    score = re.search(SCORE, comment(cluster, job))
    assert score and '"site":1' in comment(cluster, job)
    told = json.loads(cluster.run(["aif", "explain", "--json", job]).stdout)
    assert told["score"]["percent"] == 100 and told["score"]["levels"][0]["islands"] == 1
    assert told["placed"].startswith("100 % of the best possible then: ")
    cluster.run(["scontrol", "requeuehold", job])
    cluster.wait_job(job, "PENDING")
    assert "placed" not in json.loads(cluster.run(["aif", "explain", "--json", job]).stdout)
    cluster.cancel_all()
