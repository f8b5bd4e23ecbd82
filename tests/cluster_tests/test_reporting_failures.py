"""What went wrong in other reporters, shown not to go wrong in this one; and the states that APEL's own parser drops.

The nine failures are those that users of AUDITOR and of Airavata's reporter filed. All jobs are real, submitted together
while aif-reportd looks every second, and waited for once. Three states are put into the rows of jobs that ran, in MariaDB:
the test cluster has neither cgroups nor nodes that boot, and Slurm looks at deadlines only now and then. aif-reportd and
sacct see nothing but these rows either way."""

import json
import signal

import pytest
from reportsite import SITE, site  # noqa: F401
from validators import apel

STATES = {"BOOT_FAIL": 9, "DEADLINE": 10, "OUT_OF_MEMORY": 11}  # as slurm.h numbers them


class Jobs(dict):
    """Ids by what the job is for, and what the reporter made of them."""

    def __init__(self, site, directory):
        super().__init__()
        self.site = site
        self.directory = directory

    def configure(self):
        sinks = {"egi": {"type": "apel", "directory": str(self.directory), "site": "AIF-SITE", "records": "individual"}}
        policy = json.loads((self.site.cluster.layout.aif / "policy.json").read_text())
        policy["report"].update(sinks=sinks, interval=1, overlap=60)
        self.site.cluster.aif_conf("policy.json", json.dumps(policy))

    def submit(self):
        run = self.site.submit
        self["plain"] = run("aif-pg", "--gres=gpu:2", script="sleep 1")
        self["node"] = run("aif-fl", "--gpus-per-node=2", "-N2", script="sleep 1")
        self["task"] = run("aif-pg", "--gpus-per-task=1", "-n3", script="sleep 1")
        self["no gres"] = run("aif-pg", "--gpus=3", script="sleep 1")
        self["nodes"] = run("aif-reg", "-N2", "--exclusive", script="sleep 1")
        self["array"] = run("aif-fl", "--gpus=1", "--array=0-7", script="sleep $((SLURM_ARRAY_TASK_ID % 4)); exit 3")
        self["held"] = run("aif-pg", "--gpus=1", "--hold")
        self["bad"] = run("aif-fl", "--gpus=1", script="sleep 1")
        self["CANCELLED"] = run("aif-pg", "--gpus=1", script="sleep 600")
        for name in STATES:
            self[name] = run("aif-pg", "--gpus=1", script="sleep 1; exit 1")
        self["interactive"] = self.interactive()

    def interactive(self):
        """An allocation with a step as salloc makes it where use_interactive_step is set."""
        done = self.site.cluster.run(["salloc", "-A", "aif-pg", "--qos", SITE["aif-pg"][0].lower(), "-t", "5", "--gpus=1",
                                      "srun", "--interactive", "-n1", "printenv", "SLURM_JOB_ID"], user=self.site.user)
        return done.stdout.split()[-1]

    def end(self):
        cluster = self.site.cluster
        cluster.run(["scancel", self["held"]])
        cluster.wait_job(self["CANCELLED"], "RUNNING")
        cluster.wait(lambda: self.ran_a_second("CANCELLED"), what="a second of the job")
        cluster.run(["scancel", self["CANCELLED"]], user=self.site.user)
        self.site.done(*self.values())

    def ran_a_second(self, name):
        return self.site.cluster.job(self[name])["RunTime"] > "00:00:00"

    def rows(self, name):
        """Rows as the ledger has them now."""
        found = {}
        events = [json.loads(line) for line in self.site.aif("export").stdout.splitlines()[1:-1]]
        for event in events:
            if event["kind"] in ("job", "correction"):
                found[event["db_index"]] = event["body"]
        wanted = self.numbers(name)
        return [body for body in found.values() if str(body["job_id"]) in wanted]

    def numbers(self, name):
        rows = self.site.sql(f"SELECT id_job FROM aif_job_table WHERE {self[name]} IN (id_job, id_array_job)")
        return {row[0] for row in rows}

    def records(self, name):
        """APEL's records of the job."""
        found = []
        for path in sorted(self.directory.iterdir()):
            if "-job-" in path.name:
                found += apel.message(path.read_text())[1]
        return [record for record in found if record["LocalJobId"].split("-")[1] in self.numbers(name)]


@pytest.fixture(scope="module")
def jobs(site, tmp_path_factory):
    one = Jobs(site, tmp_path_factory.mktemp("ssm"))
    process = site.popen("--foreground")
    try:
        one.submit()
        one.end()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(300)
        process.stderr.close()
    for name, number in STATES.items():
        site.sql(f"UPDATE aif_job_table SET state = {number} WHERE id_job = {one[name]}")
    one.configure()
    site.report()
    return one


