"""aif config check --live: what the files name is there in the cluster that runs."""

import copy
import json

import pytest
from aifsite import Site, allocation

PG, LATE = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026PG01-906"


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, nodes=2, gpus=4, locations="FI:1,SE:1", start=False)
    site = Site(cluster, [allocation(PG, "pg", "playground", members=[cluster.users()[0]])])
    site.start()
    return site


def test_a_good_pair_fits(site):
    done = site.cluster.run(["aif", "config", "check", "--live"])
    assert done.stdout.startswith("ok: ") and "live fault" not in done.stdout
    told = json.loads(site.cluster.run(["aif", "config", "check", "--live", "--json"]).stdout)
    assert told["live"] == [] and told["allocations"] == 1 and len(told["hash"]) == 64
    for command in (["config", "check", "--live"], ["plan"], ["doctor"], ["check", "-A", "pg", "-t1", "--gpus=1", "--wrap", "true"], ["rules"]):
        done = site.cluster.run(["aif", command[0], "--parsable", *command[1:]] if command[0] != "config" else
                                ["aif", *command, "--parsable"], check=False)
        rows = [line.split("|") for line in done.stdout.splitlines()]
        assert rows and {len(row) for row in rows} == {len(rows[0])}, (command, done.stdout + done.stderr)
        assert rows[0][0] in ("KIND", "OP", "STATE", "KEY", "ID") and not done.stderr
    assert json.loads(site.cluster.run(["aif", "config", "check", "--json"]).stdout)["live"] is None


def test_lines_have_the_keys_that_json_has(site):
    member = site.cluster.users()[0]

    def both(*words):
        told, lines = (site.cluster.run(["aif", words[0], option, *words[1:]], user=member).stdout for option in ("--json", "--parsable"))
        return json.loads(told), dict(line.split("|") for line in lines.splitlines()[1:])

    told, lines = both("check", "-A", "pg", "-t1", "--gpus=1", "--wrap", "true")
    assert lines.keys() == told.keys() and lines["accepted"] == "true" and lines["cpus"] == str(told["cpus"])
    told, lines = both("explain", site.cluster.sbatch("--hold", "-A", "pg", "-t1", "--gpus=1", "-J", "a|b", user=member))
    site.cluster.cancel_all()
    assert lines["state"] == told["state"] and lines["seconds.amount"] == str(told["seconds"]["amount"])


def test_what_is_not_there_is_named(site, tmp_path):
    policy = copy.deepcopy(site.policy)
    policy["modes"]["playground"]["partitions"] = ["gpux"]
    policy["placement"] = {"mode": "on", "partitions": {"nowhere": "off"}}
    policy["residency"] = {"locations": [{"nodes": "n[1-3]", "country": "FI"}, {"feature": "finland", "country": "FI"}]}
    entries = [*site.allocations.values(), allocation(LATE, "late", "playground")]
    (tmp_path / "policy.json").write_text(json.dumps(policy))
    (tmp_path / "allocations.json").write_text(json.dumps({"version": 1, "allocations": entries}))
    done = site.cluster.run(["aif", "config", "check", "--live", str(tmp_path)], check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("live")]
    assert done.returncode == 1, done.stdout + done.stderr
    for words in (('modes.playground.partitions', '"gpux"', 'did you mean "gpu"?'),
                  ("placement.partitions", '"nowhere"', "sinfo"), ("locations[0].nodes", "no node n3"),
                  ("locations[1].feature", '"finland"'), ("1 of 2 allocations", LATE, "aif apply")):
        assert any(all(word in line for word in words) for line in lines), (words, lines)
    assert len(lines) == 5 and sum(line.startswith("live fault: ") for line in lines) == 3
    found = json.loads(site.cluster.run(["aif", "config", "check", "--live", "--json", str(tmp_path)], check=False).stdout)["live"]
    assert sum(one["fault"] for one in found) == 3 and {one["rule"] for one in found} == {"AIF-C008"}


def test_settings_that_lose_hours(site, tmp_path):
    policy = {**site.policy, "cluster": "other", "carrier": "association"}
    (tmp_path / "policy.json").write_text(json.dumps(policy))
    (tmp_path / "allocations.json").write_text(json.dumps({"version": 1, "allocations": list(site.allocations.values())}))
    done = site.cluster.run(["aif", "config", "check", "--live", str(tmp_path)], check=False)
    assert done.returncode == 1 and "PriorityDecayHalfLife" in done.stdout and "AIF-C011" in done.stdout, done.stdout
    assert '"cluster" of policy.json is other, ClusterName of slurm.conf is aif' in done.stdout, done.stdout + done.stderr
