"""A plain Open MPI program under our plugins: it starts by srun --mpi=pmix on several nodes, and finds what the job is."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from aifsite import Site, allocation
from clusterlib.slurm import SlurmInstall

PROJECT = "EHPC-AIF-2026PG01-905"
HELLO = r"""
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	int rank, size, sum;

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
	printf("rank %d of %d on %s, sum %d, mode %s, island %s\n", rank, size, getenv("SLURMD_NODENAME"), sum,
	       getenv("AIF_MODE"), getenv("AIF_ISLAND"));
	MPI_Finalize();
	return 0;
}
"""
# All nodes of the test cluster are this machine: what Open MPI takes to be other hosts is reached by the loopback device.
ONE_MACHINE = {"OMPI_MCA_btl": "self,tcp", "OMPI_MCA_btl_tcp_if_include": "lo", "OMPI_MCA_pml": "ob1"}
pytestmark = [
    pytest.mark.skipif(not shutil.which("mpicc") or not Path(SlurmInstall().plugin_dir, "mpi_pmix.so").exists(),
                       reason="needs Open MPI and Slurm's mpi/pmix"),
    pytest.mark.skipif(not Path("/sys/devices/system/cpu").exists(), reason="Open MPI's hwloc needs /sys, which this root has not"),
]


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, nodes=4, gpus=4, leaf=2, start=False)
    user = cluster.users()[0]
    site = Site(cluster, [allocation(PROJECT, "pg", "playground", members=[user])])
    site.policy["modes"]["playground"]["nodes_per_job"] = {"max": 4}
    site.user = user if os.geteuid() == 0 else None
    site.start()
    return site


@pytest.fixture(scope="module")
def hello(site):
    source, program = site.cluster.layout.root / "hello.c", site.cluster.layout.root / "hello"
    source.write_text(HELLO)
    subprocess.run(["mpicc", "-o", program, source], check=True)
    return program


def say_hello(site, hello):
    """Nodes that are one machine share its ports: on a busy one Open MPI may connect to itself, and says that this should not happen."""
    for _ in range(5):
        done = site.cluster.run(["srun", "-A", "pg", "-t5", "-N4", "-n8", "--ntasks-per-node=2", "--gpus-per-task=1", "--mpi=pmix", hello],
                                user=site.user, env=ONE_MACHINE, check=False)
        if "Open MPI failed to TCP connect to a peer" not in done.stderr:
            break
    assert done.returncode == 0, done.stderr
    return done


def test_open_mpi_starts_and_talks(site, hello):
    done = say_hello(site, hello)
    assert sorted(done.stdout.splitlines()) == [
        f"rank {rank} of 8 on n{rank // 2 + 1}, sum 28, mode playground, island leaf{rank // 4 + 1}" for rank in range(8)]
    assert "aif" not in done.stderr
