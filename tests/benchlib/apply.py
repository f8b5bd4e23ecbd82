"""apply: how long aif apply takes to mirror thousands of allocations in slurmdbd, against sacctmgr."""

import datetime
import json
import os
import shutil
import tempfile
import time
from pathlib import Path

from clusterlib import Cluster, ClusterError, Options

from .frame import alternate, column, installed_prefix

SUMMARY = "first run, run with nothing to do, and change of every limit, for 10,000 allocations"
OTHER = "sacctmgr"
GOAL_S = 60
HOURS = 5000
TIMEOUT = 3600


def add_options(parser):
    parser.add_argument("--allocations", type=int, default=10000, help="allocations in the list (default 10000)")
    parser.add_argument("--accounts", type=int, default=1000, help="accounts that they belong to (default 1000)")
    parser.add_argument("--members", type=int, default=2, help="users of an account (default 2)")
    parser.add_argument("--sample", type=int, default=200, help="allocations that sacctmgr has to make (default 200)")


def run(args, report):
    prefix = installed_prefix(args.prefix)
    if not 1 <= args.accounts <= args.allocations or args.members < 1:
        raise ClusterError(f"--accounts {args.accounts}: want 1 to {args.allocations} (--allocations), with one member or more")
    sample = min(args.sample, args.allocations)
    listed = allocations(args.allocations, args.accounts, args.members)
    part = allocations(sample, max(1, sample * args.accounts // args.allocations), args.members)
    ours, theirs = alternate(args.pairs, lambda: by_aif(prefix, listed, args.keep),
                             lambda: by_sacctmgr(prefix, part, len(listed), args.keep), report)
    for metric in ("first_apply_s", "idle_apply_s", "reproject_s"):
        report.figure(metric, "s", column(ours, metric), f"goal {GOAL_S} s", [GOAL_S])
    report.versus("vs_sacctmgr", OTHER, column(ours, "first_apply_s"), column(theirs, "extrapolated_s"))


# -- what is made --------------------------------------------------------------------------------------------------------


def allocations(count, accounts, members):
    year = datetime.date.today().year
    return [{"id": f"EHPC-AIF-{year}PG{i % 100:02}-{i // 100:04}", "account": f"acct{i % accounts:05}", "mode": "playground",
             "amount": HOURS + i % 10, "unit": "gpu-hour", "start": f"{year - 1}-01-01", "end": f"{year + 1}-12-31",
             "members": [f"user{(i % accounts) * members + m:06}" for m in range(members)]} for i in range(count)]


def policy(layout):
    mode = {"open": True, "wall_max": "04:00:00", "gpus_per_job": {"max": 8}, "jobs_per_user": 3, "submits_per_user": 20}
    report = {"ledger": "/nonexistent/ledger.db", "interval": 300, "overlap": 86400, "balances": str(layout.root / "balances.json")}
    return {"version": 1, "cluster": "bench", "modes": {"playground": mode}, "report": report}


class Site:
    """A fresh cluster; `with` takes it away again."""

    def __init__(self, prefix, listed, keep):
        self.prefix, self.listed, self.keep = prefix, listed, keep
        self.directory = Path(tempfile.mkdtemp(prefix="aifb-", dir=os.environ.get("AIF_TEST_TMP", "/tmp")))
        self.cluster = None

    def __enter__(self):
        self.directory.chmod(0o755)
        try:
            options = Options(nodes=1, name="bench", prefix=str(self.prefix), plugins="none", conf_lines=["MessageTimeout=100"])
            self.cluster = Cluster.create(self.directory, options)
            layout = self.cluster.layout
            layout.aif.mkdir(exist_ok=True)
            (layout.aif / "policy.json").write_text(json.dumps(policy(layout)))
            (layout.aif / "allocations.json").write_text(json.dumps({"version": 1, "allocations": self.listed}))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc):
        if self.cluster:
            self.cluster.down()
        if not self.keep:
            shutil.rmtree(self.directory, ignore_errors=True)

    def timed(self, command, stdin=None):
        """Seconds that a command takes, and what it printed."""
        begin = time.monotonic()
        done = self.cluster.run(command, timeout=TIMEOUT, stdin=stdin)
        return time.monotonic() - begin, done.stdout

    def write_balances(self, hours):
        """Each allocation has used so much, of which this cluster's slurmctld knows nothing."""
        secs, month = hours * 3600, datetime.date.today().strftime("%Y-%m")
        rows = [{"id": a["id"], "used": secs, "inference": 0, "free": 0, "first_month": month, "months": [secs]}
                for a in self.listed]
        path = self.cluster.layout.root / "balances.json"
        path.write_text(json.dumps({"version": 1, "at": "2026-01-01T00:00:00Z", "allocations": rows}))


# -- ours ----------------------------------------------------------------------------------------------------------------


def by_aif(prefix, listed, keep):
    with Site(prefix, listed, keep) as site:
        first, shown = site.timed(["aif", "apply"])
        expect(shown, "applied ", "the first run")
        idle, shown = site.timed(["aif", "apply"])
        expect(shown, "nothing to change", "the second run")
        site.write_balances(100)
        reproject, shown = site.timed(["aif", "apply"])
        expect(shown, f"applied {len(listed)} change", "the change of every limit")
    return {"first_apply_s": first, "idle_apply_s": idle, "reproject_s": reproject}


def expect(shown, start, what):
    last = shown.strip().splitlines()[-1] if shown.strip() else ""
    if not last.startswith(start):
        raise ClusterError(f"{what}: aif apply ended with {last!r}, want {start!r}")


# -- sacctmgr ------------------------------------------------------------------------------------------------------------


def by_sacctmgr(prefix, part, total, keep):
    """The same objects for a part of the list, in one session of sacctmgr; its time per allocation is taken to stay the
    same, although slurmdbd gets slower with every association."""
    with Site(prefix, part, keep) as site:
        taken, _shown = site.timed(["sacctmgr", "-iQ"], stdin="\n".join(commands(part)) + "\nquit\n")
        made = site.cluster.sacctmgr("show", "assoc", "format=account,user").count("|user")
    expected = sum(len(members) for members in by_account(part).values())
    if made != expected:
        raise ClusterError(f"sacctmgr made {made} of {expected} associations")
    return {"sample_s": taken, "extrapolated_s": taken * total / len(part)}


def by_account(part):
    return {a["account"]: a["members"] for a in part}


def commands(part):
    """As few as there can be: every allocation has an amount of its own, every account QOS of its own."""
    for alloc in part:
        yield (f"add qos {alloc['id'].lower()} set Description={alloc['id']} Flags=NoDecay,DenyOnLimit"
               f" GrpTRESMins=gres/gpu={alloc['amount'] * 60} MaxWall=04:00:00 MaxTRESPerJob=gres/gpu=8"
               " MaxJobsPerUser=3 MaxSubmitJobsPerUser=20")
    for account, members in by_account(part).items():
        qos = ",".join(a["id"].lower() for a in part if a["account"] == account)
        yield f"add account {account}"
        yield f"add user {','.join(members)} account={account} qos={qos}"
