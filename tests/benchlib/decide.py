"""decide: what a decision costs, alone and inside slurmctld, against the same policy in job_submit/lua and no plugin."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from clusterlib import ClusterError

from . import decide_site
from .decide_ctld import DecideController
from .frame import column, installed_prefix, rotate

SUMMARY = "aif_decide alone, and the submit hook and RPC against job_submit/lua and no plugin"
GOALS_US = {"p50_us": 2, "p99_us": 20}


def add_options(parser):
    parser.add_argument("--allocations", type=int, default=10000, help="allocations (default 10000)")
    parser.add_argument("--accounts", type=int, default=1000, help="accounts that have them (default 1000)")
    parser.add_argument("--calls", type=int, default=200000, help="decisions per measurement (default 200000)")
    parser.add_argument("--jobs", type=int, default=200, help="jobs submitted per measurement (default 200)")
    parser.add_argument("--build", default="", help="build directory (default $AIF_BUILD, else the prefix's parent)")


def run(args, report):
    if not 10 <= 10 * args.accounts <= args.allocations <= 100000 or not 1 <= args.jobs <= 5000:
        raise ClusterError(f"--allocations {args.allocations} --accounts {args.accounts} --jobs {args.jobs}: want ten or more "
                           "allocations per account, at most 100000, and 1 to 5000 jobs")
    prefix = installed_prefix(args.prefix)
    program, hooktimer, submit = built(Path(args.build or os.environ.get("AIF_BUILD") or prefix.parent))
    listed = decide_site.allocations(args.allocations, args.accounts, _user())
    core(args, report, program, listed)
    controller(args, report, DecideController(prefix, hooktimer, submit, listed, args.keep))


def _user():
    return subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()


def built(directory):
    """The programs that `make` leaves in the build directory."""
    files = [directory / "tests/benchlib" / name for name in ("decide", ".libs/hooktimer.so", "submit")]
    for path in files:
        if not path.exists():
            raise ClusterError(f"{path}: missing; run make there, or give --build")
    return [path.absolute() for path in files]


# -- the core alone --------------------------------------------------------------------------------------------------------

def core(args, report, program, listed):
    rows = []
    with tempfile.TemporaryDirectory(prefix="aifb-", dir=os.environ.get("AIF_TEST_TMP", "/tmp")) as directory:
        decide_site.write(Path(directory), listed)
        for i in range(args.pairs):
            rows.append(decide(program, directory, args.calls))
            report.progress(f"core {i + 1} of {args.pairs}: {', '.join(f'{k} {v}' for k, v in rows[-1].items())}")
    for metric, goal in GOALS_US.items():
        values = [ns / 1000 for ns in column(rows, metric.replace("_us", "_ns"))]
        report.figure(metric, "us", values, f"goal {goal} us", [goal])
    report.alone("clock_us", "us", [ns / 1000 for ns in column(rows, "clock_ns")])
    report.alone("mallocs_per_accept", "count", [row["mallocs"] / row["calls"] for row in rows])


def decide(program, directory, calls):
    done = subprocess.run([program, directory, str(calls)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ClusterError(done.stderr.strip() or f"{program}: exit {done.returncode}")
    return json.loads(done.stdout)


# -- inside slurmctld ------------------------------------------------------------------------------------------------------

def controller(args, report, ctld):
    report.progress(f"making a cluster with {args.allocations} QOS in {ctld.directory}")
    with ctld:
        sides = {name: lambda name=name: ctld.measure(name, args.jobs) for name in ("none", "aif", "lua")}
        rows = rotate(args.pairs, sides, report)
    ours, lua = (column(rows[name], "hook_us") for name in ("aif", "lua"))
    report.figure("hook_us", "us", ours, "job_submit/lua", lua)
    report.versus("hook_vs_lua", "job_submit/lua", ours, lua)
    ours, lua, none = (column(rows[name], "submit_rpc_us") for name in ("aif", "lua", "none"))
    report.figure("submit_rpc_us", "us", ours, "no plugin", none)
    report.versus("submit_rpc_vs_none", "no plugin", ours, none)
    report.versus("lua_submit_rpc_vs_none", "no plugin", lua, none)
    # The same inside one slurmctld, in short batches, with the hook and without: two starts differ by more than a hook takes.
    # Where there is no plugin, nothing is compared with nothing: that much the figure of the others may be off.
    for metric, name in (("submit_rpc_vs_skipped", "aif"), ("lua_submit_rpc_vs_skipped", "lua"),
                         ("none_submit_rpc_vs_skipped", "none")):
        report.versus(metric, "plugin not called", column(rows[name], "rpc_vs_skipped"), [1] * len(rows[name]))
    # What the hook itself adds to that RPC: not blurred by what else slurmctld does meanwhile.
    report.versus("hook_vs_submit", "submit RPC of no plugin", column(rows["aif"], "hook_mean_us"), none)
