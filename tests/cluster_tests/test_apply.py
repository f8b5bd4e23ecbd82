"""aif apply on a stock cluster: drift, prune, use above 100 %, pacing, lost counters, and limits on associations.

No plugin of ours is loaded except where a test says so: what holds here holds by Slurm's own engine. test_tools.py has the
everyday side of plan and apply.
"""

import calendar
import datetime
import json
import re

import pytest
from aifsite import allocation
from applysite import ApplySite

PG, FL, OLD = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991", "EHPC-AIF-2026PG01-404"
QOS, FREE = PG.lower(), PG.lower() + "-free"
KEPT_BACK = 2  # minutes, lib/mirror.h
# Slurm takes the first line only beside the second.
NO_DECAY = ["PriorityDecayHalfLife=0", "PriorityUsageResetPeriod=NONE"]


@pytest.fixture(scope="module")
def cluster(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="none", nodes=6, gpus=4, conf_lines=NO_DECAY)
    cluster.sacctmgr("add", "qos", "boost")
    return cluster


@pytest.fixture
def site(cluster):
    """With the QOS carrier; nothing is left of the test before."""
    site = ApplySite(cluster)
    yield site
    clear(site)


@pytest.fixture
def by_association(cluster):
    site = ApplySite(cluster, carrier="association")
    yield site
    clear(site)


def clear(site):
    site.cluster.cancel_all()
    site.forget_balances()
    site.write()
    # A QOS that a test gave to a member keeps the account from being pruned.
    site.cluster.run(["sacctmgr", "-i", "delete", "account", "pg"], check=False)
    site.run("apply", "--prune")


def playground(site, **more):
    return allocation(PG, "pg", "playground", **{"amount": 100, "members": [site.user], **more})


# -- drift -----------------------------------------------------------------------------------------------------------


def test_what_others_changed_is_named_drift(site):
    site.apply(playground(site))
    site.cluster.sacctmgr("modify", "qos", QOS, "set", "GrpTRESMins=gres/gpu=999999", "MaxWall=7")
    text = site.plan()
    assert f"~ qos {QOS} (drift): GrpTRESMins gpu 999999 -> {6000 - KEPT_BACK}; MaxWall 0:07:00 -> 4:00:00\n" in text
    plan = json.loads(site.run("plan", "--json", code=1).stdout)
    assert plan["drifts"] == 1 and plan["changes"][0]["drift"] is True
    assert "(drift)" in site.apply(playground(site))
    assert site.gpu_minutes(QOS) == 6000 - KEPT_BACK
    assert site.plan(code=0) == "nothing to change\n"


def test_a_flag_taken_away_is_drift(site):
    site.apply(playground(site))
    site.cluster.sacctmgr("modify", "qos", QOS, "set", "Flags-=NoDecay")
    assert f"~ qos {QOS} (drift): Flags NoDecay\n" in site.plan()


def test_a_new_configuration_is_no_drift(site):
    site.apply(playground(site))
    site.write(playground(site, amount=200))
    assert "drift" not in site.plan()
    site.apply(playground(site, state="paused"))
    site.write(playground(site, amount=300))
    assert "drift" not in site.plan()


def test_quiet_says_nothing_when_nothing_changes(site):
    assert QOS in site.apply(playground(site), options=["--quiet"])
    assert site.run("apply", "--quiet").stdout == ""
    site.write(playground(site, amount=50))
    shown = site.run("apply", "--dry-run", code=1).stdout
    assert f"~ qos {QOS}" in shown and "planned 1 change" in shown
    assert site.gpu_minutes(QOS) == 6000 - KEPT_BACK


# -- prune -----------------------------------------------------------------------------------------------------------


