"""The command aif on a stock cluster: config, plan, apply, quota, explain, rules.

No plugin of ours is loaded, so what these tests see is what Slurm's own engine makes of the mirror in slurmdbd.
"""

import json
import os
import re

import pytest
from aifsite import allocation, day

PG, FL, NH = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991", "EHPC-REG-2026R01-106"
QOS = PG.lower()

POLICY = {
    "version": 1,
    "cluster": "aif",
    "modes": {
        "playground": {"open": True, "wall_max": "04:00:00", "jobs_per_user": 3, "submits_per_user": 20},
        "fast-lane": {"open": True, "jobs_per_allocation": 1, "lane": {"base": 100000}},
        "regular": {"open": True, "wall_max": "1-00:00:00"},
    },
}

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs a user who is no administrator: run as root")


class Tool:
    """A cluster with a list of allocations, and the command aif on it."""

    def __init__(self, cluster, user):
        self.cluster = cluster
        self.user = user
        self.policy = json.loads(json.dumps(POLICY))
        self.allocations = []

    def write(self):
        self.cluster.layout.aif.mkdir(exist_ok=True)
        self.cluster.aif_conf("policy.json", json.dumps(self.policy))
        self.cluster.aif_conf("allocations.json", json.dumps({"version": 1, "allocations": self.allocations}))

    def run(self, *args, code=0, user=None):
        done = self.cluster.run(["aif", *args], user=user, check=False)
        assert done.returncode == code, f"aif {args}: exit {done.returncode}: {done.stdout}{done.stderr}"
        return done

    def out(self, *args, **more):
        return self.run(*args, **more).stdout

    def complaint(self, *args, code, user=None):
        """The one line on stderr; nothing else may be said."""
        done = self.run(*args, code=code, user=user)
        lines = done.stderr.splitlines()
        assert len(lines) == 1 and lines[0].startswith("aif: "), done.stderr
        return lines[0]

    def apply(self, *allocations, code=0):
        self.allocations = list(allocations)
        self.write()
        return self.out("apply", code=code)

    def plan(self, code=1):
        return self.out("plan", code=code)

    def qos(self, name, *fields):
        row = self.cluster.sacctmgr("show", "qos", name, f"format={','.join(fields)}")
        return row.split("|") if row else None

    def assoc(self, account):
        """user -> set of QOS, of one account."""
        rows = self.cluster.sacctmgr("show", "assoc", f"account={account}", "format=user,qos").splitlines()
        return {user: set(filter(None, qos.split(","))) for user, qos in (row.split("|") for row in rows)}

    def quota(self, name, key="used"):
        return json.loads(self.out("quota", "--json", name))[0][key]["seconds"]

    def explain(self, job):
        return json.loads(self.out("explain", "--json", str(job)))


@pytest.fixture(scope="module")
def tool(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="none", nodes=6, gpus=4)
    tool = Tool(cluster, "daemon" if os.geteuid() == 0 else cluster.users()[0])
    tool.write()
    return tool


@pytest.fixture(autouse=True)
def empty_queue(request):
    yield
    if "tool" in request.fixturenames:
        tool = request.getfixturevalue("tool")
        tool.cluster.cancel_all()


def playground(tool, **more):
    return allocation(PG, "pg", "playground", **{"amount": 100, "members": [tool.user], **more})


# -- the command line ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["config", "plan", "apply", "quota", "check", "explain", "lanes", "modes", "rules",
                                  "export", "ledger", "verify"])
def test_help_of_every_command(tool, name):
    assert name in tool.out("--help")
    text = tool.out(name, "--help")
    assert f"aif {name}" in text.splitlines()[0] and "Exit status:" in text


@pytest.mark.parametrize("args", [[], ["conjure"], ["--colour"], ["plan", "now"], ["plan", "--fast"], ["explain", "--refused", "1"],
                                  ["explain", "1", "2"], ["explain", "--all", "--user", "x"], ["explain", "seven"], ["explain", "1_x"], ["config", "mend"],
                                  ["check"], ["modes", "--colour"], ["lanes", "now"], ["ledger"],
                                  ["ledger", "key", "--new", "--rotate"], ["export", "--sign"]])
