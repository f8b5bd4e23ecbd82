"""Sites for test_apply.py: a cluster with an allocation list, the command aif apply, and balances written by hand.

    site = ApplySite(cluster)              # with the carrier QOS; site.policy["carrier"] = "association"
    site.apply(allocation(...), code=0)    # write the files and run it; returns what it printed
    site.balances({"EHPC-…": 3600})        # what the ledger shall know, in seconds of the unit
"""

import copy
import datetime
import json
import shutil

POLICY = {
    "version": 1,
    "cluster": "aif",
    "modes": {
        "playground": {"open": True, "wall_max": "04:00:00", "gpus_per_job": {"max": 16}, "submits_per_user": 20},
        "fast-lane": {"open": True},
    },
}


class ApplySite:
    """One cluster; the files are changed as data."""

    def __init__(self, cluster, **policy):
        self.cluster = cluster
        self.user = cluster.users()[0]
        self.path = cluster.layout.root / "balances.json"
        report = {"ledger": "/nonexistent/ledger.db", "interval": 300, "overlap": 86400, "balances": str(self.path)}
        self.policy = {**copy.deepcopy(POLICY), "report": report, **policy}
        self.allocations = []

    def write(self, *allocations):
        self.allocations = list(allocations)
        self.cluster.layout.aif.mkdir(exist_ok=True)
        self.cluster.aif_conf("policy.json", json.dumps(self.policy))
        self.cluster.aif_conf("allocations.json", json.dumps({"version": 1, "allocations": self.allocations}))

    def run(self, *args, code=0):
        done = self.cluster.run(["aif", *args], check=False)
        assert done.returncode == code, f"aif {args}: exit {done.returncode}: {done.stdout}{done.stderr}"
        return done

    def apply(self, *allocations, options=(), code=0):
        self.write(*allocations)
        return self.run("apply", *options, code=code).stdout

    def plan(self, code=1):
        return self.run("plan", code=code).stdout

    def balances(self, used):
        """What the reporter would have written, all of it used this month."""
        month = datetime.date.today().strftime("%Y-%m")
        listed = [{"id": name, "used": secs, "inference": 0, "free": 0, "first_month": month, "months": [secs]}
                  for name, secs in used.items()]
        self.path.write_text(json.dumps({"version": 1, "at": "2026-01-01T00:00:00Z", "allocations": listed}))

    def forget_balances(self):
        self.path.unlink(missing_ok=True)

    def qos(self, name, *fields):
        row = self.cluster.sacctmgr("show", "qos", name, f"format={','.join(fields)}")
        return row.split("|") if row else None

    def gpu_minutes(self, name):
        """GrpTRESMins of a QOS."""
        return int(self.qos(name, "grptresmins")[0].removeprefix("gres/gpu="))

    def assoc(self, account, user, *fields):
        rows = self.cluster.sacctmgr("show", "assoc", f"account={account}", f"format=user,{','.join(fields)}").splitlines()
        return next((row.split("|")[1:] for row in rows if row.split("|")[0] == user), None)

    def has_account(self, account):
        return bool(self.cluster.sacctmgr("show", "account", account, "format=account"))

    def submit(self, account, *options, check=True, script="sleep 1"):
        return self.cluster.sbatch("-A", account, *options, script=script, user=self.user, check=check)

    def wait_reason(self, job, word):
        self.cluster.wait(lambda: word in self.cluster.job(job).get("Reason", ""), what=f"job {job} waiting for {word}")

    def counted(self, job):
        """GPU-seconds of an ended job, once slurmdbd has its end."""
        def row():
            rows = self.cluster.sacct("-j", job, "-o", "elapsedraw,alloctres,state")
            return rows if rows and rows[0][2] == "COMPLETED" else None

        elapsed, tres, _state = self.cluster.wait(row, what=f"end of job {job} at slurmdbd")[0]
        return int(elapsed) * int(dict(part.split("=") for part in tres.split(","))["gres/gpu"])

    def wipe_state(self):
        """What happens when StateSaveLocation is lost."""
        self.cluster.stop("ctld")
        shutil.rmtree(self.cluster.layout.root / "state")
        (self.cluster.layout.root / "state").mkdir()
        self.cluster.start()
