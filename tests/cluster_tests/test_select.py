"""The wrapper of select/cons_tres on real clusters: residency mask, islands first, and stock behaviour everywhere else."""

import json
import re
import subprocess
import time

import pytest
from clusterlib import ClusterError
from clusterlib.slurm import SlurmInstall

VERSION = SlurmInstall().version
NODES = 8  # n1-n4 feature loc_FI, n5-n8 loc_SE; leaves n1-n2, n3-n4, n5-n6, n7-n8
PENDING_FOR_GOOD = "Requested node configuration is not available"
QOS = {"fi": "FI", "se": "SE", "eea": "EEA30", "de": "DE"}


def policy(locations=None, home="FI"):
    locations = [{"feature": "loc_SE", "country": "SE"}] if locations is None else locations
    residency = {"locations": locations, **({"home": home} if home else {})}
    return json.dumps({
        "version": 1, "cluster": "aif",
        "modes": {"science": {"open": True, "wall_max": "1-00:00:00"},
                  "nordic": {"open": True, "wall_max": "1-00:00:00", "residency": "FI|SE|NO|DK|IS"}},
        "residency": residency,
        "placement": {"mode": "on"},
        "report": {"ledger": "/nonexistent/ledger.db", "interval": 300, "overlap": 86400},
    })


def allocations():
    entries = [{"id": f"AIF-{name}", "account": "sel", "qos": name, "mode": "science", "amount": 1000,
                "unit": "gpu-hour", "start": "2020-01-01", "end": "2098-12-31", "residency": text}
               for name, text in QOS.items()]
    nordic = dict(entries[2], id="AIF-nordic", qos="nordic", mode="nordic")
    return json.dumps({"version": 1, "allocations": entries + [nordic]})


def write_conf(directory, **residency):
    (directory / "policy.json").write_text(policy(**residency))
    (directory / "allocations.json").write_text(allocations())
    return str(directory)


def add_accounting(cluster):
    names = [*QOS, "nordic"]
    cluster.sacctmgr("add", "qos", ",".join(names))
    cluster.add_account("sel", [cluster.run(["id", "-un"]).stdout.strip()], f"QOS=normal,{','.join(names)}")


@pytest.fixture(scope="module")
def cluster(make_cluster, prefix, tmp_path_factory):
    made = make_cluster(prefix=prefix, plugins="select", nodes=NODES, locations="FI:4,SE:4",
                        aif_conf=write_conf(tmp_path_factory.mktemp("aif")),
                        conf_lines=["SlurmctldDebug=debug2", "RequeueExit=3"])
    add_accounting(made)
    return made


@pytest.fixture(scope="module")
def stock(make_cluster):
    return make_cluster(nodes=NODES, locations="FI:4,SE:4")


@pytest.fixture(autouse=True)
def empty(request):
    yield
    for name in ("cluster", "stock"):
        if name in request.fixturenames:
            request.getfixturevalue(name).cancel_all()


def hosts(cluster, job_id):
    """The nodes a job runs on, as a sorted list of numbers."""
    listed = cluster.job(job_id).get("NodeList", "")
    names = cluster.run(["scontrol", "show", "hostnames", listed]).stdout.split() if listed not in ("", "(null)") else []
    return sorted(int(name[1:]) for name in names)


def tagged(name):
    return ["-A", "sel", f"--qos={name}"]


def start(cluster, *args, script="sleep 300", **more):
    """Submit and wait until it runs; the nodes it got."""
    job_id = cluster.sbatch(*args, script=script, **more)
    cluster.wait_job(job_id, "RUNNING")
    return hosts(cluster, job_id)


def refused(cluster, *args):
    done = cluster.sbatch(*args, check=False)
    print(done.returncode, done.stdout, done.stderr)  # for who looks why a test failed
    return done.returncode != 0 and PENDING_FOR_GOOD in done.stderr


def set_policy(cluster, **residency):
    """Change policy.json and wait until the wrapper has it."""
    before = cluster.ctld_log().count("is in force")
    cluster.aif_conf("policy.json", policy(**residency))
    cluster.reconfigure()
    cluster.wait(lambda: cluster.ctld_log().count("is in force") > before, what="new policy in force")
    # Where a reconfigure replaces slurmctld, a node is not at hand for who names it before it has registered again.
    cluster.wait_nodes()


