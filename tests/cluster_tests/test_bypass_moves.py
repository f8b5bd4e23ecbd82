"""Attempts to have a tagged job run on a foreign node that need more than one request: the queue while the site changes, requests for
steps and allocations, forged and replayed tickets. Each ends with no task abroad."""

import os
import pwd
import time

import bypasssite
import pytest
from bypasssite import FI, INSIDE, PLACES
from clusterlib.rest import RestServer

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs users who are no operators: run as root")
NOBODY_IN_FI = [{"nodes": "n[1-5]", "country": "NO"}]


def lines(_root):
    return ["PartitionName=urgent Nodes=ALL MaxTime=1-0 DefaultTime=10 PriorityTier=9", "PreemptType=preempt/partition_prio",
            "PreemptMode=REQUEUE", "PartitionName=moving Nodes=n[1-2] MaxTime=1-0 DefaultTime=10"]


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    return bypasssite.make(make_cluster, prefix, lines)


@pytest.fixture
def cluster(site):
    yield site.cluster
    site.nodes_know(PLACES)
    site.cluster.cancel_all()


@pytest.fixture
def away(site, cluster):
    """No node is inside any more, and only nodes know."""
    site.nodes_know(NOBODY_IN_FI)
    return cluster


def submit(site, name, *args, script="true", **options):
    """A tagged job that leaves a trace, then does what the script says."""
    return site.cluster.sbatch("-A", "fi", *args, script=f"{site.leave(name)}\n{script}", user=site.user, **options)


def fill(site, *nodes):
    """Jobs that have these nodes to themselves until the gate is open."""
    gate = site.cluster.gate()
    for node in nodes:
        job = site.cluster.sbatch("-A", "open", "-w", node, "--exclusive", script=gate.script, user=site.user)
        site.cluster.wait_job(job, "RUNNING")
    return gate


def backfill_cycles(cluster):
    text = cluster.run(["sdiag"]).stdout.partition("Backfilling stats")[2]
    return int(text.partition("Total cycles:")[2].split()[0])


def record(site, *jobs, turned_down=0):
    """These were sent abroad: what test_each_attempt_is_on_record() looks for."""
    site.tried |= set(jobs)
    site.turned_down += turned_down


def wait_backfill(site):
    """Until the schedulers have looked at the queue. They do when something has changed: a job without a tag, which runs abroad."""
    for _ in range(2):
        before = backfill_cycles(site.cluster)
        job = site.cluster.sbatch("-A", "open", "-w", "n4", script="true", user=site.user)
        assert site.cluster.wait_job(job) == "COMPLETED"
        site.cluster.wait(lambda: backfill_cycles(site.cluster) > before, what="a cycle of backfill")


def wait_refused(site, job):
    """Until Slurm has tried to start it, and has not."""
    since = bypasssite.now()
    site.cluster.wait(lambda: site.is_settled(job, since), what="an attempt to start the job")
    assert site.cluster.job_state(job) == "PENDING"


def let_go(site, job):
    """Slurm holds a requeued job once more when its last run is over, and then lets it wait for two minutes."""
    cluster = site.cluster
    cluster.wait(lambda: "completing" not in cluster.run(["sinfo", "-h", "-N", "-o", "%T"]).stdout, what="no node that cleans up")
    over = time.time()
    cluster.wait(lambda: time.time() > over + 2, what="the next second")
    cluster.run(["scontrol", "release", job])
    cluster.run(["scontrol", "update", f"JobId={job}", "StartTime=now"])


# -- the queue --------------------------------------------------------------------------------------------------------------


def test_backfill_array_and_reconfigure_of_a_queue(site, cluster):
    """Nothing inside is free, everything abroad is: neither scheduler takes it, before and after a reconfigure and a restart."""
    gate = fill(site, "n1", "n2")
    one, array = submit(site, "queue"), submit(site, "queue-array", "--array=1-3")
    het = cluster.sbatch("-A", "fi", ":", "-A", "fi", script=site.leave("queue-het"), user=site.user)
    wait_backfill(site)
    site.reconfigure()
    wait_backfill(site)
    cluster.restart("ctld")
    cluster.wait_nodes()
    wait_backfill(site)
    for job in (one, array, het):
        assert cluster.job_state(job) == "PENDING"
    record(site, one, array, het)
    gate.open()
    cluster.wait(lambda: not cluster.run(["squeue", "-h"]).stdout, what="an empty queue")
    for name in ("queue", "queue-array", "queue-het"):
        assert site.seen(name) and site.seen(name) <= INSIDE