def test_prune_removes_what_no_allocation_needs(site):
    site.cluster.sacctmgr("add", "qos", "ours-not-aifs")
    site.apply(playground(site), allocation(OLD, "old", "playground", members=[site.user]))
    shown = site.apply(playground(site), options=["--prune", "--dry-run"], code=1)
    assert f"x qos {OLD.lower()}: " in shown and "x account old: " in shown
    assert site.qos(OLD.lower(), "name") and site.has_account("old")
    site.run("apply", "--prune")
    assert site.qos(OLD.lower(), "name") is None and not site.has_account("old")
    assert site.qos("ours-not-aifs", "name") and site.qos(QOS, "name") and site.has_account("pg")
    assert site.run("apply", "--prune").stdout == "nothing to change\n"
    site.cluster.sacctmgr("delete", "qos", "ours-not-aifs")


def test_prune_leaves_users_a_default_account(site):
    names = [f"EHPC-AIF-2026PG02-{i}" for i in range(100, 104)]
    listed = [allocation(name, f"shared{i}", "playground", members=[site.user, "games"]) for i, name in enumerate(names)]
    site.apply(*listed)
    site.apply(listed[2], options=["--prune"])
    assert [site.has_account(f"shared{i}") for i in range(4)] == [False, False, True, False]
    for user in (site.user, "games"):
        rows = site.cluster.sacctmgr("show", "user", user, "format=defaultaccount")
        assert rows == "shared2"
    site.apply(options=["--prune"])
    assert not site.has_account("shared2")


def test_prune_leaves_what_has_jobs(site):
    old = allocation(OLD, "old", "playground", members=[site.user])
    site.apply(old)
    job = site.cluster.wait(lambda: site.submit("old", "--gpus=1", "-t", "5", "--hold"), what="the new association")
    shown = site.apply(options=["--prune"], code=1)
    assert f"! qos {OLD.lower()}: stays while jobs" in shown and "! account old: stays while jobs" in shown
    assert site.cluster.job_state(job) == "PENDING"
    site.cluster.cancel_all()
    assert f"x qos {OLD.lower()}" in site.run("apply", "--prune").stdout


def test_prune_leaves_accounts_in_which_others_made_something(site):
    site.cluster.sacctmgr("add", "account", "theirs", "Description=ours")
    site.apply(allocation(OLD, "old", "playground", members=[site.user]), allocation(FL, "theirs", "fast-lane"))
    site.cluster.sacctmgr("add", "user", "games", "account=old", "qos=normal", "defaultaccount=old")
    shown = site.apply(options=["--prune"], code=1)
    assert "! account old: stays, since games has a QOS in it that aif did not give" in shown
    assert site.has_account("old") and site.has_account("theirs") and site.qos(FL.lower(), "name") is None
    assert site.assoc("old", site.user, "maxsubmit") == ["0"]
    site.cluster.sacctmgr("delete", "user", "games")
    site.cluster.sacctmgr("delete", "account", "theirs")


# -- pacing and the free QOS -----------------------------------------------------------------------------------------


def test_free_qos_for_use_above_the_amount(site):
    ceiling = playground(site, pacing={"kind": "ceiling", "percent": 150})
    site.apply(ceiling)
    assert site.gpu_minutes(QOS) == 6000 - KEPT_BACK and site.gpu_minutes(FREE) == 3000 - KEPT_BACK
    assert re.fullmatch(f"aif {PG} #[0-9a-f]{{8}}", site.qos(FREE, "description")[0])
    qos, default = site.assoc("pg", site.user, "qos", "defaultqos")
    assert set(qos.split(",")) == {QOS, FREE} and default == QOS
    assert site.plan(code=0) == "nothing to change\n"
    assert f"- qos {FREE}: GrpJobs none -> 0" in site.apply(playground(site))


def days_of_month_within(first, last, today):
    end = today.replace(day=calendar.monthrange(today.year, today.month)[1])
    return (min(last, end) - max(first, today.replace(day=1))).days + 1


def test_monthly_grant_is_a_hard_limit(site):
    today = datetime.date.today()
    first, last = today - datetime.timedelta(days=40), today + datetime.timedelta(days=300)
    site.apply(playground(site, start=-40, end=300, amount=34100, pacing={"kind": "monthly"}))
    grant = 34100 * 60 * days_of_month_within(first, last, today) / 341
    assert abs(site.gpu_minutes(QOS) + KEPT_BACK - grant) <= 1
    assert 0 < site.gpu_minutes(QOS) < 34100 * 60 / 8
    assert site.plan(code=0) == "nothing to change\n"


