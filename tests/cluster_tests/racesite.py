"""Sixty-four submitters race for the last GPU-hours of an allocation. Each race is a file of its own, so that they run side by side."""

import os
import re
import threading

from aifsite import Site, allocation

SUBMITTERS = 64
AMOUNT_MINUTES = 8  # GPU-minutes; each job asks one and uses most of it
LIMIT_MINUTES = AMOUNT_MINUTES - 2  # what the mirror keeps back against the rounding of Slurm
SLEEP = 40
RACE = "EHPC-AIF-2026PG01-064"


def racing_site(make_cluster, prefix, plugins, **budget):
    cluster = make_cluster(prefix=prefix, plugins=plugins, nodes=6, gpus=4, cpus=16, start=False,
                           conf_lines=["PriorityCalcPeriod=1", "OverTimeLimit=0"])
    owner = cluster.users()[0]
    site = Site(cluster, [allocation(RACE, "race", "playground", amount=AMOUNT_MINUTES / 60, members=[owner])])
    if budget:
        site.policy["budget"] = budget
    site.start()
    return site


def storm(cluster, owner):
    """Everybody submits at the same moment, some after a --test-only, some ask for more time at once; the ids of what was accepted."""
    line, ids = threading.Barrier(SUBMITTERS), []

    def submit(number):
        words = ["-A", "race", "--qos", RACE.lower(), "--gpus=1", "--time=1", "--requeue"]
        line.wait()
        if number % 8 == 0:
            cluster.sbatch("--test-only", *words, user=owner, check=False)
        done = cluster.sbatch(*words, script=f"sleep {SLEEP}", user=owner, check=False)
        if done.returncode == 0:
            ids.append(done.stdout.split(";")[0].strip())
        if done.returncode == 0 and number % 16 == 0:
            cluster.run(["scontrol", "update", f"JobId={ids[-1]}", "TimeLimit=3"], user=owner, check=False)

    threads = [threading.Thread(target=submit, args=(number,)) for number in range(SUBMITTERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ids


def counted(cluster):
    """GPU-minutes (limit, used, reserved) of the QOS, as slurmctld counts them."""
    text = cluster.run(["scontrol", "-o", "show", "assoc_mgr", "flags=qos", f"qos={RACE.lower()}"]).stdout
    limit, used = re.search(r"GrpTRESMins=\S*?gres/gpu=(\d+)\((\d+)\)", text).groups()
    reserved = re.search(r"GrpTRESRunMins=\S*?gres/gpu=N\((\d+)\)", text)
    return int(limit), int(used), int(reserved[1]) if reserved else 0


def charged_seconds(cluster):
    """GPU-seconds of all runs, requeued ones included, as slurmdbd has them."""
    rows = cluster.run(["sacct", "-nPaXD", "-A", "race", "-o", "elapsedraw,alloctres"]).stdout.splitlines()
    split = [row.split("|") for row in rows]
    return sum(int(elapsed) * int((re.search(r"gres/gpu=(\d+)", tres) or [0, 0])[1]) for elapsed, tres in split)


def watch(cluster):
    """Look on until nothing runs and nothing starts any more; the largest sum of used and reserved that was seen."""
    seen = {"most": 0, "quiet": 0}

    def over():
        limit, used, reserved = counted(cluster)
        assert limit == LIMIT_MINUTES
        seen["most"] = max(seen["most"], used + reserved)
        running = cluster.run(["squeue", "-h", "-t", "R,CG,CF"]).stdout.strip()
        seen["quiet"] = 0 if running else seen["quiet"] + 1
        return seen["quiet"] > 25

    cluster.wait(over, timeout=1800, what="the end of the race")
    return seen["most"]


def requeue_some(cluster):
    running = cluster.run(["squeue", "-h", "-t", "R", "-o", "%A"]).stdout.split()
    for job in running[:2]:
        cluster.run(["scontrol", "requeue", job], check=False)


def check_race(cluster):
    """Run the race to its end; the ids of the jobs that were accepted."""
    ids = storm(cluster, cluster.users()[0] if os.geteuid() == 0 else None)
    cluster.wait(lambda: cluster.run(["squeue", "-h", "-t", "R"]).stdout.strip(), what="the first start")
    requeue_some(cluster)
    cluster.restart("ctld")
    most = watch(cluster)
    assert most <= AMOUNT_MINUTES
    spent = cluster.wait(lambda: (seen := charged_seconds(cluster)) >= SLEEP and seen, what="what was charged at slurmdbd")
    assert spent <= 60 * AMOUNT_MINUTES
    cluster.cancel_all()
    return ids
