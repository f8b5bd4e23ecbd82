"""The decision table on a real cluster: the cases of tests/data/decisions/ that are marked "cluster", by sbatch, srun and salloc.

What a case expects of aif_decide() has to reach the user word for word. The table's days are moved, so that its "now" is
today; accepted jobs are held, so that none runs and every case finds unused allocations.
"""

import datetime
import json
import os
import re
from pathlib import Path

import pytest
from aifsite import Site

DATA = Path(__file__).resolve().parents[1] / "data" / "decisions"
NOW = datetime.date(2026, 11, 21)
DAY = re.compile(r"(?<![\w-])20\d\d-\d\d-\d\d(?![\w-])")
COMMANDS = ["sbatch", "srun", "salloc"]


def read(name):
    """A JSON file of the table; comments stand on lines of their own."""
    return json.loads(re.sub(r"^\s*//.*$", "", (DATA / name).read_text(), flags=re.M))


def cases():
    """The marked cases as parameters: the files of their site, and themselves."""
    for path in sorted(DATA.glob("*.json")):
        table = read(path.name)
        for case in table["cases"]:
            if case.get("cluster"):
                yield pytest.param((table["policy"], table["allocations"]), case, id=f"{path.stem}: {case['name']}")


CASES = sorted(cases(), key=lambda param: param.values[0])


def moved(text):
    """The text with its days moved from the table's now to today."""
    shift = datetime.date.today() - NOW
    return DAY.sub(lambda day: (datetime.date.fromisoformat(day.group()) + shift).isoformat(), text)


@pytest.fixture(scope="module")
def user():
    return "daemon" if os.geteuid() == 0 else None


@pytest.fixture(scope="module")
def base(make_cluster, prefix):
    """The cluster, which every site of the table gets in turn."""
    cluster = make_cluster(prefix=prefix, nodes=6, gpus=4, start=False)
    with cluster.layout.conf.open("a") as conf:
        conf.write("PartitionName=fast Nodes=ALL\nPartitionName=cpu Nodes=ALL\n")
    Site(cluster).write()
    cluster.start()
    return cluster


def site_of(cluster, member, files):
    """A site of the table: its allocations are the test user's; those that name members are left out."""
    site = Site(cluster)
    site.policy = {**read(files[0]), "cluster": "aif"}
    site.allocations = {a["id"]: {**a, "start": moved_date(a["start"]), "end": moved_date(a["end"]), "members": [member]}
                        for a in read(files[1])["allocations"] if "members" not in a}
    site.apply()
    add_foreign(cluster, member, files)
    return site


@pytest.fixture(scope="module")
def sites(base, user):
    """Gives the site of a case, applied once: the cases of one site follow each other."""
    now = {}

    def give(files):
        if files not in now:
            now.clear()
            now[files] = site_of(base, user or base.users()[0], files)
        return now[files]

    return give


def moved_date(text):
    day, mark, clock = text.partition("T")
    return moved(day) + mark + clock


def add_foreign(cluster, member, files):
    """The accounts that are no allocation's, of the jobs that are to be left alone."""
    left_alone = {case["request"]["account"] for param, case in (p.values for p in CASES)
                  if param == files and case["expect"]["verdict"] == "ignore"}
    names = ",".join(sorted(left_alone))
    cluster.sacctmgr("add", "account", names)
    cluster.sacctmgr("add", "user", member, f"account={names}")


def options(request):
    """The request as command-line options."""
    names = {"account": "account", "qos": "qos", "partition": "partition", "comment": "comment", "gpus": "gpus",
             "nodes": "nodes", "minutes": "time"}
    words = [f"--{name}={request[key]}" for key, name in names.items() if request.get(key)]
    names = {"mode": "ai-mode", "allocation": "ai-allocation", "residency": "data-residency", "placement": "ai-placement"}
    words += [f"--{names[key]}={value}" for key, value in request.get("options", {}).items()]
    if "array_tasks" in request:
        words.append(f"--array=1-{request['array_tasks']}")
    return words


def command(case):
    """Each of the commands in turn; only sbatch knows arrays."""
    return "sbatch" if "array_tasks" in case["request"] else COMMANDS[len(case["name"]) % len(COMMANDS)]


def check_refused(cluster, user, case):
    name = command(case)
    words = ["--wrap=true"] if name == "sbatch" else ["true"]
    done = cluster.run([name, *options(case["request"]), *words], user=user, check=False)
    lines = [line.partition("aif: ")[2] for line in done.stderr.splitlines() if "aif: " in line]
    assert done.returncode
    assert lines == [moved(case["expect"]["message"]).partition("aif: ")[2]], done.stderr


def minutes(text):
    days, _, clock = text.rpartition("-")
    hours, mins, _ = clock.split(":")
    return int(days or 0) * 1440 + int(hours) * 60 + int(mins)


def check_accepted(site, user, case):
    cluster, expect = site.cluster, case["expect"]
    job = cluster.sbatch("--hold", *options(case["request"]), user=user)
    seen = cluster.job(job)
    cluster.run(["scancel", job])
    allocation = site.allocations[expect["alloc"]]
    mark = json.loads(seen["AdminComment"])["aif"]
    assert (mark["alloc"], mark["mode"], mark.get("res", "")) == (expect["alloc"], allocation["mode"], expect["residency"])
    assert seen["QOS"] == allocation.get("qos", expect["alloc"].lower())
    assert seen["Account"] == allocation["account"].lower()
    assert minutes(seen["TimeLimit"]) == expect["minutes"]


def check_ignored(cluster, user, case):
    job = cluster.sbatch("--hold", *options(case["request"]), user=user)
    seen = cluster.job(job)
    cluster.run(["scancel", job])
    assert seen["QOS"] == "normal" and "AdminComment" not in seen


@pytest.mark.parametrize("files,case", CASES)
def test_case_of_the_table(sites, user, files, case):
    site, verdict = sites(files), case["expect"]["verdict"]
    if verdict == "reject":
        check_refused(site.cluster, user, case)
    elif verdict == "accept":
        check_accepted(site, user, case)
    else:
        check_ignored(site.cluster, user, case)


def test_enough_of_the_table_is_submitted():
    assert len(CASES) >= 80
