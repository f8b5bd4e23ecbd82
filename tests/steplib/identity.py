"""The same commands to a stock slurmctld and to one with the wrapper: do the jobs get the same?"""

import bisect
import re

from .site import StepSite, words

# Used nodes that leave holes of different sizes, so that packing would go elsewhere than Slurm does: {node: GPUs taken}.
HOLES = {1: 1, 2: 3, 6: 2, 7: 3, 10: 1, 13: 2}


class Pair:
    """`with Pair(shape, prefix, build) as pair:` two sites of one shape that are told the same."""

    def __init__(self, shape, prefix, build):
        self.sites = [StepSite(shape, "", build), StepSite(shape, prefix, build, audit=False)]
        self.shape = shape
        self._submitted = [[], []]  # ids of the present test's jobs: numbers that slurmctld leaves out are no difference
        self._diggers = set()  # ours, of the jobs that only take GPUs
        self._reserved = []

    def __enter__(self):
        self.sites[0].__enter__()
        try:
            self.sites[1].__enter__()
            for site in self.sites:
                site.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc):
        for site in self.sites:
            site.__exit__()

    def do(self, command, **fields):
        """One command to both and time for the schedulers; the answer, which must be the same."""
        answers = [site.say(command, **fields) for site in self.sites]
        assert self._same(answers), f"{command} {words(fields)}: stock {answers[0]}, ours {answers[1]}"
        self._settle()
        return answers[0]

    def _same(self, answers):
        (one, first), (other, second) = answers
        if one and other and first.isdigit() and second.isdigit():
            self._note(first, second)
            return True
        return answers[0] == answers[1]

    def _note(self, *ids):
        for listed, job_id in zip(self._submitted, ids):
            listed.append(int(job_id))

    def _settle(self):
        for site in self.sites:
            site.say("settle")

    def job(self, gpus=0, nodes=1, **fields):
        """A job of so many nodes with so many GPUs on each."""
        good, why = self.do("submit", **self.request(gpus, nodes, **fields))
        assert good, why

    def resized(self, gpus, nodes, left, **fields):
        """A job that runs on so many nodes and then gives up all but some."""
        ids = [site.need("submit", **self.request(gpus, nodes, **fields)) for site in self.sites]
        self._note(*ids)
        for site, job_id in zip(self.sites, ids):
            site.say("settle")
            site.need(f"update {job_id}", min_nodes=left)
            site.say("settle")

    def request(self, gpus, nodes, **fields):
        ask = {"min_nodes": nodes, "max_nodes": nodes, "num_tasks": nodes, "min_cpus": nodes, "cpus_per_task": 1}
        if gpus:
            ask["tres_per_node"] = f"{self.sites[0].gpu}{gpus}"
        return {**ask, **fields}

    def dig(self, holes=None):
        """Take GPUs of some nodes."""
        for node, gpus in (HOLES if holes is None else holes).items():
            self.job(gpus, req_nodes=f"c{node}", time_limit=600)
            self._diggers.add(self._submitted[1][-1])

    def reserve(self, name, nodes):
        """These nodes for an hour, from now on."""
        good, why = self.do(f"reserve {name} {nodes} 1 60")
        assert good, why
        self._reserved.append(name)
        self.do("forward 5")

    def reconfigure(self):
        """Both read a changed configuration; returns when it is in force and all nodes have answered."""
        for site in self.sites:
            site.reconfigure(changed=True)

    def clear(self):
        """No job, no reservation."""
        for job_id in sorted({job for site in self.sites for job in site.jobs()}):
            for site in self.sites:
                site.say(f"kill {job_id}")
        for _ in range(200):
            if not any(self._busy(site) for site in self.sites):
                self._forget()
                return
            for site in self.sites:
                site.need("forward 20")
                site.say("settle")
        raise AssertionError("jobs do not end")

    def _forget(self):
        """Slurm deletes a reservation only when its jobs have ended."""
        for name in self._reserved:
            for site in self.sites:
                site.need(f"unreserve {name}")
        self._submitted, self._diggers, self._reserved = [[], []], set(), []

    def _busy(self, site):
        return site.run(["squeue", "-h"]).stdout.strip()

    def differences(self):
        """Jobs whose state or allocation is not the same, in words."""
        stock, ours = ({_place(submitted, job): found for job, found in allocations(site).items()}
                       for site, submitted in zip(self.sites, self._submitted))
        return [f"job {job}: stock {stock.get(job)}, ours {ours.get(job)}" for job in sorted({*stock, *ours})
                if stock.get(job) != ours.get(job)]

    def lasting_differences(self):
        """The same once both are at rest: nodes may be given back, and jobs start, a little later on one side."""
        for _ in range(20):
            found = self.differences()
            if not found:
                break
            for site in self.sites:
                site.need("forward 10")
            self._settle()
        return found

    def running(self):
        """{job id: nodes it holds} on the side of ours, but for those that dug the holes."""
        return {job: parts for job, (state, parts) in allocations(self.sites[1]).items()
                if state == "RUNNING" and job not in self._diggers}


def _place(submitted, job_id):
    """(which submission a job came with, which of its jobs it is), counted from 0; -1: one from before."""
    at = bisect.bisect_right(submitted, job_id) - 1
    return at, job_id - submitted[at] if at >= 0 else job_id


def allocations(site):
    """{job id: (state, ((nodes, CPUs, memory, GPUs), ...))} of all jobs that have not ended."""
    found = {}
    for line in site.run(["scontrol", "-o", "-d", "show", "jobs"]).stdout.splitlines():
        head = re.search(r"JobId=(\d+) .*JobState=(RUNNING|PENDING|SUSPENDED) ", line)
        if head:
            parts = re.findall(r"\bNodes=(\S+) CPU_IDs=(\S+) Mem=(\S+) GRES=(\S*)", line)
            found[int(head[1])] = (head[2], tuple(parts))
    return found
