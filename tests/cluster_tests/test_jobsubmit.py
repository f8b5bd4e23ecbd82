"""job_submit/aif on a real cluster: what is accepted, with what it is marked, and how it is refused."""

import concurrent.futures
import json
import os
import re

import pytest
from aifsite import Site, allocation, day, our_errors, settings

PG, FL, BIG, TINY = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991", "EHPC-AIF-2026FL01-100", "EHPC-AIF-2026FL01-001"
SHOW = "env | grep ^AIF_"

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs a user who is no operator: run as root")


@pytest.fixture(scope="module")
def user(make_cluster):
    return "daemon" if os.geteuid() == 0 else None


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="job_submit,site_factor,spank", nodes=6, gpus=4, locations="FI:4,SE:2",
                           start=False)
    members = cluster.users()[:2]
    site = Site(cluster, [
        allocation(PG, "pg", "playground", members=members),
        allocation(FL, "fl", "fast-lane", members=members),
        allocation(BIG, "several", "fast-lane", start=-10, end=90, members=members),
        allocation("EHPC-AIF-2026PG01-777", "several2", "playground", start=-10, end=90, members=members),
        allocation(TINY, "tiny", "fast-lane", amount=1, members=members),
        allocation("EHPC-AIF-2026PG01-001", "expired", "playground", start=-90, end=-2, members=members),
        allocation("EHPC-AIF-2026PG01-002", "early", "playground", start=10, members=members),
        allocation("EHPC-AIF-2026PG01-003", "paused", "playground", state="paused", members=members),
        allocation("EHPC-AIF-2026LS01-004", "closed", "closed", members=members),
        allocation("EHPC-AIF-2026SC01-005", "single", "single", members=members),
        allocation("EHPC-AIF-2026FL01-006", "nodes", "fast-lane", unit="node-hour", amount=10, members=members),
        allocation("EHPC-AIF-2026FL01-007", "located", "fast-lane", residency="FI", members=members),
        allocation("EHPC-DEV-2026D01-009", "here", "here", members=members),
        allocation("EHPC-AIF-2026FL01-008", "others", "fast-lane", members=["nobody-here"]),
    ])
    site.write()
    with cluster.layout.conf.open("a") as conf:
        conf.write("PartitionName=endless Nodes=ALL MaxTime=INFINITE\n"
                   "PartitionName=whole Nodes=ALL MaxTime=60 DefaultTime=20 OverSubscribe=EXCLUSIVE\n")
    cluster.start()
    cluster.sacctmgr("add", "account", "plain")
    site.apply()
    for name in members:
        cluster.sacctmgr("add", "user", name, "account=plain")
    return site


@pytest.fixture
def cluster(site):
    yield site.cluster
    site.cluster.cancel_all()


def aif_comment(cluster, job):
    return json.loads(cluster.job(job)["AdminComment"])["aif"]


def refused(cluster, user, *options, **more):
    """Submit what must be refused; returns our one line."""
    done = cluster.sbatch(*options, user=user, check=False, **more)
    lines = [line for line in done.stderr.splitlines() if "aif: " in line]
    assert done.returncode != 0 and not done.stdout, options
    assert len(lines) == 1, done.stderr
    return lines[0].partition("aif: ")[2]


@pytest.mark.parametrize("options", [
    ["--ai-mode=playground", "-A", "pg"],
    ["--ai-mode=PLAYGROUND", "-A", "PG"],
    ["--comment", "aif:mode=playground", "-A", "pg"],
    ["--ai-purpose=training", "--comment", f"aif:allocation={PG}"],
    ["--comment", f"run 7 aif:allocation={PG.lower()} of mine"],
    ["--ai-allocation", PG],
    ["-A", "pg"],
    ["-A", "pg", "--qos", PG.lower()],
    ["-A", "pg", "--qos", PG],
])
def test_every_way_in_leads_to_the_same_job(cluster, user, options):
    job = cluster.sbatch("--gpus=1", *options, user=user)
    seen = cluster.job(job)
    assert seen["QOS"] == PG.lower() and seen["Account"] == "pg"
    mark = aif_comment(cluster, job)
    assert (mark["v"], mark["mode"], mark["alloc"]) == (1, "playground", PG)
    assert "res" not in mark


