"""Which GPUs of a node jobs get: bridged pairs (0-1)(2-3)(4-5)(6-7), four GPUs on each of two sockets.

Slurm from 24.05 to 26.05 sorts GPUs by links the wrong way round; "correct_devices" mends that, and does nothing elsewhere.
"""

import json
import random
import re

import pytest

GPUS = 8
SOCKET = {i: i // 4 for i in range(GPUS)}


def policy(correct):
    return json.dumps({"version": 1, "cluster": "aif", "modes": {"science": {"open": True}},
                       "placement": {"mode": "off", "correct_devices": correct},
                       "report": {"ledger": "/nonexistent/ledger.db", "interval": 300, "overlap": 86400}})


def gres_conf(root, cores):
    lines = []
    for i in range(GPUS):
        links = ",".join("-1" if i == j else "4" if i // 2 == j // 2 else "0" for j in range(GPUS))
        first = SOCKET[i] * cores
        lines.append(f"NodeName=n[1-2] Name=gpu File={root}/dev/gpu{i} Cores={first}-{first + cores - 1} Links={links}")
    return "\n".join(lines) + "\n"


def made_of_pairs(cluster):
    (cluster.layout.etc / "gres.conf").write_text(gres_conf(cluster.layout.root, 8))
    for name in ("ctld", "n1", "n2"):
        cluster.restart(name)
    return cluster


@pytest.fixture(scope="module")
def stock(make_cluster):
    return made_of_pairs(make_cluster(nodes=2, gpus=GPUS, cpus=16))


@pytest.fixture(scope="module")
def cluster(make_cluster, prefix, tmp_path_factory):
    conf = tmp_path_factory.mktemp("aif")
    (conf / "policy.json").write_text(policy(True))
    (conf / "allocations.json").write_text(json.dumps({"version": 1, "allocations": []}))
    return made_of_pairs(make_cluster(prefix=prefix, plugins="select", nodes=2, gpus=GPUS, cpus=16, aif_conf=str(conf),
                                      conf_lines=["SlurmctldDebug=debug"]))


@pytest.fixture(autouse=True)
def empty(request):
    yield
    for name in ("cluster", "stock"):
        if name in request.fixturenames:
            request.getfixturevalue(name).cancel_all()


@pytest.fixture
def inverted(cluster):
    """Skips where Slurm needs no correction."""
    major, minor, _ = cluster.install.version
    if not (24, 5) <= (major, minor) <= (26, 5):
        pytest.skip(f"Slurm {major}.{minor:02} does not sort GPUs by links the wrong way round, so nothing is corrected")


def devices(cluster, job):
    """{node: sorted GPU indexes} of a running job."""
    text = cluster.run(["scontrol", "-d", "show", "job", job]).stdout
    return {f"n{node}": sorted(indexes(listed)) for nodes, listed in
            re.findall(r"Nodes=n\[?([\d,-]+)\]? CPU_IDs=\S+ Mem=\d+ GRES=gpu(?:[:\w()]*?):\d+\(IDX:([\d,-]+)\)", text)
            for node in indexes(nodes)}


def indexes(text):
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def start(cluster, *options):
    """Start a job that stays; returns its GPUs by node."""
    job = cluster.sbatch(*options, script="sleep 600")
    cluster.wait_job(job, "RUNNING")
    return devices(cluster, job)


def by_socket(gpus):
    return sorted(SOCKET[i] for i in gpus)


ASKED = [("--gres=gpu:2",), ("--gres=gpu:3",), ("--gres=gpu:4",), ("--gpus=2", "-N1"), ("-n2", "--gpus-per-task=1", "-N1"),
         ("--gres=gpu:6",), ("--gpus-per-socket=2", "--sockets-per-node=2", "-N1"), ("--gres=gpu:1",), ("--gres=gpu:8",),
         ("-N2", "--gres=gpu:2"), ("--exclusive", "--gres=gpu:2")]


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_nothing_but_the_devices_differs_from_stock(cluster, stock, asked):
    ours, theirs = start(cluster, *asked), start(stock, *asked)
    assert ours and {n: by_socket(g) for n, g in ours.items()} == {n: by_socket(g) for n, g in theirs.items()}
    if cluster.install.version < (24, 5):
        assert ours == theirs


def pairs(gpus):
    """Whole bridged pairs among some GPUs."""
    return sum(i in gpus and i + 1 in gpus for i in range(0, GPUS, 2))


def test_two_gpus_are_a_pair(cluster, inverted, stock):
    assert start(stock, "--gres=gpu:2", "-w", "n1") == {"n1": [0, 2]}, "the fault is not there: is it mended upstream?"
    assert start(cluster, "--gres=gpu:2", "-w", "n1") == {"n1": [0, 1]}
    assert pairs(start(cluster, "--gres=gpu:2", "-w", "n1")["n1"]) == 1
    assert pairs(start(cluster, "-n2", "--gpus-per-task=1", "-N1", "-w", "n1")["n1"]) == 1
    assert pairs(start(cluster, "--gres=gpu:2", "-w", "n1")["n1"]) == 1


def test_a_broken_pair_is_left_to_the_others(cluster, inverted):
    assert start(cluster, "--gres=gpu:1", "-w", "n1") == {"n1": [0]}
    assert [pairs(start(cluster, "--gres=gpu:2", "-w", "n1")["n1"]) for _ in range(3)] == [1, 1, 1]
    assert start(cluster, "--gres=gpu:1", "-w", "n1") == {"n1": [1]}


def test_each_node_and_each_socket_by_itself(cluster, inverted):
    assert start(cluster, "-N2", "--gres=gpu:2") == {"n1": [0, 1], "n2": [0, 1]}
    both = start(cluster, "--gpus-per-socket=2", "--sockets-per-node=2", "-N1", "-w", "n2", "-n2")["n2"]
    assert by_socket(both) == [0, 0, 1, 1] and pairs(both) == 2


def test_the_job_sees_what_it_was_given(cluster, inverted):
    out = cluster.layout.root / "devices.out"
    job = cluster.sbatch("--gres=gpu:2", "-w", "n1", "-o", str(out), script="echo $SLURM_JOB_GPUS")
    assert cluster.wait_job(job) == "COMPLETED"
    cluster.wait(lambda: out.exists() and out.read_text().strip(), what="output of the job")
    assert out.read_text().strip() == "0,1"


def test_a_policy_without_it_leaves_the_choice_to_slurm(cluster, inverted, stock):
    cluster.aif_conf("policy.json", policy(False))
    cluster.reconfigure()
    try:
        assert start(cluster, "--gres=gpu:2", "-w", "n1") == start(stock, "--gres=gpu:2", "-w", "n1")
    finally:
        cluster.aif_conf("policy.json", policy(True))
        cluster.reconfigure()


def test_books_balance_after_many_jobs(cluster):
    """Random jobs beside each other: no GPU is given twice, and all are free in the end."""
    draw = random.Random(20261121)
    for _ in range(6):
        jobs = [cluster.sbatch(f"--gres=gpu:{draw.randint(1, 5)}", f"-N{draw.randint(1, 2)}", "-n2", script="sleep 600")
                for _ in range(6)]
        running = cluster.wait(lambda: [j for j in jobs if cluster.job_state(j) == "RUNNING"], what="a job that runs")
        given = [(node, gpu) for job in running for node, gpus in devices(cluster, job).items() for gpu in gpus]
        assert len(given) == len(set(given))
        cluster.cancel_all()
    cluster.wait(lambda: len(re.findall(r"GresUsed=gpu\S*:0\(IDX:N/A\)", cluster.run(["scontrol", "-d", "show", "node"]).stdout)) == 2,
                 what="all GPUs free")
    said = re.findall(r"(?m)^.*(?:error: gres|correct_devices).*$", cluster.ctld_log())
    assert not said


def test_cores_kept_for_gpus_keep_the_gpus(cluster, inverted, stock):
    """With RestrictedCoresPerGPU the cores were chosen for the very GPUs, so those stay. The last test: it changes the nodes."""
    for one in (cluster, stock):
        text = one.layout.conf.read_text()
        one.layout.conf.write_text(text.replace("State=UNKNOWN", "RestrictedCoresPerGPU=1 State=UNKNOWN"))
        for name in ("ctld", "n1", "n2"):
            one.restart(name)
    for asked in (("--gres=gpu:2",), ("-n2", "--gpus-per-task=1", "-N1")):
        assert start(cluster, *asked, "-w", "n1") == start(stock, *asked, "-w", "n1") != {}
