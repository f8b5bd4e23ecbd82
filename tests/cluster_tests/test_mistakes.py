"""What a new user gets wrong most likely, and that each answer says what to do next.

The list is ours: wrong or missing account, mode, time, size and options, as questions to help desks and the asks of users in
the field have them. Each is made as sbatch or aif is used; the answer is one line of ours with the value that was wrong, the
rule and, behind the semicolon, the next step.
"""

import os
import re

import pytest
from aifsite import Site, allocation

PG, FL, LOCATED = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991", "EHPC-AIF-2026FL01-007"
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs a user who is no operator: run as root")


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, nodes=4, gpus=4, locations="FI:2,SE:2", start=False)
    members = ["daemon"]
    site = Site(cluster, [
        allocation(PG, "pg", "playground", members=members),
        allocation(FL, "fl", "fast-lane", amount=4, members=members),
        allocation("EHPC-AIF-2026PG01-001", "expired", "playground", start=-90, end=-2, members=members),
        allocation("EHPC-AIF-2026PG01-002", "early", "playground", start=10, members=members),
        allocation("EHPC-AIF-2026PG01-003", "paused", "playground", state="paused", members=members),
        allocation("EHPC-AIF-2026LS01-004", "closed", "closed", members=members),
        allocation(LOCATED, "located", "fast-lane", residency="FI", members=members),
        allocation("EHPC-DEV-2026D01-009", "here", "here", members=members),
        allocation("EHPC-AIF-2026FL01-008", "others", "fast-lane", members=["nobody"]),
    ])
    for account, mode, number in (("both", "playground", "PG01-010"), ("also", "fast-lane", "FL01-011")):
        site.allocations[account] = allocation(f"EHPC-AIF-2026{number}", "both", mode, members=members)
    site.write()
    with cluster.layout.conf.open("a") as conf:
        conf.write("PartitionName=endless Nodes=ALL MaxTime=INFINITE\nPartitionName=other Nodes=ALL MaxTime=60\n")
    cluster.start()
    cluster.sacctmgr("add", "account", "plain")
    site.apply()
    cluster.sacctmgr("add", "user", "daemon", "account=plain")
    return site


# Options of sbatch; the rule; the wrong value; a word of what to do.
JOBS = {
    "a typing mistake in the mode": ("-A pg --ai-mode=playgroud", "AIF-M001", "playgroud", "playground"),
    "a mode of another project": ("-A pg --ai-mode=fast-lane", "AIF-M002", "fast-lane", "--account"),
    "a mode that is closed": ("-A closed", "AIF-M003", "closed", "May"),
    "a partition that the mode may not use": ("-A here -p other", "AIF-M004", "other", "gpu"),
    "more GPUs than the mode allows": ("-A pg --gpus=16", "AIF-M005", "asked 16", "GPUs"),
    "more nodes than the mode allows": ("-A pg -N3", "AIF-M006", "asked 3", "nodes"),
    "a time limit over the mode's": ("-A pg --gpus=1 -t 12:00:00", "AIF-M007", "12:00:00", "less time"),
    "no time limit where the partition has none": ("-A fl -p endless --gpus=1", "AIF-Q002", "time limit", "--time"),
    "a typing mistake in the project": ("--ai-allocation=EHPC-AIF-2026PG01-950", "AIF-A001", "PG01-950", "aif quota"),
    "an account that has no allocation": ("-A plain --ai-mode=playground", "AIF-A007", "plain", "aif quota"),
    "an account of two modes without saying which": ("-A both --gpus=1", "AIF-A006", "both", "--ai-mode"),
    "before the project starts": ("-A early", "AIF-A002", "PG01-002", "--begin"),
    "after the project has ended": ("-A expired", "AIF-A003", "PG01-001", "ask"),
    "a project that is paused": ("-A paused", "AIF-A004", "paused", "manager"),
    "somebody else's project": ("-A others", "AIF-A005", "daemon", "ask"),
    "a QOS out of habit": ("-A pg --qos=normal", "AIF-A009", "normal", "--qos"),
    "account and project that do not belong together": (f"-A pg --ai-allocation={FL}", "AIF-A010", "pg", "--account"),
    "more than is left": ("-A fl --gpus=4 -t 120", "AIF-Q001", "asked 8", "less"),
    "an array that adds up to more than is left": ("-A fl --gpus=1 -t 60 --array=1-9", "AIF-Q001", "9 tasks", "less"),
    "a country's name instead of its code": ("-A pg --data-residency=Finland", "AIF-R001", "Finland", "country codes"),
    "a group that does not exist": ("-A pg --data-residency=EU", "AIF-R001", "EU", "EU27"),
    "a country where the project may not compute": ("-A located --data-residency=SE", "AIF-R002", "SE", "residency"),
    "a data set that nobody knows": ("-A pg --dataset=genomes", "AIF-R006", "genomes", "ask"),
    "a purpose that is none": ("-A pg --ai-purpose=train", "AIF-C009", "train", "training"),
    "a placement that is none": ("-A pg --ai-placement=packed", "AIF-P001", "packed", "pack"),
    "a key that the comment does not know": ("-A pg --comment=aif:mood=good", "AIF-C009", "mood", "mode"),
}


@pytest.mark.parametrize("options, rule, wrong, step", JOBS.values(), ids=JOBS)
def test_a_wrong_job_is_answered_with_what_to_do(site, options, rule, wrong, step):
    done = site.cluster.sbatch(*options.split(), user="daemon", check=False)
    lines = [line for line in done.stderr.splitlines() if "aif: " in line]
    assert done.returncode and len(lines) == 1, done.stdout + done.stderr
    what, mark, do = re.match(rf".*?aif: (.*?) ?(\({rule}\)); (.*)", lines[0]).groups()
    assert mark and wrong in what
    assert step in do or step in what, lines[0]
    assert do != "correct it"


# A command; its exit status; what was wrong; a word of what to do.
COMMANDS = {
    "a command that is none": ("aif quotas", 2, "quotas", "quota"),
    "an option that is none": ("aif quota --everything", 2, "--everything", "--help"),
    "a job that never was": ("aif explain 999999", 1, "999999", "squeue"),
    "a job's name instead of its number": ("aif explain train", 2, "train", "squeue"),
    "a project that is none": ("aif quota EHPC-AIF-2026FL01-900", 1, "FL01-900", "aif quota"),
    "a rule that is none": ("aif rules AIF-M999", 1, "AIF-M999", "aif rules"),
    "no script to check": ("aif check --gpus=1 < /dev/null", 2, "script", "--help"),
}


@pytest.mark.parametrize("command, status, wrong, step", COMMANDS.values(), ids=COMMANDS)
def test_a_wrong_command_is_answered_with_what_to_do(site, command, status, wrong, step):
    done = site.cluster.run(command, user="daemon", check=False)
    said = done.stdout + done.stderr
    assert (done.returncode, wrong in said, step in said) == (status, True, True), said
    assert len(said.splitlines()) <= 3, said