def test_done_jobs_are_read_again_and_recorded_once(jobs):
    """Every round looks back over what it has seen."""
    before = jobs.site.aif("export").stdout
    jobs.site.report()
    jobs.site.report()
    after = jobs.site.aif("export").stdout
    assert after == before
    assert len(jobs.rows("plain")) == 1


def test_cancelled_without_a_start_is_no_usage_and_no_stop(jobs):
    row, = jobs.rows("held")
    assert (row["state"], row["start"], row["elapsed"], row["gpus"]) == ("CANCELLED", 0, 0, 0) and row["end"]
    assert not jobs.records("held")


def test_interactive_steps_are_part_of_their_job(jobs):
    steps = jobs.site.cluster.run(["sacct", "-nP", "-j", jobs["interactive"], "-o", "jobid"]).stdout.split()
    assert f"{jobs['interactive']}.interactive" in steps
    row, = jobs.rows("interactive")
    assert row["gpus"] == 1 and row["start"]


def test_a_failed_reading_of_slurmdbd_is_not_taken_for_no_jobs(jobs):
    """The exit status tells, and nothing moves on."""
    before = jobs.site.aif("export").stdout
    jobs.site.cluster.stop("dbd")
    try:
        done = jobs.site.report(check=False)
        assert done.returncode == 3 and len(done.stderr.splitlines()) == 1, done.stderr
        assert jobs.site.aif("export").stdout == before
    finally:
        jobs.site.cluster.restart("dbd")
    jobs.site.report()


def test_gpus_are_never_zero(jobs):
    assert [row["gpus"] for row in jobs.rows("plain")] == [2] and [row["gpus"] for row in jobs.rows("task")] == [3]
    assert [row["gpus"] for row in jobs.rows("array")] == [1] * 8


def test_gpus_asked_for_without_gres_are_counted(jobs):
    row, = jobs.rows("no gres")
    assert row["gpus"] == 3


def test_the_number_of_nodes_is_applied_once(jobs):
    row, = jobs.rows("node")
    assert (row["nodes"], row["gpus"]) == (2, 4)
    row, = jobs.rows("nodes")
    assert row["nodes"] == 2


def test_one_bad_job_does_not_stop_the_round(jobs):
    """Nor the jobs that come after it; it is named, and recorded once it makes sense."""
    site, job = jobs.site, jobs["bad"]
    tres = site.sql(f"SELECT tres_alloc FROM aif_job_table WHERE id_job = {job}")[0][0]
    site.sql(f"UPDATE aif_job_table SET tres_alloc = 'what=ever' WHERE id_job = {job}")
    site.longer(jobs["nodes"], 60)
    done = site.report()
    assert "corrected 1" in done.stderr and f"job {job} " in done.stderr and "malformed" in done.stderr
    rows = json.loads(site.aif("report", "quarantine", "--json", check=False).stdout)
    assert [row["job"] for row in rows if row["where"] == "aif"] == [int(job)]
    site.sql(f"UPDATE aif_job_table SET tres_alloc = '{tres}' WHERE id_job = {job}")
    site.report()
    assert "malformed" not in site.aif("report", "quarantine", "--json", check=False).stdout
    assert site.totals() == site.truth() != {}


def test_jobs_that_end_between_two_rounds_are_all_found(jobs):
    """They ended all the time while a round began every second."""
    there = jobs.site.sql("SELECT id_job FROM aif_job_table WHERE id_assoc IN"
                          " (SELECT id_assoc FROM aif_assoc_table WHERE acct LIKE 'aif-%')")
    recorded = [row["job_id"] for name in jobs for row in jobs.rows(name)]
    assert sorted(recorded) == sorted(int(row[0]) for row in there)


@pytest.mark.parametrize("state, said", [("CANCELLED", "CANCELLED by "), ("OUT_OF_MEMORY", "OUT_OF_MEMORY"),
                                         ("DEADLINE", "DEADLINE"), ("BOOT_FAIL", "BOOT_FAIL")])
def test_states_that_apel_drops_are_reported(jobs, state, said):
    rows = jobs.site.cluster.sacct("-j", jobs[state], "-o", "state,elapsedraw")
    assert len(rows) == 1 and rows[0][0].startswith(said) and int(rows[0][1]) > 0, rows
    row, = jobs.rows(state)
    assert row["state"] == state and row["elapsed"] == int(rows[0][1])
    *_, record = jobs.records(state)
    assert (record["WallDuration"], record["EndTime"]) == (row["elapsed"], row["end"])
