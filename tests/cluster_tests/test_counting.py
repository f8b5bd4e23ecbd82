"""What a job costs: counted by job_submit/aif just as Slurm counts it, by GPUs, by billing, over the components of a
heterogeneous job, on the carrier "association", and by whom after a cold start without a policy."""

import json
import os
import re

import pytest
from aifsite import Site, allocation

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs a user who is no operator: run as root")
BILLED = {"tres": "billing"}
MANY = 70  # allocations more than job_submit/aif looks up one by one
WEIGHTS = "CPU=1.0,Mem=0.001,GRES/gpu=2.5"


@pytest.fixture(scope="module")
def user():
    return "daemon" if os.geteuid() == 0 else None


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="job_submit,spank", nodes=4, gpus=4, start=False)
    members = cluster.users()[:2]
    site = Site(cluster, [
        allocation("EHPC-AIF-2026FL01-001", "plenty", "fast-lane", members=members),
        allocation("EHPC-AIF-2026FL01-002", "ten", "fast-lane", amount=10, members=members),
        allocation("EHPC-AIF-2026FL01-003", "billed", "fast-lane", amount=100000, charge=BILLED, members=members),
        allocation("EHPC-AIF-2026FL01-004", "billedlow", "fast-lane", amount=0.01, charge=BILLED, members=members),
        allocation("EHPC-AIF-2026PG01-005", "batch", "playground", members=members),
        allocation("EHPC-AIF-2026FL01-006", "half", "fast-lane", amount=0.01, charge={"tres": "gres/gpu", "factor": 0.5},
                   members=members),
        *(allocation(f"EHPC-REG-2026R01-{i:03}", f"other{i}", "fast-lane") for i in range(MANY)),
    ])
    site.policy["modes"]["playground"]["interactive"] = {"allowed": False}
    site.write()
    with cluster.layout.conf.open("a") as conf:
        conf.write(f"PartitionName=billed Nodes=ALL MaxTime=1-0 DefaultTime=10 TRESBillingWeights={WEIGHTS}\n"
                   "PartitionName=dear Nodes=ALL MaxTime=1-0 DefaultTime=10 TRESBillingWeights=GRES/gpu=100\n"
                   "PartitionName=whole Nodes=ALL MaxTime=1-0 DefaultTime=10 OverSubscribe=EXCLUSIVE "
                   "TRESBillingWeights=CPU=1.0,GRES/gpu=2.5\n")
    cluster.start()
    site.apply()
    return site


@pytest.fixture
def cluster(site):
    yield site.cluster
    site.cluster.cancel_all()


def ours(done):
    """The one line that job_submit/aif said."""
    lines = [line.partition("aif: ")[2] for line in done.stderr.splitlines() if "aif: " in line]
    assert len(lines) == 1, done.stderr
    return lines[0]


def refused(cluster, user, *options):
    done = cluster.sbatch(*options, user=user, check=False)
    assert done.returncode != 0 and not done.stdout, options
    return ours(done)


def asked(line):
    """Hours that the refusal says were asked."""
    return float(re.search(r"asked ([\d.]+) ", line).group(1))


def tres(text):
    return {key: float(value.rstrip("M")) for key, value in (part.split("=") for part in text.split(","))}


def requested(cluster, job):
    shown = cluster.job(job)
    return tres(re.sub(r"mem=([\d.]+)G", lambda m: f"mem={float(m[1]) * 1024}M", shown.get("ReqTRES") or shown["TRES"]))


SPELLINGS = [
    ["--gpus=3"], ["--gres=gpu:2"], ["--gres=gpu"], ["--gpus-per-node=2", "-N2-3"], ["--gpus-per-node=2", "-N2-2"],
    ["--gpus-per-task=1", "-n5"], ["--gpus-per-task=2", "-N2", "--ntasks-per-node=1"], ["-n8", "--ntasks-per-gpu=4"],
    ["--gpus=4", "-N2"], ["--gpus-per-socket=1", "--sockets-per-node=1", "-N3"], ["--gres=gpu:1", "-N4"],
]


