"""Programs of Slurm say nothing new where slurm-aif is installed, half installed, or was built for another Slurm; and what works then,
what is refused, and how aif doctor explains it: UPGRADING.md."""

import json
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
from aifsite import Site, allocation, our_errors
from halfsite import LUA, HalfSite, Programs

PG = "EHPC-AIF-2026PG01-905"
OPTIONAL = ("sbatch", "srun", "salloc")


def conf_lines(install, job_submit):
    """Slurm's own Lua plugins, where it has them: users of libslurm inside of its programs."""
    lines = ["PrologFlags=Alloc"]
    if (Path(install) / "cli_filter_lua.so").exists():
        lines += [f"JobSubmitPlugins={job_submit}", "CliFilterPlugins=lua"]
    return lines


def write_lua(cluster):
    for name, text in LUA.items():
        (cluster.layout.etc / name).write_text(text)


def ordinary(site):
    """Programs of a user whose own account is none of an allocation."""
    programs = Programs(site.cluster)
    user = programs.user or site.cluster.users()[0]
    site.cluster.add_account("plain", [user])
    site.cluster.wait(lambda: ("plain", user) in site.associations(), what="slurmctld to know the user")
    return programs


@pytest.fixture(scope="module")
def stock(make_cluster):
    """What programs say on a cluster without us."""
    cluster = make_cluster(nodes=1, gpus=2, start=False)
    for line in conf_lines(cluster.install.plugin_dir, "lua"):
        cluster.conf(line)
    write_lua(cluster)
    cluster.start()
    said = ordinary(Site(cluster)).all()
    cluster.down()
    return said


@pytest.fixture(scope="module")
def site(make_cluster, prefix, tmp_path_factory):
    copy = tmp_path_factory.mktemp("half") / "inst"
    for directory in (copy.parent, copy.parent.parent):
        directory.chmod(0o755)
    shutil.copytree(prefix, copy, symlinks=True)
    cluster = make_cluster(prefix=copy, nodes=1, gpus=2, start=False)
    for line in conf_lines(cluster.install.plugin_dir, "aif,lua"):
        cluster.conf(line)
    write_lua(cluster)
    site = HalfSite(cluster, [allocation(PG, "pg", "playground", members=cluster.users()[:1])])
    site.write()
    cluster.start()
    site.programs = ordinary(site)
    site.apply()
    return site


@contextmanager
def changed(site, *put_backs, controller=True):
    """The daemons anew with what was taken or forged; whether slurmctld starts. Put back afterwards."""
    try:
        yield site.restart(controller)
    finally:
        for put_back in put_backs:
            put_back()


def compare(said, stock, loud=()):
    """Nothing new; but for programs that say a line of Slurm's about a plugin, which is returned."""
    extra = set()
    for command, (status, out, err) in said.items():
        want_status, want_out, want_err = stock[command]
        new = set(err.splitlines()) - set(want_err.splitlines())
        if command.split()[0] in loud:
            extra |= new
            new = set()
        assert (command, status, out, new) == (command, want_status, want_out, set())
        assert command in loud or "cannot find" not in out + err
    return extra


def doctor(site, code=1):
    """Its findings that are no good, as "check rule: text"."""
    done = site.cluster.run(["aif", "doctor", "--json"], check=False)
    assert done.returncode == code, done.stdout + done.stderr
    text = site.cluster.run(["aif", "doctor"], check=False)
    report = json.loads(done.stdout)
    bad = [f for f in report["findings"] if f["state"] in ("fault", "warning")]
    assert all(f"{f['state']:8} {f['check']:8} {f['text']}" in text.stdout for f in bad)
    return [f"{f['check']} {f['rule']}: {f['text']}" for f in bad]


def version(site, minor=0, micro=0):
    own = site.cluster.install.version
    return (own[0], own[1] + minor, own[2] + micro)


def text(version):
    return f"{version[0]}.{version[1]:02}.{version[2]}"


def completes(site, *options):
    job = site.cluster.sbatch("-N1", "-o", "/dev/null", *options, script="true", user=site.programs.user)
    assert site.cluster.wait_job(job) == "COMPLETED"


def tagged(site, *options):
    """What sbatch says to a job that asks for a residency tag."""
    options = options or ("--data-residency=FI",)
    return site.cluster.sbatch("-N1", "-o", "/dev/null", "-A", "pg", *options, script="true", user=site.programs.user, check=False)


def test_all_installed(site, stock):
    assert compare(site.programs.all(), stock) == set()
    completes(site)
    completes(site, "-A", "pg", "--data-residency=FI")
    assert doctor(site, code=0) == []


# Before the tests that leave slurmctld as it is without something: these two do not start it anew.

@pytest.mark.parametrize("how", ["missing", "old"])
def test_without_the_spank_plugin(site, stock, how):
    path = site.installed / "spank_aif.so"
    put_back = site.take(path) if how == "missing" else site.forge(path.name, version(site, minor=1))
    with changed(site, put_back, controller=False):
        loud = compare(site.programs.all(), stock, loud=OPTIONAL)
        # Later ones say nothing of one that is optional and not there.
        assert (loud or how == "missing" and has_own_name(site)) and all(path.name in line for line in loud), loud
        completes(site)
        said = tagged(site)
        assert said.returncode and "unrecognized option '--data-residency=FI'" in said.stderr
        completes(site, "-A", "pg", "--comment=aif:residency=FI")
        found = doctor(site)
    assert len([line for line in found if line.startswith("spank AIF-C015: ")]) == 1 and len(found) == 1
    assert str(path) in found[0] and text(version(site)) in found[0]
    assert ("is not there" if how == "missing" else f"built for Slurm {text(version(site, minor=1))}") in found[0]