@pytest.fixture
def changed_policy(cluster):
    def change(**residency):
        set_policy(cluster, **residency)

    yield change
    cluster.cancel_all()
    set_policy(cluster)


# -- being there ------------------------------------------------------------------------------------------------------


def test_wrapper_stands_in_front_of_the_stock_plugin(cluster):
    assert re.search(r"aif: select wrapper in front of /\S+/select_cons_tres\.so", cluster.ctld_log())
    assert "select/cons_tres" in cluster.run(["scontrol", "show", "config"]).stdout


def test_wrapper_has_every_symbol_and_is_lazy(cluster, prefix):
    plugin = f"{prefix}/lib/slurm-aif/{cluster.install.select_type.replace('/', '_')}.so"
    names = subprocess.run(["nm", "-D", "--defined-only", plugin], capture_output=True, text=True, check=True).stdout
    for name in ("plugin_id", "plugin_type", "select_p_job_test", "select_p_reconfigure", "aif_select_probe"):
        assert re.search(rf"\b{name}$", names, re.M), name
    assert "aif_policy_load" not in names
    dynamic = subprocess.run(["readelf", "-d", plugin], capture_output=True, text=True, check=True).stdout
    assert "BIND_NOW" not in dynamic and "Flags: NOW" not in dynamic


# -- residency --------------------------------------------------------------------------------------------------------


def test_tagged_job_runs_only_where_its_tag_fits(cluster):
    assert start(cluster, *tagged("se"), "-N4", "--exclusive") == [5, 6, 7, 8]
    assert start(cluster, *tagged("fi"), "-N4", "--exclusive") == [1, 2, 3, 4]


def test_tag_of_the_mode_counts_as_well(cluster, changed_policy):
    changed_policy(locations=[{"nodes": "n[1-6]", "country": "DE"}, {"feature": "loc_SE", "country": "SE"}])
    # n5 and n6 are placed in two countries: they are in no tag that has not both.
    assert start(cluster, *tagged("nordic"), "-N2", "--exclusive") == [7, 8]
    assert start(cluster, *tagged("eea"), "-N6", "--exclusive") == [1, 2, 3, 4, 5, 6]


def test_impossible_tag_is_refused_at_submission(cluster):
    assert refused(cluster, *tagged("de"), "-N1")
    assert refused(cluster, *tagged("se"), "-N5")
    assert refused(cluster, *tagged("se"), "--test-only", "-N5") or "allocation failure" in cluster.sbatch(
        *tagged("se"), "--test-only", "-N5", check=False).stderr


def test_naming_a_wrong_node_is_refused(cluster):
    assert refused(cluster, *tagged("se"), "-w", "n1")
    assert refused(cluster, *tagged("se"), "-N2", "-w", "n1,n7")
    assert start(cluster, *tagged("se"), "-w", "n7") == [7]


def test_every_task_of_an_array_stays_inside(cluster):
    job_id = cluster.sbatch(*tagged("se"), "--array=0-9", "--gpus-per-node=2", script="hostname -s >/dev/null; sleep 1")
    rows = cluster.wait(lambda: done_rows(cluster, job_id, 10), what="array done")
    assert {row[1] for row in rows} <= {"n5", "n6", "n7", "n8"}


def done_rows(cluster, job_id, count):
    rows = [row for row in cluster.sacct("-j", job_id, "-o", "state,nodelist") if row[0] == "COMPLETED"]
    return rows if len(rows) == count else None


def test_requeued_job_comes_back_inside(cluster):
    start(cluster, "-w", "n8", "--exclusive")
    job_id = cluster.sbatch(*tagged("se"), "-N3", "--exclusive", "--requeue", script="sleep 300")
    cluster.wait_job(job_id, "RUNNING")
    cluster.run(["scontrol", "requeuehold", job_id])
    cluster.wait_job(job_id, "PENDING")
    cluster.wait(lambda: cluster.run(["sinfo", "-h", "-n", "n[5-7]", "-o", "%T"]).stdout.split() == ["idle"], what="end")
    # slurmd tells the old credential from the new one by the second of its start; and Slurm lets a requeued job wait.
    time.sleep(2)
    cluster.run(["scontrol", "release", job_id])
    cluster.run(["scontrol", "update", f"JobId={job_id}", "StartTime=now"])
    cluster.wait_job(job_id, "RUNNING", timeout=180)
    assert hosts(cluster, job_id) == [5, 6, 7]