def test_jobs_that_are_not_ours_are_left_alone(cluster, user):
    job = cluster.sbatch("-A", "plain", user=user)
    seen = cluster.job(job)
    assert seen["QOS"] == "normal" and "AdminComment" not in seen


REFUSALS = [
    ("AIF-M001", ["-A", "pg", "--ai-mode=playgroud"], ["playgroud", "did you mean playground"]),
    ("AIF-M002", ["-A", "pg", "--ai-mode=fast-lane"], ["fast-lane", "playground"]),
    ("AIF-M003", ["-A", "closed"], ["opens in May"]),
    ("AIF-M004", ["-A", "here", "-p", "whole"], ["whole", "gpu"]),
    ("AIF-M005", ["-A", "single", "-p", "whole", "--gpus=1"], ["asked 4"]),
    ("AIF-M005", ["-A", "single", "-p", "gpu,whole", "-N2"], ["asked 8"]),
    ("AIF-Q002", ["-A", "single", "-p", "endless", "--gpus=1"], ["time"]),
    ("AIF-M005", ["-A", "pg", "--gpus=9"], ["asked 9", "limit 8"]),
    ("AIF-M006", ["-A", "pg", "-N3"], ["asked 3", "limit 2"]),
    ("AIF-M007", ["-A", "pg", "-t5:00:00"], ["asked 5:00:00", "limit 4:00:00"]),
    ("AIF-A001", ["--ai-allocation=EHPC-AIF-2026PG01-999"], ["EHPC-AIF-2026PG01-999"]),
    ("AIF-A002", ["-A", "early"], [day(10)]),
    ("AIF-A003", ["-A", "expired"], [day(-2)]),
    ("AIF-A004", ["-A", "paused"], ["paused"]),
    ("AIF-A005", ["-A", "others"], []),
    ("AIF-A007", ["-A", "plain", "--ai-mode=playground"], ["plain"]),
    ("AIF-A009", ["-A", "pg", "--qos=normal"], ["normal", PG.lower()]),
    ("AIF-A010", ["-A", "pg", f"--ai-allocation={FL}"], [FL]),
    ("AIF-Q001", ["-A", "tiny", "--gpus=4", "-t60"], ["asked 4 GPU-hours", "left 1 GPU-hour"]),
    ("AIF-Q001", ["-A", "tiny", "--gpus=1", "-t20", "--array=1-10%2"], ["10 tasks"]),
    ("AIF-Q001", ["-A", "nodes", "-N6", "-t120"], ["asked 12 node-hours", "left 10 node-hours"]),
    ("AIF-R004", ["-A", "pg", "--data-residency=FI"], ["FI"]),
    ("AIF-R004", ["-A", "located"], ["FI"]),
    ("AIF-C009", ["-A", "pg", "--comment", "aif:mood=good"], ["mood"]),
    ("AIF-R001", ["-A", "pg", "--comment", "aif:residency=XX"], ["XX"]),
]


@pytest.mark.parametrize("rule,options,words", REFUSALS, ids=lambda v: v if isinstance(v, str) else None)
def test_refusal_is_one_sentence_with_rule_and_numbers(cluster, user, rule, options, words):
    line = refused(cluster, user, *options)
    assert f"({rule})" in line
    assert "error" not in line and len(line) < 640
    for word in words:
        assert word in line
    assert not cluster.run(["squeue", "-h"]).stdout


def test_refusals_leave_nothing_in_the_log_at_level_error(site):
    assert our_errors(site.cluster.ctld_log()) == []


COUNTS = [
    (2, ["--gpus=2"]),
    (2, ["--gres=gpu:2"]),
    (4, ["--gpus-per-node=2", "-N2"]),
    (6, ["--gpus-per-task=2", "-n3"]),
    (8, ["--gpus-per-task=1", "-N2", "--ntasks-per-node=4"]),
    (4, ["-n8", "--ntasks-per-gpu=2"]),
    (4, ["--gpus-per-socket=1", "--sockets-per-node=2", "-N2"]),
]


@pytest.mark.parametrize("gpus,options", COUNTS)
def test_gpus_are_counted_as_slurm_counts_them(cluster, user, gpus, options):
    line = refused(cluster, user, "-A", "single", *options)
    assert f"asked {gpus} GPU" in line and "AIF-M005" in line
    job = cluster.sbatch("-A", "fl", "-H", *options, user=user)
    shown = cluster.job(job)
    tres = shown.get("ReqTRES") or shown["TRES"]
    assert f"gres/gpu={gpus}" in tres


