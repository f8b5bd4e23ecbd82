"""aif-reportd broken anywhere: killed, disk full, read-only, busy, clock, slurmdbd; nothing is lost or told twice.

Here a part of the points; all of them: tests/bench crash.
"""

import contextlib
import os
import random
import signal
import sqlite3
import time
from pathlib import Path

import pytest
from crashsite import EIO, ENOSPC, EROFS, CrashSite
from relay import Relay

ROWS = 1200
POINTS = {"archive": 4, "collect": 4, "files": 3, "waldur": 3, "events": 3}  # of each kind


@pytest.fixture(scope="module")
def site(make_cluster, prefix, tmp_path_factory):
    build = Path(os.environ.get("AIF_BUILD") or prefix.parent)
    with CrashSite(make_cluster(prefix=prefix, plugins="none", nodes=1), tmp_path_factory.mktemp("crash"), build, ROWS) as one:
        yield one


def sample(calls, count):
    """The last call, and some by chance, spread over all."""
    return sorted({calls, *(calls * i // count + random.randrange(calls // count) + 1 for i in range(count))})


@pytest.mark.parametrize("name", POINTS)
def test_broken_at_any_call(site, name):
    stage = site.stage(name)
    calls, files, _ = stage.calls()
    stage.walk("kill", sample(calls, POINTS[name]))
    stage.walk("torn", sample(calls, POINTS[name] - 1))
    if name in ("archive", "collect", "files"):
        stage.walk(random.choice((EIO, ENOSPC, EROFS)), sample(files, 2), "-1000000")


def test_another_process_holds_the_ledger(site):
    """For so long that SQLite gives up: that round fails with one line, the next one has it all."""
    stage = site.stage("collect")
    site.once("--no-send", "--no-collect")  # the file is made
    with contextlib.closing(sqlite3.connect(site.ledger, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        said = site.once(*stage.options, rc=(1,))
        assert len([line for line in said.splitlines() if "locked" in line]) == 1 and site.recorded() == 0, said
        db.execute("ROLLBACK")
    stage.once_more()


def test_the_clock_goes_back(site):
    """By less than what is left of the month: what a month is told of is not asked here."""
    now = int(time.time())
    ahead = min(7200, int(site.month_end(now) - now) // 2)
    site.clear()
    site.use("apel", "furms")
    site.once(ahead=ahead)
    site.once()
    site.check()
    site.clear()
    site.once(ahead=-ahead)
    site.once()
    site.check()


def held(site, stage, receiving):
    """A run that waits in one of its receivings; None if it had fewer: how an answer is cut is the network's matter."""
    stage.back()
    site.count.unlink(missing_ok=True)
    process = site.start(*stage.options, fault=f"hold:{receiving}")
    site.cluster.wait(lambda: site.count.exists() or process.poll() is not None, what="the middle of an answer")
    if site.count.exists():
        return process
    site.end(process)
    return None


def test_slurmdbd_is_killed_in_the_middle_of_an_answer(site):
    stage = site.stage("collect")
    received = stage.calls()[2]
    process = next(filter(None, (held(site, stage, received * part // 12) for part in (8, 6, 4, 2))))
    try:
        site.cluster.kill("dbd")
    finally:
        site.count.unlink()
        code, said = site.end(process)
    site.cluster.restart("dbd")
    assert code in (0, 3), said
    site.recorded()
    stage.once_more()


def test_nobody_waits_for_slurmdbd(site, tmp_path):
    """It stops in the middle of its first answer with rows: meanwhile the ledger can be signed, which is writing, and exported."""
    stage = site.stage("collect")
    layout = site.cluster.layout
    with Relay(site.cluster.ports[1], stall=50000) as relay:
        conf = tmp_path / "slurm.conf"
        conf.write_text(layout.conf.read_text().replace(f"StoragePort={site.cluster.ports[1]}", f"StoragePort={relay.port}"))
        process = site.start("--conf-dir", str(layout.aif), *stage.options, conf=conf)
        try:
            site.cluster.wait(lambda: relay.stalled.is_set() or process.poll() is not None, what="the middle of an answer")
            site.cluster.kill("dbd", signal.SIGSTOP)
            try:
                site.cluster.run(["aif", "export", "--sign", "--output", str(site.work / "signed.jsonl")])
                assert process.poll() is None and site.recorded() == 0
            finally:
                site.cluster.kill("dbd", signal.SIGCONT)
        finally:
            relay.go_on.set()
            code, said = site.end(process)
    assert code == 0, said
    site.check()
    stage.once_more()
