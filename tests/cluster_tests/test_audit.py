"""What slurmctld and nodes decide about tagged jobs, as "aif audit residency" tells it from the ledger."""

import json
import os
import shutil
import signal

import pytest
from aifsite import Site, allocation

TAGGED, PLAIN = "EHPC-AIF-2026FL01-991", "EHPC-AIF-2026FL01-046"
DATASETS = [{"id": "health", "residency": "FI;class=ehds", "permit": "FI-2026-17", "accounts": ["tagged"]}]
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs users who are no operators: run as root")


class AuditSite(Site):
    """A site with a ledger, whose nodes read files of their own in nodes/."""

    def put_nodes(self, *places):
        policy = dict(self.policy, residency={"locations": [{"nodes": n, "country": c} for n, c in places]})
        directory = self.cluster.layout.root / "nodes"
        directory.mkdir(exist_ok=True)
        (directory / "policy.json").write_text(json.dumps(policy))
        (directory / "datasets.json").write_text(json.dumps({"version": 1, "datasets": DATASETS}))
        return directory

    def home_nodes(self):
        return self.put_nodes(("n[1-2]", "FI"), ("n[3-4]", "SE"))

    def collect(self):
        self.cluster.run(["aif-reportd", "--once", "--no-send"])

    def audit(self, *words):
        done = json.loads(self.cluster.run(["aif", "audit", "residency", "--json", *words]).stdout)
        assert done["ledger"]["verified"]
        return done["events"]

    def wait_audit(self, *words, kinds):
        """The events that these options ask for, when all those kinds are among them."""
        def there():
            self.collect()
            found = self.audit(*words)
            return found if set(kinds) <= {event["kind"] for event in found} else None
        return self.cluster.wait(there, what=f"events {kinds} of {words}")

    def spool(self):
        """The lines that slurmctld has written."""
        files = (self.cluster.layout.root / "state" / "aif_audit").glob("*.jsonl")
        return [line for path in files for line in path.read_text().splitlines()]


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="all", nodes=4, gpus=1, locations="FI:2,SE:2", start=False,
                           conf_lines=["PrologFlags=Alloc"])
    members = [cluster.users()[0]]
    site = AuditSite(cluster, [allocation(TAGGED, "tagged", "fast-lane", residency="FI|SE", members=members),
                               allocation(PLAIN, "plain", "fast-lane", members=members)])
    site.policy["report"]["ledger"] = str(cluster.layout.root / "ledger.db")
    plugstack = cluster.layout.etc / "plugstack.conf"
    plugstack.write_text(f"{plugstack.read_text().rstrip()} conf_dir={site.home_nodes()}\n")
    site.write()
    cluster.aif_conf("datasets.json", json.dumps({"version": 1, "datasets": DATASETS}))
    site.start()
    return site


@pytest.fixture
def cluster(site):
    yield site.cluster
    site.home_nodes()
    site.cluster.cancel_all()


@pytest.fixture
def owner(cluster):
    return cluster.users()[0]


def of(events, kind):
    found = [event for event in events if event["kind"] == kind]
    assert len(found) == 1, events
    return found[0]


def refused(cluster, owner, *args):
    done = cluster.run(["sbatch", *args, "--wrap", "true"], user=owner, check=False)
    assert done.returncode != 0
    return done.stderr


def test_where_a_data_set_was_processed(site, cluster, owner):
    job = cluster.sbatch("-A", "tagged", "--dataset=health", "--data-residency=FI|NO", script="true", user=owner)
    plain = cluster.sbatch("-A", "plain", script="true", user=owner)
    assert cluster.wait_job(job) == cluster.wait_job(plain) == "COMPLETED"
    events = site.wait_audit("--job", job, kinds=("accept", "place"))
    place = of(events, "place")
    assert place["nodes"] in ("n1", "n2") and place["permits"] == ["FI-2026-17"] and place["datasets"] == ["health"]
    assert (place["user"], place["account"], place["allocation"]) == (owner, "tagged", TAGGED)
    assert place["tag"] == "FI;class=ehds;permit=FI-2026-17" and place["policy"].startswith(site.hash())
    assert place["sources"] == ["allocation", "datasets"] and place["time"] >= of(events, "accept")["time"]
    assert events == [event for event in site.audit("--dataset", "health") if event["job"] == int(job)]
    assert not site.audit("--job", plain)
    assert not site.audit("--user", "nobody-else") and not site.audit("--to", "2020-01-01")
    line = next(line for line in cluster.run(["aif", "audit", "residency", "--csv"]).stdout.splitlines() if f",place,{job}," in line)
    assert f",{owner}," in line and place["hash"] in line
    assert place["hash"] in cluster.run(["aif", "export"]).stdout


