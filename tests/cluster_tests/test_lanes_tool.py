"""aif lanes and aif explain of waiting jobs: parts that add up, places, why jobs are ahead, promises, shares, secrets."""

import csv
import io
import json
import os
import pwd
import shutil
import sqlite3
import subprocess
import time

import pytest
from aifsite import Site, allocation
from clusterlib import ClusterError

PG, FL = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991"
BASE, TARGET = 100000, 40
# Over ten years, so that a month's share is some GPU-seconds: used up by a job of a moment.
SPENT = {"amount": 0.2, "pacing": {"kind": "linear", "priority": 10000}}
SECRET, RIVALS = "nobodys-business", "rivals"

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs a user who is no administrator: run as root")


class Lanes(Site):
    """A site with a lane, and its tools asked as root or as a user."""

    def lanes(self, user=None):
        return json.loads(self.cluster.run(["aif", "lanes", "--json"], user=user).stdout)

    def mode(self, name, user=None):
        return next(mode for mode in self.lanes(user)["modes"] if mode["mode"] == name)

    def counted(self, name):
        """mode(), once slurmdbd knows every job that slurmctld does: it may learn of a start some seconds after the end."""
        self.cluster.wait(self.is_known, what="every job at slurmdbd")
        return self.mode(name)

    def is_known(self):
        rows = {row[0]: row[1:] for row in self.cluster.sacct("-S", "now-1days", "-o", "jobidraw,state,eligible,end")}
        jobs = self.cluster.run(["squeue", "-h", "--states=all", "-o", "%A %T"]).stdout.splitlines()
        return all(job in rows and (state != "COMPLETED" or (rows[job][0] == state and "Unknown" not in rows[job]))
                   for job, state in map(str.split, jobs))

    def explain(self, job, user=None):
        return json.loads(self.cluster.run(["aif", "explain", "--json", str(job)], user=user).stdout)

    def submit(self, account, *options, nodes=2, script="sleep 1"):
        return self.cluster.sbatch("-A", account, f"-N{nodes}", "--gpus-per-node=4", "-t5", *options, script=script,
                                   user=self.user)

    def fill(self):
        """Take all GPUs, so that what comes next waits."""
        job = self.submit("pg", script="sleep 600")
        self.cluster.wait_job(job, "RUNNING")
        return job

    def report(self):
        self.cluster.run(["aif-reportd", "--once"])


@pytest.fixture(scope="module")
def site(make_cluster, prefix, tmp_path_factory):
    cluster = make_cluster(prefix=prefix, plugins="job_submit,priority", nodes=2, gpus=4, start=False,
                           conf_lines=["PriorityWeightJobSize=5000"])
    members = cluster.users()[:1]
    site = Lanes(cluster, [allocation(PG, "pg", "playground", members=members),
                           allocation(FL, "fl", "fast-lane", members=members),
                           allocation("P-spent", "spent", "fast-lane", start=0, end=3600, members=members, **SPENT)])
    site.made = time.time()
    site.user = "daemon" if os.geteuid() == 0 else None
    site.policy["modes"]["fast-lane"]["lane"] = {"base": BASE, "target": f"00:00:{TARGET}", "from": 50, "urgency": 400000,
                                                   "level": True}
    site.policy["shares"] = [{"title": "fast", "modes": ["fast-lane"], "percent": 100}]
    site.policy["lanes"] = {"window": "01:00:00", "guard": {"after": "10:00:00"}}
    site.policy["budget"] = {"recheck": 1}
    site.policy["report"] = {"ledger": str(tmp_path_factory.mktemp("lanes") / "ledger.db"), "interval": 300}
    site.start()
    cluster.sacctmgr("add", "account", "plain")
    cluster.sacctmgr("add", "user", members[0], "account=plain")
    cluster.add_account(RIVALS, ["root"])
    return site


@pytest.fixture
def cluster(site):
    return site.cluster


@pytest.fixture(autouse=True)
def empty_afterwards(site):
    yield
    site.cluster.cancel_all()


def sprio(cluster, job):
    """(priority, SITE), or None while sprio does not list the job."""
    out = cluster.run(["sprio", "-h", "-j", job, "-o", "%Y %S"], check=False).stdout.split()
    return tuple(int(number) for number in out) if len(out) == 2 else None


def parts_of(said):
    return {name: points for name, points in said["parts"].items() if name != "site" and points}


def settled(site, job):
    """What explain says of a job once slurmctld has its priority, at a moment when sprio says the same."""

    def look():
        before, said, after = sprio(site.cluster, job), site.explain(job), sprio(site.cluster, job)
        seen.append((before, said, after))
        # A new job of the lane is a point behind until the plugin has looked at the queue.
        return (said, before) if before and before == after and before[1] == sum(parts_of(said).values()) else None

    seen = []
    try:
        said, (priority, factor) = site.cluster.wait(look)
    except ClusterError:
        pytest.fail(f"job {job}: sprio, explain, sprio never agreed: {seen[-1]}")
    assert said["parts"]["site"] == factor
    assert sum(said["factors"].values()) + factor == priority == int(said["priority"].split(":")[0])
    return said


