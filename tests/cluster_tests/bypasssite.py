"""A cluster for those who want a tagged job on a foreign node: two nodes inside of the tag FI, three outside, one of a cloud and
one of the future. Each task that starts leaves a file that says where it did."""

import json
import os
import re
import shutil
import time
from pathlib import Path

from aifsite import Site, allocation
from clusterlib import config
from clusterlib.client import FINAL

FI, NORDIC, OPEN = "EHPC-AIF-2026FL01-991", "EHPC-AIF-2026FL01-205", "EHPC-AIF-2026FL01-046"
INSIDE = {"n1", "n2"}
NOT_TRIED = ("None", "JobHeldUser", "JobHeldAdmin", "BeginTime", "Dependency", "Cleaning")  # reasons of jobs that wait
_STATE = re.compile(r"JobState=(\S+) Reason=(\S+) .*?Restarts=(\d+) .*?LastSchedEval=(\S+)")
PLACES = [{"nodes": "n[1-2]", "country": "FI"}, {"feature": "loc_SE", "country": "SE"}, {"nodes": "n4", "country": "DE"},
          {"nodes": "n5", "country": "US"}]


def make(make_cluster, prefix, lines=lambda root: []):
    """A BypassSite whose cluster runs, with more lines in slurm.conf."""
    cluster = make_cluster(prefix=prefix, plugins="all", nodes=5, gpus=1, locations="FI:2,SE:1,DE:1,US:1", start=False)
    cluster.conf("PrologFlags=Alloc", *lines(cluster.layout.root))
    topology = cluster.layout.etc / "topology.conf"
    if "cloud1" in cluster.layout.conf.read_text():
        topology.write_text(topology.read_text().rstrip() + ",far\nSwitchName=far Nodes=cloud1,future1\n")
    members = [cluster.users()[0]]
    site = BypassSite(cluster, [allocation(FI, "fi", "fast-lane", residency="FI", members=members),
                                allocation(NORDIC, "nordic", "fast-lane", residency="FI|SE", members=members),
                                allocation(OPEN, "open", "fast-lane", members=members)])
    site.begin()
    return site


