#!/usr/bin/env python3
"""One allocation's life on a real Slurm cluster, from `aif apply` to a verified export. Run by tests/try.

Exit status 0 only if every step did what it should.
"""

import argparse
import datetime
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE / "sim"))

import storylib  # noqa: E402
from clusterlib import Cluster, ClusterError, Options  # noqa: E402
from clusterlib.slurm import SlurmInstall  # noqa: E402

PLAY, FAST, OLD = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991", "EHPC-AIF-2025PG02-031"
NEXT = "EHPC-AIF-2027PG01-045"
RESOURCE = {PLAY: "11111111-1111-4111-8111-111111111111", FAST: "22222222-2222-4222-8222-222222222222"}


def allocations(user, begun=False):
    """What the federation awarded; NEXT begins in ten days unless it has begun."""
    today = datetime.date.today()

    def entry(project, mode, hours, first, last, **more):
        return {"id": project, "account": project.lower(), "mode": mode, "amount": hours, "unit": "gpu-hour",
                "start": str(today + datetime.timedelta(first)), "end": str(today + datetime.timedelta(last)),
                "members": [user], **more}

    rows = [entry(PLAY, "playground", 20, -30, 60, waldur_resource=RESOURCE[PLAY]),
            entry(FAST, "fast-lane", 100, -10, 80, waldur_resource=RESOURCE[FAST],
                  pacing={"kind": "monthly"}),
            entry(OLD, "playground", 5000, -200, -100),
            entry(NEXT, "playground", 10, -1 if begun else 10, 70)]
    return json.dumps({"version": 1, "allocations": rows}, indent=1)


def policy(directory, waldur):
    data = {
        "version": 1, "cluster": "aif", "hold": ["AIF-A002"],
        "modes": {
            "playground": {"code": "PG", "open": True, "gpus_per_job": {"max": 8}, "wall_max": "04:00:00",
                           "residency": "EUROHPC"},
            "fast-lane": {"code": "FL", "open": True, "wall_max": "1-00:00:00", "residency": "EUROHPC",
                          "lane": {"base": 100000}}},
        "residency": {"locations": [{"feature": "loc_FI", "country": "FI"}, {"feature": "loc_SE", "country": "SE"}]},
        "placement": {"mode": "on"},
        "report": {"ledger": f"{directory}/ledger.db", "interval": 60, "overlap": 86400,
                   "waldur": {"url": waldur.url, "token_file": str(waldur.token_file), "ca_file": str(waldur.ca_file),
                              "component": "gpu_hours", "timeout": 10}}}
    return json.dumps(data, indent=1)


def apply_allocations(tell):
    tell.scene("Two JSON files become limits that Slurm itself enforces")
    tell.admin("aif config check")
    tell.admin("aif plan", fails=True)
    tell.admin("aif apply")
    out = tell.admin("sacctmgr -nP show qos format=name%25,grptresmins%20,flags%22,maxwall")
    tell.expect(f"{PLAY.lower()}|gres/gpu=1198|" in out, "20 GPU-hours as GrpTRESMins of the QOS")
    tell.say("Nothing is left to do:")
    tell.admin("aif plan")


def first_job(tell):
    tell.scene("A Playground job runs and knows what it is")
    job = tell.submit(f"sbatch -A {PLAY.lower()} --ai-mode=playground --gpus=8 -t 5 --wrap 'env | grep -E ^AIF_[MARI] | sort; sleep 8'")
    tell.cluster.wait_job(job, "COMPLETED")
    out = tell.as_user(f"cat slurm-{job}.out")
    tell.expect("AIF_MODE=playground" in out and f"AIF_ALLOCATION={PLAY}" in out, "AIF_MODE and AIF_ALLOCATION in the job")
    tell.expect("AIF_ISLAND=leaf" in out, "AIF_ISLAND in the job")


def ask_first(tell):
    tell.scene("A user looks at the modes, and asks before submitting")
    out = tell.as_user("aif modes")
    tell.expect("playground" in out and "fast-lane" in out, "the site's modes")
    play = f"-A {PLAY.lower()} --gpus=8"
    out = tell.as_user(f"aif check {play} -t 1:00:00 --wrap true")
    tell.expect(f"accepted under allocation {PLAY}: asked 8 GPU-hours" in out, "what the job would cost")
    out = tell.as_user(f"aif check {play} -t 3:00:00 --wrap true", fails=True)
    tell.expect("refused: " in out and "(AIF-Q001)" in out, "the refusal that sbatch would get")
    tell.expect(not tell.cluster.run(["squeue", "-h"]).stdout, "nothing to be submitted")