def test_preemption_makes_room_inside_only(site, cluster):
    gate = cluster.gate()
    low = {node: cluster.sbatch("-A", "open", "-w", node, "--exclusive", script=gate.script, user=site.user)
           for node in ("n1", "n2", "n3", "n4", "n5")}
    for job in low.values():
        cluster.wait_job(job, "RUNNING")
    high = submit(site, "urgent", "-p", "urgent", "--exclusive", "-N2")
    assert cluster.wait_job(high) == "COMPLETED"
    assert cluster.job(high)["NodeList"] == "n[1-2]" and site.seen("urgent") <= INSIDE
    assert {cluster.job(low[node])["Restarts"] for node in ("n3", "n4", "n5")} == {"0"}
    gate.open()


def test_a_requeue_after_the_node_has_moved(site, cluster):
    """A job runs, its node is found to be in Norway, the job is requeued: it waits for the other one."""
    gate, busy = cluster.gate(), fill(site, "n1")
    job = submit(site, "requeue", "-C", "loc_FI", "--requeue", script=gate.script)
    cluster.wait(lambda: site.seen("requeue") == {"n2"}, what="the job on n2")
    moved = [{"nodes": "n1", "country": "FI"}, {"nodes": "n2", "country": "NO"}, *PLACES[1:]]
    try:
        site.nodes_know(moved)
        site.controller_knows(moved)
        cluster.run(["scontrol", "requeue", job], user=site.user)
        cluster.wait(lambda: cluster.job_state(job) == "PENDING", what="the job to wait")
        let_go(site, job)
        wait_backfill(site)
        assert cluster.job_state(job) == "PENDING", "n2 is idle"
        if cluster.install.version < (25, 5):  # later ones offer the busy node, too: then nothing is turned down
            record(site, job)
        busy.open()
        cluster.wait(lambda: site.seen("requeue") == INSIDE, what="the job on n1")
    finally:
        gate.open()
        site.controller_knows(PLACES)
    assert cluster.wait_job(job) == "COMPLETED" and cluster.job(job)["NodeList"] == "n1"


def test_what_an_operator_moves_under_a_waiting_job(site, cluster):
    """Its partition, its reservation, and a feature that says where nodes are."""
    gate = fill(site, "n1", "n2")
    cluster.run(["scontrol", "create", "reservation", "ReservationName=r", "Nodes=n2", "StartTime=now", "Duration=60",
                 f"Users={site.user}", "Flags=ignore_jobs"])
    jobs = [submit(site, "moving", "-p", "moving"), submit(site, "moving", "--reservation=r"), submit(site, "moving", "-C", "loc_FI")]
    try:
        cluster.run(["scontrol", "update", "PartitionName=moving", "Nodes=n[4-5]"])
        cluster.run(["scontrol", "update", "ReservationName=r", "Nodes=n5"])
        cluster.run(["scontrol", "update", "NodeName=n4", "AvailableFeatures=loc_FI", "ActiveFeatures=loc_FI"])
        wait_backfill(site)
        for job in jobs:
            assert cluster.job_state(job) == "PENDING"
        record(site, *jobs)
    finally:
        cluster.run(["scontrol", "update", "NodeName=n4", "AvailableFeatures=loc_DE", "ActiveFeatures=loc_DE"])
        cluster.cancel_all()
        cluster.run(["scontrol", "delete", "ReservationName=r"])
        cluster.run(["scontrol", "update", "PartitionName=moving", "Nodes=n[1-2]"])
        gate.open()
    assert not site.seen("moving")


def test_a_requeued_job_that_is_told_to_go_abroad(site, cluster):
    gate = cluster.gate()
    job = submit(site, "told", script=gate.script)
    cluster.wait_job(job, "RUNNING")
    assert not site.update(job, "NodeList=n4") and not site.update(job, "NumNodes=3")
    cluster.run(["scontrol", "requeuehold", job])
    cluster.wait(lambda: cluster.job_state(job) == "PENDING", what="the job to wait")
    assert site.update(job, "ReqNodeList=n4")
    let_go(site, job)
    wait_refused(site, job)
    record(site, job)
    gate.open()
    assert site.seen("told") <= INSIDE


