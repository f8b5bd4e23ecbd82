"""What goes wrong around the select wrapper: maps and topology that change or break, slurmctld killed, nodes that come and go.

Each time jobs must go on as before, the wrapper's counts must be right again, and nothing may be lost against stock."""

import os
import re
from pathlib import Path

import pytest
from steplib import Shape, StepSite

MAP = """{"version": 1, "levels": [{"name": "row", "weight": 10, "islands": {%s}}]}"""


@pytest.fixture(scope="module")
def build(prefix):
    return Path(os.environ.get("AIF_BUILD") or prefix.parent)


@pytest.fixture
def site(request, prefix, build):
    with StepSite(Shape(topology=getattr(request, "param", "tree")), prefix, build) as made:
        made.start()
        yield made
        made.stop()
        bad = made.findings("LOST", "LATER", "RANGE", "CODE", "PREEMPT", "RECOUNT")
        assert not bad, "\n".join(bad[:10])
        assert made.findings("comparing the wrapper")


def start(site, gpus=4, nodes=1, **fields):
    """Numbers of the nodes a new job gets."""
    job_id = site.need("submit", min_nodes=nodes, max_nodes=nodes, num_tasks=nodes, min_cpus=nodes,
                       tres_per_node=f"{site.gpu}{gpus}", **fields)
    site.wait(lambda: site.say("settle") and site.job_state(job_id) == "RUNNING", 120, f"start of job {job_id}")
    return sorted(int(name[1:]) for name in site.nodes_of(job_id))