def test_wrong_command_lines_exit_2(tool, args):
    assert "aif" in tool.complaint(*args, code=2)


def test_config_check(tool, tmp_path):
    tool.apply(playground(tool))
    assert re.fullmatch(r"ok: 3 modes, 0 locations, 1 allocations, cluster aif, hash [0-9a-f]{16}\n", tool.out("config", "check"))
    assert "AIF-C001" in tool.complaint("config", "check", str(tmp_path), code=1)
    (tmp_path / "allocations.json").write_text('{"version": 1, "allocations": []}')
    (tmp_path / "policy.json").write_text('{"version": 1, "cluster": "aif", "modus": {}}')
    assert f"{tmp_path}/policy.json:1" in tool.complaint("config", "check", str(tmp_path), code=1)
    assert "AIF-C003" in tool.complaint("--conf-dir", str(tmp_path), "plan", code=1)


def test_config_check_advises(tool, tmp_path):
    award = {"unit": "gpu-hour", "amount": {"min": 10, "max": 20}}
    (tmp_path / "policy.json").write_text(json.dumps({"version": 1, "cluster": "aif", "modes": {"m": {"award": award}}}))
    entry = {"account": "a", "mode": "m", "unit": "gpu-hour", "start": "2026-01-01", "end": "2035-12-31"}
    entries = [{"id": f"A-{amount}", "amount": amount, **entry} for amount in (9, 10, 20, 20.5)]
    (tmp_path / "allocations.json").write_text(json.dumps({"version": 1, "allocations": entries}))
    lines = tool.out("config", "check", str(tmp_path)).splitlines()
    assert lines[0].startswith("ok: ") and len(lines) == 3
    assert [line.split()[:3] for line in lines[1:]] == [["advice:", "allocation", f"A-{odd}:"] for odd in ("9", "20.5")]
    assert all("publishes 10 to 20" in line for line in lines[1:])


def test_rules(tool):
    assert "AIF-Q001" in tool.out("rules")
    assert tool.out("rules", "aif-q001").startswith("AIF-Q001: ")
    assert "AIF-Z999" in tool.complaint("rules", "AIF-Z999", code=1)


# -- plan and apply --------------------------------------------------------------------------------------------------


def test_apply_mirrors_every_limit_and_is_idempotent(tool):
    name = "ehpc-aif-2026pg01-201"
    tool.allocations = [allocation(name.upper(), "fresh", "playground", amount=100, members=[tool.user]),
                        allocation(NH, "nodes", "regular", amount=50, unit="node-hour")]
    tool.write()
    planned = tool.plan()
    assert f"+ qos {name}: " in planned and tool.qos(name, "name") is None
    assert planned.splitlines()[:-1] == tool.out("apply").splitlines()[:-1]
    flags, mins, wall, jobs, submits = tool.qos(name, "flags", "grptresmins", "maxwall", "maxjobspu", "maxsubmitpu")
    assert {"DenyOnLimit", "NoDecay"} == set(flags.split(","))
    assert (mins, wall, jobs, submits) == ("gres/gpu=5998", "04:00:00", "3", "20")
    assert tool.qos(NH.lower(), "grptresmins", "maxwall") == ["node=2998", "1-00:00:00"]
    assert re.fullmatch(f"aif {NH} #[0-9a-f]{{8}}", tool.qos(NH.lower(), "description")[0])
    assert tool.assoc("fresh")[tool.user] == {name}
    assert tool.assoc("nodes")[""] == {NH.lower()}
    assert tool.plan(code=0) == "nothing to change\n" == tool.out("apply")


