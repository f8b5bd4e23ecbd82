"""The sealed ticket of a tagged job, and the node's own look at it. Nodes have a policy.json of their own here, so that they can be
somewhere else than slurmctld thinks: whatever job it sends then, no task of it starts."""

import json
import os
import pwd
import re
import shlex
import shutil
import time
from pathlib import Path

import pytest
from aifsite import Site, allocation, traces

TEXT = "aif1 cluster=aif job=17 array=no uid=1000 alloc=A mode=m policy=p issued=1 tag=FI"
TAGGED, PLAIN = "EHPC-AIF-2026FL01-991", "EHPC-AIF-2026FL01-046"
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="slurmd must be root, as everywhere, to be told apart from users")


class NodeSite(Site):
    """A site whose nodes read nodes/policy.json."""

    def put_nodes(self, *places):
        """What nodes think: (nodes, country) of each location, and no home."""
        policy = dict(self.policy, residency={"locations": [{"nodes": n, "country": c} for n, c in places]})
        directory = self.cluster.layout.root / "nodes"
        directory.mkdir(exist_ok=True)
        (directory / "policy.json").write_text(json.dumps(policy))
        return directory


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="all", nodes=4, gpus=1, locations="FI:2,SE:2", start=False,
                           conf_lines=["PrologFlags=Alloc"])
    members = [cluster.users()[0]]
    site = NodeSite(cluster, [allocation(TAGGED, "tagged", "fast-lane", residency="FI|SE", members=members),
                              allocation(PLAIN, "plain", "fast-lane", members=members)])
    plugstack = cluster.layout.etc / "plugstack.conf"
    plugstack.write_text(f"{plugstack.read_text().rstrip()} conf_dir={site.put_nodes(('n[1-2]', 'FI'), ('n[3-4]', 'SE'))}\n")
    site.start()
    return site


@pytest.fixture
def cluster(site):
    yield site.cluster
    site.put_nodes(("n[1-2]", "FI"), ("n[3-4]", "SE"))
    site.cluster.cancel_all()


@pytest.fixture
def away(site, cluster):
    """The nodes are in Norway, and only they know."""
    site.put_nodes(("n[1-4]", "NO"))
    return cluster


def user(cluster):
    return cluster.users()[0]


def leave(path):
    return f"touch {path}/$SLURMD_NODENAME.$SLURM_JOB_ID"


def nodes_of(path):
    return {name.split(".")[0] for name in os.listdir(path)}


def assert_not_drained(cluster):
    cluster.wait(lambda: set(cluster.run(["sinfo", "-h", "-N", "-o", "%T"]).stdout.split()) <= {"idle", "planned"},
                 what="all nodes idle")


def wait_held(cluster, job, rule):
    cluster.wait(lambda: cluster.job_state(job) == "PENDING" and cluster.job(job)["Priority"] == "0", what="the job held")
    assert rule in cluster.job(job)["AdminComment"]


def release(cluster, job):
    """Slurm holds a requeued job once more when its last run is over, and then lets it wait for two minutes: within the same
    second slurmd takes the new run for the old one, and runs no prolog."""
    assert_not_drained(cluster)
    over = time.time()
    cluster.wait(lambda: time.time() > over + 2, what="the next second")
    cluster.run(["scontrol", "release", job])
    cluster.run(["scontrol", "update", f"JobId={job}", "StartTime=now"])


def test_steps_of_batch_srun_and_salloc(cluster):
    seen = traces(cluster, "fine")
    step = f"sh -c '{leave(seen)}'"
    cluster.wait_job(cluster.sbatch("-A", "tagged", "-N2", "-w", "n[2-3]", script=f"srun {step}", user=user(cluster)), "COMPLETED")
    assert nodes_of(seen) == {"n2", "n3"}
    cluster.run(["srun", "-A", "tagged", "-w", "n1", "sh", "-c", leave(seen)], user=user(cluster))
    cluster.run(["salloc", "-A", "tagged", "-w", "n4", "srun", "sh", "-c", leave(seen)], user=user(cluster))
    assert nodes_of(seen) == {"n1", "n2", "n3", "n4"}


def test_tasks_of_an_array_and_parts_of_a_het_job(cluster):
    seen = traces(cluster, "many")
    job = cluster.sbatch("-A", "tagged", "--array=1-3", script=leave(seen), user=user(cluster))
    het = cluster.sbatch("-A", "tagged", "-w", "n1", ":", "-A", "tagged", "-w", "n4",
                         script=f"srun --het-group=0,1 sh -c '{leave(seen)}'", user=user(cluster))
    cluster.wait(lambda: len(os.listdir(seen)) == 5, what=f"three tasks of {job} and two of {het}")