def refusals(tell):
    tell.scene("What cannot be is refused at once, with the numbers")
    play = f"-A {PLAY.lower()}"
    tell.refused(f"sbatch {play} --gpus=8 -t 3:00:00 --wrap true", "AIF-Q001", "24 GPU-hours")
    tell.refused(f"sbatch {play} --ai-mode=fast-lane --gpus=1 -t 5 --wrap true", "AIF-M002")
    tell.refused(f"sbatch -A {OLD.lower()} --gpus=1 -t 5 --wrap true", "AIF-A003")
    tell.refused(f"sbatch -A {FAST.lower()} --gpus=32 -t 2:00:00 --wrap true", "AIF-Q005", "64 GPU-hours")
    tell.refused(f"sbatch {play} --ai-mode=playgruond --gpus=1 -t 5 --wrap true", "AIF-M001", "playground")


def early_bird(tell):
    tell.scene("A job of an allocation that has not begun is held, and released when it has")
    out = tell.as_user(f"sbatch -A {NEXT.lower()} --gpus=1 -t 1 -o /dev/null --wrap true")
    tell.expect("(AIF-A002); the job is held until then" in out, "the job to be held")
    job = out.split("Submitted batch job ")[1].split()[0]
    tell.as_user(f"scontrol release {job}", fails=True)
    tell.say("The federation lets the allocation begin at once; allocations.json is changed, and then:")
    tell.cluster.aif_conf("allocations.json", allocations(tell.user, begun=True))
    tell.admin("scontrol reconfigure")
    tell.cluster.wait_job(job, "COMPLETED")
    tell.as_user(f"sacct -X -j {job} -o jobid,account%25,state")


def fast_lane(tell):
    tell.scene("On a full cluster, the Fast Lane job that came last starts first")
    whole = "-N8 --exclusive --gpus-per-node=4 -o /dev/null"
    filler = tell.submit(f"sbatch -A local {whole} -t 1 -J filler --wrap 'sleep 12'")
    tell.cluster.wait_job(filler, "RUNNING")
    waiting = [tell.submit(f"sbatch -A local {whole} -t 1 -J early{i} --wrap 'sleep 2'") for i in (1, 2)]
    lane = tell.submit(f"sbatch -A {FAST.lower()} --ai-mode=fast-lane {whole} -t 1 -J lane --wrap 'sleep 12'")
    tell.cluster.wait(lambda: tell.cluster.job(waiting[0]).get("Reason") in ("Priority", "Resources"), 30, "a look at the queue")
    out = tell.as_user("sprio -o '%.8i %.10Y %.8S %.8A'")
    tell.expect(any(row.split()[0] == lane and "100000" in row for row in out.splitlines()), "the lane in sprio's SITE")
    tell.as_user(f"aif explain {waiting[0]}")
    tell.wait_queue_empty()
    tell.as_user("sacct -X -o jobid,jobname,account%25,submit,start")
    start = {job: tell.cluster.sacct("-j", job, "-o", "start")[0][0] for job in (lane, *waiting)}
    tell.expect(all(start[lane] < start[job] for job in waiting), "the Fast Lane job to start first")


def placement(tell):
    tell.scene("A multi-GPU job lands in one island where stock order splits it")
    tell.say("Two GPUs of n1 are taken. Leaf switches are n1-2, n3-4, n5-6, n7-8. First in Slurm's own order, then ours:")
    play = f"-A {PLAY.lower()} -o /dev/null"
    holder = tell.submit(f"sbatch {play} -w n1 --gpus=2 -t 1 --wrap 'sleep 60'")
    tell.cluster.wait_job(holder, "RUNNING")
    islands = {}
    for wish in ("any", "pack"):
        job = tell.submit(f"sbatch {play} --ai-placement={wish} --gpus=8 -t 1 --wrap 'sleep 60'")
        tell.cluster.wait_job(job, "RUNNING")
        tell.as_user(f"squeue -j {job} -o '%i %T %N'")
        nodes = storylib.expand(tell.cluster, tell.cluster.job(job)["NodeList"])
        islands[wish] = len({storylib.leaf_of(node) for node in nodes})
        tell.as_user(f"scancel {job}")
        tell.cluster.wait_job(job)
    tell.as_user(f"scancel {holder}")
    tell.expect(islands == {"any": 2, "pack": 1}, f"two islands in stock order and one in ours, got {islands}")
    tell.wait_queue_empty()