def islands(nodes, size):
    return {node // size for node in nodes}


def fill(site, nodes, gpus=1):
    for node in nodes:
        start(site, gpus, req_nodes=f"c{node}", time_limit=600)


def rows(size, nodes=16):
    return MAP % ", ".join(f'"r{i}": "c[{i * size}-{(i + 1) * size - 1}]"' for i in range(nodes // size))


def said(site, text, what):
    site.wait(lambda: re.search(text, site.ctld_log()), 120, what)


def use_map(site, text):
    path = site.layout.aif / "fabric.json"
    path.write_text(text) if text is not None else path.unlink()


# -- the map -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def mapped(site):
    """Rows of eight, where the topology has leaves of four."""
    use_map(site, rows(8))
    site.write_policy("on", more=', "map": "fabric.json"')
    site.reconfigure(changed=True)
    return site


def test_islands_come_from_the_map(mapped):
    fill(mapped, (0, 4, 8))
    assert islands(start(mapped, 4, 6), 8) in ({0}, {1})


def test_a_broken_map_leaves_the_one_before_in_force(mapped):
    if mapped.install.version >= (23, 11):
        pytest.skip("a reconfigure replaces the process here: it begins without a policy")
    fill(mapped, (0, 4, 8))
    use_map(mapped, '{"version": 1, "levels": [')
    mapped.need("reconfigure")
    said(mapped, r"fabric\.json", "complaint about the map")
    assert islands(start(mapped, 4, 6), 8) in ({0}, {1})
    use_map(mapped, rows(4))
    mapped.reconfigure(changed=True)
    assert len(islands(start(mapped, 4, 4, exc_nodes="c[0-7]"), 4)) <= 2


def test_a_map_that_is_gone_at_the_start_is_stock_placement(mapped):
    fill(mapped, (0, 4, 8))
    use_map(mapped, None)
    mapped.stop_daemon()
    mapped.start(clean=False)
    assert len(start(mapped, 4, 6)) == 6
    assert len(start(mapped, 1)) == 1


# -- the topology --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("site", ["tree"], indirect=True)
@pytest.mark.parametrize("restart", [False, True], ids=["reconfigure", "restart"])
def test_a_changed_topology_is_taken_over(site, restart):
    fill(site, (0, 5, 9, 13))
    assert len(islands(start(site, 4, 3), 4)) == 1
    site.write_topology(leaf=8)
    if restart:
        site.stop_daemon()
        site.start(clean=False)
    else:
        site.reconfigure()
    assert len(islands(start(site, 4, 5), 8)) == 1


# -- slurmctld -----------------------------------------------------------------------------------------------------------


def test_killed_slurmctld_counts_right_again(site):
    fill(site, (0, 1, 5), 2)
    start(site, 4, 3)
    site.wait_saved()
    site.stop_daemon(kill=True)
    site.start(clean=False)
    site.reconfigure()
    # The holes that were there before are the ones that are filled now.
    assert start(site, 2)[0] in (0, 1, 5)
    assert start(site, 2)[0] in (0, 1, 5)
    assert len(start(site, 4, 4)) == 4


def test_killed_in_the_middle_of_changes(site):
    for round_number in range(3):
        fill(site, (round_number, 8 + round_number))
        site.write_topology(leaf=8 if round_number % 2 else 4)
        site.wait_saved()
        site.need("reconfigure")
        site.stop_daemon(kill=True)
        site.start(clean=False)
        assert len(start(site, 1, 2)) == 2
    assert len(start(site, 4, 4)) == 4


# -- nodes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("site", ["flat"], indirect=True)
def test_nodes_that_come_and_go(site):
    fill(site, (0, 1), 2)
    shape = site.shape
    site.run(["scontrol", "create", "NodeName=c16", "State=CLOUD", "CPUs=16", "Sockets=4", f"CoresPerSocket={shape.cores}",
              f"RealMemory={shape.memory}"])  # without GPUs: gres.conf knows none of its own
    assert start(site, 2)[0] in (0, 1)
    assert len(start(site, 4, 4)) == 4
    site.run(["scontrol", "delete", "NodeName=c16"])
    assert start(site, 2)[0] in (0, 1)
    assert len(start(site, 4, 4)) == 4


# -- requests that shrink ----------------------------------------------------------------------------------------------------


def test_a_job_asks_no_more_than_it_was_updated_to(site):
    start(site, 4, 15, time_limit=600)
    job_id = site.need("submit", min_nodes=2, max_nodes=2, num_tasks=2, min_cpus=2, tres_per_node=f"{site.gpu}4")
    site.say("settle")
    assert site.job_state(job_id) == "PENDING"
    site.need(f"update {job_id}", min_nodes=1)
    site.wait(lambda: site.say("settle") and site.job_state(job_id) == "RUNNING", 120, f"start of job {job_id}")


# -- GPUs that are only counted --------------------------------------------------------------------------------------------


class CountedSite(StepSite):
    """Each node has GPUs of two types without files: Slurm counts both, and nothing tells which ones are free."""

    def _write_files(self):
        super()._write_files()
        (self.layout.etc / "gres.conf").write_text("".join(
            f"NodeName={self.names()} Name=gpu Type={kind} Count=2\n" for kind in ("a100", "h100")))

    def _node_lines(self):
        return [re.sub(r"Gres=\S+", "Gres=gpu:a100:2,gpu:h100:2", line) for line in super()._node_lines()]


def test_types_that_are_only_counted(prefix, build):
    with CountedSite(Shape(), prefix, build) as site:
        site.start()
        for kind in ("h100", "a100"):
            assert len(start_typed(site, kind, 2, 4)) == 4
        assert len(start_typed(site, "h100", 1)) == 1
        site.stop()
        bad = site.findings("LOST", "LATER", "RANGE", "CODE", "RECOUNT")
        assert not bad, "\n".join(bad[:10])


def start_typed(site, kind, gpus, nodes=1):
    job_id = site.need("submit", min_nodes=nodes, max_nodes=nodes, num_tasks=nodes, min_cpus=nodes,
                       tres_per_node=f"{site.gpu}{kind}:{gpus}")
    site.wait(lambda: site.say("settle") and site.job_state(job_id) == "RUNNING", 120, f"start of job {job_id}")
    return site.nodes_of(job_id)