def test_a_slurmctld_that_starts_seals_what_waits_anew(cluster):
    job = cluster.sbatch("-A", "tagged", "-w", "n1", "-d", "singleton", "--begin=now+1hour", script="true", user=user(cluster))
    cluster.wait_saved()
    cluster.restart("ctld")
    cluster.run(["scontrol", "update", f"JobId={job}", "StartTime=now"])
    assert cluster.wait_job(job) == "COMPLETED"


def test_a_job_sent_to_a_foreign_node(site, away):
    seen = traces(away, "batch")
    job = away.sbatch("-A", "tagged", "-w", "n2", script=leave(seen), user=user(away))
    array = away.sbatch("-A", "tagged", "--array=1-2", script=leave(seen), user=user(away))
    plain = away.sbatch("-A", "plain", script=leave(traces(away, "plain")), user=user(away))
    wait_held(away, job, "AIF-R011")
    for task in ("1", "2"):
        wait_held(away, f"{array}_{task}", "AIF-R011")
    assert away.wait_job(plain) == "COMPLETED"
    assert not os.listdir(seen)
    assert_not_drained(away)
    assert "by its own policy.json it is in NO (AIF-R011)" in away.node_log("n2")
    site.put_nodes(("n[1-4]", "FI"))
    release(away, job)
    assert away.wait_job(job) == "COMPLETED"
    assert nodes_of(seen) == {"n2"}


def test_one_foreign_node_of_two(site, cluster):
    """The node that is inside may begin; the other one never does, and the job is taken back from both."""
    seen = traces(cluster, "two")
    site.put_nodes(("n1", "FI"), ("n[2-4]", "NO"))
    gate = cluster.gate()
    job = cluster.sbatch("-A", "tagged", "-N2", "-w", "n[1-2]", script=f"srun sh -c '{leave(seen)}'\n{gate.script}",
                         user=user(cluster))
    wait_held(cluster, job, "AIF-R011")
    gate.open()
    assert "n2" not in nodes_of(seen)
    assert_not_drained(cluster)


def test_without_a_script_the_job_is_cancelled(away):
    seen = traces(away, "script")
    for words in (["srun"], ["salloc", "srun"], ["srun", "--no-requeue"][:1] + ["-N2"]):
        at = words.index("srun") + 1 if words[0] == "srun" else 1
        done = away.run([*words[:at], "-A", "tagged", *words[at:], "sh", "-c", leave(seen)], user=user(away), check=False)
        assert done.returncode != 0, done.stderr
    away.wait_job(away.sbatch("-A", "tagged", "--no-requeue", script=leave(seen), user=user(away)), "CANCELLED")
    assert not os.listdir(seen)
    assert_not_drained(away)


def test_nodes_that_do_not_know_where_they_are(site, cluster):
    seen = traces(cluster, "unknown")
    path = cluster.layout.root / "nodes" / "policy.json"
    path.unlink()
    job = cluster.sbatch("-A", "tagged", "-w", "n1", script=leave(seen), user=user(cluster))
    wait_held(cluster, job, "AIF-R011")
    path.write_text("{")
    release(cluster, job)
    cluster.wait(lambda: cluster.job(job)["Restarts"] == "2", what="a second attempt")
    wait_held(cluster, job, "AIF-R011")
    cluster.wait_job(cluster.sbatch("-A", "plain", script="true", user=user(cluster)), "COMPLETED")
    assert not os.listdir(seen)


@pytest.fixture(scope="module")
def forger(site, prefix):
    """The environment of a user whose commands load a SPANK plugin of his own, which puts FORGE_* into a job's."""
    plugin = Path(os.environ.get("AIF_BUILD") or prefix.parent) / "tests" / "forger" / ".libs" / "forger.so"
    etc = site.cluster.layout.etc
    directory = site.cluster.layout.root / "forger"
    directory.mkdir()
    for name in ("slurm.conf", "gres.conf", "topology.conf", "cgroup.conf"):
        shutil.copy(etc / name, directory / name)
    shutil.copy(plugin, directory / plugin.name)
    (directory / "plugstack.conf").write_text(f"{(etc / 'plugstack.conf').read_text()}required {directory / plugin.name}\n")
    return {"SLURM_CONF": str(directory / "slurm.conf")}


def forged(text):
    return {"FORGE_AIF_TICKET": "MUNGE:AwQFAAA:", "FORGE_AIF_TICKET_TEXT": text, "FORGE_AIF_REQUEST": "mode=fast-lane"}