@pytest.mark.parametrize("options", SPELLINGS, ids=" ".join)
def test_the_hours_of_a_refusal_are_those_that_slurm_reserves(cluster, user, options):
    """Half an hour per GPU-hour: the factor of this allocation."""
    line = refused(cluster, user, "-A", "half", "-t60", *options)
    job = cluster.sbatch("-A", "plenty", "-H", "-t60", *options, user=user)
    assert "AIF-Q001" in line and asked(line) == requested(cluster, job)["gres/gpu"] / 2


BILLS = [
    ["-p", "billed", "--gpus=2"],
    ["-p", "billed", "-n4", "--gpus=1"],
    ["-p", "billed", "-n4", "--mem=2000", "-N2", "--gpus-per-node=1"],
    ["-p", "billed", "-n3", "--mem-per-cpu=500"],
    ["-p", "billed", "--gpus=2", "--mem-per-gpu=1000"],
    ["-p", "dear", "--gpus=2"],
]


@pytest.mark.parametrize("options", BILLS, ids=" ".join)
def test_billing_is_weighed_as_slurm_does(cluster, user, options):
    line = refused(cluster, user, "-A", "billedlow", "-t60", *options)
    job = cluster.sbatch("-A", "billed", "-H", "-t60", *options, user=user)
    billing = requested(cluster, job)["billing"]
    assert "AIF-Q001" in line and billing <= asked(line) <= billing + 1, "Slurm shows it rounded down"


def test_of_several_partitions_the_dearest_counts(cluster, user):
    assert asked(refused(cluster, user, "-A", "billedlow", "-t60", "--gpus=1", "-p", "billed,dear")) == 100


def test_whole_nodes_are_billed_whole(cluster, user):
    line = refused(cluster, user, "-A", "billedlow", "-t60", "-p", "whole", "--gpus=1")
    job = cluster.sbatch("-A", "billed", "-t60", "-p", "whole", "--gpus=1", user=user, script="true")
    cluster.wait_job(job)
    billed = tres(cluster.wait(lambda: (cluster.sacct("-j", job, "-o", "alloctres%200") or [[""]])[0][0], what="row"))["billing"]
    assert asked(line) == billed == 18


@pytest.mark.parametrize("array,tasks", [("1-12", 12), ("0-11%2", 12), ("1,3,5", 3), ("0-8:4%1", 3)])
def test_every_task_of_an_array_counts_whatever_its_throttle(cluster, user, array, tasks):
    assert asked(refused(cluster, user, "-A", "half", "--gpus=1", "-t60", f"--array={array}")) == tasks / 2


def components(*each):
    return [word for i, options in enumerate(each) for word in ([":"] if i else []) + list(options)]


def six_hours(account):
    return ["-A", account, "--gpus=1", "-t360"]


def test_components_of_a_heterogeneous_job_count_together(cluster, user):
    line = refused(cluster, user, *components(six_hours("ten"), six_hours("ten")))
    assert "AIF-Q001" in line and asked(line) == 6
    both = components(six_hours("ten"), six_hours("plenty"))
    assert cluster.sbatch("-H", *both, user=user)
    assert cluster.sbatch("-H", *six_hours("ten"), user=user), "what was decided before is over"


def test_interleaved_components_count_together(cluster, user):
    done = cluster.run(["salloc", *components(six_hours("ten"), six_hours("ten")), "true"], user=user, check=False)
    assert done.returncode != 0 and "AIF-Q001" in ours(done)
    done = cluster.run(["salloc", "-Q", *components(six_hours("ten"), six_hours("plenty")), "true"], user=user, check=False)
    assert done.returncode == 0, done.stderr


def test_what_starts_is_known_to_the_next_submission_soon(cluster, user):
    """With that many allocations numbers may be a moment old, but not those of a refusal."""
    job = cluster.sbatch("-A", "ten", "--gpus=1", "-t420", user=user, script="sleep 600")
    cluster.wait_job(job, "RUNNING")

    def next_refusal():
        done = cluster.sbatch("-A", "ten", "--gpus=1", "-t240", "-H", user=user, check=False)
        return ours(done) if done.returncode else None

    line = cluster.wait(next_refusal, what="a refusal")
    assert "AIF-Q001" in line and 2.9 < float(re.search(r"left ([\d.]+) GPU", line).group(1)) <= 3


