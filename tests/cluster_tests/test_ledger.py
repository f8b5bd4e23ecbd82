"""aif export, aif verify and aif ledger on a ledger of real jobs, what tampering does, and archives.

Archives are made last, by a clock that is 100 days ahead, so that what these jobs used is old."""

import csv
import fcntl
import io
import json
import os
import sqlite3
import subprocess
import time
from pathlib import Path

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
        assert process.wait(300) == 0
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
    assert row["submit"] <= row["eligible"] and row["wait"] == "0", "its start was moved an hour back"
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
    head = site.aif("verify", "--ledger", str(site.ledger)).stdout.splitlines()[0].split()[-1]
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

def test_signatures(site, tmp_path):
    """A key, its rotation, and what auditors can tell with nothing but a public key, also with plain openssl."""
    def public(name, *options):
        path = tmp_path / name
        path.write_text(site.aif("ledger", "key", *options).stdout)
        return str(path)

    before = site.aif("export").stdout
    first = public("first.pem", "--new")
    assert site.aif("ledger", "key").stdout == (tmp_path / "first.pem").read_text()
    assert site.aif("ledger", "key", "--new", check=False).returncode == 1, "never over a key that is there"
    assert (site.ledger.parent / "ledger.key").stat().st_mode & 0o777 == 0o600
    site.report()
    assert [event["kind"] for event in json_events(site)][-2:] == ["key", "checkpoint"]
    table = tmp_path / "usage.csv"
    site.aif("export", "--format=csv", "--output", str(table), "--sign")
    rows = table.read_text().splitlines()
    assert rows[-1].startswith(f"# total jobs={len(rows) - 2} gpu_seconds=")
    assert site.aif("verify", "--public-key", first, str(table)).stdout.startswith("ok: ")
    second = public("second.pem", "--rotate")
    assert first != second and site.aif("verify", "--public-key", second, "--ledger", str(site.ledger)).returncode == 0
    for key in (first, second):
        done = site.aif("verify", "--public-key", key, stdin=site.aif("export").stdout)
        assert "\nsigned: events to " in done.stdout
    told = json.loads(site.aif("verify", "--json", "--ledger", str(site.ledger)).stdout)
    lines = dict(line.split("|") for line in site.aif("verify", "--parsable", "--ledger", str(site.ledger)).stdout.splitlines())
    assert told["verdict"] == "ok" and told["first"] == 1 and told["signed"]["to"] <= told["last"]
    assert lines["head"] == told["head"] and lines["signed.key"] == told["signed"]["key"]
    # what was signed cannot be taken back, nor made by others
    stranger = tmp_path / "stranger.pem"
    openssl = ["openssl", "genpkey", "-algorithm", "ed25519"]
    private = subprocess.run(openssl, capture_output=True, check=True).stdout
    stranger.write_bytes(subprocess.run(["openssl", "pkey", "-pubout"], input=private, capture_output=True, check=True).stdout)
    for words, text in ((["--public-key", str(stranger)], "nothing is signed by key"), (["--head", "0" * 64], "no event has the hash")):
        done = site.aif("verify", *words, "--json", check=False, stdin=site.aif("export").stdout)
        assert done.returncode == 1 and text in done.stderr and not done.stdout
    assert "nothing is signed" in site.aif("verify", "--public-key", first, check=False, stdin=before).stderr
    table.write_text(table.read_text().replace("gpu", "GPU", 1))
    assert "not the file that was signed" in site.aif("verify", "--public-key", first, str(table), check=False).stderr


def recipes():
    """The commands of the auditor guide that need no aif, by the title of their section."""
    guide = (Path(__file__).resolve().parents[2] / "doc" / "auditor-guide.md").read_text()
    part = guide.split("## By hand")[1].split("\n## ")[0]
    return part.split("```")[1::2]


