"""What tests/story.py is told with: scenes, commands shown with what came back, and expectations that can fail."""

import os
import re
import subprocess
import sys
import textwrap

WIDTH = 118


class StoryFailed(Exception):
    """A step did not do what it should."""


class Narrator:
    """Runs the story's commands on a cluster and prints them as a person would have typed them."""

    def __init__(self, cluster, user):
        self.cluster = cluster
        self.user = user
        self.scenes = 0
        self.checks = 0

    def scene(self, title):
        self.scenes += 1
        print(f"\n=== {self.scenes}. {title} ===", flush=True)

    def say(self, text):
        print(textwrap.fill(text, WIDTH), flush=True)

    def show(self, shown, done, prompt):
        print(f"{prompt} {shown}")
        for line in (done.stdout + done.stderr).rstrip().splitlines():
            print(f"    {line}")
        sys.stdout.flush()

    def admin(self, line, fails=False):
        """A command line as the administrator; returns what it printed."""
        return self._run(line, None, "#", fails)

    def as_user(self, line, fails=False):
        """A command line as the user; `fails`: it must be refused."""
        return self._run(line, self.user, "$", fails)

    def _run(self, line, user, prompt, fails):
        done = self.cluster.run(line, user=user, check=False)
        self.show(line, done, prompt)
        self.expect(bool(done.returncode) == fails, f"exit status {done.returncode} of: {line}")
        return done.stdout + done.stderr

    def submit(self, line):
        """sbatch as the user; returns the job id."""
        out = self.as_user(line)
        match = re.search(r"Submitted batch job (\d+)", out)
        self.expect(match, f"a job id in: {out.strip()}")
        return match[1]

    def refused(self, line, *words):
        """sbatch that must be refused in one sentence with these words in it."""
        out = self.as_user(line, fails=True)
        for word in words:
            self.expect(word in out, f"{word!r} in the refusal")
        self.expect(sum("aif: " in row for row in out.splitlines()) == 1, "one sentence of ours")

    def expect(self, truth, what):
        self.checks += 1
        if not truth:
            raise StoryFailed(f"expected {what}")

    def wait_queue_empty(self, timeout=90):
        self.cluster.wait(lambda: not self.cluster.run(["squeue", "-h"]).stdout.strip(), timeout, "an empty queue")


def leaf_of(node):
    """Leaf switch of a node of the story's cluster: two nodes each."""
    return (int(node.lstrip("n")) + 1) // 2


def expand(cluster, nodelist):
    out = cluster.run(["scontrol", "show", "hostnames", nodelist]).stdout
    return out.split()


def spawn(cluster, argv):
    """Start a command of the cluster in the background."""
    return subprocess.Popen(argv, env=cluster.env(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def open_file(path):
    """An empty file that every user may write."""
    path.touch()
    path.chmod(0o666)
    return path


def bound_ranks(cluster):
    """A script that binds each rank to the NUMA node of its GPU, but rank 5 to the other; None where that cannot be shown.

    hwloc is told of two NUMA nodes of four cores, as gres.conf has them; two real CPUs stand for the first core of each."""
    cpus = sorted(os.sched_getaffinity(0))[:2]
    if len(cpus) < 2 or "pmix" not in cluster.run("srun --mpi=list 2>&1").stdout:
        return None
    rest = [n for n in range(8 + max(cpus)) if n not in cpus][:6]
    numbers = ",".join(map(str, [cpus[0], *rest[:3], cpus[1], *rest[3:]]))
    script = cluster.layout.root / "bound-ranks"
    script.write_text("#!/bin/sh\n"
                      f"export HWLOC_SYNTHETIC='numa:2 core:4 pu:1(indexes={numbers})'\n"
                      "near=$((SLURM_STEP_GPUS / 2))\n"
                      '[ "$SLURM_PROCID" = "${WRONG-5}" ] && near=$((1 - near))\n'
                      f"[ $near -eq 0 ] && cpu={cpus[0]} || cpu={cpus[1]}\n"
                      'exec taskset -c $cpu "$@"\n')
    script.chmod(0o755)
    return script
