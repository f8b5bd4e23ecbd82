"""Shadow mode leaves all to stock and tells what it would have done; strict jobs wait for few islands, not for ever."""

import os
import re
from pathlib import Path

import pytest
from steplib import BAD, Pair, Shape, StepSite

RUNNING, PENDING = 1, 0
SHADOW = r"aif: shadow: JobId=(\d+) partition=(\S+) ours (.+?) (?:nodes \S+ )?stock (.+?) nodes (\S+)"


@pytest.fixture(scope="module")
def build(prefix):
    return Path(os.environ.get("AIF_BUILD") or prefix.parent)


# -- shadow --------------------------------------------------------------------------------------------------------------


def test_shadow_changes_nothing_and_logs_both_scores(prefix, build):
    with Pair(Shape(placement="shadow"), prefix, build) as pair:
        pair.dig()
        for gpus, nodes in ((1, 1), (2, 1), (4, 2), (1, 3), (4, 3), (1, 1)):
            pair.job(gpus, nodes)
        differences = pair.lasting_differences()
        assert not differences, "\n".join(differences)
        lines = re.findall(SHADOW, pair.sites[1].ctld_log())
        started = set(map(str, pair.running()))
        assert len(started) == 6
        assert {job for job, *_ in lines} >= started
        assert len({job for job, *_ in lines}) == len(lines)
        assert all(part == "gpu" and ours and stock and nodes for _job, part, ours, stock, nodes in lines)


# -- strict --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def site(prefix, build):
    """Four leaves of four nodes; in each, one node is taken for 10, 20, 30 and 40 minutes."""
    with StepSite(Shape(), prefix, build) as made:
        made.start()
        for leaf in range(4):
            submit(made, 1, req_nodes=f"c{4 * leaf}", time_limit=10 * (leaf + 1))
        yield made
        assert not made.findings("LOST", "RANGE", "PREEMPT", "RECOUNT")


def submit(site, nodes, gpus=4, place=None, **fields):
    if place:
        fields["admin_comment"] = f'{{"aif":{{"v":1,"place":"{place}"}}}}'
    job = site.need("submit", min_nodes=nodes, max_nodes=nodes, num_tasks=nodes, min_cpus=nodes,
                    tres_per_node=f"{site.gpu}{gpus}", **fields)
    site.say("settle")
    return int(job)


def state(site, job):
    return site.jobs()[job][0]


def leaves(site, job):
    return {int(name[1:]) // 4 for name in site.nodes_of(job)}


def pass_minutes(site, minutes):
    """Step by step, so that limits and schedulers keep up."""
    for _ in range(minutes * 2):
        site.need("forward 30")
        site.say("settle")


def test_without_strict_it_starts_across_leaves(site):
    job = submit(site, 4)
    assert state(site, job) == RUNNING and len(leaves(site, job)) > 1


def test_strict_waits_for_one_leaf_and_starts_there(site):
    job = submit(site, 4, place="pack,strict@0:50:00")
    assert state(site, job) == PENDING
    assert site.job(job)["Reason"] in ("Resources", "Priority", "None")
    pass_minutes(site, 12)
    assert state(site, job) == RUNNING and leaves(site, job) == {0}


def test_strict_starts_anyway_after_its_time(site):
    job = submit(site, 4, place="pack,strict@0:02:00")
    assert state(site, job) == PENDING
    pass_minutes(site, 4)
    assert state(site, job) == RUNNING and len(leaves(site, job)) > 1


def test_strict_is_not_starved_by_smaller_jobs(site):
    job = submit(site, 4, place="pack,strict@0:50:00")
    site.say("settle")
    for _ in range(6):
        submit(site, 1, time_limit=600)
    assert state(site, job) == PENDING
    pass_minutes(site, 12)
    assert state(site, job) == RUNNING and len(leaves(site, job)) == 1


# -- could it ever run? --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topology", ["flat", "tree"])
def test_a_wide_job_could_run_if_it_could_on_a_sample(prefix, build, topology):
    with StepSite(Shape(topology=topology), prefix, build) as made:
        made.start()
        made.run(["scontrol", "setdebug", "debug"])
        for node in range(5):
            submit(made, 1, req_nodes=f"c{node}", time_limit=60)
        wide = submit(made, 12)
        assert state(made, wide) == PENDING
        assert made.job(wide)["Reason"] == "Resources"
        # From 25.05 on nothing asks the wrapper for its state, so that it logs what it counted only where a reconfigure is no new start.
        if made.install.version < (25, 5):
            made.need("reconfigure")
            totals = made.totals()
            assert totals["samples"] > 0 and not totals["samples-refused"]
        # Another answer than that of stock would be one of these.
        assert not made.findings(*BAD)
        pass_minutes(made, 70)
        assert state(made, wide) == RUNNING