# -- what a priority is made of --------------------------------------------------------------------------------------


def test_parts_add_up_to_what_slurm_has(site, cluster):
    site.fill()
    jobs = [site.submit("fl"), site.submit("fl", nodes=1), site.submit("pg"), site.submit("plain"), site.submit("plain")]
    cluster.run(["scontrol", "update", f"JobId={jobs[3]}", "SiteFactor=777"])
    cluster.run(["scontrol", "update", f"JobId={jobs[4]}", "Nice=33"])
    cluster.wait(lambda: (sprio(cluster, jobs[1]) or (0, 0))[1] > BASE, what="the smaller job brought level")
    big, small, slow, lifted, nice = (parts_of(settled(site, job)) for job in jobs)
    assert big["base"] == small["base"] == BASE
    assert small["level"] > 0, "it asks less, so multifactor gives it less"
    assert slow == nice == {} and lifted == {"admin": 777}


def test_urgency_rises(site, cluster):
    site.fill()
    job = site.submit("fl")
    said = cluster.wait(lambda: (told := site.explain(job)) and told["parts"]["urgency"] and told, what="urgency")
    assert said["parts"]["base"] == BASE and sum(parts_of(said).values()) == said["parts"]["site"]
    assert said["lane"]["waited"] > TARGET // 2 and said["lane"]["target"] == TARGET


def test_pacing_is_told_from_the_lane(site, cluster):
    cluster.wait_job(site.submit("spent", "-t1", script="sleep 3"))
    site.fill()
    job = site.submit("spent", "-t1")
    said = cluster.wait(lambda: (told := site.explain(job)) and told["parts"]["pace"] and told, what="the pace in the factor")
    assert (said["parts"]["base"], said["parts"]["pace"], said["lane"]["state"]) == (BASE, -10000, "open")
    assert "pacing -10000" in cluster.run(["aif", "explain", job]).stdout


@pytest.fixture
def watchful(site):
    """A guard that lifts after five seconds."""
    site.policy["lanes"]["guard"] = {"after": "00:00:05"}
    site.reconfigure()
    yield site
    site.policy["lanes"]["guard"] = {"after": "10:00:00"}
    site.reconfigure()


def test_guard_is_told_from_what_an_administrator_gave(watchful, cluster):
    watchful.fill()
    job = watchful.submit("plain")
    cluster.run(["scontrol", "update", f"JobId={job}", "SiteFactor=777"])
    said = cluster.wait(lambda: (told := watchful.explain(job)) and told["parts"]["guard"] and told, what="the guard")
    assert said["parts"]["admin"] == 777 and said["parts"]["site"] == 777 + said["parts"]["guard"]
    late = watchful.submit("pg")
    cluster.wait(lambda: {"kind": "guard", "jobs": 1} in watchful.explain(late)["ahead"]["kinds"], what="one lifted ahead")


def test_a_priority_set_by_hand(site, cluster):
    site.fill()
    job, ahead = site.submit("fl"), site.submit("plain")
    cluster.run(["scontrol", "update", f"JobId={ahead}", "Priority=4000000"])
    assert "set by an administrator" in site.explain(ahead)["priority"]
    kinds = cluster.wait(lambda: site.explain(job)["ahead"]["kinds"], what="something ahead")
    assert kinds == [{"kind": "administrator", "jobs": 1}]


# -- place and why ---------------------------------------------------------------------------------------------------


def test_place_and_why_others_are_ahead(site, cluster):
    site.fill()
    first, array, last = site.submit("fl"), site.submit("fl", "--array=1-3"), site.submit("fl")
    slow, slower = site.submit("pg"), site.submit("pg")
    cluster.wait(lambda: site.explain(slower)["ahead"]["total"] == 6, what="all jobs ready")
    places = {job: (site.explain(job)["lane"]["place"], site.explain(job)["lane"]["of"]) for job in (first, array, last)}
    assert places == {first: (1, 5), array: (2, 5), last: (5, 5)}
    # Of the same lane, and level: those of the same second have the same priority.
    kinds = {kind["kind"]: kind["jobs"] for kind in site.explain(last)["ahead"]["kinds"]}
    assert sum(kinds.values()) == 4 and set(kinds) <= {"lane", "earlier"}
    assert site.explain(slow)["ahead"]["kinds"] == [{"kind": "other_lane", "lane": "fast-lane", "jobs": 5}]
    assert {"kind": "other_lane", "lane": "fast-lane", "jobs": 5} in site.explain(slower)["ahead"]["kinds"]
    assert site.explain(slow)["lane"]["state"] == "none" and site.explain(slow)["lane"]["place"] is None
    cluster.wait(lambda: site.explain(first).get("expected"), what="the controller's estimate")
    text = cluster.run(["aif", "explain", last]).stdout
    assert "fast-lane, place 5 of 5, waited 0:0" in text
    assert "of its lane waiting longer" in text or "submitted earlier with the same priority" in text