def test_will_run_names_nodes_inside(cluster):
    done = cluster.sbatch(*tagged("se"), "--test-only", "-N4", "--exclusive", check=False)
    assert "n[5-8]" in done.stderr
    start(cluster, "-N4", "-w", "n[5-8]", "--exclusive", "-t", "5")
    later = cluster.sbatch(*tagged("se"), "--test-only", "-N1", check=False).stderr
    assert re.search(r"on nodes n[5-8] ", later), later


def test_backfill_respects_the_tag(cluster):
    blocker = cluster.sbatch("-N7", "-w", "n[1-7]", "--exclusive", "-t", "3", script="sleep 300")
    cluster.wait_job(blocker, "RUNNING")
    first = cluster.sbatch("-N8", "--exclusive", "-t", "5", script="sleep 300")
    small = cluster.sbatch(*tagged("se"), "-N1", "-t", "1", script="sleep 300")
    wrong = cluster.sbatch(*tagged("fi"), "-N1", "-t", "1", script="sleep 300")
    cluster.wait_job(small, "RUNNING")
    assert hosts(cluster, small) == [8]
    assert cluster.job_state(first) == cluster.job_state(wrong) == "PENDING"
    assert cluster.job(wrong)["Reason"] in ("Resources", "Priority")


def test_waiting_for_a_busy_place_looks_like_stock(cluster):
    start(cluster, "-w", "n[5-8]", "-N4", "--exclusive")
    waiting = cluster.sbatch(*tagged("se"), "-N1")
    cluster.wait(lambda: cluster.job(waiting).get("Reason") == "Resources", what="reason Resources")


def update_comment(cluster, job_id, residency):
    text = json.dumps({"aif": {"v": 1, "res": residency}})
    cluster.run(["scontrol", "update", f"JobId={job_id}", f"AdminComment={text}"])


def test_admin_comment_narrows_and_never_widens(cluster):
    narrow = cluster.sbatch("--hold", "-N2", "--exclusive", script="sleep 300")
    wide = cluster.sbatch("--hold", *tagged("se"), "-N2", "--exclusive", script="sleep 300")
    update_comment(cluster, narrow, "SE")
    update_comment(cluster, wide, "EEA30")
    cluster.run(["scontrol", "release", narrow, wide])
    for job_id in (narrow, wide):
        cluster.wait_job(job_id, "RUNNING")
    assert sorted(hosts(cluster, narrow) + hosts(cluster, wide)) == [5, 6, 7, 8]


def test_unreadable_tag_runs_nowhere(cluster):
    job_id = cluster.sbatch("--hold", "-N1", script="sleep 300")
    update_comment(cluster, job_id, "NOSUCHGROUP")
    cluster.run(["scontrol", "release", job_id])
    cluster.wait(lambda: "cannot be read, it gets no node" in cluster.ctld_log(), what="log line")
    assert cluster.job_state(job_id) == "PENDING"


def test_reconfigure_moves_nodes(cluster, changed_policy):
    changed_policy(locations=[{"nodes": "n[3-4]", "country": "SE"}])
    assert start(cluster, *tagged("se"), "-N2", "--exclusive") == [3, 4]
    assert refused(cluster, *tagged("se"), "-N3")


def test_unknown_location_is_in_no_tag(cluster, changed_policy):
    changed_policy(home=None, locations=[{"nodes": "n[1-2]", "country": "FI"}])
    assert refused(cluster, *tagged("eea"), "-N3")
    assert start(cluster, *tagged("eea"), "-N2", "--exclusive") == [1, 2]
    assert start(cluster, "-N6", "--exclusive") == [3, 4, 5, 6, 7, 8]


def test_changed_node_feature_counts_at_once(cluster):
    cluster.run(["scontrol", "update", "NodeName=n4", "AvailableFeatures=loc_SE", "ActiveFeatures=loc_SE"])
    try:
        assert start(cluster, *tagged("se"), "-N5", "--exclusive") == [4, 5, 6, 7, 8]
    finally:
        cluster.cancel_all()
        cluster.run(["scontrol", "update", "NodeName=n4", "AvailableFeatures=loc_FI", "ActiveFeatures=loc_FI"])


