"""aif doctor: one line per finding, from slurmctld, policy.json, gres.conf and the plugins on this machine."""

import json
import os
import shutil
from pathlib import Path

import pytest
from aifsite import Site

NODES = 4  # n1-n4, leaves of two


class Clinic(Site):
    """A site and what the doctor says of it."""

    def doctor(self, code=0):
        done = self.cluster.run(["aif", "doctor", "--json"], check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return json.loads(done.stdout)

    def findings(self, check, code=0):
        return [finding for finding in self.doctor(code)["findings"] if finding["check"] == check]

    def finding(self, check, code=0):
        """The only one of a check."""
        found = self.findings(check, code)
        assert len(found) == 1, found
        return found[0]

    def place(self, **placement):
        self.policy["placement"] = placement
        self.write()


def gpu_lines(links, cores=True, nodes="n[1-4]"):
    return "".join(f"NodeName={nodes} Name=gpu File=/dev/tty{i}" + (f" Cores={0 if i < 2 else 1}" if cores else "") +
                   f" Links={row}\n" for i, row in enumerate(links))


def plugin_dir(site):
    """Where slurmctld looks first."""
    plugins = site.cluster.run(["scontrol", "show", "config"]).stdout
    return next(line.split("=", 1)[1].strip() for line in plugins.splitlines() if line.startswith("PluginDir")).split(":")[0]


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    return Clinic(make_cluster(prefix=prefix, plugins="select,job_submit", nodes=NODES, gpus=4, leaf=2, start=False,
                               conf_lines=["PrologFlags=Alloc"]))


@pytest.fixture(scope="module", autouse=True)
def started(site):
    site.write()
    site.cluster.start()


@pytest.fixture(autouse=True)
def healthy(site):
    """Every test starts from the same files."""
    gres = site.cluster.layout.etc / "gres.conf"
    kept = gres.read_text()
    site.place(mode="on")
    yield
    gres.write_text(kept)
    site.place(mode="on")


def test_healthy_site(site):
    report = site.doctor()
    assert report["faults"] == 0 and report["warnings"] == 0, report
    states = {finding["check"]: finding["state"] for finding in report["findings"]}
    assert states == {"config": "ok", "enforce": "ok", "plugins": "ok", "wrapper": "ok", "spank": "skipped", "levels": "ok", "map": "skipped", "cores": "ok", "links": "ok",
                      "ticket": "ok", "node": "ok", "spool": "skipped", "datasets": "skipped"}


def test_text(site):
    lines = site.cluster.run(["aif", "doctor"]).stdout.splitlines()
    assert [line.split()[1] for line in lines] == ["config", "enforce", "plugins", "wrapper", "spank", "levels", "map", "cores", "links", "ticket", "node", "spool", "datasets"]
    assert lines[0].startswith("ok       config   policy.json and allocations.json are valid, placement is")


def test_nodes_that_check_batch_scripts_only(site):
    site.cluster.conf("PrologFlags=")
    site.cluster.reconfigure()
    found = site.finding("ticket")
    site.cluster.conf("PrologFlags=Alloc")
    site.cluster.reconfigure()
    assert found["state"] == "warning" and "AIF-R010" in found["text"]
    assert site.finding("ticket")["state"] == "ok"


def test_a_node_without_its_program(site):
    program = Path(plugin_dir(site)) / "aif-node"
    kept = program.with_name("aif-node.kept")
    program.rename(kept)
    try:
        assert "is not there or cannot be run" in site.finding("node", code=1)["text"]
        program.write_text("#!/bin/sh\nexit 127\n")
        program.chmod(0o755)
        found = site.finding("node", code=1)
    finally:
        kept.replace(program)
    assert (found["state"], found["rule"]) == ("fault", "AIF-R010") and "does not start" in found["text"]
    assert site.finding("node")["state"] == "ok"


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files to another user")
def test_a_spool_that_the_reporter_cannot_read(site):
    spool, ledger = site.cluster.layout.root / "state" / "aif_audit", site.cluster.layout.root / "ledger.db"
    spool.mkdir(mode=0o700, exist_ok=True)
    ledger.touch()
    site.policy["report"]["ledger"] = str(ledger)
    site.write()
    assert site.finding("spool")["state"] == "ok"
    os.chown(ledger, 1, 1)
    found = site.finding("spool", code=1)
    ledger.unlink()
    spool.rmdir()
    assert (found["state"], found["rule"]) == ("fault", "AIF-C001") and "run aif-reportd as SlurmUser" in found["text"]


def test_data_sets_that_only_their_jobs_shall_see(site):
    entry = {"id": "d", "residency": "FI", "paths": ["/data/d"], "accounts": ["a"]}
    staging = site.cluster.layout.root / "staging"
    catalogue = {"version": 1, "datasets": [entry]}
    site.cluster.aif_conf("datasets.json", json.dumps(catalogue))
    assert 'there is no "staging"' in site.finding("datasets", code=1)["text"]
    site.cluster.aif_conf("datasets.json", json.dumps({**catalogue, "staging": str(staging)}))
    assert site.finding("datasets")["state"] == "ok"
    staging.mkdir(mode=0o755)
    found = site.finding("datasets", code=1)
    assert (found["state"], found["rule"]) == ("fault", "AIF-R012") and "is not root's alone" in found["text"]
    staging.rmdir()
    (site.cluster.layout.aif / "datasets.json").unlink()


def unwanted(site):
    """What is said of the wrapper where no policy wants it: SelectType does, where that names it."""
    return "skipped" if site.cluster.install.select_type == "select/cons_tres" else "ok"


def test_broken_policy(site):
    (site.cluster.layout.aif / "policy.json").write_text("{")
    finding = site.finding("config", code=1)
    assert (finding["state"], finding["rule"]) == ("fault", "AIF-C002")
    assert site.finding("wrapper", code=1)["state"] == unwanted(site)


def test_wrapper_not_in_front(site):
    """Another file of the same name stands where slurmctld looks first: as slurmctld tells PluginDir, not as slurm.conf now does."""
    path = f"{plugin_dir(site)}/{site.cluster.install.select_type.replace('/', '_')}.so"
    shutil.move(path, path + ".kept")
    try:
        finding = site.finding("wrapper", code=1)
    finally:
        shutil.move(path + ".kept", path)
    assert (finding["state"], finding["rule"]) == ("fault", "AIF-P003")
    # Jobs with a residency tag need it, too.
    site.place(mode="off", partitions={"nowhere": "off"})
    assert site.finding("wrapper")["state"] == "ok"
    residency = site.policy.pop("residency")
    site.place(mode="off")
    assert site.finding("wrapper")["state"] == unwanted(site)
    site.policy["residency"] = residency


def test_more_levels_than_the_topology(site):
    site.place(mode="shadow", levels=[{"name": "leaf"}, {"name": "group"}, {"name": "pod"}, {"name": "world"}])
    found = site.findings("levels")
    assert found and all((f["state"], f["rule"]) == ("warning", "AIF-P004") for f in found)
    assert 'level "world": is level 4' in found[-1]["text"]


def test_map(site):
    def map_with(*levels):
        (site.cluster.layout.aif / "map.json").write_text(json.dumps({"version": 1, "levels": [
            {"name": f"l{i}", "islands": islands} for i, islands in enumerate(levels)]}))
        site.place(mode="on", map="map.json")

    map_with({"a": "n[1-2]", "b": "n[3-4]"}, {"p": "n[1-4]"})
    assert site.finding("map")["text"] == "the map puts all 4 nodes with GPUs on 2 levels"
    assert site.finding("levels")["state"] == "skipped"
    map_with({"a": "n[1-2]", "b": "n[2-3],ghost[1-3]"})
    texts = [f["text"] for f in site.findings("map")]
    assert texts[0].startswith('map, level "l0": 3 hosts are no nodes of the cluster: ghost[1-3] (AIF-P004)')
    assert texts[1].startswith('map, level "l0": 1 nodes with GPUs are in no island: n4 (AIF-P004)')
    assert texts[2].startswith('map, level "l0": 1 or more nodes are in two islands: n2 (AIF-P004)')
    map_with({"a": "n[1-3]", "b": "n4"}, {"p": "n[1-2]", "q": "n[3-4]"})
    finding = site.finding("map", code=1)
    assert finding["state"] == "fault" and 'l0 "a" in l1 "p" and "q"' in finding["text"]


def test_links(site):
    """Bridges between two GPUs each. What Slurm of this version makes of them is known; the pairs are those of its code."""
    gres = site.cluster.layout.etc / "gres.conf"
    pairs = ["-1,4,0,0", "4,-1,0,0", "0,0,-1,4", "0,0,4,-1"]
    one_socket = gpu_lines(pairs).replace("Cores=1", "Cores=0")
    gres.write_text("Include more.conf\n")
    (gres.parent / "more.conf").write_text(one_socket)
    finding = site.finding("links")
    if site.cluster.install.version >= (24, 5):
        assert (finding["state"], finding["rule"]) == ("warning", "AIF-P002")
        assert finding["text"].startswith("nodes n[1-4]: for --gres=gpu:2 Slurm ")
        assert "gives GPUs 0 and 2 (0 links), best are 0 and 1 (4 links) (AIF-P002)" in finding["text"]
        site.place(mode="on", correct_devices=True)
        finding = site.finding("links")
        assert finding["state"] == "ok" and "gives the best ones instead" in finding["text"]
    else:
        assert finding["state"] == "ok" and "(1 kinds of nodes with unequal Links)" in finding["text"]
    gres.write_text(gpu_lines(["-1,4"] + pairs[1:]))
    finding = site.finding("links")
    assert finding["state"] == "warning" and "Links: too few" in finding["text"]
    gres.write_text("Name gpu\n")
    assert site.finding("links")["state"] == "skipped"
    gres.unlink()
    assert "cannot be read" in site.finding("links")["text"]


def test_memory_for_all(make_cluster, prefix):
    """Memory is shared out, no default says how much: a job takes that of its whole node."""
    clinic = Clinic(make_cluster(prefix=prefix, plugins="none", nodes=1, gpus=2,
                                 conf_lines=["SelectTypeParameters=CR_Socket_Memory"]))
    clinic.place(mode="off")
    found = clinic.findings("cores")
    assert [f["rule"] for f in found] == ["AIF-P005", "AIF-P005"]
    assert "whole sockets" in found[0]["text"] and "memory" in found[1]["text"]
    clinic.cluster.stop("ctld")
    done = clinic.cluster.run(["aif", "doctor"], check=False)
    assert done.returncode == 3 and done.stdout == "" and done.stderr.startswith("aif: cannot read nodes and topology: ")