def test_forged_variables(cluster, forger):
    """What slurmctld seals goes in their place; where it seals nothing, they do not pass."""
    seen = traces(cluster, "forged")
    words = ["-A", "tagged", "-w", "n1", "sh", "-c", leave(seen)]
    cluster.run(["srun", *words], user=user(cluster), env={**forger, **forged("aif1 tag=EU27")})
    assert nodes_of(seen) == {"n1"}
    words[1], words[3] = "plain", "n2"
    done = cluster.run(["srun", *words], user=user(cluster), env={**forger, **forged("")}, check=False)
    assert done.returncode != 0 and nodes_of(seen) == {"n1"}
    assert_not_drained(cluster)


def test_forged_variables_on_a_foreign_node(away, forger):
    """Nor does a ticket that slurmctld must take for its own, since it says what its own would."""
    seen = traces(away, "forged-away")
    held = away.sbatch("-A", "tagged", "-H", script=leave(seen), user=user(away))
    own = TEXT.replace("job=17", f"job={int(held) + 1}").replace("uid=1000", f"uid={pwd.getpwnam(user(away)).pw_uid}")
    own = own.replace("alloc=A mode=m", f"alloc={TAGGED} mode=fast-lane").replace("issued=1 tag=FI", "issued=9999999999 tag=FI|SE")
    script = f"#!/bin/sh\n{leave(seen)}\n"
    done = away.run(["sbatch", "--parsable", "-A", "tagged"], user=user(away), stdin=script, env={**forger, **forged(own)})
    wait_held(away, done.stdout.strip(), "AIF-R010")
    assert not os.listdir(seen)
    assert_not_drained(away)


def test_steps_go_by_what_the_prolog_found(cluster):
    """Whatever a user leaves out of what srun sends."""
    seen = traces(cluster, "steps")
    gate = cluster.gate()
    job = cluster.sbatch("-A", "tagged", "-w", "n1", script=gate.script, user=user(cluster))
    cluster.wait_job(job, "RUNNING")
    step = ["env", "-i", f"PATH={cluster.env()['PATH']}", f"SLURM_CONF={cluster.layout.conf}", "srun", f"--jobid={job}",
            "--overlap", "sh", "-c", leave(seen)]
    cluster.run(step, user=user(cluster))
    path = cluster.layout.spool("n1") / "aif" / job
    assert path.read_text() == "1 ok 0\n" and path.parent.stat().st_mode & 0o777 == 0o700
    for name in os.listdir(seen):
        os.unlink(seen / name)
    for text in ("1 no for the test (AIF-R011)\n", "damaged"):
        path.write_text(text)
        assert cluster.run(step, user=user(cluster), check=False).returncode != 0
    assert not os.listdir(seen)
    path.write_text("1 ok 0\n")
    cluster.run(step, user=user(cluster))
    gate.open()
    assert cluster.wait_job(job) == "COMPLETED"
    assert nodes_of(seen) == {"n1"}


def without_wrapper(site):
    """slurmctld with Slurm's own select plugin."""
    cluster = site.cluster
    conf = cluster.layout.conf.read_text()
    ours, _, theirs = re.search(r"^PluginDir=(.*)$", conf, re.M)[1].partition(":")
    links = cluster.layout.root / "no-wrapper"
    links.mkdir()
    for plugin in Path(ours).glob("*.so"):
        if not plugin.name.startswith("select_"):
            (links / plugin.name).symlink_to(plugin)
    cluster.conf(f"PluginDir={links}:{theirs}", "SelectType=select/cons_tres")
    cluster.restart("ctld")
    return conf


def test_nodes_alone_keep_a_job_away(site, cluster):
    """A slurmctld that has lost its wrapper sends a job wherever it is told to."""
    seen = traces(cluster, "alone")
    job = cluster.sbatch("-A", "tagged", "--data-residency=FI", "--begin=now+1hour", script=leave(seen), user=user(cluster))
    cluster.wait_saved()
    conf = without_wrapper(site)
    try:
        cluster.run(["scontrol", "update", f"JobId={job}", "ReqNodeList=n3", "StartTime=now"])
        wait_held(cluster, job, "AIF-R011")
        assert "n3 is not inside the residency tag \"FI\"" in cluster.node_log("n3")
    finally:
        cluster.layout.conf.write_text(conf)
        cluster.restart("ctld")
    assert not os.listdir(seen)


# The check itself, as the prolog runs it, with tickets that nobody would get into a job's record.