def salloc(cluster, *args):
    """An allocation without any step, which is what Slurm lets grow."""
    done = cluster.run(["salloc", "--no-shell", *tagged("eea"), "-N1", *args])
    return re.search(r"Granted job allocation (\d+)", done.stderr)[1]


@pytest.fixture
def growing(cluster):
    """A tagged job on n7 that others may join."""
    cluster.conf("SchedulerParameters=bf_interval=2,sched_interval=2,permit_job_expansion")
    cluster.reconfigure()
    base = salloc(cluster, "-w", "n7")
    update_comment(cluster, base, "SE")
    return base


def test_job_does_not_grow_out_of_its_tag(cluster, growing):
    with pytest.raises(ClusterError, match=PENDING_FOR_GOOD):
        salloc(cluster, f"--dependency=expand:{growing}", "-w", "n1")


@pytest.mark.skipif(VERSION[:2] == (26, 5), reason="slurmctld 26.05.3 itself ends when a job without licenses takes another's nodes")
def test_job_grows_inside_its_tag(cluster, growing):
    more = salloc(cluster, f"--dependency=expand:{growing}", "-w", "n8")
    cluster.run(["scontrol", "update", f"JobId={more}", "NumNodes=0"])
    assert hosts(cluster, growing) == [7, 8]


def test_reservation_is_not_tagged(cluster):
    cluster.run(["scontrol", "create", "reservation", "ReservationName=r1", "StartTime=now", "Duration=10", "NodeCnt=6",
                 "Users=root" if cluster.run(["id", "-u"]).stdout.strip() == "0" else "Accounts=sel"])
    try:
        assert "NodeCnt=6" in cluster.run(["scontrol", "show", "reservation", "r1"]).stdout
    finally:
        cluster.run(["scontrol", "delete", "ReservationName=r1"])


# -- islands ----------------------------------------------------------------------------------------------------------


def half_used(cluster):
    """n1 has two GPUs in use: cons_tres then splits an eight-GPU job."""
    start(cluster, "-w", "n1", "--gpus-per-node=2")
    return start(cluster, "--gpus=8")


