"""The same tests with another Slurm, inside a Debian root with its own mounts and processes."""

import fcntl
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import sourcetree
import support
from gates import TOP
from run import run, tail
from tally import Tally, from_line, one_failed, one_skipped

SUITES = {"22.05": "bookworm", "24.11": "trixie", "26.05": "sid"}
# What --slurm=all runs; unstable changes from day to day and is asked for by name.
STABLE = ("22.05", "24.11")
# Valgrind, sanitizers and static analysis say nothing new about the second version.
ONLY = ("build", "layout", "unit", "exports", "pytest")
INSIDE = "/srv/slurm-aif"
# Mounts vanish with the namespace, processes with its first one. The root is a mount of its own, as that of a machine is:
# what changes how mounts spread (as for the files of data sets) is refused elsewhere.
ENTER = """set -e
mount --make-rprivate /
mount --bind {root} {root}
mount -t proc proc {root}/proc
mount --rbind /dev {root}/dev
mount -t tmpfs -o mode=755 run {root}/run
exec chroot {root} env -i {env} /bin/sh {inside}/tests/check {args}
"""
KEPT_ENV = ("TERM", "CI", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


def check(version, only, pytest_args, trees=()):
    """Tally of tests/check in the root of that version; skipped, with the reason, when no such root can be had."""
    suite = SUITES.get(version)
    if not suite:
        return one_failed(f"--slurm={version}: known are {', '.join(SUITES)}")
    log = TOP / "build" / f"root-{version}.log"
    status = run([TOP / "tests" / "slurm-root", suite], log, 3600)
    if status != 0:
        reason = tail(log, 1) or "no reason given"
        print(f"Slurm {version} cannot be tested here: {reason}", flush=True)
        return (one_skipped if status == 75 else one_failed)(f"Slurm {version}: {reason}")
    root = Path(tail(log, 1))
    _bring(root, trees)
    with open(root.parent / f".root-{suite}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _check_in(root, version, only or ONLY, pytest_args)


def check_given(root, trees, only, pytest_args):
    """A Debian root somewhere with a Slurm in it; source trees are put where its tests/slurm-source looks first."""
    if not (root / "etc" / "os-release").exists():
        return one_failed(f"--slurm-root={root}: no Debian root (no etc/os-release in it)")
    _bring(root, trees)
    with open(root.parent / f".{root.name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _check_in(root, root.name, only or ONLY, pytest_args)


def _bring(root, trees):
    """Source trees to where tests/slurm-source looks: for their own version, and to stand in for another micro version."""
    cache = root / "var" / "cache" / "slurm-aif"
    cache.mkdir(parents=True, exist_ok=True)
    for tree in trees:
        version = sourcetree.version(tree)
        target = cache / f"slurm-{version}"
        if not target.exists():
            shutil.copytree(tree, target, symlinks=True)
        nearest = cache / f"nearest-{version.rpartition('.')[0]}"
        nearest.unlink(missing_ok=True)
        nearest.symlink_to(target.name)


def _check_in(root, version, only, pytest_args):
    _prepare(root)
    _copy_checkout(root)
    prepared = _enter(root, version, ["--packages-only"], script="setup")
    if prepared is not None:
        return prepared
    args = [f"--only={','.join(only)}", *pytest_args]
    result = _enter(root, version, args)
    _take_logs(root, version)
    return result


def _prepare(root):
    """Name resolution of the machine, and nothing left of a run that was killed."""
    for name in ("resolv.conf", "hosts", "hostname"):
        source = Path("/etc", name)
        if source.exists():
            target = root / "etc" / name
            target.unlink(missing_ok=True)
            shutil.copyfile(source, target)
    for left in (root / "tmp").glob("aif*"):
        shutil.rmtree(left, ignore_errors=True)


def _copy_checkout(root):
    """The files of this checkout, with their times; builds of the same checkout are kept."""
    target = root / INSIDE.lstrip("/")
    origin = target / ".origin"
    if not origin.exists() or origin.read_text() != str(TOP):
        shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True, exist_ok=True)
    for path in target.iterdir():
        if path.name == "build":
            continue
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for name in _files():
        source = TOP / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    origin.write_text(str(TOP))


def _files():
    git = subprocess.run(["git", "-c", "safe.directory=*", "-C", TOP, "ls-files", "-zco", "--exclude-standard"],
                         capture_output=True, check=False)
    if git.returncode == 0:
        return [os.fsdecode(name) for name in git.stdout.split(b"\0") if name]
    # A release tarball is no git checkout.
    return [str(p.relative_to(TOP)) for p in TOP.rglob("*") if p.is_file() and p.relative_to(TOP).parts[0] != "build"]


def _enter(root, version, args, script="check"):
    """Run tests/<script> inside. check: its Tally; setup: None when all is well."""
    env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8",
           "LC_ALL": "C.UTF-8", "AIF_CACHE": "/var/cache/slurm-aif"}
    env.update({k: os.environ[k] for k in KEPT_ENV if k in os.environ})
    text = ENTER.format(root=shlex.quote(str(root)), inside=INSIDE, args=shlex.join(args),
                        env=shlex.join(f"{k}={v}" for k, v in env.items()))
    if script == "setup":
        text = text.replace("/tests/check ", "/tests/setup ")
    log = root.parent / f"root-{version}-{script}.log"
    status = run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "/bin/sh", "-c", text], log, 10800, echo=True)
    if script == "setup":
        if status == 0:
            return None
        print(f"Slurm {version}: packages cannot be had in its root", flush=True)
        return one_skipped(f"Slurm {version}: packages cannot be had: {tail(log, 1)}")
    return _result(log, version, status)


def _result(log, version, status):
    lines = tail(log, 400).splitlines()
    result = from_line(lines[-1]) if lines else None
    if result is None:
        return one_failed(f"Slurm {version}: no result, exit {status}; whole log: {log}")
    result.notes = [f"{m[1]} Slurm {version}: {m[2]}" for m in
                    (re.match(r"(FAILED|SKIPPED) (.*)", line) for line in lines) if m and " - " not in m[2]]
    if status and not result.failed:
        result.add(Tally(failed=1, notes=[f"FAILED Slurm {version}: exit {status}"]))
    return result


def _take_logs(root, version):
    """Logs of the version's build, beside those of the installed one, and what is to be in README.md's table."""
    support.merge(support.read(root / INSIDE.lstrip("/") / "build" / "support.json"))
    for logs in (root / INSIDE.lstrip("/") / "build").glob(f"{version}*/log"):
        target = TOP / "build" / f"{logs.parent.name}-root-log"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(logs, target, symlinks=True, ignore_dangling_symlinks=True)