def test_without_the_nodes_program(site, stock):
    with changed(site, site.take(site.installed / "aif-node"), controller=False):
        assert compare(site.programs.all(), stock) == set()
        completes(site)
        job = tagged(site).stdout.strip()
        assert site.cluster.wait_job(job) == "FAILED"
        assert f"aif: job {job} does not run here: the node cannot check the job's residency tag" in site.cluster.node_log("n1")
        found = doctor(site)
    assert len(found) == 1 and found[0].startswith(f"node AIF-R010: {site.installed / 'aif-node'}: is not there")


@pytest.mark.parametrize("name", ["job_submit_aif.so", "priority_aif.so"])
@pytest.mark.parametrize("how", ["missing", "old"])
def test_without_what_slurmctld_must_have(site, stock, name, how):
    cluster = site.cluster
    if name == "priority_aif.so":
        cluster.conf("PrioritySiteFactorPlugin=", "PriorityType=priority/aif")
    put_back = site.take(site.installed / name) if how == "missing" else site.forge(name, version(site, micro=1))
    with changed(site, put_back) as started:
        assert not started
        kind = name.removesuffix("_aif.so")
        assert cannot_load(site, kind) in site.log
        if how == "old":
            assert f"{site.installed / name} version ({text(version(site, micro=1))})" in site.log
        assert compare(site.programs.accounting(), stock) == set()
        found = doctor(site)
    cluster.conf("PrioritySiteFactorPlugin=site_factor/aif", "PriorityType=priority/multifactor")
    assert len(found) == 1 and found[0].startswith("plugins AIF-C015: ")
    assert name in found[0] and "slurmctld does not start" in found[0] and text(version(site)) in found[0]
    assert ("is not there" if how == "missing" else f"built for Slurm {text(version(site, micro=1))}") in found[0]


def has_own_name(site):
    """Whether the wrapper has one: slurmctld does not start without it."""
    return site.cluster.install.version >= (25, 5)


def cannot_load(site, kind):
    return f"cannot create {kind} context for {kind}/aif" if has_own_name(site) else f"cannot find {kind} plugin for {kind}/aif"


def starts_without_site_factor(site):
    """Later ones than 22.05 end."""
    return site.cluster.install.version < (23,)


def test_without_the_site_factor(site, stock):
    with changed(site, site.take(site.installed / "site_factor_aif.so")) as started:
        assert cannot_load(site, "site_factor") in site.log
        assert started == starts_without_site_factor(site)
        if started:
            assert compare(site.programs.all(), stock) == set()
            completes(site)
            completes(site, "-A", "pg", "--data-residency=FI")
        else:
            assert compare(site.programs.accounting(), stock) == set()
        found = doctor(site)
    assert len(found) == 1 and found[0].startswith("plugins AIF-C015: site_factor_aif.so") and "is not there" in found[0]


def refuses_tags(site):
    said = tagged(site)
    assert said.returncode == 1 and "(AIF-R004)" in said.stderr
    said = tagged(site, "--comment=aif:residency=FI")
    assert said.returncode == 1 and "(AIF-R004)" in said.stderr


def test_without_the_wrapper(site, stock):
    if has_own_name(site):
        pytest.skip("SelectType names the wrapper")
    with changed(site, site.take(site.installed / "select_cons_tres.so")) as started:
        assert started
        assert compare(site.programs.all(), stock) == set()
        completes(site)
        refuses_tags(site)
        found = doctor(site)
    assert len(found) == 1 and found[0].startswith("wrapper AIF-R004: slurm-aif's select_cons_tres.so is not in front")


def test_a_forgotten_rebuild(site, stock):
    """All that slurmctld starts without are of another micro version: the wrapper is skipped, SPANK does not mind."""
    if has_own_name(site):
        pytest.skip("SelectType names the wrapper")
    old = version(site, micro=1)
    files = ["select_cons_tres.so", "spank_aif.so"] + ["site_factor_aif.so"] * starts_without_site_factor(site)
    with changed(site, *[site.forge(name, old) for name in files]) as started:
        assert started
        wrapper = site.installed / "select_cons_tres.so"
        assert f"Incompatible Slurm plugin {wrapper} version ({text(old)})" in site.log
        # Programs of hosts that have the file look at it, too.
        loud = compare(site.programs.all(), stock, loud=("sbatch", "srun", "salloc", "squeue", "sinfo", "scontrol", "python", "libslurm",
                                                         "slurmrestd", "sprio"))
        assert all("Incompatible Slurm plugin" in line and "select_cons_tres.so" in line for line in loud), loud
        completes(site)
        refuses_tags(site)
        found = doctor(site)
    assert [line.partition(":")[0] for line in found] == ["plugins AIF-C015"] * (len(files) - 2) + ["wrapper AIF-R004"]
    for line, name in zip(found, [*files[2:], files[0]]):
        assert f"{site.installed / name}: was built for Slurm {text(old)}, this is {text(version(site))}" in line


@pytest.mark.parametrize("name", ["policy.json", "allocations.json"])
def test_without_its_files(site, stock, name):
    with changed(site, site.take(site.cluster.layout.aif / name)) as started:
        assert started
        assert compare(site.programs.all(), stock) == set()
        completes(site)
        said = tagged(site)
        assert said.returncode == 1 and "(AIF-C010)" in said.stderr
        found = doctor(site)
    assert found[0].startswith("config AIF-C") and name in found[0]


def test_whole_again(site, stock):
    assert site.restart()
    assert compare(site.programs.all(), stock) == set()
    completes(site, "-A", "pg", "--data-residency=FI")
    assert doctor(site, code=0) == [] and our_errors(site.log) == []
