"""The decision table on a real cluster: the cases of tests/data/decisions/ that are marked "cluster", by sbatch, srun and salloc.

What a case expects of aif_decide() has to reach the user word for word. The table's days are moved, so that its "now" is
today; accepted jobs are held, so that none runs and every case finds unused allocations, but for what the balances file
says of them. Jobs that the site holds are left as it holds them.
"""

import datetime
import json
import os
import re
from pathlib import Path

import pytest
from aifsite import Site, allocation

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


def seconds(balance):
    """A case's balance as an entry of the balances file; its months end now, too."""
    hours = {key: balance.get(key, 0) for key in ("used", "inference", "free")}
    return {"id": balance["id"], "first_month": moved(balance["first_month"] + "-21")[:7],
            "months": [round(month * 3600) for month in balance["months"]],
            **{key: round(value * 3600) for key, value in hours.items()}}


def balances_of(files):
    """What the site's ledger knows: no two cases may say different things of one allocation."""
    known = [case["balance"] for listed, case in (p.values for p in CASES) if listed == files and "balance" in case]
    assert len({balance["id"] for balance in known}) == len(known)
    return {"version": 1, "at": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "allocations": [seconds(balance) for balance in known]}


def site_of(cluster, member, files):
    """A site of the table: its allocations are the test user's; those that name members are left out."""
    site = Site(cluster)
    report = {"ledger": "/nonexistent/ledger.db", "balances": str(cluster.layout.aif / "balances.json")}
    site.policy = {**json.loads(moved(json.dumps(read(files[0])))), "cluster": "aif", "report": report}
    cluster.aif_conf("balances.json", json.dumps(balances_of(files)))
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
    if not names:
        return
    cluster.sacctmgr("add", "account", names)
    cluster.sacctmgr("add", "user", member, f"account={names}")


def options(request):
    """The request as command-line options."""
    names = {"account": "account", "qos": "qos", "partition": "partition", "comment": "comment", "gpus": "gpus",
             "nodes": "nodes", "minutes": "time"}
    words = [f"--{name}={request[key]}" for key, name in names.items() if request.get(key)]
    names = {"mode": "ai-mode", "allocation": "ai-allocation", "residency": "data-residency",
             "placement": "ai-placement", "purpose": "ai-purpose", "dataset": "dataset"}
    words += [f"--{names[key]}={value}" for key, value in request.get("options", {}).items()]
    if "array_tasks" in request:
        words.append(f"--array=1-{request['array_tasks']}")
    return words


def command(case):
    """Each of the commands in turn; only sbatch knows arrays, only the others are interactive."""
    known = COMMANDS[:1] if "array_tasks" in case["request"] else COMMANDS
    if case["request"].get("interactive"):
        known = COMMANDS[1:]
    return known[len(case["name"]) % len(known)]


def ours(stderr):
    """Our sentences among what a command says, each without what Slurm puts before it."""
    return ["aif: " + line.partition("aif: ")[2] for line in stderr.splitlines() if "aif: " in line]


def sentences(case):
    return [line for line in moved(case["expect"].get("message", "")).split("\n") if line]


def check_refused(cluster, user, case):
    name = command(case)
    words = ["--wrap=true"] if name == "sbatch" else ["true"]
    done = cluster.run([name, *options(case["request"]), *words], user=user, check=False)
    assert done.returncode
    assert ours(done.stderr) == sentences(case), done.stderr


def minutes(text):
    days, _, clock = text.rpartition("-")
    hours, mins, _ = clock.split(":")
    return int(days or 0) * 1440 + int(hours) * 60 + int(mins)


def submitted(cluster, user, case, *more):
    """The job as the controller has it, and what sbatch said of ours; the job is cancelled."""
    done = cluster.sbatch(*more, *options(case["request"]), user=user, check=False)
    assert not done.returncode, done.stderr
    seen = cluster.job(done.stdout.strip())
    cluster.run(["scancel", done.stdout.strip()])
    return seen, ours(done.stderr)