def test_a_job_does_not_grow_abroad(site, cluster):
    """Slurm 24.11 has no dependency of this kind any more, and refuses it."""
    gate = cluster.gate()
    job = submit(site, "grow", script=gate.script)
    cluster.wait_job(job, "RUNNING")
    for words in (["-A", "fi"], ["-A", "open"]):
        done = cluster.sbatch(*words, "-d", f"expand:{job}", "-w", "n4", script=site.leave("grow"), user=site.user, check=False)
        if done.returncode == 0:
            wait_refused(site, done.stdout.strip())
            record(site, done.stdout.strip())
    gate.open()
    assert site.seen("grow") <= INSIDE


# -- steps and allocations --------------------------------------------------------------------------------------------------

INTERACTIVE = {
    "srun": "srun -A fi -w n4", "srun of two": "srun -A fi -N2 -w n1,n4", "srun of a het job": "srun -A fi -w n1 TOUCH : -A fi -w n4",
    "salloc": "salloc -A fi -w n4 srun", "salloc by constraint": "env SALLOC_CONSTRAINT=loc_DE salloc -A fi srun",
    "srun by constraint": "env SLURM_CONSTRAINT=loc_DE srun -A fi", "a host file": "env SLURM_HOSTFILE=HOSTS srun -A fi -m arbitrary",
    "salloc with a tag": "salloc -A open --data-residency=FI -w n4 srun", "srun with a tag": "srun -A open --data-residency=FI -w n4",
}


@pytest.mark.parametrize("line", INTERACTIVE.values(), ids=INTERACTIVE)
def test_an_allocation_abroad_is_not_given(site, cluster, line):
    hosts = cluster.layout.root / "hosts"
    hosts.write_text("n4\n")
    name = f"interactive-{list(INTERACTIVE.values()).index(line)}"
    touch = f"sh -c '{site.leave(name)}'"
    done = cluster.run(f"{line.replace('HOSTS', str(hosts)).replace('TOUCH', touch)} {touch}", user=site.user, check=False)
    assert done.returncode and not site.seen(name)
    record(site, turned_down=1)


def test_steps_stay_where_their_job_is(site, cluster):
    gate = cluster.gate()
    job = submit(site, "steps", "-N1", script=gate.script)
    cluster.wait_job(job, "RUNNING")
    step = ["srun", f"--jobid={job}", "--overlap", "--immediate=60"]
    touch = ["sh", "-c", site.leave("steps")]
    for words in (["-w", "n4"], ["-N2"], ["-w", "n4", "--data-residency=DE"]):
        assert cluster.run([*step, *words, *touch], user=site.user, check=False).returncode
    assert cluster.run([*step, *touch], user=cluster.users()[1], check=False).returncode, "of somebody else"
    cluster.run([*step, *touch], user=site.user)
    gate.open()
    assert cluster.wait_job(job) == "COMPLETED" and site.seen("steps") <= INSIDE


def test_a_step_cannot_have_a_tag_that_its_job_has_not(site, cluster):
    """Told to srun inside of the job's script, and from outside."""
    gate = cluster.gate()
    script = f"(srun --data-residency=FI sh -c '{site.leave('step-tag')}'; echo $?) >{site.traces}/said 2>&1\n{gate.script}"
    job = cluster.sbatch("-A", "open", "-w", "n4", script=script, user=site.user)
    said = site.traces / "said"
    cluster.wait(lambda: said.exists() and said.read_text().endswith("\n1\n"), what="the end of the first step")
    assert "the job of this step is not inside its residency tag: asked FI, the job has none (AIF-R005)" in said.read_text()
    touch = ["sh", "-c", site.leave("step-tag")]
    done = cluster.run(["srun", f"--jobid={job}", "--overlap", "--data-residency=FI", *touch], user=site.user, check=False)
    assert done.returncode and not site.seen("step-tag"), done.stderr
    cluster.run(["srun", f"--jobid={job}", "--overlap", *touch], user=site.user)
    assert site.seen("step-tag") == {"n4"}
    gate.open()


def test_a_file_is_cast_to_the_nodes_of_the_job_only(site, cluster):
    target = site.traces / "file"
    job = submit(site, "cast-job", script=f"sbcast -f /bin/sh {target} && srun {target} -c '{site.leave('cast')}'")
    assert cluster.wait_job(job) == "COMPLETED"
    assert site.seen("cast") and site.seen("cast") <= INSIDE


