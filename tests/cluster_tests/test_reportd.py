"""aif-reportd, aif export and aif verify: what jobs used, against slurmdbd's own numbers and a simulated Waldur."""

import calendar
import csv
import datetime
import io
import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "sim"))

from waldur import Waldur  # noqa: E402

# account: project, mode, unit, resource at Waldur
SITE = {
    "aif-pg": ("EHPC-AIF-2026PG01-201", "playground", "gpu-hour", "11111111-1111-4111-8111-111111111111"),
    "aif-fl": ("EHPC-AIF-2026FL01-202", "playground", "gpu-hour", "22222222-2222-4222-8222-222222222222"),
    "aif-reg": ("EHPC-REG-2026R01-203", "playground", "node-hour", "33333333-3333-4333-8333-333333333333"),
}
POLICY = {"version": 1, "cluster": "aif", "modes": {"playground": {"code": "PG", "open": True}}}
QUICK = ("-t", "5")


class Site:
    """A cluster, its Waldur, and a reporter between them; jobs are real, hours are added by hand in the database."""

    def __init__(self, cluster, directory):
        self.cluster = cluster
        self.user = cluster.users()[0]
        self.ledger = directory / "ledger.db"
        self.waldur = Waldur(directory / "waldur")
        for account in SITE:
            self.waldur.resource(SITE[account][3], ("gpu_hours", "node_hours"))
        self.waldur.start()
        self.write()
        cluster.run(["aif", "apply"])

    def write(self, **waldur):
        sink = {"url": self.waldur.url, "token_file": str(self.waldur.token_file), "ca_file": str(self.waldur.ca_file),
                "component": "gpu_hours", "node_component": "node_hours", "timeout": 3, **waldur}
        report = {"ledger": str(self.ledger), "interval": 1, "overlap": 3600, "waldur": sink}
        listed = [{"id": project, "account": account, "mode": mode, "unit": unit, "amount": 100000,
                   "start": "2026-01-01", "end": "2035-12-31", "members": [self.user], "waldur_resource": resource}
                  for account, (project, mode, unit, resource) in SITE.items()]
        self.cluster.aif_conf("policy.json", json.dumps({**POLICY, "report": report}))
        self.cluster.aif_conf("allocations.json", json.dumps({"version": 1, "allocations": listed}))

    # jobs

    def submit(self, account, *options, script="exit 0"):
        project = SITE[account][0].lower()
        return self.cluster.sbatch("-A", account, "--qos", project, *QUICK, *options, script=script, user=self.user)

    def done(self, *jobs):
        """Wait until the jobs have ended, at slurmdbd too."""
        for job in jobs:
            self.cluster.wait_job(job)
        self.cluster.wait(lambda: all(self.ended(job) for job in jobs), what=f"end of {jobs} at slurmdbd")

    def ended(self, job):
        """All rows of the job, of its array or of its het job are there and have an end, and nothing is on its way."""
        rows = self.sql("SELECT time_end FROM aif_job_table WHERE"
                        f" {job} IN (id_job, id_array_job, het_job_id)")
        queue = self.cluster.run(["sdiag"]).stdout.split("DBD Agent queue size:")[1].split()[0]
        return rows and queue == "0" and all(end != "0" for (end,) in rows)

    def sql(self, text):
        done = subprocess.run(["mysql", f"--socket={self.cluster.layout.db_socket}", "-N", "-B", "slurm_acct", "-e",
                               text], capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return [line.split("\t") for line in done.stdout.splitlines()]

    def longer(self, job, seconds):
        """The job has run longer than it did: so much earlier it started."""
        self.sql(f"UPDATE aif_job_table SET time_start = time_start - {seconds} WHERE id_job = {job}")

    # the reporter

    def report(self, *options, check=True):
        done = self.cluster.run(["aif-reportd", "--once", *options], check=False)
        if check:
            assert done.returncode == 0, done.stderr
        return done

    def popen(self, *options):
        env = self.cluster.env()
        program = f"{self.cluster.options.prefix}/sbin/aif-reportd"
        return subprocess.Popen([program, *options], env=env, stderr=subprocess.PIPE, text=True)

    # the truth, and what became of it

    def truth(self):
        """{(resource, component, month): "12.34"} from slurmdbd's own table, with the ledger's rules written again.

        Not from sacct: asked for a time, it hides short jobs that slurmdbd has with an eligible time of 0."""
        gpu = self.sql("SELECT id FROM tres_table WHERE type = 'gres' AND name = 'gpu'")[0][0]
        totals = {}
        for account, start, end, suspended, tres in self.sql(
                "SELECT acct, time_start, time_end, time_suspended, tres_alloc FROM aif_job_table"
                " JOIN aif_assoc_table USING (id_assoc) WHERE time_start AND time_end"):
            elapsed = int(end) - int(start) - int(suspended)
            if account in SITE and elapsed > 0:
                counts = dict(part.split("=") for part in tres.split(","))
                amount = counts.get("4" if SITE[account][2] == "node-hour" else gpu, 0)
                self._spread(totals, SITE[account], int(start), int(end), elapsed, int(amount))
        return {key: f"{(value + 18) // 36 / 100:.2f}" for key, value in totals.items()
                if key[2] in months() and (value + 18) // 36}

    @staticmethod
    def _spread(totals, entry, start, end, elapsed, amount):
        component = "node_hours" if entry[2] == "node-hour" else "gpu_hours"
        for month, first, last in month_windows(start, end):
            secs = [elapsed if t >= end else 0 if t <= start else elapsed * (t - start) // (end - start)
                    for t in (first, last)]
            key = entry[3], component, month
            totals[key] = totals.get(key, 0) + (secs[1] - secs[0]) * amount

    def totals(self):
        return {key: value for key, value in self.waldur.totals().items() if float(value)}

    def posts(self):
        return len(self.waldur.requests("POST"))

    def aif(self, *words, check=True, stdin=None):
        return self.cluster.run(["aif", *words], check=check, stdin=stdin)

    def verify(self):
        """The file's chain and the export's; returns the number of events."""
        text = self.aif("export").stdout
        assert self.aif("verify", stdin=text).stdout == self.aif("verify", "--ledger", str(self.ledger)).stdout
        return len(text.splitlines()) - 2

    def events(self, kind):
        events = [json.loads(line) for line in self.aif("export").stdout.splitlines()[1:-1]]
        return [event for event in events if event["kind"] == kind]


def months():
    """This month and the one before, as names."""
    now = datetime.datetime.now(datetime.timezone.utc)
    before = now.replace(day=1) - datetime.timedelta(days=1)
    return {now.strftime("%Y-%m"), before.strftime("%Y-%m")}


def month_windows(start, end):
    """(name, first second, first second of the next) of the UTC months that a job touches."""
    moment = datetime.datetime.fromtimestamp(start, datetime.timezone.utc)
    year, month = moment.year, moment.month
    while True:
        first = calendar.timegm((year, month, 1, 0, 0, 0))
        name = f"{year}-{month:02d}"
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        last = calendar.timegm((year, month, 1, 0, 0, 0))
        yield name, first, last
        if last >= end:
            return


@pytest.fixture(scope="module")
def site(make_cluster, prefix, tmp_path_factory):
    one = Site(make_cluster(prefix=prefix, plugins="none"), tmp_path_factory.mktemp("reportd"))
    yield one
    one.waldur.stop()


@pytest.fixture(autouse=True)
def calm(site):
    """Every test finds the service in order, and the ledger in order at its end."""
    site.waldur.faults()
    site.waldur.settings()
    site.write()
    yield
    if site.ledger.exists():
        site.verify()


def a_job(site, account="aif-pg", *options, hours=0.0):
    job = site.submit(account, "--gpus=2", *options)
    site.done(job)
    if hours:
        site.longer(job, int(hours * 3600))
    return job


def test_every_kind_of_job_counts_as_slurmdbd_counts_it(site):
    cluster = site.cluster
    plain = site.submit("aif-pg", "--gpus=4", "-N1", script="sleep 2")
    wide = site.submit("aif-fl", "-N2", "--gpus-per-node=4", script="sleep 2")
    array = site.submit("aif-pg", "--gpus-per-task=1", "-n2", "--array=0-2", script="sleep 1")
    nodes = site.submit("aif-reg", "-N2", "--exclusive", script="sleep 1")
    failed = site.submit("aif-pg", "--gres=gpu:1", script="exit 3")
    held = site.submit("aif-pg", "--gpus=1", "--hold")
    het = cluster.run(["sbatch", "--parsable", "-A", "aif-fl", "--qos", SITE["aif-fl"][0].lower(), *QUICK, "--gpus=1",
                       "-n1", ":", "--gpus=2", "-n1"], user=site.user, stdin="#!/bin/sh\nsleep 1\n").stdout.strip()
    cluster.run(["scancel", held])
    site.done(plain, wide, array, nodes, failed, held, het)
    again = site.submit("aif-pg", "--gpus=2", "--requeue", script="sleep 60")
    cluster.wait_job(again, "RUNNING")
    time.sleep(2)
    cluster.run(["scontrol", "requeue", again])
    cluster.wait(lambda: cluster.job(again).get("JobState") == "PENDING", what="requeued job")
    cluster.run(["scontrol", "update", f"JobId={again}", "StartTime=now"])
    cluster.wait(lambda: cluster.job_state(again) not in ("PENDING", ""), what="second run")
    cluster.run(["scancel", again], check=False)
    site.done(again)
    for job in (plain, wide, nodes):
        site.longer(job, 5000)
    site.report()
    rows = site.sql("SELECT id_job, job_db_inx FROM aif_job_table WHERE id_assoc IN"
                    " (SELECT id_assoc FROM aif_assoc_table WHERE acct LIKE 'aif-%')")
    assert sorted(e["db_index"] for e in site.events("job")) == sorted(index for _, index in rows)
    assert [job for job, _ in rows].count(again) == 2 and len(rows) >= 11
    assert site.totals() == site.truth() != {}


def test_suspended_time_is_not_charged(site):
    job = site.submit("aif-pg", "--gpus=1", script="sleep 4")
    site.cluster.wait_job(job, "RUNNING")
    site.cluster.run(["scontrol", "suspend", job])
    time.sleep(3)
    site.cluster.run(["scontrol", "resume", job])
    site.done(job)
    site.report()
    body = [e["body"] for e in site.events("job") if e["body"]["job_id"] == int(job)][0]
    assert body["elapsed"] < body["end"] - body["start"]
    assert site.totals() == site.truth()


def test_second_round_sends_nothing(site):
    site.report()
    before, events = len(site.waldur.requests()), site.verify()
    done = site.report()
    assert len(site.waldur.requests()) == before and site.verify() == events
    assert done.stderr == ""


def test_running_job_is_charged_at_its_end(site):
    job = site.submit("aif-pg", "--gpus=4", script="sleep 60")
    site.cluster.wait_job(job, "RUNNING")
    site.report()
    assert not [e for e in site.events("job") if e["body"]["job_id"] == int(job)]
    site.cluster.run(["scancel", job])
    site.done(job)
    site.report()
    assert len([e for e in site.events("job") if e["body"]["job_id"] == int(job)]) == 1
    assert site.totals() == site.truth()


def test_changed_row_is_a_correction(site):
    job = a_job(site)
    site.report()
    site.longer(job, 7200)
    done = site.report()
    assert "corrected 1" in done.stderr
    corrections = [e for e in site.events("correction") if e["body"]["job_id"] == int(job)]
    assert len(corrections) == 1 and corrections[0]["body"]["elapsed"] >= 7200
    assert site.totals() == site.truth()


def test_killed_anywhere_nothing_is_lost_or_doubled(site):
    jobs = [a_job(site, account) for account in ("aif-pg", "aif-fl")]
    site.report()
    rng = random.Random(20261121)
    for _ in range(25):
        site.longer(rng.choice(jobs), rng.randrange(400, 4000))
        with site.popen("--once") as process:
            time.sleep(rng.uniform(0, 0.25))
            process.kill()
    site.report()
    assert site.totals() == site.truth()
    site.verify()
    sent = {(e["body"]["resource"], e["body"]["component"], e["body"]["month"]): e["body"]["amount"]
            for e in site.events("sent")}
    assert {key: value for key, value in sent.items() if float(value)} == site.totals()


FAULTS = {
    "slow to answer": [{"do": "delay", "seconds": 1}],
    "never answers in time": [{"do": "delay", "seconds": 5}],
    "500": [{"on": "set", "do": "status", "status": 500}],
    "503 Retry-After": [{"on": "set", "do": "status", "status": 503, "retry_after": 2}],
    "429 on the listing": [{"on": "list", "do": "status", "status": 429, "retry_after": 1}],
    "drop before": [{"on": "set", "do": "drop-before"}],
    "drop after": [{"on": "set", "do": "drop-after"}],
    "drop the listing": [{"on": "list", "do": "drop-before", "times": 2}],
    "401 twice": [{"do": "status", "status": 401, "times": 2}],
    "garbage listing": [{"on": "list", "do": "garbage"}],
    "garbage for 201": [{"on": "set", "do": "garbage"}],
    "huge listing": [{"on": "list", "do": "huge"}],
    "drip": [{"on": "list", "do": "slow", "seconds": 0.1}],
    "all at once": [{"do": "drop-before"}, {"on": "list", "do": "garbage"}, {"on": "set", "do": "drop-after"},
                    {"do": "status", "status": 502}],
}


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS.keys())
def test_faults_are_outlived_in_one_round(site, faults):
    site.longer(a_job(site), 3000)
    site.waldur.faults(*faults)
    site.report()
    assert site.waldur.faults_left() == 0
    assert site.totals() == site.truth()


def test_dead_service_is_one_line_and_caught_up_later(site):
    site.longer(a_job(site), 3000)
    before = site.totals()
    site.waldur.faults({"do": "status", "status": 500, "times": 1000})
    done = site.report(check=False)
    assert done.returncode == 1 and site.totals() == before
    lines = [line for line in done.stderr.splitlines() if "Waldur" in line]
    assert len(lines) == 1 and "HTTP status 500" in lines[0]
    site.waldur.faults()
    site.report()
    assert site.totals() == site.truth()


def test_token_is_read_again(site):
    site.longer(a_job(site), 3000)
    before = site.totals()
    wrong = site.waldur.dir / "wrong"
    wrong.write_text("not-the-token\n")
    wrong.chmod(0o600)
    site.write(token_file=str(wrong))
    process = site.popen("--once")
    site.cluster.wait(lambda: [r for r in site.waldur.requests() if r[3] == 401][-1:], what="a 401")
    wrong.write_text(site.waldur.token_file.read_text())
    assert process.wait(60) == 0 and process.stderr.read().count("Waldur") == 1
    assert site.totals() == site.truth() != before
    wrong.chmod(0o644)
    site.longer(a_job(site), 3000)
    done = site.report(check=False)
    assert done.returncode == 1 and "token must not be open to everybody" in done.stderr


def test_unknown_component_is_refused_and_said_once(site):
    site.longer(a_job(site), 3000)
    before = site.totals()
    site.write(component="gpu_days")
    done = site.report()
    assert "HTTP status 400" in done.stderr and "gpu_days" in done.stderr and site.totals() == before
    assert site.report().stderr == ""
    assert site.events("refused")[-1]["body"]["component"] == "gpu_days"
    site.write()
    site.report()
    assert site.totals() == site.truth()


@pytest.mark.parametrize("state, sent", [("UPDATING", True), ("TERMINATING", True), ("ERRED", False)])
def test_state_of_the_resource(site, state, sent):
    site.longer(a_job(site), 3000)
    before = site.totals()
    site.waldur.resource(SITE["aif-pg"][3], ("gpu_hours",), state=state)
    done = site.report()
    site.waldur.resource(SITE["aif-pg"][3], ("gpu_hours",))
    if sent:
        assert site.totals() == site.truth()
        return
    assert "HTTP status 409" in done.stderr and site.totals() == before
    site.longer(a_job(site), 100)
    site.report()
    assert site.totals() == site.truth()


def test_server_must_prove_who_it_is(site, tmp_path):
    site.longer(a_job(site), 3000)
    before = site.totals()
    other = Waldur(tmp_path / "other", names="DNS:elsewhere.example")
    for options in ({"ca_file": str(other.ca_file)}, {"ca_file": None}):
        sink = {key: value for key, value in options.items() if value}
        site.write(**sink)
        if not sink:
            text = json.loads((site.cluster.layout.aif / "policy.json").read_text())
            del text["report"]["waldur"]["ca_file"]
            site.cluster.aif_conf("policy.json", json.dumps(text))
        done = site.report(check=False)
        assert done.returncode == 1 and "certificate" in done.stderr.lower(), done.stderr
    with other:
        other.resource(SITE["aif-pg"][3])
        site.write(url=other.url, ca_file=str(other.ca_file), token_file=str(other.token_file))
        done = site.report(check=False)
        assert done.returncode == 1 and not other.requests()
    assert site.totals() == before
    site.write()
    site.report()
    assert site.totals() == site.truth()


def test_total_that_would_fall_is_not_sent(site):
    site.longer(a_job(site), 3000)
    site.report()
    key = next(key for key in site.totals() if key[0] == SITE["aif-pg"][3] and key[2] == max(months()))
    right = site.totals()[key]
    site.waldur.put(*key, f"{float(right) + 1:.2f}")
    site.longer(a_job(site), 360)
    posts = site.posts()
    done = site.report()
    assert "would fall" in done.stderr and site.posts() == posts
    assert site.report().stderr == ""
    assert "would fall" in site.events("anomaly")[-1]["body"]["note"]
    site.waldur.put(*key, right)
    site.longer(a_job(site), 360)
    site.report()
    assert site.totals() == site.truth()


def test_bad_rows_do_not_stop_the_others(site):
    bad, good = a_job(site), a_job(site, "aif-fl")
    site.sql(f"UPDATE aif_job_table SET tres_alloc = 'what=ever' WHERE id_job = {bad}")
    site.longer(good, 3000)
    done = site.report()
    lines = [line for line in done.stderr.splitlines() if f"job {bad} " in line]
    assert len(lines) == 1 and "malformed" in lines[0]
    assert "malformed" not in site.report().stderr
    assert [e for e in site.events("job") if e["body"]["job_id"] == int(good)]
    with sqlite3.connect(site.ledger) as db:
        assert db.execute("SELECT job_id FROM quarantine").fetchall() == [(int(bad),)]
    site.sql(f"UPDATE aif_job_table SET tres_alloc = '1=1,2=1,4=1,1001=2' WHERE id_job = {bad}")
    site.report()
    with sqlite3.connect(site.ledger) as db:
        assert db.execute("SELECT count(*) FROM quarantine").fetchone() == (0,)
    assert site.totals() == site.truth()


def test_late_and_runaway_rows_are_found(site):
    """A row that slurmdbd learned of late, and one whose end was put in by hand long after."""
    runaway = a_job(site)
    site.sql(f"UPDATE aif_job_table SET time_end = 0, time_start = time_start - 200000 WHERE id_job = {runaway}")
    site.report()
    a_job(site)
    site.report()
    site.sql(f"UPDATE aif_job_table SET time_end = time_start + 5000 WHERE id_job = {runaway}")
    site.report()
    assert len([e for e in site.events("job") if e["body"]["job_id"] == int(runaway)]) == 1
    assert site.totals() == site.truth()


def test_job_over_the_month_is_split(site):
    """The previous month needs a date: only staff, or the provider for limit components, may give one."""
    job = a_job(site, "aif-fl")
    now = datetime.datetime.now(datetime.timezone.utc)
    seconds = int((now - now.replace(day=1, hour=0, minute=0, second=0)).total_seconds()) + 40000
    site.waldur.resource(SITE["aif-fl"][3], ("gpu_hours", "node_hours"), kind="usage")
    site.longer(job, seconds)
    done = site.report()
    previous = (SITE["aif-fl"][3], "gpu_hours", min(months()))
    assert "past period" in done.stderr and previous not in site.totals()
    site.waldur.settings(staff=True)
    site.longer(job, 3600)
    site.report()
    site.waldur.resource(SITE["aif-fl"][3], ("gpu_hours", "node_hours"))
    assert previous in site.totals() and site.totals() == site.truth()


def test_slurmdbd_down_is_one_line_and_resumed(site):
    process = site.popen("--foreground")
    try:
        site.cluster.stop("dbd")
        done = site.aif("verify", "--ledger", str(site.ledger))
        assert done.stdout.startswith("ok")
        lines = [process.stderr.readline(), process.stderr.readline()]
        assert "started" in lines[0] and "slurmdbd" in lines[1], lines
        time.sleep(3)
        site.cluster.restart("dbd")
        assert "fine again" in process.stderr.readline()
        job = a_job(site)
        site.longer(job, 3000)
        site.cluster.wait(lambda: site.totals() == site.truth(), what="totals after slurmdbd came back")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.stderr.close()
        site.cluster.restart("dbd")


def test_once_without_slurmdbd(site):
    site.cluster.stop("dbd")
    try:
        done = site.report(check=False)
        assert done.returncode == 3 and len(done.stderr.splitlines()) == 1, done.stderr
    finally:
        site.cluster.restart("dbd")
    site.report()


def test_one_reporter_per_ledger(site):
    process = site.popen("--foreground", "--no-send")
    try:
        assert "started" in process.stderr.readline()
        done = site.report(check=False)
        assert done.returncode == 1 and "another reporter" in done.stderr
        process.terminate()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.stderr.close()
    site.report()


def test_exports(site):
    job = a_job(site, hours=1)
    site.report()
    rows = list(csv.DictReader(io.StringIO(site.aif("export", "--format=csv").stdout)))
    assert len(rows) == len(site.events("job"))
    row = next(row for row in rows if row["job_id"] == job)
    assert int(row["gpu_seconds"]) == 2 * int(row["elapsed"]) >= 7200 and row["end"].endswith("Z")
    one = site.aif("export", "--allocation", SITE["aif-fl"][0]).stdout.splitlines()
    assert json.loads(one[0]) == {"aif_export": 1, "complete": False, "allocation": SITE["aif-fl"][0]}
    assert one[1:] and all(json.loads(line)["body"]["allocation"] == SITE["aif-fl"][0] for line in one[1:])
    refused = site.aif("verify", check=False, stdin="\n".join(one) + "\n")
    assert refused.returncode == 1 and "filtered" in refused.stderr
    assert len(site.aif("export", "--since", "2099-01-01").stdout.splitlines()) == 1
    assert site.ledger.stat().st_mode & 0o777 == 0o600


TAMPER = {
    "body": "UPDATE events SET body = replace(body, '\"gpus\":2', '\"gpus\":1') WHERE seq IN"
            " (SELECT seq FROM events WHERE body LIKE '%\"gpus\":2%' LIMIT 1)",
    "time": "UPDATE events SET at = at + 1 WHERE seq = 2",
    "kind": "UPDATE events SET kind = 'jobs' WHERE seq = 2",
    "row": "UPDATE events SET db_index = db_index + 1 WHERE seq = 2",
    "cluster": "UPDATE events SET cluster = 'aig' WHERE seq = 2",
    "gone": "DELETE FROM events WHERE seq = 2",
    "hash": "UPDATE events SET hash = replace(hash, substr(hash, 1, 1), 'g') WHERE seq = 2",
}


@pytest.mark.parametrize("sql", TAMPER.values(), ids=TAMPER.keys())
def test_tampering_is_found(site, tmp_path, sql):
    site.report()
    copy = tmp_path / "copy.db"
    copy.touch(mode=0o600)
    with sqlite3.connect(site.ledger) as source, sqlite3.connect(copy) as db:
        source.backup(db)
        db.executescript("DROP TRIGGER events_no_update; DROP TRIGGER events_no_delete;")
        db.execute(sql)
    export = site.aif("export", "--ledger", str(copy)).stdout
    for done in (site.aif("verify", check=False, stdin=export), site.aif("verify", "--ledger", str(copy), check=False)):
        assert done.returncode == 1 and "event " in done.stderr and len(done.stderr.splitlines()) == 1


def test_tampered_ledger_is_not_continued(site, tmp_path):
    copy = tmp_path / "copy.db"
    copy.touch(mode=0o600)
    with sqlite3.connect(site.ledger) as source, sqlite3.connect(copy) as db:
        source.backup(db)
        db.executescript("DROP TRIGGER events_no_update; UPDATE events SET at = 0 WHERE seq = 3;")
    text = json.loads((site.cluster.layout.aif / "policy.json").read_text())
    text["report"]["ledger"] = str(copy)
    site.cluster.aif_conf("policy.json", json.dumps(text))
    done = site.report(check=False)
    assert done.returncode == 1 and "event 3" in done.stderr


def test_ledger_from_nothing_is_the_same(site, tmp_path):
    """The ledger can be lost: a new one gets the same totals, and nothing is sent that is there already."""
    text = json.loads((site.cluster.layout.aif / "policy.json").read_text())
    text["report"]["ledger"] = str(tmp_path / "new.db")
    site.cluster.aif_conf("policy.json", json.dumps(text))
    posts = site.posts()
    site.report()
    assert site.posts() == posts and site.totals() == site.truth()