@pytest.mark.parametrize("gpus,options", [(4, []), (4, ["--gpus=1"]), (8, ["--gpus=5"]), (8, ["-N2"])])
def test_whole_nodes_count_with_all_their_gpus(cluster, user, gpus, options):
    line = refused(cluster, user, "-A", "single", "--exclusive", *options)
    assert f"asked {gpus} GPUs" in line
    job = cluster.sbatch("-A", "fl", "--exclusive", *options, user=user, script="true")
    cluster.wait_job(job)
    assert f"gres/gpu={gpus}" in cluster.wait(lambda: (cluster.sacct("-j", job, "-o", "alloctres") or [[""]])[0][0], what="row")


def test_default_time_of_the_partition_is_the_limit(cluster, user):
    job = cluster.sbatch("-A", "pg", "--gpus=1", "-H", user=user)
    assert cluster.job(job)["TimeLimit"] == "00:10:00"
    line = refused(cluster, user, "-A", "tiny", "--gpus=7")
    assert "asked 1.17 GPU-hours" in line


def test_in_several_partitions_the_longest_default_counts(cluster, user):
    job = cluster.sbatch("-A", "fl", "-p", "gpu,whole", "-H", user=user)
    assert cluster.job(job)["TimeLimit"] == "00:20:00"


def test_time_over_the_limit_is_cut_where_the_site_says_so(site, cluster, user):
    site.policy["time_excess"] = "cap"
    site.reconfigure()
    done = cluster.sbatch("-A", "pg", "--gpus=1", "-H", "-t8:00:00", user=user, check=False)
    assert done.returncode == 0 and "4:00:00" in done.stderr and "aif: " in done.stderr
    assert cluster.job(done.stdout.strip())["TimeLimit"] == "04:00:00"
    site.policy["time_excess"] = "reject"
    site.reconfigure()


def used_hours(line):
    return float(re.search(r"used ([\d.]+) of", line).group(1))


def test_usage_counts_while_a_job_runs_and_after(site, cluster, user):
    ask = ("-A", "fl", "--gpus=24", "-t23:00:00", "--array=1-5")
    assert used_hours(refused(cluster, user, *ask)) == 0
    job = cluster.sbatch("-A", "fl", "--gpus=24", "-t60", user=user, script="sleep 600")
    cluster.wait_job(job, "RUNNING")
    left = float(re.search(r"left ([\d.]+) GPU", refused(cluster, user, *ask)).group(1))
    assert 975 < left <= 976.1
    cluster.wait(lambda: cluster.job(job)["RunTime"] >= "00:00:06", what="some seconds of 24 GPUs")
    cluster.run(["scancel", job])
    cluster.wait_job(job)
    rows = cluster.wait(lambda: cluster.sacct("-j", job, "-s", "CA", "-o", "elapsedraw"), what="its end at slurmdbd")
    seconds = 24 * int(rows[0][0])
    want = int(seconds * 100 / 3600) / 100

    def settled():
        return abs(used_hours(refused(cluster, user, *ask)) - want) <= 0.02

    cluster.wait(settled, what=f"{want} GPU-hours used")
    assert want > 0


def test_submission_alone_charges_nothing(cluster, user):
    for _ in range(3):
        assert cluster.sbatch("-A", "tiny", "--gpus=1", "-t50", "--test-only", user=user, check=False).returncode == 0
    job = cluster.sbatch("-A", "tiny", "--gpus=1", "-t50", "-H", user=user)
    assert cluster.job(job)["JobState"] == "PENDING"
    assert "used 0 of" in refused(cluster, user, "-A", "tiny", "--gpus=1", "-t61")


def test_batch_job_sees_its_allocation_and_nothing_stale(cluster, user):
    job = cluster.sbatch("-A", "pg", "--gpus=1", user=user, script=SHOW,
                         env={"AIF_MODE": "old", "AIF_ALLOCATION": "old", "AIF_RESIDENCY": "XX"})
    cluster.wait_job(job)
    want = {"AIF_MODE": "playground", "AIF_ALLOCATION": PG}
    assert {k: v for k, v in settings(cluster.output(job, user)).items() if v} == want