def test_changed_figures_are_planned_with_both_values(tool):
    tool.apply(playground(tool))
    tool.allocations = [playground(tool, amount=200)]
    tool.policy["modes"]["playground"]["wall_max"] = "02:00:00"
    tool.write()
    assert f"~ qos {QOS}: GrpTRESMins gpu 5998 -> 11998; MaxWall 4:00:00 -> 2:00:00\n" in tool.plan()
    change = next(c for c in json.loads(tool.out("plan", "--json", code=1))["changes"] if c.get("name") == QOS)
    assert change["op"] == "modify"
    assert {"field": "GrpTRESMins gpu", "from": "5998", "to": "11998"} in change["fields"]
    tool.out("apply")
    tool.policy = json.loads(json.dumps(POLICY))
    assert tool.qos(QOS, "grptresmins", "maxwall") == ["gres/gpu=11998", "02:00:00"]


def test_unit_and_limits_that_go_away(tool):
    tool.apply(playground(tool))
    tool.policy["modes"]["playground"] = {"open": True}
    tool.apply(playground(tool, unit="node-hour"))
    tool.policy = json.loads(json.dumps(POLICY))
    assert tool.qos(QOS, "grptresmins", "maxwall", "maxjobspu", "maxsubmitpu") == ["node=5998", "", "", ""]


def test_foreign_qos_is_never_touched(tool):
    name = "EHPC-AIF-2026PG01-777"
    tool.cluster.sacctmgr("add", "qos", name.lower(), "MaxWall=7", "Description=of the operators")
    out = tool.apply(playground(tool), allocation(name, "other", "playground"), code=1)
    assert f"! qos {name.lower()}: exists but was not made by aif" in out
    assert tool.qos(name.lower(), "maxwall", "grptresmins", "description") == ["00:07:00", "", "of the operators"]
    assert tool.assoc("pg")[tool.user] == {QOS}
    assert name.lower() not in tool.assoc("other")[""]
    assert json.loads(tool.out("plan", "--json", code=1))["conflicts"] == 1


def test_paused_ended_and_vanished_allocations_take_no_jobs(tool):
    def submit():
        return tool.cluster.sbatch("--gpus=1", "-t", "1", "-A", "pg", user=tool.user, check=False).returncode

    for change in ({"state": "paused"}, {"state": "terminated"}, {"start": -60, "end": -2}):
        tool.apply(playground(tool))
        tool.cluster.wait(lambda: submit() == 0, what="open allocation")
        tool.apply(playground(tool, **change))
        assert tool.qos(QOS, "grpjobs") == ["0"]
        tool.cluster.wait(lambda: submit() != 0, what=f"allocation closed by {change}")
    tool.apply(playground(tool))
    assert tool.qos(QOS, "grpsubmit", "grpjobs") == ["", ""]
    out = tool.apply(allocation(FL, "fl", "fast-lane"))
    assert f"- qos {QOS}: GrpJobs none -> 0; GrpSubmitJobs none -> 0\n" in out
    assert tool.plan(code=0) == "nothing to change\n"


def test_members_come_and_go(tool):
    second = next((name for name in tool.cluster.users() if name != tool.user), "somebody")
    tool.apply(playground(tool))
    out = tool.apply(playground(tool, members=[tool.user, second, second]))
    assert out.count(f"+ association of {second} in pg: QOS {QOS}") == 1
    assert tool.assoc("pg")[second] == {QOS}
    tool.apply(playground(tool, members=[second]))
    assert QOS not in tool.assoc("pg")[tool.user] and tool.assoc("pg")[second] == {QOS}
    assert tool.cluster.sbatch("-A", "pg", "--qos=normal", user=tool.user, check=False).returncode != 0
    tool.apply(playground(tool))
    assert tool.assoc("pg")[tool.user] == {QOS} and QOS not in tool.assoc("pg")[second]
    assert tool.plan(code=0) == "nothing to change\n"


def test_from_members_to_everybody_and_back(tool):
    account, project = "shift", "EHPC-AIF-2026PG01-555"
    everybody = allocation(project, account, "playground")
    tool.apply(everybody)
    assert tool.assoc(account) == {"": {project.lower()}}
    tool.apply({**everybody, "members": [tool.user]})
    assert project.lower() not in tool.assoc(account)[""] and tool.assoc(account)[tool.user] == {project.lower()}
    tool.apply(everybody)
    assert project.lower() in tool.assoc(account)[""]
    assert tool.plan(code=0) == "nothing to change\n"