@as_root
def test_whose_jobs_are_ahead_is_not_told(site, cluster):
    site.fill()
    others = [cluster.sbatch("-A", RIVALS, "-N2", "--exclusive", "-t5", "--job-name", SECRET) for _ in range(2)]
    for job in others:
        cluster.run(["scontrol", "update", f"JobId={job}", "Priority=4000000"])
    mine = site.submit("fl")
    cluster.wait(lambda: site.explain(mine, site.user)["ahead"]["total"] == 2, what="two ahead")
    for command in (["explain", mine], ["explain", "--json", mine], ["lanes"], ["lanes", "--json"]):
        text = cluster.run(["aif", *command], user=site.user).stdout
        assert SECRET not in text and RIVALS not in text


@as_root
def test_private_jobs_are_said_to_be_unknown(site, cluster):
    site.fill()
    cluster.sbatch("-A", RIVALS, "-N2", "--exclusive", "-t5")
    mine = site.submit("fl")
    cluster.conf("PrivateData=jobs")
    cluster.reconfigure()
    try:
        said = cluster.wait(lambda: (told := site.explain(mine, site.user)) and told["ahead"]["others_hidden"] and told,
                            what="PrivateData=jobs in force")
        assert said["lane"]["place"] is None and said["parts"]["base"] == BASE
        text = cluster.run(["aif", "explain", mine], user=site.user).stdout
        assert "place not known" in text and "PrivateData=jobs" in text
        assert site.lanes(site.user)["sources"]["others_hidden"]
        assert "cannot be seen here" in cluster.run(["aif", "lanes"], user=site.user).stdout
        assert not site.explain(mine)["ahead"]["others_hidden"], "root sees all"
    finally:
        cluster.conf("PrivateData=")
        cluster.reconfigure()


# -- promises --------------------------------------------------------------------------------------------------------


def test_promises_kept_and_broken(site, cluster):
    before = site.counted("fast-lane")
    quick = site.submit("fl")
    cluster.wait_job(quick)
    site.fill()
    assert site.counted("fast-lane")["kept"] == before["kept"] + 1
    late = site.submit("fl")
    assert site.mode("fast-lane")["broken"] == before["broken"], "it still has time"
    cluster.wait(lambda: site.mode("fast-lane")["broken"] == before["broken"] + 1, what="the target passed")
    assert "longer than the target of 0:00:40" in cluster.run(["aif", "explain", late]).stdout
    cluster.run(["scancel", late])
    cluster.wait(lambda: site.mode("fast-lane")["queued"] == 0, what="the late job gone")
    said = site.counted("fast-lane")
    assert said["broken"] == before["broken"] + 1, "who gives up was let down all the same"
    assert said["kept_percent"] < 100 and said["started"] == before["started"] + 1
    assert said["wait"]["p50"] <= said["wait"]["p90"] <= said["wait"]["p95"] <= said["wait"]["p99"] <= time.time() - site.made


def test_the_ledger_counts_nothing_twice(site, cluster):
    job = site.submit("fl", script="sleep 0")
    cluster.wait_job(job)
    before = site.counted("fast-lane")
    assert before["started"] and not site.lanes()["sources"]["ledger"]
    site.report()
    cluster.wait(lambda: job in {row["job_id"] for row in ledger(cluster)} or site.report(), what="the job in the ledger")
    assert site.lanes()["sources"]["ledger"]
    assert {key: site.mode("fast-lane")[key] for key in ("started", "kept", "broken", "wait")} == {
        key: before[key] for key in ("started", "kept", "broken", "wait")}
    row = next(row for row in ledger(cluster) if row["job_id"] == job)
    assert int(row["wait"]) <= site.mode("fast-lane")["wait"]["p99"]


def ledger(cluster):
    return list(csv.DictReader(io.StringIO(cluster.run(["aif", "export", "--format=csv"]).stdout)))


# -- shares ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def tight(site):
    """One percent of one GPU's hour: used up by a job of some seconds."""
    site.policy["shares"][0]["percent"] = 1
    site.policy["lanes"]["capacity"] = 1
    site.reconfigure()
    yield site
    site.policy["shares"][0]["percent"] = 100
    del site.policy["lanes"]["capacity"]
    site.reconfigure()


