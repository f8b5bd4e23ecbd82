"""Gate packages: Debian's and Red Hat's packages, built from the tarball, have what they should and want the right Slurm."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import sourcetree
from exports import expected_files, problems
from run import run, tail
from tally import Tally, one_failed, one_passed, one_skipped

CONTROLLER_WANTS = {"deb": "slurmctld (>= {micro}), slurmctld (<< ", "rpm": "slurm-slurmctld = {micro}"}
NODE_WANTS = {"deb": "slurm-wlm-basic-plugins (>= {minor})", "rpm": "slurm >= {minor}"}


def packages(ctx):
    """One test for the tarball, and for each kind one for its build and one for each package."""
    tree = Path(ctx.source)
    work = ctx.build / "packages"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    if run(["make", "distdir", f"distdir={work}/dist"], ctx.log("packages-dist"), 1200, cwd=ctx.build) != 0:
        return one_failed(f"packages: make distdir: {tail(ctx.log('packages-dist'), 1)}")
    total = one_passed()
    for kind, tool, build in (("deb", "dh", _deb), ("rpm", "rpmbuild", _rpm)):
        if not shutil.which(tool):
            total.add(one_skipped(f"packages: {kind}: {tool} is not installed (tests/setup --with=packages does that)"))
            continue
        total.add(build(ctx, tree, work))
    return total


def _output(*argv, cwd=None):
    return subprocess.run([str(a) for a in argv], capture_output=True, text=True, check=True, cwd=cwd).stdout


def _found(kind, wants, tree, wanted):
    """wanted: {package: what its dependencies must say}"""
    micro = sourcetree.version(tree)
    minor = ".".join(micro.split(".")[:2])
    result = Tally()
    for package, text in wanted.items():
        text = text.format(micro=micro, minor=minor)
        result.add(one_passed() if text in wants[package] else
                   one_failed(f"packages: {kind}: {package} does not want \"{text}\" but \"{wants[package]}\""))
    slurm = re.search(r"\bslurm(ctld|-slurmctld|-wlm-basic-plugins)?\b *[(<>=]", wants["slurm-aif-tools"])
    result.add(one_failed(f"packages: {kind}: slurm-aif-tools wants {slurm[0]}") if slurm else one_passed())
    return result


def _plugins(kind, root, tree):
    """The plugins as the packages have them: hardening of the distribution may have made them bind at once."""
    found = next(root.glob("usr/lib*/**/slurm-aif/job_submit_aif.so"), None)
    if not found:
        return one_failed(f"packages: {kind}: no job_submit_aif.so in its plugin directory")
    texts = [f"{name} {text}" for name, text in problems(found.parent, tree)]
    count = len(expected_files(tree)) + 1
    return Tally(failed=1, notes=[f"FAILED packages: {kind}: {'; '.join(texts)}"]) if texts else Tally(passed=count)


def _deb(ctx, tree, work):
    source = work / "deb" / "slurm-aif"
    source.parent.mkdir()
    shutil.copytree(work / "dist", source)
    env = {"SLURM_SOURCE": str(tree), "DEB_BUILD_OPTIONS": "nocheck parallel=2"}
    if run(["dpkg-buildpackage", "-b", "-us", "-uc"], ctx.log("packages-deb"), 3600, cwd=source, env=env) != 0:
        return one_failed(f"packages: dpkg-buildpackage: {tail(ctx.log('packages-deb'), 1)}")
    files = {path.name.split("_")[0]: path for path in source.parent.glob("slurm-aif-*.deb") if "-dbgsym_" not in path.name}
    wants = {name: _output("dpkg-deb", "-f", path, "Depends").strip() for name, path in files.items()}
    root = work / "deb" / "root"
    for path in files.values():
        _output("dpkg-deb", "-x", path, root)
    total = one_passed()
    total.add(_found("deb", wants, tree, {"slurm-aif-controller": CONTROLLER_WANTS["deb"], "slurm-aif-node": NODE_WANTS["deb"]}))
    total.add(_plugins("deb", root, tree))
    return total


def _rpm(ctx, tree, work):
    top = work / "rpm"
    (top / "SOURCES").mkdir(parents=True)
    version = re.search(r"^Version: (\S+)", (work / "dist/packaging/slurm-aif.spec").read_text(), re.M)[1]
    os.symlink(work / "dist", top / f"slurm-aif-{version}")
    _output("tar", "czhf", top / "SOURCES" / f"slurm-aif-{version}.tar.gz", f"slurm-aif-{version}", cwd=top)
    # What Debian's rpm does not know is whether Debian's own packages are there: --nodeps.
    argv = ["rpmbuild", "-bb", "--nodeps", "--define", f"_topdir {top}", "--define", f"slurm_source {tree}",
            work / "dist/packaging/slurm-aif.spec"]
    if run(argv, ctx.log("packages-rpm"), 3600) != 0:
        return one_failed(f"packages: rpmbuild: {tail(ctx.log('packages-rpm'), 1)}")
    files = {re.match(r"slurm-aif-[a-z]+", path.name)[0]: path for path in top.glob("RPMS/*/slurm-aif-*.rpm")
             if "-debug" not in path.name}
    wants = {name: ", ".join(_output("rpm", "-qp", "--requires", path).splitlines()) for name, path in files.items()}
    root = top / "root"
    root.mkdir()
    for path in files.values():
        with subprocess.Popen(["rpm2cpio", path], stdout=subprocess.PIPE) as cpio:
            subprocess.run(["cpio", "-idmu", "--quiet"], stdin=cpio.stdout, cwd=root, check=True)
    total = one_passed()
    total.add(_found("rpm", wants, tree, {"slurm-aif-controller": CONTROLLER_WANTS["rpm"], "slurm-aif-node": NODE_WANTS["rpm"]}))
    total.add(_plugins("rpm", root, tree))
    return total