def test_account_of_several_allocations(tool):
    first, second = "EHPC-AIF-2026PG01-301", "EHPC-AIF-2026FL01-302"
    tool.apply(allocation(first, "shared", "playground", members=[tool.user]),
               allocation(second, "shared", "fast-lane"))
    assoc = tool.assoc("shared")
    assert assoc[""] == {second.lower()} and assoc[tool.user] == {first.lower(), second.lower()}


def test_existing_account_keeps_its_own_qos_and_place(tool):
    tool.cluster.sacctmgr("add", "account", "org")
    tool.cluster.sacctmgr("add", "account", "old", "parent=org", "Description=ours", "qos=normal")
    tool.apply(allocation("EHPC-AIF-2026PG01-401", "old", "playground"))
    assert tool.assoc("old")[""] == {"normal", "ehpc-aif-2026pg01-401"}
    assert tool.cluster.sacctmgr("show", "account", "old", "format=descr") == "ours"
    assert tool.cluster.sacctmgr("show", "assoc", "account=old", "format=parentname").split() == ["org"]


def test_parent_account_is_made(tool):
    tool.policy["parent_account"] = "ai-factory"
    tool.apply(allocation("EHPC-AIF-2026PG01-501", "child", "playground"))
    tool.policy = json.loads(json.dumps(POLICY))
    assert tool.cluster.sacctmgr("show", "assoc", "account=child", "format=parentname").split() == ["ai-factory"]


def test_many_allocations_at_once(tool):
    many = [allocation(f"EHPC-AIF-2026PG{i // 1000 + 10}-{i % 1000:03}", f"many{i}", "playground", members=[tool.user])
            for i in range(300)]
    assert "applied 900 changes, 0 conflicts" in tool.apply(*many) or tool.plan(code=0)
    assert tool.plan(code=0) == "nothing to change\n"
    assert tool.assoc("many299")[tool.user] == {many[299]["id"].lower()}
    tool.apply(playground(tool))


def test_unknown_cluster(tool):
    tool.policy["cluster"] = "elsewhere"
    tool.write()
    line = tool.complaint("plan", code=1)
    tool.policy = json.loads(json.dumps(POLICY))
    tool.write()
    assert '"elsewhere"' in line and "AIF-C008" in line


# -- the limits hold without our plugins -----------------------------------------------------------------------------


def test_overspending_is_impossible_without_plugins(tool):
    tool.apply(playground(tool, amount=5))
    jobs = [tool.cluster.sbatch("--gpus=2", "-N1", "-t", "60", "-A", "pg", script="sleep 3000", user=tool.user)
            for _ in range(4)]
    tool.cluster.wait(lambda: tool.explain(jobs[2]).get("rule") == "AIF-Q001", what="the third job held by the budget")
    states = [tool.cluster.job_state(job) for job in jobs]
    assert sorted(states) == ["PENDING", "PENDING", "RUNNING", "RUNNING"]
    told = tool.explain(next(job for job, state in zip(jobs, states) if state == "PENDING"))
    assert told["state"] == "PENDING" and told["allocation"] == PG and told["mode"] == "playground"
    assert "costs 4 GPU-hours" not in told["why"] and "costs 2 GPU-hours" in told["why"]
    assert told["seconds"]["asked"] == 7200 and told["seconds"]["left"] < 7200
    assert "next" in told
    refused = tool.cluster.sbatch("--gpus=8", "-t", "60", "-A", "pg", user=tool.user, check=False)
    assert refused.returncode != 0


