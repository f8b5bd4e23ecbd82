"""tests/upgrade: one cluster's directory under two Debian roots, and the steps of an upgrade in turn, each in its root."""

import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(TOP / "tests" / "checklib"))

import roots  # noqa: E402
import support  # noqa: E402
from run import Interrupted, catch_signals, run, tail  # noqa: E402
from tally import Tally, from_line, one_failed, one_skipped  # noqa: E402

# In which root each step of steps.py runs, in this order.
STEPS = (("before", 0), ("forgotten", 1), ("mixed", 1), ("after", 1), ("back", 0))
# Where each root has the plugins that were built for it, and where the other's are: the same paths in both.
OURS, THEIRS = "srv/aif-own", "srv/aif-other"
SHARED = "srv/aif-upgrade"


def in_root(slurm, trees):
    """Build in the root of that version, or in the root that is that directory: (root, tally, version)."""
    if os.sep in slurm:
        root = Path(slurm).resolve()
        return root, roots.check_given(root, trees, ["build", "layout"], []), "*"
    tally = roots.check(slurm, ["build", "layout"], [], trees)
    return Path(tail(TOP / "build" / f"root-{slurm}.log", 1)), tally, slurm


def built(slurm, trees):
    """(root, directory of the build in it), or a Tally that says why not."""
    root, tally, version = in_root(slurm, trees)
    builds = sorted((root / roots.INSIDE.lstrip("/") / "build").glob(f"{version}.*/inst"))
    if tally.failed or not builds or tally.skipped:
        return None, tally
    return (root, builds[-1]), tally


def script(pair, shared):
    """Mounts of both roots, then the steps."""
    lines = ["set -e", "mount --make-rprivate /"]
    for (root, inst), (_, other) in (pair, pair[::-1]):
        at = {key: shlex.quote(str(root / key)) for key in ("proc", "dev", "run", OURS, THEIRS, SHARED)}
        lines += [f"mount --bind {shlex.quote(str(root))} {shlex.quote(str(root))}", f"mount -t proc proc {at['proc']}",
                  f"mount --rbind /dev {at['dev']}", f"mount -t tmpfs -o mode=755 run {at['run']}",
                  f"mkdir -p {at[OURS]} {at[THEIRS]} {at[SHARED]}", f"mount --bind {shlex.quote(str(inst))} {at[OURS]}",
                  f"mount --bind {shlex.quote(str(other))} {at[THEIRS]}", f"mount --bind {shlex.quote(str(shared))} {at[SHARED]}"]
        if inst.parent.name < "24":  # whose slurmd wants to see cgroups even where it uses none
            lines.append(f"mount --rbind /sys {shlex.quote(str(root / 'sys'))}")
    for step, which in STEPS:
        if step == "forgotten":
            # Hosts of the old Slurm keep the slurm.conf that they had.
            conf, kept = shlex.quote(str(pair[0][0] / SHARED / "c/etc/slurm.conf")), shlex.quote(str(shared / "old-slurm.conf"))
            lines += [f"cp {conf} {kept}", f"mount --bind {kept} {conf}"]
        root = shlex.quote(str(pair[which][0]))
        lines.append(f"chroot {root} env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 LC_ALL=C.UTF-8 "
                     f"/usr/bin/python3 -B {roots.INSIDE}/tests/upgradelib/steps.py {step} /{SHARED}")
    return "\n".join(lines)


def upgrade(old, new, trees):
    total, pair = Tally(), []
    for slurm in (old, new):
        root, tally = built(slurm, trees)
        if not root:
            total.add(tally if tally.failed else one_skipped(f"upgrade from {old} to {new}: {'; '.join(tally.notes) or slurm}"))
            return total
        pair.append(root)
    shared = Path(tempfile.mkdtemp(prefix="aifu-"))
    shared.chmod(0o755)
    name = f"upgrade-{Path(old).name}-{Path(new).name}"
    log = TOP / "build" / f"{name}.log"
    try:
        status = run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "/bin/sh", "-c", script(pair, shared)], log, 1800,
                     echo=True)
    finally:
        logs = TOP / "build" / f"{name}-logs"
        shutil.rmtree(logs, ignore_errors=True)
        if (shared / "c" / "log").is_dir():
            shutil.copytree(shared / "c" / "log", logs)
        shutil.rmtree(shared, ignore_errors=True)
    for line in log.read_text(errors="replace").splitlines():
        found = from_line(line)
        if found:
            total.add(found)
    if status and not total.failed:
        total.add(one_failed(f"upgrade from {old} to {new}: exit {status}: {tail(log, 1)}"))
    support.record(pair[1][1].parent.name, "upgrade", total)
    return total


def main(argv):
    if len(argv) not in (3, 4) or os.geteuid():
        print("usage: tests/upgrade OLD NEW [SLURM-SOURCE], as root", file=sys.stderr)
        return 2
    catch_signals()
    (TOP / "build").mkdir(exist_ok=True)
    try:
        total = upgrade(argv[1], argv[2], [Path(tree).resolve() for tree in argv[3:]])
    except Interrupted:
        total = one_failed("interrupted")
    print("\n".join([*total.notes, total.line()]), flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