@pytest.mark.parametrize("command", [
    ["srun", "-Q", "-A", "pg", "--gpus=1", "env"],
    ["salloc", "-Q", "-A", "pg", "--gpus=1", "env"],
    ["salloc", "-Q", "-A", "pg", "--gpus=1", "srun", "env"],
])
def test_interactive_jobs_see_their_allocation(cluster, user, command):
    text = cluster.run(command, user=user).stdout
    assert settings(text)["AIF_MODE"] == "playground" and settings(text)["AIF_ALLOCATION"] == PG


def test_heterogeneous_job_is_decided_by_component(cluster, user):
    job = cluster.sbatch("-A", "pg", "--gpus=1", "-H", ":", "-A", "fl", "--gpus=1", user=user)
    listed = cluster.run(["squeue", "-h", "-j", job, "-o", "%i %q"]).stdout.splitlines()
    assert sorted(listed) == [f"{job}+0 {PG.lower()}", f"{job}+1 {FL.lower()}"]
    line = refused(cluster, user, "-A", "pg", "--gpus=1", ":", "-A", "pg", "--gpus=9")
    assert "AIF-M005" in line


def test_many_at_once(cluster, user):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        jobs = list(pool.map(lambda _: cluster.sbatch("-A", "pg", "--gpus=1", "-H", user=user), range(24)))
    assert len(set(jobs)) == 24
    assert all(cluster.job(job)["QOS"] == PG.lower() for job in jobs)


def update(cluster, user, job, *changes):
    return cluster.run(["scontrol", "update", f"JobId={job}", *changes], user=user, check=False)


@as_root
@pytest.mark.parametrize("change", ["TimeLimit=9:00:00", "QOS=normal", "NumNodes=5", "Comment=aif:mode=fast-lane",
                                    "Comment=aif:mode=", "Comment=aif:residency=FI"])
def test_a_user_cannot_change_his_job_past_the_rules(cluster, user, change):
    job = cluster.sbatch("-A", "pg", "--gpus=1", "-H", user=user)
    before = cluster.job(job)
    done = update(cluster, user, job, change)
    assert done.returncode != 0
    same = ("QOS", "Account", "TimeLimit", "NumNodes", "AdminComment", "Comment")
    assert [cluster.job(job).get(k) for k in same] == [before.get(k) for k in same]


@as_root
def test_a_user_can_change_what_the_rules_allow(cluster, user):
    job = cluster.sbatch("-A", "pg", "--gpus=1", "-H", user=user)
    for change in ("TimeLimit=3:00:00", "NumNodes=2", "Comment=hello", "Nice=5"):
        assert update(cluster, user, job, change).returncode == 0, change
    assert cluster.job(job)["TimeLimit"] == "03:00:00"


@as_root
def test_a_job_moved_to_another_allocation_is_marked_anew(cluster, user):
    job = cluster.sbatch("-A", "pg", "--gpus=1", "-H", user=user)
    assert update(cluster, user, job, "Account=fl").returncode == 0
    assert cluster.job(job)["QOS"] == FL.lower()
    assert aif_comment(cluster, job)["alloc"] == FL


def test_operators_may_change_what_they_like(cluster, user):
    job = cluster.sbatch("-A", "pg", "--gpus=1", "-H", user=user)
    assert update(cluster, None, job, "TimeLimit=9:00:00").returncode == 0


def test_a_job_that_an_operator_moves_is_marked_anew(cluster, user):
    job = cluster.sbatch("-A", "pg", "--gpus=1", "-H", "-t9", user=user)
    assert update(cluster, None, job, "Account=fl", f"QOS={FL.lower()}").returncode == 0
    assert aif_comment(cluster, job)["alloc"] == FL
    assert update(cluster, None, job, "Account=expired", "QOS=ehpc-aif-2026pg01-001").returncode == 0
    assert cluster.job(job)["Account"] == "expired"


def test_foreign_admin_comment_survives_a_change(cluster, user):
    job = cluster.sbatch("-A", "pg", "--gpus=1", "-H", user=user)
    update(cluster, None, job, 'AdminComment={"site":{"ticket":4711}}')
    assert update(cluster, user, job, "TimeLimit=30").returncode == 0
    assert '"ticket":4711' in cluster.job(job)["AdminComment"]


def test_without_qos_in_slurmdbd_the_user_learns_who_must_act(site, cluster, user):
    site.allocations["pg"]["qos"] = "not-there"
    site.reconfigure()
    line = refused(cluster, user, "-A", "pg")
    assert "AIF-C008" in line and "aif apply" in line
    del site.allocations["pg"]["qos"]
    site.reconfigure()


