"""balances.json: what aif-reportd adds up, against slurmdbd's own rows, and what slurmctld makes of it."""

import csv
import datetime
import io
import json
import os
import re
import shutil
import subprocess
import time

import pytest
from aifsite import Site, allocation

PG, NODES, HALF = "EHPC-AIF-2026PG01-905", "EHPC-REG-2026R01-203", "EHPC-AIF-2026FL01-991"
SMALL, CEILING = "EHPC-AIF-2026PG01-010", "EHPC-AIF-2026PG01-011"
DAY = 86400


class Books:
    """A cluster whose reporter keeps its ledger in a directory that slurmctld can read."""

    def __init__(self, cluster, directory):
        members = cluster.users()[:1]
        self.cluster, self.user, self.directory = cluster, members[0], directory
        half = {"tres": "gres/gpu", "factor": 0.5}
        self.site = Site(cluster, [
            allocation(PG, "pg", "fast-lane", members=members),
            allocation(NODES, "nodes", "fast-lane", unit="node-hour", members=members),
            allocation(HALF, "half", "fast-lane", charge=half, members=members),
            allocation(SMALL, "small", "fast-lane", amount=10, members=members),
            allocation(CEILING, "ceiling", "fast-lane", amount=1, members=members,
                       pacing={"kind": "ceiling", "percent": 150}),
        ])
        self.site.policy["report"]["ledger"] = str(directory / "ledger.db")
        self.path = directory / "balances.json"

    def run(self, account, *options, hours=0.0, days_ago=0):
        """A job that ended; in the database it ran so much longer, and so long ago."""
        cluster = self.cluster
        job = cluster.sbatch("-A", account, "-t5", *options, script="exit 0", user=self.user)
        cluster.wait_job(job)
        cluster.wait(lambda: self.ended(job), what=f"end of {job} at slurmdbd")
        back = days_ago * DAY
        self.sql(f"UPDATE aif_job_table SET time_start = time_start - {back} - {int(hours * 3600)},"
                 f" time_end = time_end - {back} WHERE id_job = {job}")
        return job

    def ended(self, job):
        rows = self.sql(f"SELECT time_end, time_eligible FROM aif_job_table WHERE id_job = {job} AND NOT deleted")
        queue = self.cluster.run(["sdiag"]).stdout.split("DBD Agent queue size:")[1].split()[0]
        return rows and queue == "0" and all(end != "0" and eligible != "0" for end, eligible in rows)

    def sql(self, text):
        done = subprocess.run(["mysql", f"--socket={self.cluster.layout.db_socket}", "-N", "-B", "slurm_acct", "-e",
                               text], capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr
        return [line.split("\t") for line in done.stdout.splitlines()]

    def report(self):
        self.cluster.run(["aif-reportd", "--once"])
        return self.balances()

    def entry(self, project):
        entries = json.loads(self.path.read_text())["allocations"]
        return next((entry for entry in entries if entry["id"] == project), None)

    def exported(self, job):
        """The job's row in the export for spreadsheets."""
        rows = csv.DictReader(io.StringIO(self.cluster.run(["aif", "export", "--format=csv"]).stdout))
        return next(row for row in rows if row["job_id"] == job)

    def balances(self):
        """{id: (used, {month: seconds})}"""
        return {entry["id"]: (entry["used"], by_month(entry)) for entry in
                json.loads(self.path.read_text())["allocations"]}

    def truth(self):
        """The same from slurmdbd's table, with the rules written again."""
        gpu = self.sql("SELECT id FROM tres_table WHERE type = 'gres' AND name = 'gpu'")[0][0]
        rules = {"pg": (PG, gpu, 1), "nodes": (NODES, "4", 1), "half": (HALF, gpu, 0.5), "small": (SMALL, gpu, 1)}
        totals = {}
        for account, start, end, suspended, tres in self.sql(
                "SELECT acct, time_start, time_end, time_suspended, tres_alloc FROM aif_job_table"
                " JOIN aif_assoc_table USING (id_assoc) WHERE time_start AND time_end AND NOT aif_job_table.deleted"):
            if account in rules and int(end) - int(start) - int(suspended) > 0:
                project, resource, factor = rules[account]
                amount = int(dict(part.split("=") for part in tres.split(",")).get(resource, 0))
                spread(totals.setdefault(project, {}), int(start), int(end), int(suspended), amount * factor)
        return {project: (sum(months.values()), {m: s for m, s in months.items() if s})
                for project, months in totals.items()}


def by_month(entry):
    year, month = map(int, entry["first_month"].split("-"))
    names = [f"{year + (month - 1 + i) // 12}-{(month - 1 + i) % 12 + 1:02d}" for i in range(len(entry["months"]))]
    return {name: secs for name, secs in zip(names, entry["months"]) if secs}


def spread(months, start, end, suspended, weight):
    """Add a job's seconds to the local months it ran in, in proportion."""
    elapsed, begin = end - start - suspended, start
    while begin < end:
        day = datetime.datetime.fromtimestamp(begin)
        stop = min(end, int(datetime.datetime(day.year + day.month // 12, day.month % 12 + 1, 1).timestamp()))
        share = elapsed * (stop - start) // (end - start) - elapsed * (begin - start) // (end - start)
        name = f"{day.year}-{day.month:02d}"
        months[name] = months.get(name, 0) + share * weight
        begin = stop


def same(ours, theirs):
    """Half seconds are rounded up, and between months where they fall."""
    return ours.keys() == theirs.keys() and all(
        0 <= ours[p][0] - theirs[p][0] < 1 and ours[p][1].keys() == theirs[p][1].keys() and
        all(abs(ours[p][1][m] - theirs[p][1][m]) <= 1 for m in theirs[p][1]) for p in theirs)


@pytest.fixture(scope="module")
def books(make_cluster, prefix, tmp_path_factory):
    cluster = make_cluster(prefix=prefix, plugins="job_submit", nodes=2, gpus=4, start=False)
    one = Books(cluster, tmp_path_factory.mktemp("books"))
    one.site.write()
    cluster.start()
    one.site.apply()
    return one


def answer(books, minutes, gpus=4):
    done = books.cluster.sbatch("-H", "-A", "small", f"--gpus={gpus}", f"-t{minutes}", user=books.user, check=False)
    return done.stdout.strip() or done.stderr


def used(books):
    """GPU-hours of "small" that a refusal speaks of."""
    found = re.search(r"used ([\d.]+) of", answer(books, 1000))
    return float(found.group(1)) if found else None


def test_balances_are_what_slurmdbd_counts(books):
    books.run("pg", "--gpus=4", hours=3)
    books.run("pg", "--gpus=3", hours=50, days_ago=20)
    books.run("pg", "--gpus=1", hours=30 * 24, days_ago=70)
    books.run("nodes", "-N2", "--exclusive", hours=5, days_ago=33)
    books.run("half", "--gpus=1", hours=7)
    books.run("half", "--gpus=2", hours=1.5, days_ago=31)
    ours, truth = books.report(), books.truth()
    assert set(ours) == {PG, NODES, HALF} and len(truth[PG][1]) >= 3
    assert same(ours, truth), (ours, truth)


def test_nothing_is_written_when_nothing_changed(books):
    books.report()
    before = books.path.stat()
    books.report()
    assert books.path.stat().st_ino == before.st_ino and books.path.stat().st_mtime_ns == before.st_mtime_ns
    books.path.unlink()
    assert same(books.report(), books.truth())


def test_balances_that_cannot_be_written_are_said(books):
    job = books.run("pg", "--gpus=1")
    books.site.policy["report"]["balances"] = "/nonexistent/balances.json"
    books.site.write()
    done = books.cluster.run(["aif-reportd", "--once"], check=False)
    del books.site.policy["report"]["balances"]
    books.site.write()
    assert done.returncode == 1 and "/nonexistent/balances.json" in done.stderr
    assert books.exported(job), "the ledger has it all the same"
    assert same(books.report(), books.truth())


def test_a_running_job_counts_when_it_has_ended(books):
    """Until then Slurm has what it may use among what is reserved: it must not count twice."""
    before = books.report().get(PG, (0, {}))[0]
    job = books.cluster.sbatch("-A", "pg", "--gpus=4", "-t5", script="sleep 100", user=books.user)
    books.cluster.wait_job(job, "RUNNING")
    time.sleep(2)
    assert books.report()[PG][0] == before
    books.cluster.run(["scancel", job])
    books.cluster.wait_job(job)
    books.cluster.wait(lambda: books.ended(job), what="its end at slurmdbd")
    assert same(books.report(), books.truth())
    assert books.balances()[PG][0] > before


def test_runaway_jobs_count_up_to_their_limit(books):
    job = books.run("pg", "--gpus=2")
    before = books.report()[PG][0]
    end = books.sql(f"SELECT time_end FROM aif_job_table WHERE id_job = {job}")[0][0]
    books.sql(f"UPDATE aif_job_table SET id_job = {job} + 900000, job_db_inx = job_db_inx + 900000, time_end = 0,"
              f" time_start = time_start - 40 * {DAY}, state = 1 WHERE id_job = {job}")
    assert books.report()[PG][0] - before == 2 * 5 * 60
    books.sql(f"UPDATE aif_job_table SET id_job = {job}, job_db_inx = job_db_inx - 900000, time_end = {end},"
              f" time_start = time_start + 40 * {DAY}, state = 3 WHERE id_job = {job} + 900000")
    assert books.report()[PG][0] == before


def test_inference_and_billing_are_recorded(books):
    job = books.run("nodes", "--gpus=1", "--comment", "aif:purpose=inference", hours=1)
    other = books.run("nodes", "--gpus=1")
    books.report()
    row = books.exported(job)
    assert row["purpose"] == "inference" and books.exported(other)["purpose"] == ""
    billing = re.search(r"billing=(\d+)", books.cluster.sacct("-j", job, "-o", "alloctres")[0][0]).group(1)
    assert row["billing"] == billing and int(row["billing_seconds"]) == int(billing) * int(row["elapsed"])
    assert books.entry(NODES)["inference"] == int(row["elapsed"]) >= 3600


def test_use_of_the_free_qos_is_kept_apart(books):
    """Above 100 % of its one GPU-hour a job goes on, and the amount is not charged for it."""
    books.run("ceiling", "--gpus=4", hours=0.24)
    before = books.report()[CEILING][0]
    assert 3456 <= before < 3600
    books.cluster.wait(lambda: qos_of_next(books).endswith("-free"), what="the ledger's number in a decision")
    job = books.run("ceiling", "--gpus=4")
    books.sql(f"UPDATE aif_job_table SET time_start = time_start - 100 WHERE id_job = {job}")
    books.report()
    row = books.exported(job)
    assert row["qos"] == CEILING.lower() + "-free" and row["allocation"] == CEILING
    entry = books.entry(CEILING)
    assert (entry["used"], entry["free"]) == (before, 4 * int(row["elapsed"])) and entry["free"] >= 400


def qos_of_next(books):
    """Where the next job of "ceiling" would run."""
    job = books.cluster.sbatch("-H", "-A", "ceiling", "--gpus=4", "-t5", user=books.user)
    qos = books.cluster.job(job)["QOS"]
    books.cluster.run(["scancel", job])
    return qos


def test_slurmctld_sees_a_change_without_a_reconfigure(books):
    assert used(books) == 0
    books.run("small", "--gpus=4", hours=2)
    assert used(books) < 1, "Slurm's own counter does not know"
    books.report()
    books.cluster.wait(lambda: (used(books) or 0) >= 8, what="the ledger's number in a decision")
    said = answer(books, 60)
    assert "AIF-Q001" in said and re.search(r"left (2|1\.9\d*) GPU", said), said
    held = answer(books, 1)
    assert held.isdigit()
    books.cluster.run(["scancel", held])


def test_broken_balances_keep_the_old_ones_and_say_so_once(books):
    def complaints():
        return [line for line in books.cluster.ctld_log().splitlines() if "balances.json" in line and " error: " in line]

    before = len(complaints())
    books.path.write_text('{"version":1,')
    books.cluster.wait(lambda: len(complaints()) > before, what="a complaint")
    assert used(books) >= 8
    time.sleep(2.5)
    assert len(complaints()) == before + 1 and "AIF-C002" in complaints()[-1]
    books.site.policy["modes"]["playground"]["gpus_per_job"]["max"] = 7  # a new policy does not lose them either
    books.site.reconfigure()
    if books.cluster.install.version < (23, 11):
        assert used(books) >= 8
    books.report()
    books.cluster.wait(lambda: (used(books) or 0) >= 8, what="good balances again")


def test_a_wiped_state_gives_nothing_back(books):
    """StateSaveLocation has Slurm's only copy of the usage that its limits count."""
    cluster = books.cluster
    cluster.cancel_all()
    cluster.stop("ctld")
    state = cluster.layout.root / "state"
    for path in state.iterdir():
        shutil.rmtree(path) if path.is_dir() else os.unlink(path)
    cluster.restart("ctld")
    cluster.wait(lambda: used(books) is not None, what="a decision")
    assert used(books) >= 8
    assert "AIF-Q001" in answer(books, 60)
    assert answer(books, 1).isdigit()
