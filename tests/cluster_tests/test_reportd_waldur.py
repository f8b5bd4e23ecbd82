"""aif-reportd against a Waldur that refuses, fails, lies, or is not who it should be."""

import datetime
import json

import pytest
from reportsite import SITE, Waldur, a_job, calm, months, site  # noqa: F401


def test_second_round_sends_nothing(site):
    site.report()
    before, events = len(site.waldur.requests()), site.verify()
    done = site.report()
    assert len(site.waldur.requests()) == before and site.verify() == events
    assert done.stderr == ""


FAULTS = {
    "slow to answer": [{"do": "delay", "seconds": 1}],
    "never answers in time": [{"do": "delay", "seconds": 14}],
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
    lines = [line for line in done.stderr.splitlines() if "sink waldur" in line]
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
    assert process.wait(300) == 0 and process.stderr.read().count("sink waldur") == 1
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