def test_recipes_of_the_guide(site, tmp_path):
    """One event, one signature and one signed file, checked with sha256sum and openssl alone."""
    if not (site.ledger.parent / "ledger.key").exists():
        site.aif("ledger", "key", "--new")
    (tmp_path / "site.pem").write_text(site.aif("ledger", "key").stdout)
    site.aif("export", "--output", str(tmp_path / "usage.jsonl"), "--sign")
    for recipe in recipes():
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", recipe], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0 and done.stdout.splitlines()[-1].endswith(("Successfully", "same")), (recipe, done)
    text = (tmp_path / "usage.jsonl").read_text()
    (tmp_path / "usage.jsonl").write_text(text.replace('"job_id":', '"job_id":1', 1))
    assert subprocess.run(["bash", "-euo", "pipefail", "-c", recipes()[0]], cwd=tmp_path, capture_output=True, check=False).returncode


def json_events(site):
    return [json.loads(line) for line in site.aif("export").stdout.splitlines()[1:-1]]


def test_users_by_policy(site):
    """The same job under the user's name, under a pseudonym, and under none."""
    names = {}
    for how in ("plain", "pseudonym", "none"):
        text = json.loads((site.cluster.layout.aif / "policy.json").read_text())
        text["report"]["users"] = how
        site.cluster.aif_conf("policy.json", json.dumps(text))
        job = a_job(site)
        site.report()
        names[how] = next(event["body"]["user"] for event in json_events(site) if event["body"].get("job_id") == int(job))
        assert site.aif("ledger", "user", site.user).stdout.strip() == names[how]
    assert names["plain"] == site.user and names["none"] == ""
    assert names["pseudonym"][0] == "p" and len(names["pseudonym"]) == 21
    assert (site.ledger.parent / "users.key").stat().st_mode & 0o777 == 0o600


# archives, from here on

AHEAD = 100 * 86400


@pytest.fixture(scope="module")
def library(prefix):
    return Path(os.environ.get("AIF_BUILD") or prefix.parent) / "tests/fault/.libs/fault.so"


@pytest.fixture
def archive(site, library):  # noqa: F811
    """Call it for an archive of what was written until a day after now and so many times 100 days."""
    def make(name, *options, before=None, ahead=1):
        day = before or time.strftime("%Y-%m-%d", time.localtime(time.time() + 86400 * 2 + AHEAD * (ahead - 1)))
        env = {"LD_PRELOAD": str(library), "AIF_FAULT_CLOCK": str(AHEAD * ahead)}
        return site.cluster.run(["aif", "ledger", "archive", "--before", day, *options, site.ledger.parent / name], check=False, env=env)
    return make


def jobs_of(site):
    """What a spreadsheet has of each job, but for the event's hash, which is in the archive."""
    rows = csv.DictReader(io.StringIO(site.aif("export", "--format=csv").stdout))
    return sorted(tuple(value for key, value in row.items() if key != "hash") for row in rows)


def proved(site, *words, rc=0):
    """What somebody finds who has the first key that was made for test_signatures, or is told."""
    done = site.aif("verify", "--public-key", str(site.first_key), *map(str, words), check=False)
    assert done.returncode == rc, (done.stdout, done.stderr)
    return done.stdout or done.stderr


