"""One step of tests/upgrade, run inside the root of the Slurm that it is about: steps.py STEP DIRECTORY.

before     the old Slurm: a job done and charged, one that runs, others that wait; what is to come along is written down
forgotten  the new Slurm's controller with plugins of the old build does not start, and aif doctor says why
mixed      slurmdbd and slurmctld are new, slurmd and our SPANK plugin old
after      nodes are new as well; what waited runs, and what all used is in the ledger, once
back       the old Slurm again, with the state and the database of before
"""

import csv
import io
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
sys.path[:0] = [str(TESTS), str(TESTS / "cluster_tests")]

from aifsite import Site, allocation, our_errors  # noqa: E402
from clusterlib import Cluster, ClusterError, Options, config  # noqa: E402

OURS, THEIRS = "/srv/aif-own", "/srv/aif-other"
PG, FL = "EHPC-AIF-2026PG01-905", "EHPC-AIF-2026FL01-991"
COMPARED = ("JobState", "Account", "QOS", "AdminComment", "Comment", "Dependency", "Reason")
TAGGED = ("-N1", "-A", "pg", "--gpus-per-node=1", "-t", "5", "--data-residency=FI")


class Steps:
    def __init__(self, directory):
        self.dir = Path(directory)
        self.notes = self.dir / "notes.json"
        self.passed, self.problems = 0, []
        self.cluster = None if not self.notes.exists() else Cluster(self.dir / "c")
        self.gate = self.dir / "gate"

    def check(self, fine, what, seen=""):
        self.passed += bool(fine)
        if not fine:
            self.problems.append(f"{what}: {seen}")
        print(f"{'ok' if fine else 'NOT OK'}  {what}{'' if fine else f': {seen}'}", flush=True)

    def submit(self, *options, script="true"):
        return self.cluster.sbatch("-o", "/dev/null", *options, script=script, user=self.cluster.users()[0])

    def facts(self, jobs):
        return {job: {key: value for key, value in self.cluster.job(job).items() if key in COMPARED} for job in jobs}

    def used(self):
        """Seconds of a GPU that the allocation has used, as its users see it."""
        return json.loads(self.cluster.run(["aif", "quota", "--json", PG]).stdout)[0]["used"]["seconds"]

    def sql(self, program, *options, **kwargs):
        subprocess.run([program, f"--socket={self.cluster.layout.db_socket}", *options], check=True, **kwargs)

    def doctor(self, *good):
        """Its findings that are neither good nor among `good`, as one text."""
        report = json.loads(self.cluster.run(["aif", "doctor", "--json"], check=False).stdout)
        return [f"{f['check']} {f['rule']}: {f['text']}" for f in report["findings"]
                if f["state"] in ("fault", "warning") and f["check"] not in good]

    def report(self):
        """Hand what ended to the ledger; how many jobs it has."""
        self.cluster.run(["aif-reportd", "--once"])
        text = self.cluster.run(["aif", "export", "--format=csv"]).stdout
        return sorted(row["job_id"] for row in csv.DictReader(io.StringIO(text)))

    def verify(self):
        done = self.cluster.run(["aif", "verify", "--ledger", str(self.dir / "ledger.db")], check=False)
        self.check(done.returncode == 0, "the ledger is whole", done.stderr)

    def write_cgroup_conf(self):
        """What slurmd of one version needs in it, that of another does not know."""
        (self.cluster.layout.etc / "cgroup.conf").write_text(config.cgroup_conf(self.cluster.install.version))

    def same(self, what):
        notes = json.loads(self.notes.read_text())
        for job, wanted in notes["jobs"].items():
            seen = self.facts([job])[job]
            self.check(seen == wanted, f"{what}: job {job} ({wanted['JobState'].lower()}) is as before", f"{seen}, not {wanted}")

    # the steps

    def before(self):
        options = Options(nodes=3, gpus=2, cpus=4, locations="FI:2,SE:1", prefix=OURS, plugins="all",
                          conf_lines=["PrologFlags=Alloc"])
        self.cluster = Cluster.create(self.dir / "c", options, start=False)
        user = self.cluster.users()[0]
        site = Site(self.cluster, [allocation(PG, "pg", "playground", members=[user]),
                                   allocation(FL, "fl", "fast-lane", members=[user])])
        site.policy["report"] = {"ledger": str(self.dir / "ledger.db"), "interval": 1, "overlap": 86400}
        site.start()
        done = self.submit(*TAGGED, script="sleep 2")
        runs = self.submit(*TAGGED, script=f"until [ -e {self.gate} ]; do sleep 0.2; done")
        waits = [self.submit(*TAGGED, "-d", f"afterok:{runs}"), self.submit("-N1", "-A", "fl", "-t", "5", "-H"),
                 self.submit(*TAGGED, "-H", "--array=1-2")]
        self.check(self.cluster.wait_job(done) == "COMPLETED", "a job ends under the old Slurm")
        self.cluster.wait(lambda: self.cluster.job(runs)["JobState"] == "RUNNING", what="the job that stays")
        self.cluster.wait(lambda: self.report() == [done], what="the ledger to have the job")
        used = self.cluster.wait(self.used, what="what the job used")
        self.check(self.doctor() == [], "doctor finds nothing under the old Slurm", self.doctor())
        self.cluster.wait_saved()
        self.cluster.wait(lambda: self.cluster.job(waits[0])["Reason"] == "Dependency", what="Slurm to look at what waits")
        self.notes.write_text(json.dumps({"done": done, "runs": runs, "waits": waits, "used": used, "jobs": self.facts([runs, *waits])}))
        with open(self.dir / "dump.sql", "wb") as out:
            self.sql("mariadb-dump", "--databases", "slurm_acct", stdout=out)
        self.cluster.stop("ctld")
        self.cluster.stop("dbd")
        shutil.copytree(self.cluster.layout.root / "state", self.dir / "state")

    def forgotten(self):
        """Everything of Slurm is new, PluginDir is not."""
        cluster = self.cluster
        conf = cluster.layout.conf.read_text()
        cluster.restart("dbd")
        cluster.conf(f"PluginDir={THEIRS}/lib/slurm-aif:{cluster.install.plugin_dir}")
        try:
            cluster.restart("ctld")
            self.check(False, "slurmctld refuses old plugins", "it started")
        except ClusterError:
            self.check("job_submit_aif.so version (" in cluster.ctld_log(), "slurmctld refuses old plugins", cluster.ctld_log()[-500:])
        found = "\n".join(self.doctor())
        self.check("job_submit_aif.so" in found and "was built for Slurm" in found, "doctor says that the rebuild was forgotten", found)
        cluster.layout.conf.write_text(conf)

    def mixed(self):
        cluster = self.cluster
        cluster.conf(f"SelectType={cluster.install.select_type}")
        cluster.restart("ctld")
        cluster.wait_nodes()
        self.same("new slurmctld, old nodes")
        self.check(our_errors(cluster.ctld_log().rpartition(" started on cluster ")[2]) == [], "no error of ours in slurmctld's log")
        notes = json.loads(self.notes.read_text())
        self.check(self.used() >= notes["used"], "what was used is not forgotten", f"{self.used()}, before {notes['used']}")
        job = self.submit(*TAGGED)
        self.check(cluster.wait_job(job) == "COMPLETED", "a new tagged job runs on an old node", cluster.job(job))
        said = cluster.sbatch("-N1", "-A", "pg", "--data-residency=US", "-o", "/dev/null", script="true", user=cluster.users()[0], check=False)
        self.check(said.returncode and "AIF-R" in said.stderr, "an impossible tag is refused", said.stderr)
        self.check(self.doctor() == [], "doctor finds nothing on the controller", self.doctor())
        self.notes.write_text(json.dumps({**notes, "mixed": job}))

    def after(self):
        cluster = self.cluster
        notes = json.loads(self.notes.read_text())
        self.write_cgroup_conf()
        for node in cluster.options.node_names():
            cluster.restart(node)
        cluster.wait_nodes()
        self.check(cluster.job(notes["runs"])["JobState"] == "RUNNING", "the old job still runs under new nodes")
        self.gate.touch()
        self.check(cluster.wait_job(notes["runs"]) == "COMPLETED", "the old job ends well", cluster.job(notes["runs"]))
        for job in notes["waits"]:
            cluster.run(["scontrol", "release", job], check=False)
            self.check(cluster.wait_job(job) == "COMPLETED", f"job {job}, which waited, runs", cluster.job(job))
        ended = 4 + 2 + 1  # the array has two tasks
        cluster.wait(lambda: len(self.report()) == ended, what=f"{ended} jobs in the ledger, not {self.report()}")
        self.verify()
        self.check(self.doctor() == [], "doctor finds nothing under the new Slurm", self.doctor())
        cluster.down()

    def back(self):
        cluster = self.cluster
        cluster.conf(f"SelectType={cluster.install.select_type}")
        shutil.rmtree(cluster.layout.root / "state")
        shutil.copytree(self.dir / "state", cluster.layout.root / "state")
        self.write_cgroup_conf()
        for left in (cluster.layout.root / "sp").glob("*/cred_state*"):
            left.unlink()  # has no version: slurmd 23.11 hangs over what 24.11 wrote
        cluster.restart("munge")
        cluster.restart("db")
        self.sql("mariadb", "-e", "DROP DATABASE slurm_acct")
        with open(self.dir / "dump.sql", "rb") as text:
            self.sql("mariadb", stdin=text)
        cluster.start()
        notes = json.loads(self.notes.read_text())
        held = notes["waits"][1:]
        wanted = {job: notes["jobs"][job] for job in held}
        self.check(self.facts(held) == wanted, "jobs that waited are as before, under the old Slurm again", self.facts(held))
        for job in held:
            cluster.run(["scontrol", "release", job])
            self.check(cluster.wait_job(job) == "COMPLETED", f"job {job} runs under the old Slurm again", cluster.job(job))
        self.verify()
        cluster.down()


def main(step, directory):
    begin = time.monotonic()
    steps = Steps(directory)
    print(f"== {step}", flush=True)
    failed = 1
    try:
        getattr(steps, step)()
        failed = len(steps.problems)
    finally:
        if failed and steps.cluster:
            steps.cluster.down()
        print(f"== {step}: {time.monotonic() - begin:.0f} s\n{steps.passed} passed, {failed} failed, 0 skipped", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
