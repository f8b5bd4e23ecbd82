"""aif apply makes a lane preempt: Preempt, PreemptMode and GraceTime of QOS, and what Slurm does with them.

No plugin of ours is loaded: once the QOS say so, Slurm itself preempts.
"""

import json

import pytest
from aifsite import allocation
from applysite import ApplySite

PG, FL, LS, SC = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991", "EHPC-AIF-2026LS01-404", "EHPC-AIF-2026SC01-505"
ALL_GPUS = ["-N6", "--gpus=24", "-t", "60"]
LONG = "sleep 3000"
# What a job does that is told to yield, in the time that it is left. Slurm tells steps, not the script.
SAVING = """srun bash -c 'trap "echo told; sleep 3; echo saved; exit" TERM; echo ready; while true; do sleep 1; done'"""


@pytest.fixture(scope="module")
def cluster(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="none", nodes=6, gpus=4,
                           conf_lines=["PreemptType=preempt/qos", "PreemptMode=REQUEUE"])
    cluster.sacctmgr("add", "qos", "theirs")
    cluster.sacctmgr("add", "qos", "old", "set", "PreemptMode=cancel")
    return cluster


@pytest.fixture
def site(cluster):
    """The lane fast-lane takes the places of playground and of every free QOS; nothing is left of the test before."""
    site = ApplySite(cluster)
    site.policy["modes"] = {
        "playground": {"open": True},
        "fast-lane": {"open": True, "lane": {"base": 1000, "preempts": ["playground"], "preempts_free": True}},
        "large-scale": {"open": True},
        "science": {"open": True, "yield": {"how": "cancel", "grace": "00:01:00"}},
    }
    yield site
    cluster.cancel_all()
    site.policy["modes"]["fast-lane"].pop("lane", None)
    site.write()
    # slurmdbd keeps associations whose jobs have not ended for it, and may learn of the end a little later.
    cluster.wait(lambda: not cluster.run(["aif", "apply", "--prune"], check=False).returncode, what="removal of all allocations")


def allocations(site, **more):
    free = {"pacing": {"kind": "ceiling", "percent": 150}}
    listed = ((PG, "pg", "playground", {}), (FL, "fl", "fast-lane", {}), (LS, "ls", "large-scale", {}),
              (SC, "sc", "science", free))
    return [allocation(name, account, mode, members=[site.user], **kind, **more) for name, account, mode, kind in listed]


def submit(site, account, qos, *options, **more):
    options = [f"--qos={qos.lower()}", *(options or ALL_GPUS)]
    return site.cluster.wait(lambda: site.submit(account, *options, **more), what=f"the association of {account}")


def lists(site, name):
    return set(filter(None, site.qos(name.lower(), "name", "preempt")[1].split(",")))


def running(site, job):
    site.cluster.wait(lambda: site.cluster.job_state(job) == "RUNNING", what=f"job {job} running")


# -- what is set -----------------------------------------------------------------------------------------------------


def test_policy_says_who_yields(site):
    site.apply(*allocations(site))
    free = SC.lower() + "-free"
    assert lists(site, FL) == {PG.lower(), free}
    assert not lists(site, PG) and not lists(site, LS) and not lists(site, free)
    assert site.qos(PG.lower(), "preemptmode", "gracetime") == ["requeue", "00:00:00"]
    assert site.qos(free, "preemptmode", "gracetime") == ["cancel", "00:01:00"]
    assert site.qos(SC.lower(), "preemptmode", "gracetime") == ["cluster", "00:00:00"]
    assert site.plan(code=0) == "nothing to change\n"


def test_a_new_victim_joins_and_an_ended_one_leaves(site):
    first = allocations(site)
    site.apply(*first)
    more = allocation("EHPC-AIF-2026PG01-906", "pg", "playground")
    site.write(*first, more)
    assert f"~ qos {FL.lower()}: Preempt +ehpc-aif-2026pg01-906" in site.plan()
    site.run("apply")
    assert "ehpc-aif-2026pg01-906" in lists(site, FL) and site.plan(code=0) == "nothing to change\n"
    site.apply(*first, {**more, "state": "terminated"})
    assert "ehpc-aif-2026pg01-906" not in lists(site, FL) and PG.lower() in lists(site, FL)
    site.apply(*first, options=["--prune"])
    assert site.plan(code=0) == "nothing to change\n"