def test_a_used_up_share_closes_the_lane(tight, cluster):
    running = tight.submit("fl", script="sleep 600")
    cluster.wait_job(running, "RUNNING")
    waiting = tight.submit("fl")
    cluster.wait(lambda: tight.explain(waiting)["lane"]["state"] == "closed", what="the lane closed")
    cluster.wait(lambda: (sprio(cluster, waiting) or (0, 1))[1] == 0, what="the controller's points taken away")
    said = tight.explain(waiting)
    assert parts_of(said) == {} and said["lane"]["place"] is None
    assert said["lane"]["share"]["title"] == "fast" and said["lane"]["share"]["used_percent"] >= 1
    assert "lane closed" in said["priority"]
    lanes = tight.lanes()
    assert lanes["sources"]["shares"] == "controller"
    assert not lanes["shares"][0]["open"] and lanes["shares"][0]["running_gpus"] == 8
    mode = tight.mode("fast-lane")
    assert (mode["lane"], mode["queued"], mode["outside"]) == ("closed", 0, 1) and mode["longest"] >= 0
    text = cluster.run(["aif", "explain", waiting]).stdout
    assert 'fast-lane is closed: "fast" has used' in text and "limit 1%; opens again below 0.95%" in text


@as_root
def test_a_user_learns_that_it_is_closed(tight, cluster):
    cluster.wait_job(tight.submit("fl", script="sleep 600"), "RUNNING")
    waiting = tight.submit("fl")
    cluster.wait(lambda: sprio(cluster, waiting) and sprio(cluster, waiting)[1] == 0, what="the lane closed")
    said = tight.explain(waiting, tight.user)
    assert said["lane"]["state"] == "closed"
    assert tight.lanes(tight.user)["sources"]["shares"] == "partial"


@as_root
def test_without_the_controllers_file_shares_are_computed(site, cluster):
    """A user who has the ledger, and cannot look into StateSaveLocation."""
    job = site.submit("fl", script="sleep 2")
    cluster.wait_job(job)
    site.report()
    cluster.wait(lambda: job in {row["job_id"] for row in ledger(cluster)} or site.report(), what="the job in the ledger")
    known = site.lanes()
    assert known["sources"]["shares"] == "controller"
    computed = lanes_with_ledger_of(site, site.user)
    assert computed["sources"]["shares"] == "computed"
    used = [lanes["shares"][0]["used_gpu_seconds"] for lanes in (known, computed)]
    jobs = len(ledger(cluster))
    assert used[1] > 0 and abs(used[0] - used[1]) <= 8 * jobs, "a second at most for each job"


def lanes_with_ledger_of(site, user):
    """What he sees who owns a copy of the ledger."""
    path, original = site.cluster.home(pwd.getpwnam(user)) / "ledger.db", site.policy["report"]["ledger"]
    path.touch(mode=0o600)
    with sqlite3.connect(original) as source, sqlite3.connect(path) as copy:
        source.backup(copy)
    shutil.chown(path, user)
    site.policy["report"]["ledger"] = str(path)
    site.write()
    try:
        return site.lanes(user)
    finally:
        site.policy["report"]["ledger"] = original
        site.write()


# -- holds, and the command itself -----------------------------------------------------------------------------------


def test_held_since(site, cluster):
    site.fill()
    job = site.submit("fl")
    site.allocations["fl"]["state"] = "paused"
    try:
        site.reconfigure()
        cluster.wait(lambda: "held_since" in site.explain(job), what="the job held by the guard")
        said = site.explain(job)
        assert said["lane"]["state"] == "none" and said["rule"] == "AIF-A004" and said["priority"] == "0: it is held"
        assert "held since" in cluster.run(["aif", "explain", job]).stdout
    finally:
        del site.allocations["fl"]["state"]
        site.reconfigure()
    cluster.wait(lambda: "held_since" not in site.explain(job), what="the job released")


def test_parsable(site, cluster):
    modes, shares = cluster.run(["aif", "lanes", "--parsable"]).stdout.split("\n\n")
    rows = list(csv.DictReader(io.StringIO(modes), delimiter="|"))
    assert "fast-lane" in {row["MODE"] for row in rows} and rows[0]["TARGET"] == "0:00:40"
    assert [row["SHARE"] for row in csv.DictReader(io.StringIO(shares), delimiter="|")] == ["fast"]


def test_text(site, cluster):
    text = cluster.run(["aif", "lanes"]).stdout
    assert text.startswith("MODE ") and "Shares: since" in text and "Guard: jobs outside of lanes" in text


@pytest.mark.parametrize("args", [["now"], ["--colour"]])
def test_wrong_command_lines(site, cluster, args):
    done = cluster.run(["aif", "lanes", *args], check=False)
    assert isinstance(done, subprocess.CompletedProcess) and done.returncode == 2 and done.stderr.startswith("aif: ")
