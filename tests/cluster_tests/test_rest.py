"""Jobs through slurmrestd, as portals submit them: the same decisions as for sbatch, and nothing that a body can break."""

import json
import os

import pytest
from aifsite import Site, allocation, our_errors
from clusterlib.rest import RestServer
from test_decisions import CASES, base, moved, sites, user  # noqa: F401 - fixtures

PG = "EHPC-AIF-2026PG01-905"
OPTIONS = {"mode", "allocation", "residency", "placement", "purpose"}
FIELDS = {"account", "qos", "partition", "comment", "gpus", "nodes", "minutes", "options"}


def as_comment(options):
    """The options of SPANK as a word of the comment; ',' separates keys there."""
    return "aif:" + ",".join(f"{key}={value.replace(',strict', '+strict')}" for key, value in options.items())


def fits(case):
    """What a REST body can say: no options beside a comment, no array, no commas in an option."""
    request, options = case["request"], case["request"].get("options", {})
    return (case["expect"]["verdict"] in ("accept", "reject") and set(request) <= FIELDS and set(options) <= OPTIONS
            and not (options and "comment" in request) and "usage" not in case
            and not any(c in value for value in options.values() for c in " ,;=")
            and case["expect"].get("rule") != "AIF-C009")


REST_CASES = [param for param in CASES if fits(param.values[1])][::5]


@pytest.fixture(scope="module")
def rest(base, user):  # noqa: F811
    with RestServer(base, user or base.users()[0]) as server:
        yield server


def body(server, request):
    """The request in the words of the REST interface."""
    job = {key: request[key] for key in ("account", "qos", "partition", "comment") if request.get(key)}
    if request.get("options"):
        job["comment"] = as_comment(request["options"])
    if request.get("minutes"):
        job["time_limit"] = request["minutes"]
    if request.get("gpus"):
        form = "gres:gpu" if server.version < 39 else "gres/gpu"
        job["gpus" if server.version < 39 else "tres_per_job"] = (request["gpus"] if server.version < 39
                                                                   else f"{form}:{request['gpus']}")
    if request.get("nodes"):
        job["nodes" if server.version < 39 else "minimum_nodes"] = request["nodes"]
    return job


@pytest.mark.parametrize("files,case", REST_CASES)
def test_case_of_the_table(sites, rest, files, case):  # noqa: F811
    site, expect = sites(files), case["expect"]
    job, answer = rest.submit(**body(rest, case["request"]))
    if expect["verdict"] == "reject":
        assert job is None, answer
        assert moved(expect["message"]).partition("aif: ")[2] in answer + rest.log()
        return
    assert job, answer
    seen = site.cluster.job(job)
    site.cluster.run(["scancel", job])
    assert json.loads(seen["AdminComment"])["aif"]["alloc"] == expect["alloc"]
    assert seen["QOS"] == site.allocations[expect["alloc"]].get("qos", expect["alloc"].lower())


def test_enough_of_the_table_is_submitted():
    assert len(REST_CASES) >= 25


# -- bodies that are not what they should be -------------------------------------------------------------------------------

HOSTILE = {
    "a NUL byte in an option": json.dumps({"comment": "aif:mode=play\0ground"}),
    "a NUL byte in the account": json.dumps({"account": "pg\0"}),
    "control characters": json.dumps({"comment": "aif:mode=\x01\x1b[2J"}),
    "letters of no alphabet": json.dumps({"comment": "aif:mode=\U0001f600"}),
    "half a surrogate pair": '{"comment": "aif:mode=\\ud83d"}',
    "bytes that are no UTF-8": b'{"comment": "aif:mode=\xff\xfe"}',
    "an overlong form": b'{"comment": "aif:mode=\xc0\xaf"}',
    "a long option": json.dumps({"comment": "aif:mode=" + "m" * 900}),
    "a comment over Slurm's limit": json.dumps({"comment": "aif:mode=playground " + "x" * 5000}),
    "many keys": json.dumps({"comment": "aif:" + ",".join(f"k{i}=v" for i in range(200))}),
    "an account of a thousand letters": json.dumps({"account": "a" * 1000}),
    "format directives": json.dumps({"comment": "aif:mode=%s%n%p", "account": "%s%n"}),
}


def hostile_body(server, member):
    """A whole body with the hostile member put into it byte by byte."""
    environment = b'{"PATH": "/bin"}' if server.version < 39 else b'["PATH=/bin"]'
    raw = member if isinstance(member, bytes) else member.encode("utf-8", "surrogatepass")
    rest_of_job = b'"name": "x", "time_limit": 10, "current_working_directory": "/tmp", "environment": ' + environment
    account = b"" if b'"account"' in raw else b'"account": "pg", '
    return b'{"job": {' + account + rest_of_job + b", " + raw.strip()[1:-1] + b'}, "script": "#!/bin/sh\\ntrue\\n"}'


@pytest.fixture(scope="module")
def playground(base, user):  # noqa: F811
    site = Site(base, [allocation(PG, "pg", "playground", members=[user or base.users()[0]])])
    site.apply()
    return site


@pytest.mark.parametrize("member", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_body_is_refused_and_harms_nobody(playground, rest, member):
    cluster = playground.cluster
    pid, log = cluster.pid("ctld"), len(cluster.ctld_log())
    job, answer = rest.submit_bytes(hostile_body(rest, member))
    if job:
        # Cut at the NUL it can be a good request.
        assert "NUL" in repr(member) or "\\u0000" in str(member), answer
        cluster.run(["scancel", job])
    assert cluster.pid("ctld") == pid
    assert cluster.run(["scontrol", "ping"], check=False).returncode == 0
    assert not our_errors(cluster.ctld_log()[log:])


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a user who is no operator: run as root")
def test_a_good_body_is_still_taken(playground, rest):
    job, answer = rest.submit(account="pg", time_limit=10, comment="aif:mode=playground")
    assert job, answer
    playground.cluster.run(["scancel", job])
