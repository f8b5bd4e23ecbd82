"""A site for cluster tests: policy.json and allocations.json as Python data, put on a cluster and mirrored in slurmdbd.

    site = Site(cluster)                                   # writes the files that DEFAULT_* and allocation() describe
    site.allocations["pg"] = allocation("EHPC-AIF-2026PG01-905", "pg", "playground", members=["daemon"])
    site.apply()                                           # aif apply, then wait until slurmctld has it in force
"""

import copy
import datetime
import json
import re

POLICY = {
    "version": 1,
    "cluster": "aif",
    "modes": {
        "playground": {"code": "PG", "open": True, "gpus_per_job": {"max": 8}, "nodes_per_job": {"max": 2},
                       "wall_max": "04:00:00"},
        "fast-lane": {"code": "FL", "open": True, "wall_max": "1-00:00:00", "lane": {"base": 100000}},
        "closed": {"code": "LS", "open": False, "closed_note": "opens in May"},
        "here": {"code": "D", "open": True, "partitions": ["gpu"]},
        "single": {"code": "SC", "open": True, "gpus_per_job": {"max": 1}},
    },
    "residency": {"home": "FI", "locations": [{"feature": "loc_SE", "country": "SE"}]},
    "report": {"ledger": "/nonexistent/ledger.db", "interval": 300, "overlap": 86400},
}


def day(offset):
    """Today plus so many days, as the files have it."""
    return (datetime.date.today() + datetime.timedelta(days=offset)).isoformat()


def allocation(project, account, mode, amount=1000, start=-30, end=300, **more):
    """One entry of allocations.json; start and end in days from today."""
    return {"id": project, "account": account, "mode": mode, "amount": amount, "unit": more.pop("unit", "gpu-hour"),
            "start": day(start), "end": day(end), **more}


class Site:
    """The two files of a cluster, changed as data."""

    def __init__(self, cluster, allocations=()):
        self.cluster = cluster
        self.policy = copy.deepcopy(POLICY)
        self.allocations = {a["account"]: a for a in allocations}
        self.controller = "ctld"  # or "backup", while that is in control

    def write(self):
        self.cluster.layout.aif.mkdir(exist_ok=True)
        self.cluster.aif_conf("policy.json", json.dumps(self.policy, indent=1))
        listed = {"version": 1, "allocations": list(self.allocations.values())}
        self.cluster.aif_conf("allocations.json", json.dumps(listed, indent=1))

    def reconfigure(self):
        """Write the files, have slurmctld read them, and wait until every plugin has."""
        self.write()
        self.cluster.reconfigure()
        want = self.hash()
        goal = {name: want for name in self.watchers()}
        self.cluster.wait(lambda: self.in_force() == goal, what=f"policy {want} in force")

    def apply(self):
        """reconfigure(), and the QOS, accounts and associations in slurmdbd and, from there, in slurmctld."""
        self.write()
        self.cluster.run(["aif", "apply"])
        self.reconfigure()
        wanted = {(entry["account"].lower(), name) for entry in self.allocations.values() if entry.get("state", "ok") == "ok"
                  for name in entry.get("members", [])}
        self.cluster.wait(lambda: wanted <= self.associations(), what=f"slurmctld to know {wanted}")

    def associations(self):
        """(account, user) of each association that slurmctld knows."""
        text = self.cluster.run(["scontrol", "-o", "show", "assoc_mgr", "flags=assoc"]).stdout
        return set(re.findall(r"Account=(\S+) UserName=([^\s(]+)\(", text))

    def start(self):
        """Start a cluster that was made without, with the files in place from the beginning, and apply()."""
        self.write()
        self.cluster.start()
        self.apply()
        self.cluster.wait_nodes()  # or a job that names a node which is not back yet waits, instead of being refused

    def hash(self):
        """First digits of the hash of the files as they are, as the log shows it."""
        return re.search(r"\b([0-9a-f]{8})[0-9a-f]*", self.cluster.run(["aif", "config", "check"]).stdout).group(1)

    def watchers(self):
        """Our plugins that the cluster has and that say which policy they took."""
        conf = self.cluster.layout.conf.read_text()
        names = {"job_submit/aif": "JobSubmitPlugins=aif", "site_factor/aif": "=site_factor/aif",
                 "priority/aif": "=priority/aif", "select/cons_tres": "/lib/slurm-aif:"}
        return [name for name, line in names.items() if line in conf]

    def in_force(self):
        """Plugin -> hash that it took last, from slurmctld's log since its last start."""
        log = self.cluster.ctld_log(self.controller).rpartition(" started on cluster ")[2]
        return dict(re.findall(r"((?:job_submit|site_factor|priority)/aif|select/cons_tres)(?:_aif)?: policy ([0-9a-f]{8})", log))


def traces(cluster, name):
    """A directory in which each task that starts leaves a file."""
    path = cluster.layout.root / f"traces-{name}"
    path.mkdir(exist_ok=True)
    path.chmod(0o777)
    return path


def our_errors(log):
    """Lines at level error that come from us. Slurm's own may name a QOS of ours, which has its allocation's name."""
    lines = [line for line in log.splitlines() if " error: " in line]
    return [line for line in lines if re.search(r"\baif\b", re.sub(r"(?i)\behpc-aif-\w+", "", line))]


def settings(text):
    """AIF_* variables in the output of env."""
    return dict(re.findall(r"^(AIF_(?:MODE|ALLOCATION|RESIDENCY))=(.*)$", text, re.M))