def leaves(nodes):
    return {(node + 1) // 2 for node in nodes}


def test_multi_gpu_job_lands_in_one_leaf_where_stock_splits_it(cluster, stock):
    assert len(leaves(half_used(stock))) > 1
    mine = half_used(cluster)
    assert len(mine) == 2 and len(leaves(mine)) == 1


def test_small_job_fills_a_started_node(cluster):
    start(cluster, "-w", "n6", "--gpus-per-node=3")
    start(cluster, "-w", "n2", "--gpus-per-node=2")
    assert start(cluster, "--gpus=1") == [6]
    assert start(cluster, "-N1", "--gpus-per-node=2") == [2]


def test_placement_wish_is_followed(cluster):
    jobs = {wish: cluster.sbatch("--hold", "-N2", "--gpus-per-node=4", script="sleep 300") for wish in ("pack", "spread")}
    for wish, job_id in jobs.items():
        text = json.dumps({"aif": {"v": 1, "place": wish}})
        cluster.run(["scontrol", "update", f"JobId={job_id}", f"AdminComment={text}"])
        cluster.run(["scontrol", "release", job_id])
        cluster.wait_job(job_id, "RUNNING")
    assert len(leaves(hosts(cluster, jobs["pack"]))) == 1
    assert len(leaves(hosts(cluster, jobs["spread"]))) == 2


def test_proposal_that_fails_falls_back_to_all_nodes(cluster):
    """CPUs are no matter of ours: nodes with free GPUs and no free CPU are proposed, refused, and then stock decides."""
    start(cluster, "-w", "n1", "-n1", "-c8")
    start(cluster, "-w", "n2", "-n1", "-c8")
    start(cluster, "-w", "n3", "--gpus-per-node=1", "-c7")
    assert start(cluster, "-N1", "--gpus-per-node=1", "-c4") == [4]


def test_job_on_all_nodes_and_job_on_too_many(cluster, stock):
    mine, theirs = (c.sbatch("-N9", "--gpus-per-node=4", check=False) for c in (cluster, stock))
    assert (mine.returncode, mine.stderr) == (theirs.returncode, theirs.stderr)
    cluster.cancel_all()
    assert start(cluster, "-N8", "--gpus-per-node=4") == list(range(1, 9))
    waiting = cluster.sbatch("-N2", "--gpus-per-node=4")
    cluster.wait(lambda: cluster.job(waiting).get("Reason") == "Resources", what="reason Resources")


def test_free_gpus_are_counted_right(cluster):
    """After starts, ends, a suspend and a resume the periodic recount finds nothing that differs."""
    cluster.sbatch("--array=0-19", "--gpus=1", script="sleep 1")
    held = cluster.sbatch("--gpus=3", script="sleep 300")
    cluster.wait_job(held, "RUNNING")
    cluster.run(["scontrol", "suspend", held])
    cluster.run(["scontrol", "resume", held])
    before = len(recounts(cluster))

    def recounted():
        cluster.sbatch("--gpus=1", script="true")
        time.sleep(2)
        return len(recounts(cluster)) > before

    cluster.wait(recounted, 120, "recount of free GPUs")
    assert set(recounts(cluster)) == {"0"}


def recounts(cluster):
    return re.findall(r"recount of free GPUs on \d+ nodes, differences (\d+)", cluster.ctld_log())


PASS_THROUGH = [
    ["-N2", "-w", "n3,n6", "--gpus-per-node=1"],
    ["-N3", "--contiguous", "--gpus-per-node=4"],
    ["-N4", "--switches=4", "--gpus-per-node=1"],
    ["-N3", "--spread-job", "--gpus-per-node=1"],
    ["-N2", "-n5"],
    ["-N3", "--exclusive"],
    ["-N2", "--exclude=n1,n2", "-n2"],
    ["-C", "loc_SE", "-N2"],
    ["-C", "[loc_FI*1&loc_SE*1]", "-N2", "--gpus-per-node=1"],
    ["-n9"],
]


@pytest.mark.parametrize("args", PASS_THROUGH, ids=" ".join)
def test_other_jobs_start_exactly_like_stock(cluster, stock, args):
    assert start(cluster, *args) == start(stock, *args)


# -- when things are missing ------------------------------------------------------------------------------------------


def test_without_configuration_tagged_jobs_wait_and_others_run(make_cluster, prefix, tmp_path):
    conf = write_conf(tmp_path)
    (tmp_path / "policy.json").write_text("{ broken")
    bare = make_cluster(prefix=prefix, plugins="select", aif_conf=conf, conf_lines=["SlurmctldDebug=debug2"])
    job_id = bare.sbatch("--hold", "-N1", script="sleep 300")
    update_comment(bare, job_id, "EEA30")
    bare.run(["scontrol", "release", job_id])
    assert len(start(bare, "-N2", "--gpus-per-node=4")) == 2
    time.sleep(3)
    assert bare.job_state(job_id) == "PENDING"


def test_restart_keeps_tags_and_counts(cluster):
    job_id = cluster.sbatch(*tagged("se"), "-N2", "--gpus-per-node=3", script="sleep 300")
    cluster.wait_job(job_id, "RUNNING")
    waiting = cluster.sbatch(*tagged("se"), "-N3", "--gpus-per-node=4", script="sleep 300")
    cluster.wait_saved()
    cluster.restart("ctld")
    assert hosts(cluster, job_id) and set(hosts(cluster, job_id)) <= {5, 6, 7, 8}
    cluster.run(["scancel", job_id])
    cluster.wait_job(waiting, "RUNNING")
    assert set(hosts(cluster, waiting)) <= {5, 6, 7, 8}
    assert set(recounts(cluster)) <= {"0"}


def test_no_line_of_ours_at_level_error(cluster):
    ours = [line for line in cluster.ctld_log().splitlines() if "error:" in line and "aif" in line.split("error:")[1]]
    assert not [line for line in ours if "/aifc-" not in line]


def test_stock_takes_over_when_the_wrapper_is_gone(cluster):
    job_id = cluster.sbatch("-N2", "--gpus-per-node=4", script="sleep 300")
    cluster.wait_job(job_id, "RUNNING")
    cluster.wait_saved()
    # Where the wrapper has a name of its own, going back takes this line, too.
    cluster.conf(f"PluginDir={cluster.install.plugin_dir}", "SelectType=select/cons_tres")
    cluster.restart("ctld")
    assert cluster.job_state(job_id) == "RUNNING"
    assert start(cluster, "-N1", "--gpus-per-node=1")
    with pytest.raises(ClusterError):
        cluster.wait(lambda: "select wrapper" in cluster.ctld_log().rpartition("slurmctld version")[2], 1)
