"""Where the select wrapper promises not to interfere, jobs get what stock Slurm gives them: nodes, cores and GPUs.

Each test tells the same to a stock slurmctld and to one with the wrapper (tests/steplib/identity.py), on nodes with holes
that packing would fill in another order."""

import os
from pathlib import Path

import pytest
from clusterlib.slurm import SlurmInstall
from steplib import Pair, Shape

SPREAD_JOB = 1 << 8
VERSION = SlurmInstall().version
TOPOLOGIES = ("flat", "tree", "block") if VERSION >= (23, 11) else ("flat", "tree")


@pytest.fixture(scope="module")
def build(prefix):
    return Path(os.environ.get("AIF_BUILD") or prefix.parent)


@pytest.fixture(scope="module", params=TOPOLOGIES)
def plain(request, prefix, build):
    with Pair(Shape(topology=request.param), prefix, build) as pair:
        yield pair


@pytest.fixture
def pair(plain):
    plain.clear()
    plain.dig()
    return plain


def same(pair, least=1):
    """Nothing differs, and at least so many jobs run beside those that dug the holes."""
    differences = pair.lasting_differences()
    assert not differences, "\n".join(differences)
    assert len(pair.running()) >= least


# -- that there is something to see --------------------------------------------------------------------------------------


def test_a_job_that_is_ours_is_placed_otherwise(pair):
    for _ in range(4):
        pair.job(1)
    assert pair.differences()


@pytest.fixture
def low_is_off(pair):
    pair.sites[1].write_policy("on", more=', "partitions": {"low": "off"}')
    pair.reconfigure()
    yield pair
    pair.sites[1].write_policy("on")
    pair.reconfigure()


def test_a_partition_that_is_off_is_left_to_stock(low_is_off):
    pair = low_is_off
    for gpus in (1, 2, 1, 3):
        pair.job(gpus, partition="low")
    pair.job(4, 3, partition="low")
    same(pair, 5)


# -- said by the user ----------------------------------------------------------------------------------------------------


def test_named_nodes(pair):
    pair.job(1, req_nodes="c10")
    pair.job(1, 2, req_nodes="c7")
    # In different blocks: with topology/block both refuse.
    pair.do("submit", **pair.request(2, 3, req_nodes="c3,c12"))
    pair.do("submit", **pair.request(4, 2, req_nodes="c0,c15"))
    same(pair, 2)


def test_excluded_nodes_that_leave_no_choice(pair):
    # Of three blocks: with topology/block both refuse.
    pair.do("submit", **pair.request(4, 4, exc_nodes="c[0-3,6-9,14-15]"))
    pair.job(2, exc_nodes="c[0-9,11-15]")
    same(pair)


def test_contiguous_nodes(pair):
    pair.job(1, 3, contiguous=1)
    pair.job(4, 2, contiguous=1)
    same(pair, 2)


def test_spread_over_nodes(pair):
    pair.job(1, 4, bitflags=SPREAD_JOB)
    pair.job(2, 3, bitflags=SPREAD_JOB)
    same(pair, 2)


def test_switches(pair):
    pair.job(4, 2, req_switch=1, wait4switch=600)
    pair.job(1, 5, req_switch=2, wait4switch=600)
    pair.job(4, 4, req_switch=1, wait4switch=5)
    pair.do("forward 20")
    same(pair, 2)


def test_counted_features(pair):
    pair.job(1, 2, features="even*2")
    pair.job(1, 3, features="[even*2&odd*1]")
    pair.job(4, 2, features="[odd*1&even*1]")
    # Where GPUs are asked for, 24.11 itself finds no nodes for two counts.
    same(pair, 3 if VERSION < (23, 11) else 1)


def test_whole_nodes(pair):
    pair.job(1, 2, shared=0)
    pair.job(4, 3, shared=0)
    pair.job(2, shared=0)
    same(pair, 3)


def test_het_jobs(pair):
    parts = [pair.request(1, 1), pair.request(4, 2), pair.request(2, 3)]
    good, _ = pair.do("het " + " / ".join(" ".join(f"{key}={value}" for key, value in part.items()) for part in parts))
    assert good
    pair.do("forward 10")
    same(pair, 3)


def test_no_gpus(pair):
    for nodes, cpus in ((1, 3), (2, 8), (1, 16)):
        pair.job(0, nodes, cpus_per_task=cpus, min_cpus=nodes * cpus)
    same(pair, 3)


def test_placement_any(pair):
    comment = '{"aif":{"v":1,"place":"any"}}'
    for gpus, nodes in ((1, 1), (2, 1), (4, 3), (1, 2)):
        pair.job(gpus, nodes, admin_comment=comment)
    same(pair, 4)


@pytest.mark.skipif(VERSION < (24, 11), reason="--segment came with 24.11")
def test_segments(pair):
    pair.job(4, 4, segment=2)
    pair.job(1, 6, segment=3)
    same(pair)


@pytest.mark.skipif(VERSION < (25, 5), reason="several topologies came with 25.05")
def test_a_partition_of_another_topology(prefix, build):
    """What has no islands of ours is left to stock; the other partitions are not."""
    with Pair(Shape(topology="several"), prefix, build) as pair:
        pair.dig()
        across = pair.request(1, 2, req_nodes="c3,c12")
        assert pair.do("submit", **across)[0] and not pair.do("submit", **across, partition="low")[0]
        for gpus, nodes in ((1, 1), (4, 2), (1, 3), (2, 1), (4, 2)):
            pair.job(gpus, nodes, partition="low")
        same(pair, 6)
        for _ in range(4):
            pair.job(1)
        assert pair.differences()


# -- said by the administrator -------------------------------------------------------------------------------------------


def test_reservations_without_a_choice(pair):
    pair.reserve("held", "c[4-5]")
    pair.job(2, 2, reservation="held")
    pair.job(1, reservation="held")
    same(pair, 2)


def test_whole_nodes_without_a_choice(pair):
    if pair.shape.topology == "block":  # one block only has three idle nodes
        pair.dig({12: 1})
        pair.job(0, 3, shared=0)
    else:
        pair.job(0, 10, shared=0)
    same(pair, 1)


def test_resized_jobs(pair):
    pair.resized(4, 3, 2, req_nodes="c[8-9,11]")
    pair.job(1, req_nodes="c9")  # still held
    pair.job(4, req_nodes="c11")  # given back
    same(pair, 2)


@pytest.fixture(scope="module", params=TOPOLOGIES)
def weighted(request, prefix, build):
    with Pair(Shape(topology=request.param, weights=True), prefix, build) as pair:
        yield pair


def test_weights_that_all_differ(weighted):
    weighted.dig()
    for gpus, nodes in ((1, 1), (2, 1), (3, 1), (4, 1), (4, 2), (1, 3), (2, 2), (1, 1), (4, 1)):
        weighted.job(gpus, nodes)
    same(weighted, 9)


# -- preemption and gang scheduling --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["requeue", "cancel", "suspend"])
@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_preemption(prefix, build, mode, topology):
    with Pair(Shape(topology=topology, preempt=mode), prefix, build) as pair:
        # Full, so that everything more has to stop something; nothing of it has a choice that is ours.
        for node in range(16):
            pair.job(4, partition="low", req_nodes=f"c{node}", time_limit=600 - node)
        for gpus, nodes in ((4, 1), (4, 3), (2, 1)):
            pair.job(gpus, nodes)
            pair.do("forward 30")
        same(pair, 3)