def test_explain_other_reasons(tool):
    tool.apply(playground(tool), allocation(FL, "fl", "fast-lane", members=[tool.user]))
    cluster = tool.cluster
    first = cluster.sbatch("-A", "fl", "--gpus=1", "-t", "60", script="sleep 3000", user=tool.user)
    cluster.wait_job(first, "RUNNING")
    held = [cluster.sbatch("-A", "fl", "--gpus=1", "-t", "5", user=tool.user),
            cluster.sbatch("-A", "pg", "--gpus=1", "-t", "5", "--hold", user=tool.user),
            cluster.sbatch("-A", "pg", "--gpus=1", "-t", "5", "--begin=now+1hour", user=tool.user),
            cluster.sbatch("-A", "pg", "--gpus=1", "-t", "5", f"--dependency=afterok:{first}", user=tool.user)]
    words = ["1 jobs of its allocation run, and 1 may run at once", "holds it", "may not start before", "waits for other jobs"]
    for job, word in zip(held, words):
        cluster.wait(lambda job=job, word=word: word in tool.explain(job)["why"], what=f"job {job}: {word}")
    tool.apply(playground(tool), allocation(FL, "fl", "fast-lane", members=[tool.user], state="paused"))
    cluster.run(["scancel", first])
    cluster.wait(lambda: tool.explain(held[0]).get("rule") == "AIF-A004", what="the queued job of a paused allocation")


def test_lanes_without_a_plugin_lift_nothing(tool):
    tool.apply(playground(tool), allocation(FL, "fl", "fast-lane", members=[tool.user]))
    cluster = tool.cluster
    first = cluster.sbatch("-A", "fl", "--qos", FL.lower(), "-N6", "--gpus-per-node=4", "-t30", script="sleep 600", user=tool.user)
    cluster.wait_job(first, "RUNNING")
    waiting = cluster.sbatch("-A", "fl", "--qos", FL.lower(), "-N1", "--gpus-per-node=1", "-t5", user=tool.user)
    assert tool.explain(waiting)["lane"]["state"] == "off"
    modes = {mode["mode"]: mode for mode in json.loads(tool.out("lanes", "--json"))["modes"]}
    assert modes["fast-lane"]["lane"] == "off" and modes["fast-lane"]["running"] == 1 and modes["playground"]["lane"] == "none"
    assert "lanes lift no job" in tool.out("lanes")


def test_explain_a_full_cluster(tool):
    tool.apply(allocation("EHPC-AIF-2026LS01-701", "big", "regular", members=[tool.user]))
    cluster = tool.cluster
    first = cluster.sbatch("-A", "big", "-N6", "--gpus=24", "-t", "30", script="sleep 1700", user=tool.user)
    cluster.wait_job(first, "RUNNING")
    waiting = [cluster.sbatch("-A", "big", "-N6", "--gpus=24", "-t", "30", user=tool.user) for _ in range(2)]
    array = cluster.sbatch("-A", "big", "-N1", "--gpus=1", "-t", "30", "--array=1-3%1", user=tool.user)
    cluster.wait(lambda: "24 GPUs on 6 nodes are not free together" in tool.explain(waiting[0])["why"], what="Resources")
    cluster.wait(lambda: "ahead of it" in tool.explain(waiting[1])["why"], what="Priority")
    assert tool.explain(f"{array}_3")["state"] == "PENDING"
    assert tool.explain(first)["seconds"]["asked"] == 24 * 1800


def test_explain_running_ended_and_unknown(tool):
    tool.apply(playground(tool))
    job = tool.cluster.sbatch("-A", "pg", "--gpus=2", "-t", "50", script=(gate := tool.cluster.gate()).script, user=tool.user)
    tool.cluster.wait_job(job, "RUNNING")
    told = tool.explain(job)
    assert told["state"] == "RUNNING" and "it runs on n" in told["why"] and told["seconds"]["gpus"] == 2
    gate.open()
    tool.cluster.wait_job(job, "COMPLETED")
    assert "it ended well" in tool.explain(job)["why"]
    bad = tool.cluster.sbatch("-A", "pg", "--gpus=1", "-t", "5", script="exit 3", user=tool.user)
    tool.cluster.wait_job(bad, "FAILED")
    assert "exit code 3" in tool.explain(bad)["why"]
    assert "state       FAILED" in tool.out("explain", bad)
    assert "99999" in tool.complaint("explain", "99999", code=1)


