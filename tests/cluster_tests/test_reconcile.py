"""aif report reconcile: where slurmdbd, slurmctld, the ledger and Waldur differ, and why; on a real cluster.

Each test has an allocation of its own, so that what one breaks no other sees."""

import json
import re
import signal
import time

import pytest
from reportsite import SITE, a_job, calm, site  # noqa: F401


@pytest.fixture(autouse=True)
def within_one_month():
    """Hours that are put in by hand would fall into two months."""
    if time.gmtime(time.time() - 3 * 3600).tm_mon != time.gmtime(time.time() + 900).tm_mon:
        pytest.skip("a month turns (UTC)")


def reconcile(site, account, *options, rc=0):
    """{place: finding} of this month."""
    done = site.aif("report", "reconcile", "--json", "--allocation", SITE[account][0], *options, check=False)
    assert done.returncode == rc, (done.stdout, done.stderr)
    month = max(row["month"] for row in json.loads(done.stdout) if row["month"])
    return {row["place"]: row for row in json.loads(done.stdout) if row["month"] in (month, None)}


def policy(site, **report):
    text = json.loads((site.cluster.layout.aif / "policy.json").read_text())
    text["report"].update(report)
    site.cluster.aif_conf("policy.json", json.dumps(text))


def test_all_places_agree(site):
    job = a_job(site, "aif-reg", "-N2", "--exclusive", hours=0)
    site.report()
    found = reconcile(site, "aif-reg")
    assert set(found) <= {"slurmdbd", "slurmctld", "waldur"} and "slurmdbd" in found
    assert not any(row["differs"] for row in found.values())
    assert found["slurmdbd"]["there_seconds"] == found["slurmdbd"]["ledger_seconds"] and not found["slurmdbd"]["why"]
    site.longer(job, 3601)
    site.report()
    found = reconcile(site, "aif-reg")
    secs = found["slurmdbd"]["ledger_seconds"]
    assert 7202 <= secs < 7300 and found["waldur"]["ledger_seconds"] == secs
    assert abs(found["waldur"]["there_seconds"] - secs) <= 18
    assert (found["waldur"]["why"] == "rounded to two decimals") == (secs % 36 != 0)
    # That job's first hour was put in by hand: Slurm never counted it.
    assert "counter" in found["slurmctld"]["why"] and not found["slurmctld"]["differs"]
    lines = site.aif("report", "reconcile", "--parsable", "--allocation", SITE["aif-reg"][0]).stdout.splitlines()
    assert lines[0] == "ALLOCATION|MONTH|PLACE|THERE|LEDGER|DIFFERENCE|STATE|WHY"
    assert any(re.match(r".*\|slurmdbd\|2(\.\d+)?\|2(\.\d+)?\|0\|ok\|-$", line) for line in lines), lines


def test_what_a_difference_is_made_of(site):
    known, gone, bad, late = (site.submit("aif-pg", "--gpus=2") for _ in range(4))
    site.done(known, gone, bad, late)
    site.sql(f"UPDATE aif_job_table SET time_end = 0 WHERE id_job = {late}")
    site.report()
    site.longer(known, 1800)
    site.sql(f"DELETE FROM aif_job_table WHERE id_job = {gone}")
    site.sql(f"UPDATE aif_job_table SET tres_alloc = 'what=ever' WHERE id_job = {bad}")
    site.sql(f"UPDATE aif_job_table SET time_start = time_start - 4600, time_end = time_start + 3600 WHERE id_job = {late}")
    found = reconcile(site, "aif-pg", rc=1)["slurmdbd"]
    assert found["differs"]
    for words in ("1 row longer at slurmdbd (1 h)", "1 row no more at slurmdbd", "1 row in quarantine"):
        assert words in found["why"], found
    assert re.search(r"1 row (not in the ledger|from before the ledger's begin) \(2 h\)", found["why"]), found
    site.report()
    why = reconcile(site, "aif-pg", rc=1)["slurmdbd"]["why"]
    assert "longer" not in why and "not in the ledger" not in why and "no more at slurmdbd" in why


def test_what_a_sink_lacks_and_sending_it_again(site):
    job = a_job(site, "aif-half")
    site.longer(job, 7200)
    site.waldur.faults({"on": "any", "do": "status", "status": 503, "times": 100000})
    assert site.report(check=False).returncode == 1
    found = reconcile(site, "aif-half", rc=1)["waldur"]
    assert found["differs"] and found["there_seconds"] == 0 and "503" in found["why"]
    site.waldur.faults()
    done = site.aif("report", "reconcile", "--resend", "--allocation", SITE["aif-half"][0], check=False)
    assert done.returncode == 1 and "the next round sends everything to waldur once more" in done.stderr
    site.report()
    found = reconcile(site, "aif-half")
    assert found["waldur"]["there_seconds"] and "x 0.5" not in (found["slurmdbd"]["why"] or "")


def test_the_reporter_looks_by_itself(site, tmp_path):
    """What it cannot mend by reading again is a line and a gauge."""
    job = a_job(site, "aif-fl")
    site.longer(job, 3600)
    site.report()
    site.sql(f"DELETE FROM aif_job_table WHERE id_job = {job}")
    policy(site, reconcile=1, metrics=str(tmp_path / "aif.prom"))
    process = site.popen("--foreground")
    try:
        site.cluster.wait(lambda: (tmp_path / "aif.prom").exists() and gauge(tmp_path, "slurmdbd") >= 7200, what="the gauge")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(300)
        lines = process.stderr.read().splitlines()
        process.stderr.close()
    said = [line for line in lines if "differ from the ledger's" in line]
    assert len(said) == 1 and "slurmdbd" in said[0] and "no more at slurmdbd" in said[0], lines
    assert "aif_report_reconcile_timestamp_seconds " in (tmp_path / "aif.prom").read_text()


def gauge(tmp_path, place):
    found = re.search(rf'aif_report_difference_seconds{{place="{place}"}} (\d+)', (tmp_path / "aif.prom").read_text())
    return int(found[1])


def test_without_slurmdbd(site):
    site.report()
    site.cluster.stop("dbd")
    try:
        done = site.aif("report", "reconcile", check=False)
        assert done.returncode == 3 and "slurmdbd" in done.stderr and not done.stdout
        assert "next round" not in done.stderr
    finally:
        site.cluster.restart("dbd")
    done = site.aif("report", "reconcile", "--month", "2026-13", check=False)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert site.aif("report", "status", "--month", "2026-11", check=False).returncode == 2
