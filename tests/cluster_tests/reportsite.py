"""A cluster with a reporter and a simulated Waldur, for test_reportd.py, test_reportd_waldur.py and test_ledger.py.

    from reportsite import calm, site      # fixtures: the Site of the module, and order before and after every test
"""

import calendar
import datetime
import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "sim"))

from waldur import Waldur  # noqa: E402

# account: project, mode, unit, resource at Waldur
SITE = {
    "aif-pg": ("EHPC-AIF-2026PG01-201", "playground", "gpu-hour", "11111111-1111-4111-8111-111111111111"),
    "aif-fl": ("EHPC-AIF-2026FL01-202", "playground", "gpu-hour", "22222222-2222-4222-8222-222222222222"),
    "aif-reg": ("EHPC-REG-2026R01-203", "playground", "node-hour", "33333333-3333-4333-8333-333333333333"),
    "aif-half": ("EHPC-AIF-2026PG01-204", "playground", "gpu-hour", "44444444-4444-4444-8444-444444444444"),
}
HALF = "aif-half"  # where two devices are one GPU
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
                "component": "gpu_hours", "node_component": "node_hours", "timeout": 10,
                "backoff": 200, **waldur}
        report = {"ledger": str(self.ledger), "interval": 1, "overlap": 3600, "waldur": sink}
        listed = [{"id": project, "account": account, "mode": mode, "unit": unit, "amount": 100000,
                   "start": "2026-01-01", "end": "2035-12-31", "members": [self.user], "waldur_resource": resource}
                  for account, (project, mode, unit, resource) in SITE.items()]
        next(entry for entry in listed if entry["account"] == HALF)["charge"] = {"tres": "gres/gpu", "factor": 0.5}
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
        """All rows of the job, of its array or of its het job are there and final.

        slurmctld may tell of a short job's start after its end; until then the row has no eligible time."""
        rows = self.sql("SELECT time_end, time_eligible, tres_alloc FROM aif_job_table WHERE"
                        f" {job} IN (id_job, id_array_job, het_job_id)")
        queue = self.cluster.run(["sdiag"]).stdout.split("DBD Agent queue size:")[1].split()[0]
        return rows and queue == "0" and all(end != "0" and (eligible != "0" or not tres) for end, eligible, tres in rows)

    def sql(self, text):
        done = subprocess.run(["mysql", f"--socket={self.cluster.layout.db_socket}", "-N", "-B", "slurm_acct", "-e",
                               text], capture_output=True, text=True, check=False, timeout=300)
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

        Not from sacct: asked for a time, it hides jobs whose end slurmdbd learned of before their start."""
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
        half = SITE[HALF][3]
        totals = {key: (value + 1) // 2 if key[0] == half else value for key, value in totals.items()}
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
    site.write()
    if site.ledger.exists():
        site.verify()


def a_job(site, account="aif-pg", *options, hours=0.0):
    job = site.submit(account, "--gpus=2", *options)
    site.done(job)
    if hours:
        site.longer(job, int(hours * 3600))
    return job