def test_explain_from_slurmdbd_when_slurmctld_forgot(tool):
    tool.apply(playground(tool))
    tool.cluster.conf("MinJobAge=2")
    tool.cluster.reconfigure()
    job = tool.cluster.sbatch("-A", "pg", "--gpus=2", "-t", "5", script="sleep 2", user=tool.user)
    tool.cluster.wait_job(job, "COMPLETED")
    tool.cluster.wait(lambda: not tool.cluster.job(job), what="slurmctld forgetting the job")
    tool.cluster.wait(lambda: tool.explain(job)["state"] == "COMPLETED", what="the job in slurmdbd")
    told = tool.explain(job)
    assert told["allocation"] == PG and told["user"] == tool.user and told["seconds"]["gpus"] == 2
    elapsed = int(tool.cluster.sacct("-j", job, "-o", "elapsedraw")[0][0])
    assert told["seconds"]["spent"] == 2 * elapsed


# -- quota -----------------------------------------------------------------------------------------------------------


def gpu_seconds(cluster, account):
    """What sacct knows of an account: allocated GPUs times elapsed seconds."""
    total = 0
    for elapsed, tres in cluster.sacct("-A", account, "-o", "elapsedraw,alloctres", "-S", "2020-01-01"):
        gpus = re.search(r"gres/gpu=(\d+)", tres)
        total += int(elapsed or 0) * int(gpus.group(1) if gpus else 0)
    return total


def test_quota_equals_sacct(tool):
    tool.apply(allocation("EHPC-AIF-2026PG01-601", "count", "playground", amount=10, members=[tool.user]))
    gate = tool.cluster.gate()
    jobs = [tool.cluster.sbatch("-A", "count", f"--gpus={gpus}", "-t", "50", script=gate.script, user=tool.user)
            for gpus in (1, 2, 4)]
    tool.cluster.wait_job(jobs[2], "RUNNING")
    tool.cluster.wait(lambda: tool.cluster.job(jobs[2])["RunTime"] >= "00:00:03", what="something to count")
    assert tool.quota("count", "reserved") > 0
    gate.open()
    for job in jobs:
        tool.cluster.wait_job(job, "COMPLETED")
    tool.cluster.wait(lambda: tool.quota("count") == gpu_seconds(tool.cluster, "count") > 0, what="quota as sacct has it")
    shown = json.loads(tool.out("quota", "--json", "EHPC-AIF-2026PG01-601"))[0]
    assert shown["left"]["seconds"] == 36000 - shown["used"]["seconds"]
    assert shown["state"] == "ok" and shown["end"] > shown["start"]


def test_quota_survives_a_restart(tool):
    before = tool.quota("count")
    tool.cluster.restart("ctld")

    def known_again():
        # Until slurmctld has read the QOS, their use is told as not known, and the status is 1.
        done = tool.cluster.run(["aif", "quota", "--json", "count"], check=False)
        return done.returncode == 0 and json.loads(done.stdout)[0]["used"]["seconds"] == before

    tool.cluster.wait(known_again, what="usage after the restart")


def test_quota_formats_and_names(tool):
    tool.apply(playground(tool), allocation(FL, "fl", "fast-lane"), allocation(NH, "nodes", "regular", unit="node-hour"))
    table = tool.out("quota", "--all").splitlines()
    assert table[0].split()[:3] == ["ALLOCATION", "MODE", "UNIT"] and len(table) == 4
    rows = [line.split("|") for line in tool.out("quota", "--parsable", "--all").splitlines()]
    assert all(len(row) == 20 for row in rows)
    assert rows[1][:4] == [PG, "playground", "gpu-hour", "100"] and rows[1][7] == day(300)
    for name in (PG, QOS, "pg"):
        assert PG in tool.out("quota", name)
    assert "AIF-A001" in tool.complaint("quota", "nothing", code=1)


def test_quota_of_what_was_not_applied(tool):
    tool.allocations = [allocation("EHPC-AIF-2026PG01-602", "later", "playground")]
    tool.write()
    assert "aif apply" in tool.complaint("quota", "later", code=1)


