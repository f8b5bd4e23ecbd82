"""A ledger of chance and receivers of usage, without a cluster: for test_sinks.py and test_sinks_hostile.py.

    from sinksite import desk       # fixture: a Desk of the test's own

What is sent is judged by truths that are worked out here from the ledger's export, with the formats' rules written again.
"""

import datetime
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "sim"), str(HERE.parent)]

from receiver import Receiver  # noqa: E402
from simfiles import make_client_certificate  # noqa: E402
from waldur import Waldur  # noqa: E402

ALLOCATIONS = {"EHPC-AIF-2026PG01-301": ("acc-a", "gpu-hour", "11111111-1111-4111-8111-111111111111"),
               "EHPC-AIF-2026FL01-302": ("acc-b", "gpu-hour", "22222222-2222-4222-8222-222222222222"),
               "EHPC-REG-2026R01-303": ("acc-c", "node-hour", "33333333-3333-4333-8333-333333333333")}
MEMORY_MAX = 64 * 1024  # KiB
BACKOFF = 5  # milliseconds


class Desk:
    """A configuration directory, a ledger in it, and aif-reportd --no-collect on both."""

    def __init__(self, directory, prefix):
        self.dir = directory
        self.prefix = Path(prefix)
        self.build = Path(os.environ.get("AIF_BUILD") or self.prefix.parent)
        self.ledger = directory / "ledger.db"
        self.conf = directory / "aif"
        self.conf.mkdir()
        self.rss = 0
        self.sinks({})
        listed = [{"id": name, "account": account, "mode": "playground", "unit": unit, "amount": 50000,
                   "start": "2020-01-01", "end": "2035-12-31", "members": ["alice", "bob"], "waldur_resource": resource}
                  for name, (account, unit, resource) in ALLOCATIONS.items()]
        self.allocations(listed)

    def sinks(self, sinks, **report):
        report = {"ledger": str(self.ledger), "interval": 1, "sinks": sinks, **report}
        policy = {"version": 1, "cluster": "aif", "modes": {"playground": {"code": "PG"}}, "report": report}
        (self.conf / "policy.json").write_text(json.dumps(policy))

    def allocations(self, listed):
        self.listed = listed
        (self.conf / "allocations.json").write_text(json.dumps({"version": 1, "allocations": listed}))

    def fill(self, count=200, first=1, seed=1):
        whose = [f"{account}={name}" for name, (account, _, _) in ALLOCATIONS.items()]
        program = self.build / "tests" / "sim" / "fill_ledger"
        subprocess.run([program, self.ledger, str(seed), str(first), str(count), str(int(time.time())), *whose],
                       check=True, timeout=300)

    # programs

    def popen(self, *options):
        program = self.prefix / "sbin" / "aif-reportd"
        return subprocess.Popen([program, "--conf-dir", self.conf, "--no-collect", *options], stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True)

    def watch(self, process):
        """Note the most memory that the process ever had (KiB).

        Not from wait4(): its figure begins with what the parent had when it forked."""
        try:
            text = Path(f"/proc/{process.pid}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return
        for line in text.splitlines():
            if line.startswith("VmHWM:"):
                self.rss = max(self.rss, int(line.split()[1]))

    def report(self, rc=0):
        """One round; its lines."""
        process = self.popen("--once")
        while process.poll() is None:
            self.watch(process)
            time.sleep(0.005)
        said = process.stderr.read()
        process.stderr.close()
        assert process.returncode == rc, said
        return said

    def aif(self, *words, check=True):
        done = subprocess.run([self.prefix / "bin" / "aif", "--conf-dir", self.conf, *words], capture_output=True,
                              text=True, check=False, timeout=300)
        assert not check or done.returncode == 0, done.stderr
        return done

    def status(self):
        return {row["sink"]: row for row in json.loads(self.aif("report", "status", "--json", check=False).stdout)}

    # the truth

    def events(self):
        lines = self.aif("export").stdout.splitlines()
        events = [json.loads(line) for line in lines]
        return [event for event in events if event.get("kind") in ("job", "correction")]

    def rows(self):
        """Job rows as they stand now, by their key."""
        return {(event["cluster"], event["db_index"]): event["body"] for event in self.events()}

    def used(self):
        """{project: seconds of its unit since ever}"""
        used = dict.fromkeys(ALLOCATIONS, 0)
        for row in self.rows().values():
            used[row["allocation"]] += row["elapsed"] * row["nodes" if self.unit(row) == "node-hour" else "gpus"]
        return used

    @staticmethod
    def unit(row):
        return ALLOCATIONS[row["allocation"]][1]

    def month_totals(self, names=None):
        """{(resource, component, month): "12.34"} of this and the previous month, as Waldur shall have it."""
        totals = {}
        for row in self.rows().values():
            component = "node_hours" if self.unit(row) == "node-hour" else "gpu_hours"
            for month, first, last in windows():
                if row["start"]:
                    count = row["nodes" if component == "node_hours" else "gpus"]
                    key = ALLOCATIONS[row["allocation"]][2], component, month
                    secs = until(row, last) - until(row, first)
                    totals[key] = totals.get(key, 0) + secs * count
        return {key: f"{(secs + 18) // 36 / 100:.2f}" for key, secs in totals.items()
                if (secs + 18) // 36 and (not names or key[0] in names)}


def until(row, t):
    """Seconds that the job had run by t, when they are spread evenly over its time."""
    if t <= row["start"]:
        return 0
    if t >= row["end"]:
        return row["elapsed"]
    return row["elapsed"] * (t - row["start"]) // (row["end"] - row["start"])


def month_of(t):
    return datetime.datetime.fromtimestamp(t, datetime.timezone.utc).strftime("%Y-%m")


def windows():
    """(name, first second, first second of the next) of the previous month and this one."""
    now = datetime.datetime.now(datetime.timezone.utc)
    this = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    before = (this - datetime.timedelta(days=1)).replace(day=1)
    after = (this + datetime.timedelta(days=32)).replace(day=1)
    return [(begin.strftime("%Y-%m"), int(begin.timestamp()), int(end.timestamp()))
            for begin, end in ((before, this), (this, after))]


def waldur_sink(waldur, **more):
    return {"type": "waldur", "url": waldur.url, "token_file": str(waldur.token_file), "ca_file": str(waldur.ca_file),
            "component": "gpu_hours", "node_component": "node_hours", "timeout": 3, "backoff": BACKOFF, **more}


def receiver_sink(kind, receiver, **more):
    path = {"auditor": "", "webhook": "/hook"}[kind]
    site = {"site": "SITE"} if kind == "auditor" else {}
    return {"type": kind, "url": receiver.url + path, "ca_file": str(receiver.ca_file), "timeout": 3, "backoff": BACKOFF,
            "token_file": str(receiver.token_file), **site, **more}


def known_waldur(waldur):
    for _, _, resource in ALLOCATIONS.values():
        waldur.resource(resource, ("gpu_hours", "node_hours"))
    waldur.settings(staff=True)
    return waldur


@pytest.fixture
def desk(tmp_path, prefix):
    return Desk(tmp_path, prefix)


@pytest.fixture(scope="module")
def _services(tmp_path_factory):
    """Started once for all tests of a file: keys and interpreters take longer than most tests."""
    top = tmp_path_factory.mktemp("services")
    with Waldur(top / "waldur") as waldur, Receiver(top / "receiver") as receiver:
        yield waldur, receiver


@pytest.fixture
def waldur(_services):
    return known_waldur(_services[0].clear())


@pytest.fixture
def receiver(_services):
    return _services[1].clear()


__all__ = ["ALLOCATIONS", "BACKOFF", "MEMORY_MAX", "Desk", "Receiver", "Waldur", "_services", "desk", "known_waldur",
           "make_client_certificate", "month_of", "receiver", "receiver_sink", "waldur", "waldur_sink", "windows"]