def check_job(site, case, seen):
    """What a job that is let in looks like; returns our part of its admin_comment."""
    expect = case["expect"]
    allocation = site.allocations[expect["alloc"]]
    mark = json.loads(seen["AdminComment"])["aif"]
    assert (mark["alloc"], mark["mode"], mark.get("res", "")) == (expect["alloc"], allocation["mode"], expect["residency"])
    assert seen["QOS"] == expect.get("qos", allocation.get("qos", expect["alloc"].lower()))
    assert seen["Account"] == allocation["account"].lower()
    assert minutes(seen["TimeLimit"]) == expect["minutes"]
    return mark


def check_accepted(site, user, case):
    seen, said = submitted(site.cluster, user, case, "--hold")
    mark = check_job(site, case, seen)
    assert said == sentences(case)
    assert "hold" not in mark


def check_held(site, user, case):
    seen, said = submitted(site.cluster, user, case)
    mark = check_job(site, case, seen)
    assert said == sentences(case)
    assert (seen["JobState"], seen["Priority"], mark["hold"]) == ("PENDING", "0", case["expect"]["rule"])


def check_ignored(cluster, user, case):
    seen, said = submitted(cluster, user, case, "--hold")
    assert seen["QOS"] == "normal" and "AdminComment" not in seen and not said


@pytest.mark.parametrize("files,case", CASES)
def test_case_of_the_table(sites, user, files, case):
    site, verdict = sites(files), case["expect"]["verdict"]
    if verdict == "reject":
        check_refused(site.cluster, user, case)
    elif verdict == "accept":
        check_accepted(site, user, case)
    elif verdict == "hold":
        check_held(site, user, case)
    else:
        check_ignored(site.cluster, user, case)


def test_enough_of_the_table_is_submitted():
    assert len(CASES) >= 160


def test_queued_jobs_are_counted(sites, user):
    """What is in the queue already is no case of the table, as its jobs are cancelled one by one."""
    cluster = sites(("site/policy-rules.json", "site/allocations-rules.json")).cluster
    words = ["--hold", "--account=pgstart", "--gpus=1", "--time=1"]
    jobs = [cluster.sbatch(*words, "--array=1-3", user=user), cluster.sbatch(*words, user=user)]
    said = ours(cluster.sbatch(*words, user=user, check=False).stderr)
    for job in jobs:
        cluster.run(["scancel", job])
    assert said == ["aif: queued and running jobs of one user under allocation EHPC-AIF-2026PG01-906: asked 1 job, "
                    "limit 4 jobs, used 4 jobs (AIF-M008); wait for jobs to end"]


def monthly_site(cluster, member):
    """A year's amount in monthly grants, of which this month's is used up as far as the ledger knows."""
    site = Site(cluster, [allocation("MONTHLY", "monthly", "fast-lane", 365, pacing={"kind": "monthly"}, members=[member])])
    balance = {"id": "MONTHLY", "used": 40, "first_month": NOW.isoformat()[:7], "months": [40]}
    known = {"version": 1, "at": "2026-11-21T00:00:00Z", "allocations": [seconds(balance)]}
    site.policy["report"]["balances"] = str(cluster.aif_conf("balances.json", json.dumps(known)))
    site.apply()


def test_a_months_grant_is_kept(base, user):
    """The words of this one depend on the month in which it is tried, so they are not in the table."""
    monthly_site(base, user or base.users()[0])
    today = datetime.date.today()
    grant = (today.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
    said = ours(base.sbatch("--account=monthly", "--gpus=1", "--time=60", user=user, check=False).stderr)
    assert said and said[0].startswith(f"aif: allocation MONTHLY has too little left for {today.isoformat()[:7]}: ")
    assert said[0].endswith(f"(AIF-Q005); ask for less, or wait for the grant of {grant.isoformat()}")