# -- users who are nobody special ------------------------------------------------------------------------------------


@as_root
def test_operators_see_what_others_use(tool):
    tool.apply(playground(tool), allocation(FL, "fl", "fast-lane", members=["games"]))

    def sees_all():
        done = tool.cluster.run(["aif", "quota", "-P", "--all"], user=tool.user, check=False)
        return done.returncode == 0 and len(done.stdout.splitlines()) == 3

    tool.cluster.sacctmgr("modify", "user", tool.user, "set", "adminlevel=operator")
    tool.cluster.wait(sees_all, what="an operator to see all allocations")
    assert FL in tool.out("quota", "fl", user=tool.user)
    tool.cluster.sacctmgr("modify", "user", tool.user, "set", "adminlevel=none")
    tool.cluster.wait(lambda: not sees_all(), what="a user to be no operator any more")


@as_root
def test_ordinary_user(tool):
    tool.apply(playground(tool), allocation(FL, "fl", "fast-lane", members=["games"]))
    rows = tool.out("quota", "-P", user=tool.user).splitlines()
    assert len(rows) == 2 and rows[1].startswith(PG)
    assert "operators" in tool.complaint("quota", "-P", "--all", user=tool.user, code=1)
    assert "AIF-A005" in tool.complaint("quota", "fl", user=tool.user, code=1)
    tool.allocations[0]["amount"] = 1000000
    tool.write()
    assert "may not" in tool.complaint("apply", code=3, user=tool.user)
    assert tool.qos(QOS, "grptresmins") == ["gres/gpu=5998"]
    job = tool.cluster.sbatch("-A", "pg", "--gpus=1", "-t", "1", "--hold", user=tool.user)
    assert tool.user in tool.out("explain", job, user=tool.user)


# -- when Slurm is not there -----------------------------------------------------------------------------------------


def test_missing_slurm_conf(tool):
    for args in (["plan"], ["quota"], ["explain", "1"]):
        done = tool.cluster.run(["aif", "--conf-dir", str(tool.cluster.layout.aif), *args], check=False,
                                env={"SLURM_CONF": "/nonexistent/slurm.conf"})
        assert done.returncode == 3 and done.stderr.count("\n") == 1, done.stderr
        assert "/nonexistent/slurm.conf" in done.stderr


def test_broken_slurm_conf(tool, tmp_path):
    conf = tmp_path / "slurm.conf"
    conf.write_text("ClusterName=aif\nSlurmctldHost=localhost\nNoSuchKey=1\n")
    done = tool.cluster.run(["aif", "--conf-dir", str(tool.cluster.layout.aif), "plan"], check=False,
                            env={"SLURM_CONF": str(conf)})
    assert done.returncode == 3 and done.stderr.count("\n") == 1, done.stderr


def test_slurmctld_down(tool):
    tool.cluster.conf("SlurmctldTimeout=10", "MessageTimeout=5")
    tool.cluster.stop("ctld")
    try:
        assert "slurmctld" in tool.complaint("quota", code=3)
        assert "slurmctld" in tool.complaint("explain", "1", code=3)
    finally:
        tool.cluster.conf("SlurmctldTimeout=300", "MessageTimeout=60")
        tool.cluster.start()


def test_slurmdbd_down(tool):
    tool.cluster.stop("dbd")
    try:
        for command in ("plan", "apply"):
            assert "slurmdbd" in tool.complaint(command, code=3)
    finally:
        tool.cluster.start()
    assert tool.run("plan", code=1 if tool.allocations else 0)


def test_gpus_that_slurm_does_not_count(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="none", nodes=1, conf_lines=["AccountingStorageTRES="])
    tool = Tool(cluster, "daemon")
    tool.allocations = [playground(tool)]
    tool.write()
    line = tool.complaint("apply", code=1)
    assert "AIF-Q003" in line and "AccountingStorageTRES=gres/gpu" in line
    tool.apply(allocation(NH, "nodes", "regular", unit="node-hour"))
