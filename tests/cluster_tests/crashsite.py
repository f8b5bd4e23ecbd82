"""aif-reportd over thousands of rows of a real slurmdbd, broken at any of its calls: for test_crash.py and tests/bench crash.

    with CrashSite(cluster, directory, build, rows=5000) as site:
        stage = site.stage("files")         # what the ledger is like before, which sinks there are
        total, files, _ = stage.calls()     # of a run that nothing harms
        stage.walk("kill", range(1, total + 1))

A walk breaks a run at each of the given calls, lets the next one end, and asks everything that was told for its totals: they
must be those of slurmdbd's table. Breaking is done by tests/fault/fault.c.
"""

import contextlib
import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from reportsite import SITE, Site, month_windows

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "sim"), str(Path(__file__).resolve().parent.parent)]

from receiver import Receiver  # noqa: E402
from validators import apel, furms  # noqa: E402

DAYS = 40
TIMEOUT = 600
CHUNK = 1000  # rows in one command line
LOOKS = 100  # of so many copies one is gone on with
ENOSPC, EROFS, EIO = 28, 30, 5
COPIED = ("time_submit", "time_eligible", "time_start", "time_end", "time_suspended")


class CrashSite(Site):
    """Rows are one real job's per account, again and again with times of chance."""

    def __init__(self, cluster, directory, build, rows):
        self.work = directory / "work"
        self.work.mkdir()
        self.sinks = {}
        super().__init__(cluster, directory)
        self.ledger = self.work / "ledger.db"
        self.library = Path(build) / "tests/fault/.libs/fault.so"
        self.receiver = Receiver(directory / "receiver").start()
        self.kept = directory / "kept"
        self.count = directory / "count"
        self.points = 0
        try:
            self.fill(rows)
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.waldur.stop()
        self.receiver.stop()

    def write(self, **waldur):
        super().write(timeout=60, **waldur)
        path = self.cluster.layout.aif / "policy.json"
        policy = json.loads(path.read_text())
        efp = policy["report"].pop("waldur")
        ours = {"efp": {"type": "waldur", **efp}, **self.others()}
        policy["report"].update(ledger=str(self.work / "ledger.db"), balances=str(self.work / "balances.json"),
                                metrics=str(self.work / "aif.prom"), key=str(self.work.parent / "ledger.key"),
                                sinks={name: ours[name] for name in self.sinks})
        path.write_text(json.dumps(policy))

    def others(self):
        if not self.sinks:
            return {}
        told = {"ca_file": str(self.receiver.ca_file), "token_file": str(self.receiver.token_file), "timeout": 60, "backoff": 5}
        return {"apel": {"type": "apel", "directory": str(self.work / "out"), "site": "S", "records": "individual"},
                "furms": {"type": "furms", "file": str(self.work / "furms.json")},
                "hook": {"type": "webhook", "url": self.receiver.url + "/hook", **told},
                "auditor": {"type": "auditor", "url": self.receiver.url, "site": "S", **told}}

    # rows

    def fill(self, rows):
        jobs = [self.submit(account, "--gpus=2", "-N1") for account in SITE]
        self.done(*jobs)
        self.cluster.run(["aif", "ledger", "key", "--new"])
        names = [name for name, in self.sql("SELECT column_name FROM information_schema.columns WHERE table_schema = 'slurm_acct'"
                                            " AND table_name = 'aif_job_table' AND column_name != 'job_db_inx'")]
        kept = ", ".join(f"`{name}`" for name in names if name not in COPIED and name != "id_job")
        chance, now = random.Random(rows), int(time.time())
        for first in range(0, rows - len(jobs), CHUNK):
            values = ", ".join(f"({i}, {jobs[i % len(jobs)]}, {self.times(chance, now)})"
                               for i in range(first, min(first + CHUNK, rows - len(jobs))))
            self.sql("CREATE TEMPORARY TABLE more (n INT, job INT, submit BIGINT, start BIGINT, end BIGINT, suspended BIGINT);"
                     f"INSERT INTO more VALUES {values};"
                     f"INSERT INTO aif_job_table (id_job, {', '.join(COPIED)}, {kept}) SELECT 100000 + n, submit, submit, start, end,"
                     f" suspended, {kept} FROM more JOIN aif_job_table ON id_job = job")
        self.sql("UPDATE aif_job_table SET state = 4 WHERE NOT time_start")
        assert self.sql("SELECT count(*) FROM aif_job_table") == [[str(rows)]]
        self.wanted = self.truth()
        self.rows = {int(index): (int(start), int(end)) for index, start, end in
                     self.sql("SELECT job_db_inx, time_start, time_end FROM aif_job_table")}

    @staticmethod
    def times(chance, now):
        """submit, start, end, suspended; one of ten was cancelled before it began."""
        end = now - 60 - chance.randrange(DAYS * 86400)
        elapsed = 10 + chance.randrange(50000)
        if chance.randrange(10) == 0:
            return f"{end - elapsed}, 0, {end}, 0"
        return f"{end - elapsed - 5}, {end - elapsed}, {end}, {elapsed // 3 if chance.randrange(10) == 0 else 0}"

    # runs

    def start(self, *options, fault=None, ahead=0, program=("sbin/aif-reportd", "--once"), conf=None):
        env = self.cluster.env()
        if conf:
            env["SLURM_CONF"] = str(conf)
        env.update(LD_PRELOAD=str(self.library), AIF_FAULT=fault or "count:0", AIF_FAULT_COUNT=str(self.count))
        if ahead:
            env["AIF_FAULT_CLOCK"] = str(ahead)
        return subprocess.Popen([f"{self.cluster.options.prefix}/{program[0]}", *program[1:], *options], env=env, text=True,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def end(self, process):
        try:
            said = process.communicate(timeout=TIMEOUT)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        return process.returncode, said

    def once(self, *options, rc=(0,), **how):
        code, said = self.end(self.start(*options, **how))
        assert code in rc, f"exit {code} of {how}: {said}"
        return said

    # what became of it

    def clear(self):
        """As if there had never been a run."""
        shutil.rmtree(self.work)
        (self.work / "out").mkdir(parents=True)
        self.left = set(self.rows)
        self.forget()

    def forget(self):
        self.waldur.clear()
        self.receiver.clear()
        for account in SITE:
            self.waldur.resource(SITE[account][3], ("gpu_hours", "node_hours"))
        self.waldur.settings(staff=True)

    def use(self, *sinks):
        self.sinks = sinks
        self.write()

    def recorded(self, ledger=None):
        """Job rows of the ledger, which must verify: none that slurmdbd has not, and none twice."""
        ledger = ledger or self.ledger
        if not ledger.exists() or not ledger.stat().st_size:
            return 0
        with contextlib.closing(sqlite3.connect(ledger, timeout=60)) as db:
            if not db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'events'").fetchone():
                return 0
            rows = sorted(index for table in tables(db) for index in indexes(db, "kind IN ('job', 'correction')", table))
        done = self.cluster.run(["aif", "verify", "--ledger", str(ledger)], check=False)
        assert done.returncode == 0, done.stderr
        odd = sorted(set(rows) - set(self.rows))
        assert not odd and len(rows) == len(set(rows)), f"{len(rows)} rows, {len(set(rows))} different ones, not slurmdbd's: {odd[:9]}"
        return len(rows)

    def check(self):
        """Everything has been told to everybody, once."""
        assert self.recorded() == len(self.rows)
        ran = {index for index, (start, _) in self.rows.items() if start}
        if "efp" in self.sinks:
            assert self.totals() == self.wanted
        if "furms" in self.sinks:
            hours = {name: amount for name, (_, amount) in furms.messages((self.work / "furms.json").read_text()).items()}
            assert hours == self.hours()
        if "apel" in self.sinks:
            assert self.apel() == sorted(ran)
        if "hook" in self.sinks:
            assert sorted(int(event["record"]["db_index"]) for event in self.receiver.events()) == sorted(self.left)
        if "auditor" in self.sinks:
            assert sorted(int(name.rsplit("-", 1)[1]) for name in self.receiver.records()) == sorted(ran & self.left)

    def hours(self):
        """{project: hours since ever}, from slurmdbd's table."""
        used = {project: 0 for project, *_ in SITE.values()}
        for account, secs in self.sql("SELECT acct, sum(time_end - time_start - time_suspended) FROM aif_job_table"
                                      " JOIN aif_assoc_table USING (id_assoc) WHERE time_start GROUP BY acct"):
            project, _, unit, _ = SITE[account]
            used[project] = int(secs) * (1 if unit == "node-hour" or account == "aif-half" else 2)
        return {project: float(f"{(secs + 18) // 36 / 100:.2f}") for project, secs in used.items()}

    def apel(self):
        """Rows in the messages for APEL, which must not be half files."""
        assert not list((self.work / "out").glob("*.new")), "a file was left aside"
        found = []
        for path in (self.work / "out").glob("*-job-*"):
            found += [int(record["LocalJobId"].rsplit("-", 1)[1]) for record in apel.message(path.read_text())[1]]
        return sorted(found)

    @staticmethod
    def month_end(now):
        return next(last for _, first, last in month_windows(now, now + 1))

    def stage(self, name):
        return STAGES[name](self)


def indexes(db, which, table="events"):
    """slurmdbd's numbers of rows, in order: from 24.11 on they have all 64 bits, which SQLite knows with a sign only."""
    return sorted(index % 2**64 for index, in db.execute(f"SELECT db_index FROM {table} WHERE {which}"))


def tables(db):
    """Where rows are: those that were moved to an archive are kept beside the events."""
    return [name for name, in db.execute("SELECT name FROM sqlite_schema WHERE name IN ('events', 'kept')")]


class Stage:
    """Runs that begin with the same ledger, to which walks return before each point."""

    sinks = ()
    options = ("--no-collect",)

    def __init__(self, site):
        self.site = site
        site.clear()
        site.use(*self.sinks)
        self.prepare()
        shutil.rmtree(site.kept, ignore_errors=True)
        shutil.copytree(site.work, site.kept)

    def prepare(self):
        self.site.once("--no-send")

    def back(self):
        shutil.rmtree(self.site.work)
        shutil.copytree(self.site.kept, self.site.work)
        if set(self.sinks) & {"efp", "hook", "auditor"}:
            self.site.forget()

    def calls(self):
        """How many calls there are that can be killed, that are on files, that receive."""
        self.back()
        self.site.once(*self.options)
        self.site.check()
        return tuple(map(int, self.site.count.read_text().split()))

    def walk(self, kind, points, until=""):
        """kind: "kill", "torn", or the number of an errno, which with until ("-LAST") comes again."""
        self.back()
        for point in points:
            fault = f"{kind}:{point}{until}"
            try:
                self.point(kind in ("kill", "torn"), fault)
            except AssertionError as failure:
                raise AssertionError(f"{type(self).__name__}, {fault}: {failure}") from None
            self.site.points += 1
        self.once_more()

    def broken(self, deadly, fault):
        # A run may have fewer calls than the one that was counted: how a message is cut is the network's matter.
        self.site.once(*self.options, fault=fault, rc=(-signal.SIGKILL, 0) if deadly else (0, 1, 3))

    def once_more(self):
        self.site.once(*self.options)
        self.site.check()

    def point(self, deadly, fault):
        self.broken(deadly, fault)
        self.once_more()
        self.back()


class Collect(Stage):
    """From nothing to a ledger of all rows, signed, with balances and metrics.

    Where nothing was recorded, the next point's run goes on from what the broken one left."""

    options = ("--no-send",)

    def prepare(self):
        pass

    def point(self, deadly, fault):
        self.broken(deadly, fault)
        if self.site.recorded():
            self.once_more()
            self.back()

    def walk(self, kind, points, until=""):
        if kind not in ("look", "half"):
            return super().walk(kind, points, until)
        self.back()
        copies = self.site.kept.with_name("copies")
        shutil.rmtree(copies, ignore_errors=True)
        for copy in self.look(kind, points, copies):
            self.go_on(copy)
        return shutil.rmtree(copies)

    def look(self, kind, points, copies):
        """One run that waits at each of the calls: a copy of what is on the disk then is what a kill would have left. The whole reading of
        slurmdbd is done once instead of once for each call. Returns some of the copies, and all kinds of them."""
        count, kept, before, at = self.site.count, [], None, 0
        count.unlink(missing_ok=True)
        process = self.site.start(*self.options, fault=f"{kind}:1-{points[-1]}")
        while not self.stopped(process):
            at += 1
            if at not in points:
                count.unlink()
                continue
            copy = copies / str(at)
            shutil.copytree(self.site.work, copy)
            count.unlink()
            try:
                rows = self.site.recorded(copy / "ledger.db")
            except AssertionError as failure:
                raise AssertionError(f"{kind}:{at}: {failure}") from None
            self.site.points += 1
            if rows == before and at % LOOKS:
                shutil.rmtree(copy)
            else:
                kept.append(copy)
            before = rows
        assert self.site.end(process)[0] == 0 and at >= points[-1] * 9 // 10, "how many calls there are is the network's matter, too"
        return kept

    def stopped(self, process):
        """Wait for the next of its calls; True: it has ended."""
        while not self.site.count.exists():
            if process.poll() is not None:
                return not self.site.count.exists()
            time.sleep(0.0005)
        return False

    def go_on(self, copy):
        shutil.rmtree(self.site.work)
        copy.rename(self.site.work)
        self.once_more()


class Files(Stage):
    sinks = ("apel", "furms")

    def broken(self, deadly, fault):
        super().broken(deadly, fault)
        for path in (self.site.work / "out").iterdir():  # SSM takes whatever has a name there
            assert apel.message(path.read_text()), path


class Waldur(Stage):
    sinks = ("efp",)


class Events(Stage):
    """The last few rows: each is a request, and its cursor."""

    sinks = ("hook", "auditor")
    LEFT = 3

    def prepare(self):
        site = self.site
        super().prepare()
        with contextlib.closing(sqlite3.connect(site.ledger)) as db, db:
            told = db.execute("SELECT max(seq) FROM events WHERE kind = 'job'").fetchone()[0] - self.LEFT
            db.executemany("INSERT INTO state VALUES (?, ?)", [(f"sink/{name}", f"{told} 0 0 ") for name in self.sinks])
            site.left = set(indexes(db, f"kind = 'job' AND seq > {told}"))


class Everything(Stage):
    """All rows to all sinks at once, which takes too many calls to begin anew for each: a run goes on where the last one died, and
    dies itself so many calls after its start, one more each time. So the place moves through what is done for each row."""

    sinks = ("efp", "apel", "furms", "hook", "auditor")
    FAR = 600  # more than a run needs before it sends

    def walk(self, kind, points, until=""):
        self.back()
        at = self.FAR
        while self.site.end(self.site.start(*self.options, fault=f"{kind}:{at}{until}"))[0] == -signal.SIGKILL:
            self.site.points += 1
            at += 1
        self.once_more()


class Archive(Stage):
    """"aif ledger archive" of all rows, by a clock for which they are old: the ledger is as it was, or as it is to be."""

    AHEAD = 200 * 86400
    NAMES = ("old.jsonl", "old.jsonl.sig")

    def calls(self):
        self.back()
        self.move((0,))
        assert self.moved()
        return tuple(map(int, self.site.count.read_text().split()))

    def move(self, rc, fault=None):
        day = time.strftime("%Y-%m-%d", time.localtime(time.time() + 2 * 86400))
        words = ("bin/aif", "ledger", "archive", "--before", day, str(self.site.work / self.NAMES[0]))
        code, said = self.site.end(self.site.start(fault=fault, ahead=self.AHEAD, program=words))
        assert code in rc, f"exit {code} of {fault}: {said}"

    def broken(self, deadly, fault):
        self.move((-signal.SIGKILL, 0) if deadly else (0, 1), fault)

    def moved(self):
        """Whether the ledger, which must verify and have each row once, says that there is an archive, which must be there then."""
        assert self.site.recorded() == len(self.site.rows)
        with contextlib.closing(sqlite3.connect(self.site.ledger)) as db:
            moved = db.execute("SELECT count(*) FROM events WHERE kind = 'archive'").fetchone()[0]
        if moved:
            words = ["aif", "verify", "--ledger", str(self.site.ledger), "--archive", str(self.site.work / self.NAMES[0])]
            done = self.site.cluster.run(words, check=False)
            assert moved == 1 and done.returncode == 0 and "joined: " in done.stdout, done.stderr
        return moved

    def once_more(self):
        if not self.moved():
            for name in self.NAMES:
                (self.site.work / name).unlink(missing_ok=True)
            self.move((0,))
            assert self.moved()


STAGES = {"archive": Archive, "collect": Collect, "files": Files, "waldur": Waldur, "events": Events, "everything": Everything}

__all__ = ["EIO", "ENOSPC", "EROFS", "STAGES", "CrashSite"]