def ranks(tell, pictures):
    tell.scene("A user sees where the ranks are, and which one is bound wrongly")
    script = storylib.bound_ranks(tell.cluster)
    picture = storylib.open_file(pictures / "ranks.svg")
    step = f"srun -A {PLAY.lower()} -t 1 -N4 -n8 --ntasks-per-node=2 --gpus-per-task=1"
    if script:
        tell.say("The nodes pretend to have two NUMA nodes; rank 5 is bound to the wrong one on purpose:")
        out = tell.as_user(f"{step} --mpi=pmix {script} aif topo --svg {picture}")
        tell.expect("! rank 5 on n3: wrong binding" in out and out.count("! ") == 1, "rank 5, and no other, to be named")
        tell.expect("mode playground" in out, "the mode")
    else:
        out = tell.as_user(f"{step} aif topo --svg {picture}")
    tell.expect("islands: 100 % of the best possible" in out and picture.read_text().startswith("<svg"), "the map and its picture")
    tell.wait_queue_empty()


def residency(tell):
    tell.scene("Data that must stay in Sweden runs in Sweden, or not at all")
    play = f"-A {PLAY.lower()} --gpus=1 -t 1"
    job = tell.submit(f"sbatch {play} --data-residency=SE --wrap 'echo $SLURMD_NODENAME $AIF_RESIDENCY'")
    tell.cluster.wait_job(job, "COMPLETED")
    node, tag = tell.as_user(f"cat slurm-{job}.out").split()
    tell.expect(node in ("n5", "n6", "n7", "n8") and tag == "SE", "a Swedish node (n5-n8) and the tag in the job")
    tell.refused(f"sbatch {play} --data-residency=DE --wrap true", "AIF-R003")
    tell.refused(f"sbatch {play} --data-residency=US --wrap true", "AIF-R002")
    return job


def truth(tell, job):
    tell.scene("aif quota says what Slurm counted")
    tell.as_user("aif quota")
    for project in (PLAY, FAST):
        row, = json.loads(tell.cluster.run(["aif", "quota", "--json", project]).stdout)
        jobs = accounted(tell.cluster, project)
        used = row["used"]["seconds"]
        tell.say(f"{project}: accounting has {sum(jobs)} GPU-seconds in {len(jobs)} jobs, aif quota {used}")
        tell.expect(abs(used - sum(jobs)) <= 32 * len(jobs), "the two to agree to a second of each job")
    tell.as_user(f"aif explain {job}")


def accounted(cluster, project):
    """GPU-seconds of each job of an allocation, from slurmdbd."""
    rows = cluster.sacct("-A", project.lower(), "-S", "now-1days", "-o", "elapsedraw,alloctres")
    gpus = [dict(t.split("=") for t in tres.split(",") if "=" in t).get("gres/gpu", "0") for _, tres in rows]
    return [int(elapsed) * int(count) for (elapsed, _), count in zip(rows, gpus) if elapsed]


def settled(cluster):
    """Has slurmctld told slurmdbd everything? The end of a short job may arrive before its start."""
    queue = cluster.run(["sdiag"]).stdout.split("DBD Agent queue size:")[1].split()[0]
    rows = cluster.sacct("-S", "now-1days", "-o", "end,eligible,account")
    return queue == "0" and all(field not in ("", "Unknown") for row in rows for field in row)


def reporting(tell, waldur):
    tell.scene("Usage reaches the federation although the reporter is killed half-way")
    tell.cluster.wait(lambda: settled(tell.cluster), 60, "slurmdbd to know of every job's end")
    waldur.faults({"on": "set", "do": "delay", "seconds": 0}, {"on": "set", "do": "delay", "seconds": 60})
    tell.say("# aif-reportd --once      (the service takes the first total and hangs at the second; SIGKILL)")
    reporter = storylib.spawn(tell.cluster, ["aif-reportd", "--once"])
    tell.cluster.wait(lambda: not waldur.faults_left(), 60, "the reporter to reach the service")
    reporter.send_signal(signal.SIGKILL)
    tell.expect(reporter.wait() == -signal.SIGKILL, "the reporter to be killed")
    tell.admin("aif-reportd --once")
    month = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m")
    for project, resource in RESOURCE.items():
        sent = waldur.totals().get((resource, "gpu_hours", month))
        secs = sum(accounted(tell.cluster, project))
        tell.say(f"{project}: slurmdbd {secs} GPU-seconds = {secs / 3600:.4f} GPU-hours; the service has {sent}")
        tell.expect(sent == f"{(secs * 100 + 1800) // 3600 / 100:.2f}", "the total rounded by the service's rule")
    tell.say("The ledger also knows the months that an allocation is paced by:")
    tell.expect("monthly" in tell.as_user(f"aif quota {FAST}"), "what is left of this month")


