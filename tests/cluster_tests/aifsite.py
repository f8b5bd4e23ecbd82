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
        "fast-lane": {"code": "FL", "open": True, "wall_max": "1-00:00:00", "lane_boost": 100000},
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
        """reconfigure(), and the QOS, accounts and associations in slurmdbd."""
        self.write()
        self.cluster.run(["aif", "apply"])
        self.reconfigure()

    def hash(self):
        """First digits of the hash of the files as they are, as the log shows it."""
        return re.search(r"\b([0-9a-f]{8})[0-9a-f]*", self.cluster.run(["aif", "config", "check"]).stdout).group(1)

    def watchers(self):
        """Our plugins that the cluster has and that say which policy they took."""
        conf = self.cluster.layout.conf.read_text()
        names = {"job_submit/aif": "JobSubmitPlugins=aif", "site_factor/aif": "=site_factor/aif",
                 "priority/aif": "=priority/aif"}
        return [name for name, line in names.items() if line in conf]

    def in_force(self):
        """Plugin -> hash that it took last, from slurmctld's log since its last start."""
        log = self.cluster.ctld_log().rpartition(" started on cluster ")[2]
        return dict(re.findall(r"((?:job_submit|site_factor|priority)/aif): policy ([0-9a-f]{8})", log))


def our_errors(log):
    """Lines at level error that come from us."""
    return [line for line in log.splitlines() if " error: " in line and re.search(r"\baif\b", line)]


def settings(text):
    """AIF_* variables in the output of env."""
    return dict(re.findall(r"^(AIF_(?:MODE|ALLOCATION|RESIDENCY))=(.*)$", text, re.M))
