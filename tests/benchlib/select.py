"""select: what the wrapper of select/cons_tres costs, or saves, at the size of an exascale machine."""

from clusterlib import ClusterError, procs

from .cloud import GPUS, CloudController, write_aif_conf
from .frame import alternate, column, installed_prefix

SUMMARY = "main scheduling cycle and submit RPC with thousands of GPU nodes, against stock select/cons_tres"
OTHER = "select/cons_tres"
TIMEOUT = 600


def add_options(parser):
    parser.add_argument("--nodes", type=int, default=6240, help="cloud nodes (default 6240)")
    parser.add_argument("--jobs", type=int, default=60, help="jobs per measurement, of 1 to 32 nodes (default 60)")
    parser.add_argument("--leaf", type=int, default=16, help="nodes per leaf switch (default 16)")
    parser.add_argument("--cores", type=int, default=16, help="cores per socket and GPU (default 16)")


def run(args, report):
    prefix = installed_prefix(args.prefix)
    need = 2 * sum(size(i) for i in range(args.jobs)) + 1
    if args.nodes < need:
        raise ClusterError(f"--nodes {args.nodes}: {args.jobs} jobs twice need {need}; give more nodes or fewer jobs")
    with CloudController(args.nodes, args.leaf, args.cores, args.keep) as ctld:
        write_aif_conf(ctld.layout.aif)
        report.progress(f"{args.nodes} nodes, {args.jobs} jobs, Slurm {'.'.join(map(str, ctld.install.version))}, "
                        f"in {ctld.layout.root}")
        ours, theirs = alternate(args.pairs, lambda: measure(ctld, [prefix / "lib" / "slurm-aif"], args.jobs),
                                 lambda: measure(ctld, [], args.jobs), report)
    for metric in ("cycle", "submit_rpc"):
        mine, stock = (column(rows, f"{metric}_us") for rows in (ours, theirs))
        report.figure(f"{metric}_us", "us", mine, OTHER, stock)
        report.versus(f"{metric}_vs_stock", OTHER, mine, stock)


def size(i):
    """Nodes of the i-th job: 1, 2, 4, 8, 16, 32 and again."""
    return 1 << (i % 6)


def request(i):
    """A job of one node takes 1 to 4 of its GPUs, larger ones take whole nodes."""
    gpus = GPUS if size(i) > 1 else 1 + i // 6 % GPUS
    return [f"-N{size(i)}", f"--gpus-per-node={gpus}", "-t60"]


def measure(ctld, plugin_dirs, jobs):
    """One start of slurmctld: time of the main cycle per job it started, and mean time of the submit RPC."""
    ctld.start(plugin_dirs)
    try:
        if plugin_dirs and "aif: select wrapper" not in ctld.ctld_log().rpartition("slurmctld version")[2]:
            raise ClusterError(f"{plugin_dirs[0]}: slurmctld did not take the wrapper from there")
        # What is built at the first job of all is no part of a job's cost.
        ctld.sbatch("-N1", "--gpus-per-node=1")
        wait_started(ctld, 1)
        return {"submit_rpc_us": submit(ctld, jobs), "cycle_us": release(ctld, jobs)}
    finally:
        ctld.stop()


def submit(ctld, jobs):
    """Jobs that start in the submit RPC itself, as they do in an empty queue."""
    ctld.reset_counters()
    for i in range(jobs):
        ctld.sbatch(*request(i))
    wait_started(ctld, 1 + jobs)
    return ctld.rpc_mean("REQUEST_SUBMIT_BATCH_JOB")


def release(ctld, jobs):
    """Jobs that are held first, so that the main scheduler starts all of them."""
    ids = [ctld.sbatch("--hold", *request(i)) for i in range(jobs)]
    ctld.reset_counters()
    ctld.run(["scontrol", "release", ",".join(ids)])
    wait_started(ctld, 1 + 2 * jobs)
    _cycles, total = ctld.main_cycles()
    return total / jobs


def wait_started(ctld, count):
    if not procs.wait_until(lambda: ctld.started() >= count, TIMEOUT, 0.5):
        raise ClusterError(f"{ctld.started()} of {count} jobs started in {TIMEOUT} s")