def test_many_victims_go_as_one_list(site):
    many = [allocation(f"EHPC-AIF-2026PG02-{i}", "many", "playground") for i in range(100, 160)]
    site.apply(allocations(site)[1])
    assert " and 54 more" in site.apply(allocations(site)[1], *many)
    assert lists(site, FL) == {a["id"].lower() for a in many}
    assert site.plan(code=0) == "nothing to change\n"
    site.apply(allocations(site)[1])
    assert not lists(site, FL)


def test_what_the_site_set_itself_stays(site):
    cluster = site.cluster
    site.policy["modes"]["fast-lane"].pop("lane")
    site.apply(*allocations(site))
    cluster.sacctmgr("modify", "qos", LS.lower(), "set", f"preempt={SC.lower()}", "preemptmode=cancel")
    cluster.sacctmgr("modify", "qos", FL.lower(), "set", "preempt=theirs")
    assert site.plan(code=0) == "nothing to change\n"
    site.policy["modes"]["fast-lane"]["lane"] = {"preempts": ["playground"]}
    site.apply(*allocations(site))
    assert lists(site, FL) == {"theirs", PG.lower()} and lists(site, LS) == {SC.lower()}
    site.policy["modes"]["fast-lane"].pop("lane")
    site.apply(*allocations(site))
    assert lists(site, FL) == {"theirs"} and lists(site, LS) == {SC.lower()}
    assert site.qos(LS.lower(), "preemptmode") == ["cancel"] and site.qos("old", "preemptmode") == ["cancel"]
    assert site.qos(PG.lower(), "preemptmode") == ["cluster"]
    assert site.plan(code=0) == "nothing to change\n"


def test_what_others_changed_is_named_drift(site):
    site.apply(*allocations(site))
    site.cluster.sacctmgr("modify", "qos", FL.lower(), "set", f"preempt-={PG.lower()}")
    site.cluster.sacctmgr("modify", "qos", PG.lower(), "set", "gracetime=7")
    shown = site.plan()
    assert f"~ qos {FL.lower()} (drift): Preempt +{PG.lower()}\n" in shown
    assert f"~ qos {PG.lower()} (drift): GraceTime 7 -> 0\n" in shown
    assert json.loads(site.run("plan", "--json", code=1).stdout)["drifts"] == 2
    site.run("apply")
    assert PG.lower() in lists(site, FL) and site.plan(code=0) == "nothing to change\n"


def test_a_changed_rule_is_no_drift(site):
    site.apply(*allocations(site))
    site.policy["modes"]["playground"]["yield"] = {"how": "cancel", "grace": "00:00:30"}
    site.policy["modes"]["fast-lane"]["lane"]["preempts"] = ["large-scale"]
    site.write(*allocations(site))
    shown = site.plan()
    assert f"Preempt -{PG.lower()},+{LS.lower()}" in shown and "drift" not in shown
    site.run("apply")
    assert site.plan(code=0) == "nothing to change\n"


# -- what Slurm does with it -----------------------------------------------------------------------------------------


def test_playground_is_requeued_and_comes_back(site):
    site.apply(*allocations(site))
    victim = submit(site, "pg", PG, script=LONG)
    running(site, victim)
    job = submit(site, "fl", FL, script="sleep 5")
    site.cluster.wait(lambda: site.cluster.job(victim).get("Restarts") == "1", what=f"job {victim} requeued")
    site.cluster.wait_job(job, "COMPLETED")
    assert site.cluster.job_state(victim) in ("PENDING", "RUNNING")


def said(site, job):
    """What a job wrote so far; slurmstepd makes the file a moment after the job started."""
    try:
        return site.cluster.output(job, site.user)
    except FileNotFoundError:
        return ""


def test_a_free_qos_is_cancelled_after_its_grace_time(site):
    site.apply(*allocations(site))
    victim = submit(site, "sc", SC + "-free", script=SAVING)
    running(site, victim)
    site.cluster.wait(lambda: "ready" in said(site, victim), what="the job's step")
    job = submit(site, "fl", FL, script="sleep 1")
    site.cluster.wait_job(job, "COMPLETED")
    told = site.cluster.output(victim, site.user).split()
    assert "told" in told and "saved" in told
    assert site.cluster.job(victim).get("Restarts") == "0"


def test_others_do_not_yield(site):
    site.apply(*allocations(site))
    half = ["-N3", "--gpus=12", "-t", "60"]
    others = [submit(site, "ls", LS, *half, script=LONG), submit(site, "sc", SC, *half, script=LONG)]
    for other in others:
        running(site, other)
    job = submit(site, "fl", FL, script=LONG)
    site.wait_reason(job, "Resources")
    assert [site.cluster.job_state(other) for other in others] == ["RUNNING", "RUNNING"]