def test_archives_that_are_refused_change_nothing(site, archive):
    def state():
        return site.aif("export").stdout, sorted(path.name for path in site.ledger.parent.iterdir() if "ledger.db-" not in path.name)

    def refused(text, *words, **how):
        before, done = state(), archive(*words, **how)
        assert done.returncode == 1 and text in done.stderr and len(done.stderr.splitlines()) == 1, done
        assert state() == before

    refused("may still change", "no.jsonl", ahead=0, before=time.strftime("%Y-%m-%d"))
    refused("must be a day", "no.jsonl", before="yesterday")
    (site.ledger.parent / "there.jsonl").touch()
    refused("is there already", "there.jsonl")
    refused("No such file", "nowhere/no.jsonl")
    with open(f"{site.ledger}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused("stop aif-reportd first", "no.jsonl")
    key = site.ledger.parent / "ledger.key"
    key.rename(key.with_suffix(".away"))
    refused("an archive is signed", "no.jsonl")
    key.with_suffix(".away").rename(key)
    a_job(site, "aif-fl")
    site.report("--no-send")
    refused("sink waldur lacks 1 rows", "no.jsonl")
    site.report()
    before = state()
    assert "would move events 1 to " in archive("no.jsonl", "--dry-run").stdout and state() == before
    assert "no event" in archive("no.jsonl", before="2020-01-01").stdout


def test_events_that_should_be_archived_are_told(site, library):
    text = json.loads((site.cluster.layout.aif / "policy.json").read_text())
    text["report"]["retain_months"] = 2
    site.cluster.aif_conf("policy.json", json.dumps(text))
    env = {"LD_PRELOAD": str(library), "AIF_FAULT_CLOCK": str(AHEAD)}
    assert "are older than 2 months" in site.cluster.run(["aif", "report", "status"], env=env).stderr
    assert not site.aif("report", "status").stderr


def test_with_an_archive_everything_is_told_as_before(site, jobs, archive, tmp_path):
    site.first_key = tmp_path / "site.pem"
    site.first_key.write_text(site.aif("ledger", "key").stdout)
    rows, posts, totals, one = jobs_of(site), site.posts(), site.totals(), site.ledger.parent / "one.jsonl"
    quota = json.loads(site.aif("quota", "--json").stdout)
    done = archive(one.name)
    assert done.returncode == 0 and "moved events 1 to " in done.stdout, done
    assert proved(site, one).startswith("ok: ") and "archived: events to " in proved(site, "--ledger", site.ledger)
    assert "joined: events 1 to " in proved(site, "--ledger", site.ledger, "--archive", one)
    site.report()
    assert (jobs_of(site), site.posts(), site.totals()) == (rows, posts, totals) and totals == site.truth()
    assert json.loads(site.aif("quota", "--json").stdout) == quota
    # a correction of what is in the archive counts once
    site.longer(jobs["aif-pg"], 3600)
    site.report()
    assert site.totals() == site.truth() and len(jobs_of(site)) == len(rows)
    lines = [json.loads(line) for line in site.aif("export").stdout.splitlines()]
    assert [line["body"]["job_id"] for line in lines if line.get("kind") == "correction"] == [int(jobs["aif-pg"])]
    done = site.aif("report", "reconcile", "--allocation", SITE["aif-pg"][0], check=False)
    assert done.returncode == 0, done.stdout


def test_archives_join(site, archive):
    """The second one, after another key has come, for whoever has the first key only."""
    rows, one, two = jobs_of(site), site.ledger.parent / "one.jsonl", site.ledger.parent / "two.jsonl"
    site.aif("ledger", "key", "--rotate")
    done = archive(two.name, ahead=2)
    assert done.returncode == 0 and "moved events " in done.stdout, done
    assert "joined: events 1 to " in proved(site, "--ledger", site.ledger, "--archive", one, "--archive", two)
    assert "begins after event" in proved(site, "--ledger", site.ledger, "--archive", two, "--archive", one, rc=1)
    assert "ends with event" in proved(site, "--ledger", site.ledger, "--archive", one, rc=1)
    last = site.aif("export").stdout.splitlines()
    cut = "\n".join([*last[:-2], '{"events":%d,"head":"%s"}\n' % tuple(json.loads(last[-3])[key] for key in ("seq", "hash"))])
    assert "is not signed" in site.aif("verify", check=False, stdin=cut).stderr, "whoever cuts off the checkpoint"
    site.report()
    assert jobs_of(site) == rows and site.totals() == site.truth()
    text, forged = two.read_text(), site.ledger.parent / "forged.jsonl"
    for wrong in (text.replace('"gpus":2', '"gpus":1', 1), text.replace('{"before":', '{"befor":', 1), text.replace('"after":', '"after":1', 1)):
        assert wrong != text
        forged.write_text(wrong)
        assert site.aif("verify", str(forged), check=False).returncode == 1
        proved(site, "--ledger", site.ledger, "--archive", one, "--archive", forged, rc=1)


def test_who_asks_for_what_is_archived_is_told(site):
    done = site.aif("export", "--since", "2026-01-01")
    assert "are in the archive two.jsonl" in done.stderr and all("correction" not in line for line in done.stdout.splitlines())
    for words in (("audit", "residency"), ("report", "resend", "waldur")):
        assert "are in the archive two.jsonl" in site.aif(*words).stderr
