"""The recipes of doc/portals.md as they are shipped in etc/portals: slurmrestd with tokens, and the form of Open OnDemand."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from aifsite import Site, allocation
from clusterlib.rest import RestServer

PORTALS = Path(__file__).resolve().parents[2] / "etc" / "portals"
PG, FL = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991"
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="makes tokens for other users: run as root")


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, nodes=2, gpus=4, locations="FI:2", start=False)
    key = cluster.layout.etc / "jwt.key"
    key.write_bytes(os.urandom(32))
    key.chmod(0o600)
    with cluster.layout.conf.open("a") as conf:
        conf.write(f"AuthAltTypes=auth/jwt\nAuthAltParameters=jwt_key={key}\n")
    site = Site(cluster, [allocation(PG, "pg", "playground", members=["daemon"]),
                          allocation(FL, "fl", "fast-lane", members=["daemon"])])
    site.start()
    return site


@pytest.fixture(scope="module")
def rest(site):
    """A server that runs as a user without any right of its own and knows who asks by his token alone."""
    token = site.cluster.run(["scontrol", "token", "username=daemon", "lifespan=3600"]).stdout.strip().partition("=")[2]
    with RestServer(site.cluster, "nobody", {"X-SLURM-USER-NAME": "daemon", "X-SLURM-USER-TOKEN": token}) as server:
        yield server


def example(server):
    """The body that is shipped for the newest interface of this server."""
    name = "job-v0.0.38.json" if server.version < 39 else "job-v0.0.40.json"
    return json.loads((PORTALS / "slurmrestd" / name).read_text())


def sent(server, **changes):
    body = example(server)
    body["job"].update(changes)
    return server.submit_bytes(json.dumps(body).encode())


def test_the_shipped_body_becomes_a_job_of_the_users_allocation(site, rest):
    job, answer = sent(rest)
    assert job, answer
    seen = site.cluster.job(job)
    assert (seen["UserId"].split("(")[0], seen["QOS"], seen["TimeLimit"]) == ("daemon", PG.lower(), "01:00:00")
    assert json.loads(seen["AdminComment"])["aif"]["alloc"] == PG
    assert "gres/gpu=2" in seen.get("ReqTRES", seen.get("TRES", ""))
    site.cluster.wait_job(job, "COMPLETED")


@pytest.mark.parametrize("changes, rule", [({"comment": "aif:mode=fast-lane"}, "AIF-M002"), ({"time_limit": 600}, "AIF-M007")])
def test_a_refusal_says_why(site, rest, changes, rule):
    """slurmrestd's answer has room for Slurm's own words alone, its log has ours; aif check tells the portal."""
    before = len(rest.log())
    job, answer = sent(rest, **changes)
    assert not job and '"errors"' in answer
    assert rule in rest.log()[before:]
    wanted = {**example(rest)["job"], **changes}
    minutes = wanted["time_limit"] if isinstance(wanted["time_limit"], int) else wanted["time_limit"]["number"]
    done = site.cluster.run(["aif", "check", "--json", f"--account={wanted['account']}", f"--time={minutes}",
                             f"--comment={wanted['comment']}", "--gpus=2", "--wrap=true"], user="daemon", check=False)
    assert done.returncode == 1 and json.loads(done.stdout)["rule"] == rule


def test_nobody_submits_with_a_token_of_somebody_else(rest):
    headers = rest.headers
    rest.headers = {**headers, "X-SLURM-USER-NAME": "root"}
    try:
        job, answer = sent(rest)
    finally:
        rest.headers = headers
    assert not job, answer


def native(**fields):
    """What Ruby makes of submit.yml.erb with the form's fields set so."""
    context = {"ai_mode": "", "ai_residency": "", "ai_purpose": "", "num_gpus": "1", **fields}
    program = ("require 'erb'; require 'yaml'; require 'json'; "
               "text = ERB.new(File.read(ARGV[0]), trim_mode: '-').result_with_hash(JSON.parse(ARGV[1])); "
               "puts JSON.generate(YAML.safe_load(text)['script']['native'])")
    done = subprocess.run(["ruby", "-e", program, PORTALS / "ondemand" / "submit.yml.erb", json.dumps(context)],
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


ruby = pytest.mark.skipif(not shutil.which("ruby"), reason="needs ruby")


@ruby
def test_what_the_form_sends_becomes_a_job(site):
    arguments = native(ai_mode="playground", ai_residency=" FI|SE ", ai_purpose="training", num_gpus="2")
    assert arguments == ["--ai-mode=playground", "--data-residency=FI|SE", "--ai-purpose=training", "--gpus=2"]
    job = site.cluster.sbatch("--account=pg", "--time=10", *arguments, user="daemon")
    assert json.loads(site.cluster.job(job)["AdminComment"])["aif"]["alloc"] == PG
    site.cluster.wait_job(job, "COMPLETED")


@ruby
def test_a_field_left_empty_is_no_option_and_none_becomes_two():
    assert native() == ["--gpus=1"]
    assert native(ai_residency='FI" , "--nice=-5')[0] == '--data-residency=FI" , "--nice=-5'


@pytest.fixture(scope="module")
def form():
    program = "require 'yaml'; require 'json'; puts JSON.generate(YAML.safe_load(File.read(ARGV[0])))"
    done = subprocess.run(["ruby", "-e", program, PORTALS / "ondemand" / "form.yml"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@ruby
def test_the_form_asks_what_the_submission_uses(form):
    assert {"ai_mode", "ai_residency", "ai_purpose", "num_gpus"} <= set(form["form"])
    assert set(form["attributes"]) <= set(form["form"])


@ruby
def test_the_form_offers_modes_of_the_shipped_policy(form):
    policy = (PORTALS.parent / "policy.json").read_text()
    modes = [mode for _, mode in form["attributes"]["ai_mode"]["options"] if mode]
    assert len(modes) == 8
    assert [mode for mode in modes if not re.search(rf'^ *"{mode}": *{{', policy, re.M)] == []
