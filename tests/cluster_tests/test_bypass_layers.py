"""Layers x scenarios: with any one layer of data residency removed or wrong, on the cluster, no task of a tagged job starts on a
foreign node. A job without a tag runs there each time, which shows that jobs would."""

import os
import re
import shutil

import bypasssite
import pytest
from bypasssite import INSIDE, PLACES
from test_ticket import without_wrapper

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs users who are no operators: run as root")

TAGS = {"allocation": ["-A", "fi"], "option": ["-A", "open", "--data-residency=FI"],
        "comment": ["-A", "open", "--comment=aif:residency=FI"]}
SHAPES = {"batch": ["-w", "n4"], "array": ["-w", "n4", "--array=1-2"], "feature": ["-C", "loc_DE"], "partition": ["-p", "burst"]}
# What is submitted while a layer is missing, and what was in the queue before and is then sent abroad by an operator.
NEW = {f"{tag}-{shape}": TAGS[tag] + SHAPES[shape] for tag in TAGS for shape in SHAPES}
NEW["allocation-het"] = ["-A", "fi", "-w", "n4", ":", "-A", "fi", "-w", "n1"]
NEW["option-wider"] = ["-A", "fi", "--data-residency=FI|DE", "-w", "n4"]
QUEUED = {f"queued-{tag}": ["-H", *TAGS[tag]] for tag in TAGS}
QUEUED["queued-array"] = ["-H", "-A", "fi", "--array=1-2"]
INTERACTIVE = {"srun": "srun -A fi -w n4 --immediate=5", "salloc": "salloc -A fi -w n4 --immediate=5 srun"}
LAYERS = ["node_plugin", "node_program", "node_policy", "job_submit", "wrapper", "controller_policy"]


class Matrix:
    """Plays all scenarios while one layer is missing."""

    def __init__(self, site, prefix):
        self.site, self.cluster, self.prefix = site, site.cluster, prefix
        self.plugstack = self.cluster.layout.etc / "plugstack.conf"
        # What users load does not change with what nodes do.
        self.client = site.own_conf("client", self.plugstack.read_text())
        self.refused = {}  # layer -> refusals that n4 has logged

    def play(self, layer):
        known = len(self.site.audited())
        jobs = [self.submit(layer, name, args) for name, args in QUEUED.items()]
        before = self.refusals()
        restore = getattr(self, f"without_{layer}")()
        try:
            for job in jobs:
                self.cluster.run(["scontrol", "update", f"JobId={job}", "ReqNodeList=n4"])
                self.cluster.run(["scontrol", "release", job])
            jobs += [self.submit(layer, name, args) for name, args in NEW.items()]
            lines = [f"{line} sh -c '{self.leave(layer, name)}'" for name, line in INTERACTIVE.items()]
            self.cluster.run(" & ".join(lines) + " & wait", user=self.site.user, env=self.client)
            plain = self.submit(layer, "plain", ["-A", "open", "-w", "n4"])
            self.cluster.wait_job(plain, "COMPLETED")
            since = bypasssite.now()
            for job in filter(None, jobs):
                self.cluster.wait(lambda job=job: self.site.is_settled(job, since, sent_back=True),
                                  what=f"job {job} to end, to wait, or to be sent back")
            # The parts that are left have seen every attempt, so each has left an event. But srun and salloc may give up before that.
            numbers = list(filter(None, jobs))
            self.cluster.wait(lambda: self.site.are_recorded(numbers, jobs.count(""), known), what=f"an event of each attempt without {layer}")
        finally:
            self.cluster.cancel_all()
            restore()
        self.refused[layer] = self.refusals() - before

    def refusals(self):
        return self.cluster.node_log("n4").count("does not run here")

    def leave(self, layer, name):
        return self.site.leave(f"{layer}+{name}")

    def submit(self, layer, name, args):
        """The job's number, "" if it was refused."""
        done = self.cluster.sbatch(*args, script=self.leave(layer, name), user=self.site.user, env=self.client, check=False)
        return done.stdout.strip()

    # -- a layer is removed or wrong; each returns what puts it back ---------------------------------------------------

    def without_node_plugin(self):
        text = self.plugstack.read_text()
        self.plugstack.write_text("")
        return lambda: self.plugstack.write_text(text)

    def without_node_program(self):
        """The plugin without aif-node beside it, which makes the check."""
        text, alone = self.plugstack.read_text(), self.cluster.layout.root / "alone"
        alone.mkdir()
        shutil.copy(self.prefix / "lib" / "slurm-aif" / "spank_aif.so", alone)
        self.plugstack.write_text(re.sub(r"\S+/spank_aif.so", f"{alone}/spank_aif.so", text))
        return lambda: self.plugstack.write_text(text)

    def without_node_policy(self):
        """Foreign nodes take themselves for Finnish."""
        self.site.nodes_know([{"nodes": "n[1-5]", "country": "FI"}])
        return lambda: self.site.nodes_know(PLACES)

    def without_job_submit(self):
        self.cluster.conf("JobSubmitPlugins=")
        self.cluster.restart("ctld")
        return self.with_job_submit

    def with_job_submit(self):
        self.cluster.conf("JobSubmitPlugins=aif")
        self.cluster.restart("ctld")

    def without_wrapper(self):
        conf = without_wrapper(self.site)
        return lambda: self.with_wrapper(conf)

    def with_wrapper(self, conf):
        self.cluster.layout.conf.write_text(conf)
        self.cluster.restart("ctld")

    def without_controller_policy(self):
        """slurmctld, and so both of its layers, takes them for Finnish."""
        self.site.controller_knows([{"nodes": "n[1-5]", "country": "FI"}])
        return lambda: self.site.controller_knows(PLACES)


@pytest.fixture(scope="module")
def matrix(make_cluster, prefix):
    return Matrix(bypasssite.make(make_cluster, prefix, bypasssite.far_away), prefix)


@pytest.fixture(scope="module", params=LAYERS)
def layer(matrix, request):
    matrix.play(request.param)
    return request.param


def test_the_node_refuses_what_only_it_can(matrix, layer):
    """Where slurmctld sends tagged jobs abroad, and nowhere else."""
    if layer in ("wrapper", "controller_policy"):
        assert matrix.refused[layer] > 0
    elif layer in ("node_plugin", "node_program", "node_policy"):
        assert matrix.refused[layer] == 0


@pytest.mark.parametrize("name", [*QUEUED, *NEW, *INTERACTIVE])
def test_no_task_abroad(matrix, layer, name):
    assert matrix.site.seen(f"{layer}+{name}") <= INSIDE
    assert matrix.site.seen(f"{layer}+plain") == {"n4"}