def pictures_of(tell, pictures):
    tell.scene("What was used, for a project leader's mail, and the cluster at a glance")
    tell.admin(f"aif report plot --allocation {FAST} --output {pictures}/use.svg")
    tell.admin(f"aif report plot --islands --output {pictures}/islands.svg")
    tell.expect(FAST in (pictures / "use.svg").read_text() and "leaf1" in (pictures / "islands.svg").read_text(), "both pictures")
    tell.expect("Reporting: slurmdbd read" in tell.admin("aif top --once"), "lanes, GPUs and the lag of reporting")


def audit(tell, directory):
    tell.scene("The ledger proves itself, and betrays one changed byte")
    tell.admin("aif export --format=jsonl | aif verify")
    tell.admin(f"aif verify --ledger {directory}/ledger.db")
    tell.say("One digit of one job's record is changed behind the ledger's back:")
    tamper(Path(directory, "ledger.db"))
    tell.admin("aif export --format=jsonl | aif verify", fails=True)
    tell.admin(f"aif verify --ledger {directory}/ledger.db", fails=True)


def tamper(ledger):
    """Change one byte of the stored file, as somebody with a hex editor would."""
    data = bytearray(ledger.read_bytes())
    at = data.find(b'"elapsed":') + len(b'"elapsed":')
    data[at] = ord("9") if data[at] != ord("9") else ord("8")
    ledger.write_bytes(data)


def play(cluster, waldur, pictures):
    user = cluster.users()[0]
    cluster.aif_conf("policy.json", policy(cluster.dir, waldur))
    cluster.aif_conf("allocations.json", allocations(user))
    cluster.add_account("local", [user])
    cluster.reconfigure()
    readers = ("job_submit/aif: policy", "site_factor/aif: policy")
    cluster.wait(lambda: all(reader in cluster.ctld_log() for reader in readers), 60, "slurmctld to read the two files")
    tell = storylib.Narrator(cluster, user)
    apply_allocations(tell)
    first_job(tell)
    ask_first(tell)
    refusals(tell)
    early_bird(tell)
    fast_lane(tell)
    placement(tell)
    ranks(tell, pictures)
    truth(tell, residency(tell))
    reporting(tell, waldur)
    pictures_of(tell, pictures)
    audit(tell, cluster.dir)
    return tell


def start(directory):
    from waldur import Waldur

    prefix = os.environ.get("AIF_PREFIX", str(HERE.parent / "build" / SlurmInstall().version_text / "inst"))
    waldur = Waldur(Path(directory, "waldur"))
    waldur.start()
    for resource in RESOURCE.values():
        waldur.resource(resource)
    cluster = Cluster.create(Path(directory, "c"), Options(nodes=8, gpus=4, leaf=2, locations="FI:4,SE:4", prefix=prefix,
                                                           plugins="all"), start=True)
    return cluster, waldur


def main():
    parser = argparse.ArgumentParser(prog="tests/try", description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="leave the cluster up and say how to use it")
    parser.add_argument("--pictures", metavar="DIR", help="leave the pictures that are drawn in DIR (doc/pictures has those of the guides)")
    options = parser.parse_args()
    keep = options.keep
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    directory = tempfile.mkdtemp(prefix="aif-try-")
    os.chmod(directory, 0o755)
    cluster = waldur = None
    began = time.monotonic()
    try:
        print(f"A private Slurm {SlurmInstall().version_text} cluster of 8 nodes with 4 GPUs each starts.")
        cluster, waldur = start(directory)
        pictures = Path(directory, "pictures")
        pictures.mkdir()
        tell = play(cluster, waldur, pictures)
        if options.pictures:
            shutil.copytree(pictures, options.pictures, dirs_exist_ok=True)
        print(f"\nAll {tell.scenes} scenes did what they should ({tell.checks} checks, {time.monotonic() - began:.0f} s).")
        return 0
    except (storylib.StoryFailed, ClusterError) as failed:
        print(f"\nFAILED: {failed}")
        return 1
    finally:
        finish(directory, cluster, waldur, keep)


def finish(directory, cluster, waldur, keep):
    if keep and cluster:
        print(f"\nThe cluster is up. Use it:   eval \"$({HERE}/cluster env {cluster.dir})\"\n"
              f"Stop and remove it:          {HERE}/cluster down {cluster.dir} --purge && rm -r {directory}")
        if waldur:
            waldur.stop()
        return
    if waldur:
        waldur.stop()
    if cluster:
        cluster.down(purge=True)
    shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