# -- counters that Slurm loses ---------------------------------------------------------------------------------------


def test_what_slurm_lost_comes_off_the_limit(site):
    site.apply(playground(site))
    job = site.cluster.wait(lambda: site.submit("pg", "-N4", "--gpus=16", "-t", "5", script="sleep 12"),
                            what="the new association")
    site.cluster.wait_job(job, "COMPLETED")
    used = site.counted(job)
    quota = ["aif", "quota", "--json", PG]
    site.cluster.wait(lambda: json.loads(site.cluster.run(quota).stdout)[0]["used"]["seconds"] == used, what="usage")
    site.balances({PG: used})
    assert site.plan(code=0) == "nothing to change\n"
    site.wipe_state()
    assert site.gpu_minutes(QOS) == 6000 - KEPT_BACK
    site.run("apply")
    assert used >= 180 and site.gpu_minutes(QOS) == (360000 - used) // 60 - KEPT_BACK
    assert site.plan(code=0) == "nothing to change\n"


def test_a_new_qos_begins_with_what_the_ledger_knows(site):
    site.balances({PG: 90 * 3600})
    site.apply(playground(site))
    assert site.gpu_minutes(QOS) == 600 - KEPT_BACK
    refused = site.submit("pg", "--gpus=16", "-t", "60", check=False)
    assert refused.returncode != 0


def test_without_slurmctld_the_ledger_alone_counts(site):
    site.apply(playground(site))
    site.cluster.conf("SlurmctldTimeout=10", "MessageTimeout=5")
    site.balances({PG: 10 * 3600})
    site.cluster.stop("ctld")
    try:
        done = site.run("plan", code=1)
        assert "slurmctld does not answer" in done.stderr and done.stderr.count("\n") == 1
        assert f"GrpTRESMins gpu {6000 - KEPT_BACK} -> {5400 - KEPT_BACK}" in done.stdout
        assert "slurmctld" in site.run("apply", "--need-live", code=3).stderr
        assert "jobs must stay" in site.run("apply", "--prune", "--dry-run", code=3).stderr
        assert site.gpu_minutes(QOS) == 6000 - KEPT_BACK
    finally:
        site.cluster.conf("SlurmctldTimeout=300", "MessageTimeout=60")
        site.cluster.start()


# -- the carrier "association" ---------------------------------------------------------------------------------------


def member_with_boost(site, **more):
    """The allocation, and its member's QOS as the site gives it."""
    site.apply(playground(site, **more))
    site.cluster.sacctmgr("modify", "user", site.user, "where", "account=pg", "set", "qos=boost", "defaultqos=boost")


def test_association_needs_counters_that_do_not_fade(by_association):
    site = by_association
    for line, word in (("PriorityDecayHalfLife=1-0", "PriorityDecayHalfLife"),
                       ("PriorityUsageResetPeriod=MONTHLY", "PriorityUsageResetPeriod")):
        site.cluster.conf(line)
        site.cluster.reconfigure()
        try:
            site.write(playground(site))
            for command in ("plan", "apply"):
                said = site.run(command, code=1).stderr
                assert word in said and "AIF-C011" in said and said.count("\n") == 1
            assert not site.has_account("pg")
        finally:
            site.cluster.conf(*NO_DECAY)
            site.cluster.reconfigure()