def test_gpus_that_slurm_does_not_count_are_not_given_away(site, cluster, user):
    cluster.conf("AccountingStorageEnforce=associations,qos")
    cluster.restart("ctld")
    assert "AIF-Q003" in refused(cluster, user, "-A", "pg", "--gpus=1")
    cluster.conf("AccountingStorageEnforce=associations,limits,qos,safe")
    cluster.restart("ctld")
    assert cluster.sbatch("-A", "pg", "--gpus=1", "-H", user=user)


@pytest.fixture(scope="module")
def placed(make_cluster, prefix):
    """The same with the select wrapper active: n1-n4 are in Finland, n5 and n6 in Sweden."""
    cluster = make_cluster(prefix=prefix, plugins="all", nodes=6, gpus=4, locations="FI:4,SE:2", start=False)
    members = cluster.users()[:1]
    site = Site(cluster, [allocation(FL, "fl", "fast-lane", members=members),
                          allocation("EHPC-AIF-2026FL01-007", "located", "fast-lane", residency="FI", members=members)])
    site.start()
    return site


@pytest.fixture
def tagged(placed):
    yield placed.cluster
    placed.cluster.cancel_all()


def test_a_tagged_job_is_marked_and_told(tagged, user):
    job = tagged.sbatch("-A", "fl", "--gpus=1", "--data-residency=EEA30-SE", user=user, script=SHOW)
    tagged.wait_job(job)
    tag = aif_comment(tagged, job)["res"]
    assert settings(tagged.output(job, user))["AIF_RESIDENCY"] == tag
    assert tagged.job(job)["NodeList"] in ("n1", "n2", "n3", "n4")


@pytest.mark.parametrize("rule,options,words", [
    ("AIF-R003", ["-A", "fl", "--data-residency=SE", "-N3"], ["3 nodes", "limit 2 nodes"]),
    ("AIF-R003", ["-A", "fl", "--data-residency=SE", "--gpus=9"], ["9 GPUs", "8 GPUs"]),
    ("AIF-R003", ["-A", "fl", "--data-residency=DE"], ["limit 0 nodes"]),
    ("AIF-R003", ["-A", "located", "-N5"], ["5 nodes", "limit 4 nodes"]),
    ("AIF-R002", ["-A", "located", "--data-residency=SE"], []),
])
def test_a_tag_that_cannot_be_kept_is_refused(tagged, user, rule, options, words):
    line = refused(tagged, user, *options)
    assert f"({rule})" in line and all(word in line for word in words), line


@as_root
def test_a_tag_of_a_queued_job_only_gets_narrower(tagged, user):
    job = tagged.sbatch("-A", "fl", "--gpus=1", "-H", "--comment", "aif:residency=FI|SE", user=user)
    assert aif_comment(tagged, job)["res"] == "FI|SE"
    assert update(tagged, user, job, "Comment=aif:residency=EEA30").returncode != 0
    assert aif_comment(tagged, job)["res"] == "FI|SE"
    assert update(tagged, user, job, "Comment=aif:residency=FI").returncode == 0
    assert aif_comment(tagged, job)["res"] == "FI"
    assert update(tagged, user, job, "Comment=aif:residency=FI|SE").returncode != 0
    assert update(tagged, user, job, "AdminComment=").returncode != 0
    assert aif_comment(tagged, job)["res"] == "FI"


@as_root
def test_a_tag_survives_changes_of_other_things(tagged, user):
    job = tagged.sbatch("-A", "fl", "--gpus=1", "-H", "--data-residency=SE", user=user)
    for change in ("TimeLimit=20", "NumNodes=2", "Comment=none", "Account=fl"):
        assert update(tagged, user, job, change).returncode == 0, change
        assert aif_comment(tagged, job)["res"] == "SE"
    assert update(tagged, user, job, "NumNodes=3").returncode != 0
    assert update(tagged, user, job, "Account=located").returncode != 0


def test_salloc_of_a_tagged_job_shows_the_tag(tagged, user):
    text = tagged.run(["salloc", "-Q", "-A", "located", "--gpus=1", "srun", "env"], user=user).stdout
    assert settings(text)["AIF_RESIDENCY"] == "FI"