def now():
    """The time as Slurm's commands write it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S")


def far_away(root):
    """Lines of slurm.conf for a partition of foreign nodes, a cloud, and a node of the future. Who has a node of the cloud
    started leaves a file of its name."""
    host = config.short_hostname()
    return ["PartitionName=burst Nodes=n[3-5] MaxTime=1-0 DefaultTime=10", "PartitionName=cloud Nodes=cloud1,future1 MaxTime=1-0",
            f"NodeName=cloud1 NodeHostname={host} NodeAddr=127.0.0.1 Port=1 CPUs=8 RealMemory=8000 Feature=cloud State=CLOUD",
            f"NodeName=future1 NodeHostname={host} NodeAddr=127.0.0.1 Port=1 CPUs=8 RealMemory=8000 State=FUTURE",
            f"ResumeProgram={root}/resume", "SuspendProgram=/bin/true", "SuspendTime=86400", "ResumeTimeout=3600"]


class BypassSite(Site):
    """slurmctld and the nodes read two policies, which say the same until somebody makes them differ."""

    def begin(self):
        root, etc = self.cluster.layout.root, self.cluster.layout.etc
        self.policy["residency"] = {"locations": PLACES}
        self.policy["report"]["ledger"] = str(root / "ledger.db")
        self.tried, self.turned_down = set(), 0  # jobs that must have events, and attempts that never became jobs
        self.traces = root / "traces"
        self.traces.mkdir()
        self.traces.chmod(0o777)
        self.nodes_know(PLACES)
        resume = root / "resume"
        resume.write_text(f"#!/bin/sh\ntouch {self.traces}/resumed.$1\n")
        resume.chmod(0o755)
        plugstack = etc / "plugstack.conf"
        plugstack.write_text(f"{plugstack.read_text().rstrip()} conf_dir={root / 'nodes'}\n")
        self.start()

    @property
    def user(self):
        return self.cluster.users()[0]

    def nodes_know(self, places):
        """What the nodes' own policy says of them from now on."""
        directory = self.cluster.layout.root / "nodes"
        directory.mkdir(exist_ok=True)
        aside = directory / "policy.new"
        aside.write_text(json.dumps(dict(self.policy, residency={"locations": places})))
        aside.replace(directory / "policy.json")

    def controller_knows(self, places):
        """What slurmctld's policy says of them from now on."""
        self.policy["residency"] = {"locations": places}
        self.reconfigure()

    def own_conf(self, name, plugstack):
        """The environment of a user whose commands load the plugins that he wants."""
        etc, directory = self.cluster.layout.etc, self.cluster.layout.root / name
        directory.mkdir()
        for file in ("slurm.conf", "gres.conf", "topology.conf", "cgroup.conf"):
            shutil.copy(etc / file, directory / file)
        (directory / "plugstack.conf").write_text(plugstack)
        return {"SLURM_CONF": str(directory / "slurm.conf")}

    def forger(self, prefix):
        """That of one who puts FORGE_* of his environment into what is sent to slurmctld; see tests/forger."""
        plugin = Path(os.environ.get("AIF_BUILD") or prefix.parent) / "tests" / "forger" / ".libs" / "forger.so"
        near = self.cluster.layout.root / "forger.so"
        shutil.copy(plugin, near)
        plugstack = (self.cluster.layout.etc / "plugstack.conf").read_text()
        return self.own_conf("forger", f"{plugstack}required {near}\n")

    def audited(self):
        """What the ledger has of decisions about tagged jobs by now."""
        self.cluster.run(["aif-reportd", "--once", "--no-send"])
        return json.loads(self.cluster.run(["aif", "audit", "residency", "--json"]).stdout)["events"]

    def are_recorded(self, jobs, turned_down, since=0):
        """Whether the ledger, from an event on, has a refusal of each of these jobs, and of so many others, whose numbers nobody was told."""
        refusals = [event for event in self.audited()[since:] if event["kind"] in ("refuse", "node")]
        jobs = set(map(int, jobs))
        of_jobs = [{event["job"], event["parent"]} & jobs for event in refusals]
        others = [event for event, known in zip(refusals, of_jobs) if not known and event["user"] == self.user and event["reason"]]
        return jobs <= set().union(*of_jobs) and len(others) >= turned_down

    # -- what jobs did ----------------------------------------------------------------------------------------------

    def leave(self, name):
        """A command that leaves a trace of the attempt."""
        return f"touch {self.traces}/{name}.$SLURMD_NODENAME.$SLURM_JOB_ID"

    def seen(self, name):
        """Nodes on which a task of the attempt ran."""
        return {file.split(".")[1] for file in os.listdir(self.traces) if file.startswith(f"{name}.")}

    def is_settled(self, job, since, sent_back=False):
        """Whether each part of the job is over, waits after somebody tried in vain to start it, or was sent back by a node.

        The main scheduler ends its cycle at the second part of a heterogeneous job in one partition. Jobs behind that are
        tried by backfill, which leaves their reason: they count as tried if it has looked at them after `since`."""
        said = self.cluster.run(["scontrol", "-o", "show", "job", job], check=False).stdout
        waiting = [(state, reason, looked) for state, reason, restarts, looked in _STATE.findall(said) if state not in FINAL
                   and not (state == "PENDING" and (reason not in NOT_TRIED or (sent_back and restarts != "0")))]
        if any(reason == "None" and looked <= since for _, reason, looked in waiting):
            # Backfill rests while nothing changes, and may have looked at this job in the second of `since` for the last time.
            self.cluster.run(["scontrol", "update", "PartitionName=gpu", "State=UP"])
        return all(state == "PENDING" and reason == "None" and looked > since for state, reason, looked in waiting)

    def update(self, job, *changes):
        """scontrol update as the user; whether it was taken."""
        return self.cluster.run(["scontrol", "update", f"JobId={job}", *changes], user=self.user, check=False).returncode == 0
