"""aif export and aif verify on a ledger of real jobs, and what tampering does."""

import csv
import io
import json
import sqlite3

import pytest
from reportsite import SITE, a_job, calm, site  # noqa: F401


@pytest.fixture(scope="module", autouse=True)
def jobs(site):  # noqa: F811
    """One job of an hour per account, recorded and sent."""
    made = {account: a_job(site, account, hours=1) for account in SITE}
    site.report()
    return made


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


def test_exports(site, jobs):
    job = jobs["aif-pg"]
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


def test_cut_off_events_are_found_by_an_earlier_head(site, tmp_path):
    head = site.aif("verify", "--ledger", str(site.ledger)).stdout.split()[-1]
    copy = tmp_path / "copy.db"
    copy.touch(mode=0o600)
    with sqlite3.connect(site.ledger) as source, sqlite3.connect(copy) as db:
        source.backup(db)
        db.executescript("DROP TRIGGER events_no_delete; DELETE FROM events WHERE seq = (SELECT max(seq) FROM events);")
    export = site.aif("export", "--ledger", str(copy)).stdout
    done = site.aif("verify", "--head", head, check=False, stdin=export)
    assert done.returncode == 1 and head in done.stderr
    assert site.aif("verify", "--head", head, "--ledger", str(site.ledger)).returncode == 0


def test_ledger_from_nothing_is_the_same(site, tmp_path):
    """The ledger can be lost: a new one gets the same totals, and nothing is sent that is there already."""
    text = json.loads((site.cluster.layout.aif / "policy.json").read_text())
    text["report"]["ledger"] = str(tmp_path / "new.db")
    site.cluster.aif_conf("policy.json", json.dumps(text))
    posts = site.posts()
    site.report()
    assert site.posts() == posts and site.totals() == site.truth()