def test_association_carries_the_limits(by_association):
    site = by_association
    site.apply(playground(site))
    fields = ("grptresmins", "maxwall", "maxtres", "maxsubmit")
    assert site.assoc("pg", "", *fields) == [f"gres/gpu={6000 - KEPT_BACK}", "04:00:00", "gres/gpu=16", "20"]
    assert site.qos(QOS, "name") is None and site.assoc("pg", site.user, "qos") == ["normal"]
    assert site.plan(code=0) == "nothing to change\n"
    text = site.apply(playground(site, amount=50))
    assert f"~ association of account pg: GrpTRESMins gpu {6000 - KEPT_BACK} -> {3000 - KEPT_BACK}\n" in text
    site.apply(playground(site, state="terminated"))
    assert site.assoc("pg", "", "grpjobs", "grpsubmit") == ["0", "0"]
    assert "- association of account pg" not in site.apply()


def test_association_enforces_the_amount_in_a_foreign_qos(by_association):
    site = by_association
    member_with_boost(site, amount=5)
    jobs = [site.cluster.wait(lambda: site.submit("pg", "--qos=boost", "-N1", "--gpus=2", "-t", "60", script="sleep 3000"),
                              what="the QOS of the user") for _ in range(3)]
    site.cluster.wait(lambda: sorted(map(site.cluster.job_state, jobs)) == ["PENDING", "RUNNING", "RUNNING"],
                      what="two of three jobs running")
    waiting = next(job for job in jobs if site.cluster.job_state(job) == "PENDING")
    site.wait_reason(waiting, "AssocGrpGRESMinutes")


def test_association_loses_what_the_ledger_alone_knows(by_association):
    site = by_association
    site.balances({PG: 40 * 3600})
    site.apply(playground(site))
    assert site.assoc("pg", "", "grptresmins") == [f"gres/gpu={3600 - KEPT_BACK}"]


def test_association_members_come_and_go(by_association):
    site = by_association
    site.apply(playground(site, members=[site.user, "games"]))
    site.apply(playground(site))
    assert site.assoc("pg", "games", "maxsubmit") == ["0"]
    site.apply(playground(site, members=[site.user, "games"]))
    assert site.assoc("pg", "games", "maxsubmit") != ["0"]
    assert site.plan(code=0) == "nothing to change\n"


def test_association_of_an_account_that_is_there(by_association):
    site = by_association
    site.cluster.sacctmgr("add", "account", "old", "Description=ours", "MaxJobs=7", "GrpNodes=5")
    site.apply(allocation(OLD, "old", "playground", amount=10))
    assert site.assoc("old", "", "grptresmins", "grptres") == [f"gres/gpu={600 - KEPT_BACK}", "node=5"]
    site.apply(options=["--prune"])
    assert site.has_account("old")
    site.cluster.sacctmgr("delete", "account", "old")


def test_association_is_refused_at_submission(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="job_submit", nodes=2, gpus=4, conf_lines=NO_DECAY)
    site = ApplySite(cluster, carrier="association")
    cluster.sacctmgr("add", "qos", "boost")
    member_with_boost(site, amount=5)
    cluster.reconfigure()
    cluster.wait(lambda: "job_submit/aif: policy" in cluster.ctld_log(), what="the policy in force")
    cluster.wait(lambda: "AIF-Q001" in site.submit("pg", "--qos=boost", "--gpus=8", "-t", "60", check=False).stderr,
                 what="a refusal for the amount")
    job = site.cluster.job(site.submit("pg", "--qos=boost", "--gpus=1", "-t", "60"))
    assert job["QOS"] == "boost" and PG in job["AdminComment"]


# -- preemption that Slurm cannot do ---------------------------------------------------------------------------------


def refused(site):
    site.policy["modes"]["fast-lane"]["lane"] = {"preempts": ["playground"]}
    site.write(playground(site))
    said = [site.run(command, code=1).stderr for command in ("plan", "apply")]
    site.policy["modes"]["fast-lane"].pop("lane")
    assert said[0] == said[1] and said[0].count("\n") == 1 and "AIF-C012" in said[0]
    return said[0]


def test_preemption_needs_slurm_to_preempt_by_qos(site):
    assert "PreemptMode of slurm.conf: is OFF" in refused(site)


def test_preemption_needs_the_carrier_qos(by_association):
    assert "must be \"qos\"" in refused(by_association)