def sealed(cluster, text, *options, by=None):
    words = ["munge", "-S", str(cluster.layout.munge_socket), "-s", text, *options]
    return cluster.run(shlex.join(words), user=by).stdout.strip()


def judge(cluster, prefix, seal, *options, text=TEXT):
    words = [f"{prefix}/lib/slurm-aif/aif-node", "--job", "17", "--uid", "1000", "--node", "n1", "--cluster", "aif", "--slurm-user",
             "0", "--auth-info", f"socket={cluster.layout.munge_socket}", "--conf-dir", f"{cluster.layout.root}/nodes", *options]
    done = cluster.run(words, env={"AIF_TICKET": seal, "AIF_TICKET_TEXT": text}, check=False)
    return done.returncode, done.stdout.strip()


def test_what_the_check_takes(cluster, prefix):
    seal = sealed(cluster, TEXT, "--restrict-uid=0")
    assert judge(cluster, prefix, seal) == (0, "ok 0")
    assert judge(cluster, prefix, seal) == (0, "ok 0"), "after a requeue the same ticket comes again"
    late = sealed(cluster, TEXT, "--ttl=1")
    cluster.wait(lambda: "EXPIRED" in cluster.run(["unmunge", "-S", str(cluster.layout.munge_socket)], stdin=late,
                                                  check=False).stdout.upper(), what="an expired credential")
    assert judge(cluster, prefix, late) == (0, "ok 0"), "jobs wait for weeks"


def test_the_ticket_of_an_array_fits_its_tasks_only(cluster, prefix):
    """A node cannot know of which array a job is: slurmctld tells."""
    array, other, job = (cluster.sbatch("-H", "-A", "plain", *words, script="true", user=user(cluster)) for words in
                         (["--array=1-2"], ["--array=1-2"], []))
    text = TEXT.replace("job=17 array=no", f"job={array} array=yes")
    seal = sealed(cluster, text)
    assert judge(cluster, prefix, seal, "--job", array, text=text) == (0, f"ok {array}")
    for number, said in ((other, "is of another array"), (job, "is of another array"), ("999999", "slurmctld does not say")):
        code, line = judge(cluster, prefix, seal, "--job", number, text=text)
        assert code == 1 and said in line and "AIF-R010" in line


def test_a_seal_of_another_text_than_the_record_shows(cluster, prefix):
    for text in (TEXT.replace("FI", "SE"), TEXT + " ", TEXT[:-1], ""):
        code, line = judge(cluster, prefix, sealed(cluster, TEXT), text=text)
        assert code == 1 and "does not hold what the job's record says (AIF-R010)" in line


REFUSED = [
    ("another job", TEXT, ("--job", "18"), "of job 17, not of 18"),
    ("another user", TEXT, ("--uid", "1001"), "of user 1000, not of 1001"),
    ("another cluster", TEXT, ("--cluster", "b"), "of cluster aif, not of b"),
    ("another user's array", TEXT.replace("=no", "=yes"), ("--uid", "1001"), "of user 1000, not of 1001"),
    ("another node", TEXT, ("--node", "n3"), "it is in SE (AIF-R011)"),
    ("unknown node", TEXT, ("--node", "n9"), "it is in ? (AIF-R011)"),
    ("no policy", TEXT, ("--conf-dir", "/nonexistent"), "does not know where it is"),
    ("unknown country", TEXT.replace("FI", "XX"), (), "does not understand the residency tag"),
    ("not a ticket", "tag=FI", (), "is not one of this version"),
    ("more than a ticket", TEXT + "\n", (), "is not one of this version"),
    ("another Slurm user", TEXT, ("--slurm-user", "1"), None),
]


@pytest.mark.parametrize("text,options,words", [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_the_check_refuses(cluster, prefix, text, options, words):
    code, line = judge(cluster, prefix, sealed(cluster, text), *options, text=text)
    if words is None:
        assert (code, line) == (0, "ok 0"), "root's seal is as good as Slurm's user's"
    else:
        assert code == 1 and line.startswith("no ") and words in line


def test_seals_that_are_none(cluster, prefix):
    seal = sealed(cluster, TEXT)
    for text in ("", "MUNGE:", seal[:-10] + "A" + seal[-9:], seal[:40], "x" * 9000):
        code, line = judge(cluster, prefix, text)
        assert code == 1 and "AIF-R010" in line, text[:50]
    code, line = judge(cluster, prefix, sealed(cluster, TEXT, by=user(cluster)))
    assert code == 1 and "sealed by user" in line