def test_jobs_through_slurmrestd(site, cluster):
    with RestServer(cluster, site.user) as rest:
        place = {"required_nodes" if rest.version >= 39 else "nodelist": ["n4"] if rest.version >= 39 else "n4"}
        for job in ({"account": "fi"}, {"account": "open", "comment": "aif:residency=FI"},
                    {"account": "fi", "constraints": "loc_DE"}):
            number, answer = rest.submit(**job, **({} if "constraints" in job else place))
            assert number is None, answer
            record(site, turned_down=1)
        number, answer = rest.submit(account="open", **place)
        assert number, answer
    assert cluster.job(number)["ReqNodeList"] == "n4"


# -- tickets -----------------------------------------------------------------------------------------------------------------


def sealed(site, text, *options, by=None):
    words = ["munge", "-S", str(site.cluster.layout.munge_socket), "-s", text, *options]
    return site.cluster.run(words, user=by).stdout.strip()


@pytest.fixture(scope="module")
def forger(site, prefix):
    return site.forger(prefix)


def ticket(site, job, tag="FI", array="no"):
    """As slurmctld would write it, and so new that it passes for its own."""
    uid = pwd.getpwnam(site.user).pw_uid
    return f"aif1 cluster=aif job={job} array={array} uid={uid} alloc={FI} mode=fast-lane policy=p issued=9999999999 tag={tag}"


def forgeries(site, job):
    """(name, seal): what is no ticket of job, but was made for nodes in Norway."""
    other = sealed(site, ticket(site, 1, "NO"), "--restrict-uid=0")
    own = ticket(site, job, "NO")
    good = sealed(site, own, "--restrict-uid=0")
    return {"none": "", "no seal": "MUNGE:AwQFAAA:", "another job's": other, "cut": good[:-20], "edited": good[:60] + "A" + good[61:],
            "sealed by its user": sealed(site, own, by=site.user),
            "an array's": sealed(site, ticket(site, 1, "NO", "yes"), "--restrict-uid=0"),
            "another cluster's": sealed(site, own.replace("cluster=aif", "cluster=b"), "--restrict-uid=0"),
            "another user's": sealed(site, own.replace(" uid=", " uid=9"), "--restrict-uid=0")}


def judged(cluster, job):
    seen = cluster.job(job)
    return seen["JobState"] in ("CANCELLED", "FAILED") or (seen["JobState"] == "PENDING" and seen["Priority"] == "0")


def test_forged_and_replayed_tickets(site, away, forger):
    """In the job's SPANK environment, with a text that slurmctld must take for its own."""
    last = int(submit(site, "forged", "-H"))
    jobs = {}
    for name in forgeries(site, 0):
        seal = forgeries(site, last + 1)[name]
        env = {**forger, "FORGE_AIF_TICKET": seal, "FORGE_AIF_TICKET_TEXT": ticket(site, last + 1), "FORGE_AIF_REQUEST": "mode=fast-lane"}
        done = away.sbatch("-A", "fi", script=site.leave("forged"), user=site.user, env=env, check=False)
        assert done.returncode == 0, done.stderr
        last += 1
        assert done.stdout.strip() == str(last)
        jobs[name] = str(last)
    for name, job in jobs.items():
        away.wait(lambda job=job: judged(away, job), what=f"the job of {name} held or ended")
        assert "AIF-R01" in away.job(job)["AdminComment"], name
    record(site, *jobs.values())
    assert not site.seen("forged")


def test_a_ticket_tells_its_own_nodes_nothing_of_others(site, away):
    """Every kind of job that slurmctld sends to nodes which know better."""
    jobs = [submit(site, "better"), submit(site, "better", "--array=1-2"), submit(site, "better", "--no-requeue"),
            away.sbatch("-A", "fi", ":", "-A", "fi", script=site.leave("better"), user=site.user)]
    for words in (["srun"], ["salloc", "srun"]):
        assert away.run([words[0], "-A", "fi", *words[1:], "sh", "-c", site.leave("better")], user=site.user, check=False).returncode
    away.wait(lambda: not away.run(["squeue", "-h", "-t", "R,CF,CG"]).stdout and all(judged(away, job) for job in jobs),
              what="jobs held or cancelled")
    assert not site.seen("better")
    record(site, *jobs)


def test_each_attempt_is_on_record(site, cluster):
    """Of those above that some part of ours has seen. Steps abroad are Slurm's to refuse."""
    assert site.tried or site.turned_down
    cluster.wait(lambda: site.are_recorded(site.tried, site.turned_down), what="an event of each attempt")