def test_what_was_refused_at_the_submission(site, cluster, owner):
    assert "AIF-R002" in refused(cluster, owner, "-A", "tagged", "--data-residency=NO")
    assert "AIF-R007" in refused(cluster, owner, "-A", "plain", "--dataset=health")
    refused(cluster, owner, "-A", "tagged", "--data-residency=FI", "-w", "n3")
    wanted = {("AIF-R002", "tagged", "", True), ("AIF-R007", "plain", "", True), ("AIF-R003", "tagged", "n3", False)}

    def seen():
        return {(event["rule"], event["account"], event["nodes"], event["job"] == 0): event["reason"]
                for event in site.wait_audit("--user", owner, kinds=("refuse",)) if event["kind"] == "refuse"}
    cluster.wait(lambda: wanted <= set(seen()), what=f"{wanted}")
    assert "no country fits" in seen()["AIF-R002", "tagged", "", True]


def test_a_question_is_no_job(site, cluster, owner):
    cluster.run(["sbatch", "--test-only", "-A", "tagged", "--data-residency=SE", "--wrap", "true"], user=owner)
    job = cluster.sbatch("-A", "tagged", script="true", user=owner)
    site.wait_audit("--job", job, kinds=("accept",))
    assert not [event for event in site.audit() if event["tag"] == "SE"]


def test_a_spool_that_cannot_be_written(site, cluster, owner):
    """What was decided meanwhile waits in memory."""
    site.collect()
    spool = cluster.layout.root / "state" / "aif_audit"
    shutil.rmtree(spool)
    spool.write_text("in the way")
    refused(cluster, owner, "-A", "tagged", "--data-residency=DK")
    cluster.wait(lambda: "decisions about data residency cannot be written down" in cluster.ctld_log(), what="a line in the log")
    spool.unlink()
    events = cluster.wait(lambda: [event for event in site.wait_audit(kinds=("refuse",)) if event["tag"] == "DK"], what="the event")
    assert len(events) == 1


def test_what_a_node_refused(site, cluster, owner):
    site.put_nodes(("n[1-4]", "NO"))
    job = cluster.sbatch("-A", "tagged", "-w", "n2", script="true", user=owner)
    cluster.wait(lambda: cluster.job_state(job) == "PENDING" and cluster.job(job)["Priority"] == "0", what="the job held")
    events = site.wait_audit("--job", job, kinds=("accept", "place", "node"))
    node = of(events, "node")
    assert (node["nodes"], node["rule"], node["by"]) == ("n2", "AIF-R011", "root")


def test_updates(site, cluster, owner):
    job = cluster.sbatch("-A", "tagged", "--begin=now+1hour", script="true", user=owner)
    for comment, fine in (("aif:residency=FI", True), ("aif:residency=SE", False)):
        done = cluster.run(["scontrol", "update", f"JobId={job}", f"Comment={comment}"], user=owner, check=False)
        assert (done.returncode == 0) == fine
    events = site.wait_audit("--job", job, kinds=("narrow", "refuse"))
    assert (of(events, "narrow")["tag"], of(events, "narrow")["by"]) == ("FI", "")
    assert of(events, "refuse")["rule"] == "AIF-R005"
    text = cluster.job(job)["AdminComment"].replace('"res":"FI"', '"res":"FI|SE"')
    assert cluster.run(["scontrol", "update", f"JobId={job}", f"AdminComment={text}"], user=owner, check=False).returncode != 0
    cluster.run(["scontrol", "update", f"JobId={job}", f"AdminComment={text}"])
    events = site.wait_audit("--job", job, kinds=("override",))
    assert (of(events, "override")["tag"], of(events, "override")["by"]) == ("FI|SE", "root")
    assert of(events, "narrow")["tag"] == "FI"


def test_each_decision_once(site, cluster, owner):
    """However slurmctld and the reporter end, and begin again."""
    job = cluster.sbatch("-A", "tagged", "--begin=now+1hour", script="true", user=owner)
    refused(cluster, owner, "-A", "tagged", "--data-residency=NO")
    cluster.wait(lambda: [line for line in site.spool() if '"kind":"accept"' in line and f'"job":{job},' in line], what="the job in the spool")
    cluster.wait_saved()
    cluster.kill("ctld", signal.SIGKILL)
    cluster.restart("ctld")
    cluster.run(["scontrol", "update", f"JobId={job}", "StartTime=now"])
    assert cluster.wait_job(job) == "COMPLETED"
    events = site.wait_audit("--job", job, kinds=("accept", "place"))
    assert sorted(event["kind"] for event in events) == ["accept", "place"]
    everything = site.audit()
    site.collect()
    assert site.audit() == everything and not [event for event in everything if event["kind"] == "lost"]