def test_only_jobs_without_a_script_are_interactive(cluster, user):
    small = ["-A", "batch", "--gpus=1"]
    assert cluster.sbatch("-H", *small, user=user)
    assert cluster.sbatch("-H", *components(small, small), user=user)
    for command in (["srun"], ["salloc"]):
        done = cluster.run([*command, *small, "true"], user=user, check=False)
        assert done.returncode != 0 and "AIF-M010" in ours(done)


# -- without a policy -------------------------------------------------------------------------------------------------------

@pytest.fixture
def cold(site):
    """slurmctld started with a broken policy."""
    cluster = site.cluster
    cluster.sacctmgr("add", "account", "plain")
    for name in cluster.users()[:2]:
        cluster.sacctmgr("add", "user", name, "account=plain")
    cluster.aif_conf("policy.json", "{")
    cluster.restart("ctld")
    yield cluster
    cluster.cancel_all()
    site.write()
    cluster.restart("ctld")


@as_root
def test_after_a_cold_start_without_a_policy_only_eurohpc_gpus_wait(cold, user):
    for options in (["-A", "plenty", "--gpus=1"], ["-A", "plenty", "--exclusive"],
                    ["-A", "plenty", "--qos=ehpc-aif-2026fl01-001", "--gres=gpu:1"], ["-A", "plain", "--ai-mode=playground"]):
        assert "AIF-C010" in refused(cold, user, *options), options
    assert cold.sbatch("-A", "plain", "--gpus=1", "-H", user=user)
    assert cold.sbatch("-A", "plain", "-p", "gpu", "-H", user=user)
    assert cold.sbatch("-A", "plenty", "-N1", "-H", user=user)


# -- carrier "association" --------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def accounts(make_cluster, prefix):
    """The limits are on accounts; Slurm still forgets usage."""
    cluster = make_cluster(prefix=prefix, plugins="job_submit,spank", nodes=2, gpus=4, start=False)
    members = cluster.users()[:2]
    site = Site(cluster, [allocation("EHPC-AIF-2026FL01-001", "opaque", "fast-lane", amount=10, members=members),
                          allocation("EHPC-AIF-2026FL01-002", "missing", "fast-lane", members=members)])
    site.policy["carrier"] = "association"
    site.write()
    cluster.start()
    cluster.sacctmgr("add", "account", "opaque")
    for name in members:
        cluster.sacctmgr("add", "user", name, "account=opaque")
    site.reconfigure()
    return site


def keep_usage(cluster):
    for line in ("PriorityUsageResetPeriod=NONE", "PriorityDecayHalfLife=0"):
        cluster.conf(line)
    cluster.restart("ctld")


def test_an_account_carries_the_limits_only_while_slurm_keeps_its_usage(accounts, user):
    cluster = accounts.cluster
    assert "AIF-C011" in refused(cluster, user, "-A", "opaque", "--gpus=1")
    keep_usage(cluster)
    job = cluster.sbatch("-A", "opaque", "--gpus=1", "--qos=normal", "-H", user=user)
    seen = cluster.job(job)
    assert (seen["QOS"], seen["Account"]) == ("normal", "opaque")
    assert json.loads(seen["AdminComment"])["aif"]["alloc"] == "EHPC-AIF-2026FL01-001"
    cluster.cancel_all()


def test_usage_of_an_account_is_that_of_its_association(accounts, user):
    cluster = accounts.cluster
    keep_usage(cluster)
    job = cluster.sbatch("-A", "opaque", "--gpus=8", "-N2", "-t60", user=user, script="sleep 600")
    cluster.wait_job(job, "RUNNING")
    line = refused(cluster, user, "-A", "opaque", "--gpus=1", "-t180")
    assert "AIF-Q001" in line and 1.9 < float(re.search(r"left ([\d.]+) GPU", line).group(1)) <= 2
    cluster.cancel_all()


def test_without_an_account_in_slurm_the_user_learns_who_must_act(accounts, user):
    line = refused(accounts.cluster, user, "--ai-allocation=EHPC-AIF-2026FL01-002", "--gpus=1")
    assert "AIF-C008" in line and "no account" in line
