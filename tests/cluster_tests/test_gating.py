"""Data sets that only the tasks of their own jobs see: mounted in those tasks' namespaces, from a directory that is root's."""

import json
import os
import pwd
import re
import shlex
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from aifsite import Site, allocation, traces

SECRET = "name,diagnosis"
TEXT = "aif2 cluster=aif job=17 array=no uid=1000 alloc=A mode=m policy=p issued=1 data=register tag=FI"


def why_not():
    if os.geteuid():
        return "slurmd must be root to mount"
    done = subprocess.run(["unshare", "--mount", "true"], capture_output=True, text=True, check=False)
    return f"no mount namespaces here: {done.stderr.strip()}" if done.returncode else ""


pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "it is possible")


class Data:
    """The nodes' files: the staging directory, and what the catalogue says of them."""

    def __init__(self, root):
        self.root = Path(os.path.realpath(root))
        self.staging = self.root / "staging"
        self.read, self.write = self.root / "data" / "register", self.root / "data" / "results"

    def make(self):
        self.staging.mkdir(mode=0o700)
        for path in (self.read, self.write):
            path.mkdir(parents=True)
            self.staged(path).mkdir(parents=True)
        self.staged(self.write).chmod(0o777)
        (self.staged(self.read) / "file").write_text(f"{SECRET}\n")
        self.staged(self.read).chmod(0o777)

    def staged(self, path):
        return Path(f"{self.staging}{path}")

    def catalogue(self, accounts):
        """register is read, results is written to, memory has no files."""
        sets = [("register", {"paths": [str(self.read)]}), ("results", {"paths": [str(self.write)], "access": "rw"}), ("memory", {})]
        return {"version": 1, "staging": str(self.staging),
                "datasets": [{"id": name, "residency": "FI", "accounts": accounts, **more} for name, more in sets]}

    def who_sees(self):
        """Processes that have one of the paths mounted, among all of this machine."""
        found = []
        for entry in Path("/proc").glob("[0-9]*/mountinfo"):
            try:
                if f"{self.root}/data/" in entry.read_text():
                    found.append(entry.parent.name)
            except OSError:
                continue
        return found


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="all", nodes=2, gpus=1, start=False, conf_lines=["PrologFlags=Alloc"])
    members = cluster.users()[:2]
    site = Site(cluster, [allocation("EHPC-AIF-2026FL01-991", "fl", "fast-lane", members=members)])
    site.data = Data(cluster.layout.root)
    site.data.make()
    site.write()
    cluster.aif_conf("datasets.json", json.dumps(site.data.catalogue(["fl"])))
    site.start()
    return site


@pytest.fixture
def cluster(site):
    before = mounts(site.data)
    yield site.cluster
    site.cluster.cancel_all()
    assert mounts(site.data) == before, "a mount came out of a job"
    assert os.listdir(site.data.read) == os.listdir(site.data.write) == []


@pytest.fixture
def data(site):
    return site.data


@pytest.fixture(scope="module")
def forger(site, prefix):
    """The environment of a user whose commands load a SPANK plugin of his own, which puts FORGE_* into a job's."""
    plugin = Path(os.environ.get("AIF_BUILD") or prefix.parent) / "tests" / "forger" / ".libs" / "forger.so"
    etc, directory = site.cluster.layout.etc, site.cluster.layout.root / "forger"
    directory.mkdir()
    for path in etc.glob("*.conf"):
        shutil.copy(path, directory / path.name)
    shutil.copy(plugin, directory / plugin.name)
    (directory / "plugstack.conf").write_text(f"{(etc / 'plugstack.conf').read_text()}required {directory / plugin.name}\n")
    return {"SLURM_CONF": str(directory / "slurm.conf")}


def mounts(data):
    """What this process sees of the data sets' mounts, and how the root is shared with other namespaces."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [line for line in lines if str(data.root) in line or line.split()[4] == "/"]


def user(cluster):
    return cluster.users()[0]


def found_in(path):
    return {entry.name: entry.read_text() for entry in path.iterdir()}


def look(data, seen, mark="$SLURM_JOB_ID"):
    """What a task sees of the data set goes into a file of the job's."""
    return f"cat {data.read}/* >{seen}/{mark}.$SLURMD_NODENAME.$SLURM_PROCID 2>&1"


def step(words):
    return f"srun sh -c {shlex.quote(words)}"


def wait_held(cluster, job, rule):
    cluster.wait(lambda: cluster.job_state(job) == "PENDING" and cluster.job(job)["Priority"] == "0", what="the job held")
    assert rule in cluster.job(job)["AdminComment"]


def test_tasks_of_every_kind_see_it(cluster, data):
    seen = traces(cluster, "kinds")
    with_data = ["-A", "fl", "--dataset=register"]
    script = f"{look(data, seen, 'batch')}\n{step(look(data, seen, 'step'))}"
    jobs = [cluster.sbatch(*with_data, "-N2", "-n3", script=script, user=user(cluster)),
            cluster.sbatch(*with_data, "--array=1-2", script=look(data, seen), user=user(cluster)),
            cluster.sbatch(*with_data, ":", *with_data, user=user(cluster),
                           script=f"srun --het-group=0,1 sh -c {shlex.quote(look(data, seen, 'het'))}"),
            cluster.sbatch(*with_data, f"--chdir={data.read}", "-o", "/dev/null", script=f"cat file >{seen}/chdir.1.1",
                           user=user(cluster))]
    for job in jobs:
        assert cluster.wait_job(job) == "COMPLETED"
    cluster.run(["salloc", *with_data, "srun", "sh", "-c", look(data, seen, "salloc")], user=user(cluster))
    cluster.run(["srun", *with_data, "sh", "-c", look(data, seen, "srun")], user=user(cluster))
    cluster.wait(lambda: len(found_in(seen)) == 11, what="1 batch, 3 step, 2 array, 2 het, 3 others")
    assert set(found_in(seen).values()) == {f"{SECRET}\n"}
    assert len({name.split(".")[1] for name in found_in(seen) if name.startswith("step.")}) == 2


def test_what_may_be_written(cluster, data):
    """Nor does a job get around it in a user namespace of its own, where that can be had."""
    seen = traces(cluster, "write")
    again = shlex.quote(f"mount -o remount,bind,rw {data.read} && touch {data.read}/again")
    script = (f"touch {data.read}/new\nunshare -Urm sh -c {again}\numount {data.read}\n"
              f"echo kept >{data.write}/new\ngrep -c ' {data.root}/data/[a-z]* .*nosuid,nodev' /proc/self/mountinfo >{seen}/count\n"
              f"ls {data.staging} {data.read} >{seen}/list 2>{seen}/refused")
    job = cluster.sbatch("-A", "fl", "--dataset=register,results", script=script, user=user(cluster))
    cluster.wait_job(job)
    cluster.wait(lambda: len(found_in(seen)) == 3, what="what the job found")
    assert os.listdir(data.staged(data.read)) == ["file"]
    assert (data.staged(data.write) / "new").read_text() == "kept\n"
    assert found_in(seen)["count"] == "2\n" and "Permission denied" in found_in(seen)["refused"]
    assert "file" in found_in(seen)["list"]


def test_others_see_nothing(cluster, data, forger):
    """While a job has the data set: jobs of the same user without it, other users, and those who claim to have it."""
    seen, gate = traces(cluster, "others"), cluster.gate()
    own, other = cluster.users()[:2]
    job = cluster.sbatch("-A", "fl", "--dataset=register", "-w", "n1", script=f"{look(data, seen, 'own')}\n{gate.script}", user=own)
    cluster.wait(lambda: f"{SECRET}\n" in found_in(seen).values(), what="the job reads")
    overlap = ["srun", "--overlap", f"--jobid={job}", "cat", f"{data.read}/file"]
    assert cluster.run(overlap, user=own).stdout == f"{SECRET}\n"
    assert cluster.run(overlap, user=other, check=False).returncode != 0
    bind = f"mount --bind {data.staged(data.read)} /mnt && cat /mnt/file"
    tries = f"cat {data.read}/file; ls {data.staging}; unshare -Urm sh -c {shlex.quote(bind)}"
    foreign = f"{tries}; cat /proc/[0-9]*/root{data.read}/file"  # of one's own tasks Linux lets this pass
    for who, words, what in ((own, [], tries), (own, ["--dataset=memory"], tries), (other, [], foreign)):
        told = cluster.run(["srun", "-A", "fl", "-w", "n2", *words, "sh", "-c", what], user=who, check=False)
        assert SECRET not in told.stdout + told.stderr, (who, words)
    inside = ["salloc", "-A", "fl", "-w", "n2", "srun", "--dataset=register", "sh", "-c", look(data, seen, "inside")]
    cluster.run(inside, user=own, check=False)
    claims = {"FORGE_AIF_REQUEST": "residency=FI,mode=fast-lane", "FORGE_AIF_TICKET_TEXT": TEXT}
    cluster.run(["srun", "-A", "fl", "-w", "n2", "sh", "-c", look(data, seen, "forged")], user=own, check=False,
                env={**forger, **claims})
    gate.open()
    cluster.wait_job(job, "COMPLETED")
    assert SECRET not in str({name: text for name, text in found_in(seen).items() if not name.startswith("own.")})


def test_a_ticket_of_another_job(cluster, data, forger):
    """Valid seals of the same user's, of an array and of another job, in a job that nobody tagged."""
    seen = traces(cluster, "replay")
    text = TEXT.replace("uid=1000", f"uid={pwd.getpwnam(user(cluster)).pw_uid}").replace("job=17", "job=4000000")
    for sealed, words in ((text.replace("=no", "=yes"), "of another array"), (text, "is of job 4000000, not of")):
        env = {**forger, "FORGE_AIF_TICKET": seal(cluster, sealed), "FORGE_AIF_TICKET_TEXT": sealed}
        done = cluster.run(["srun", "-A", "fl", "-w", "n2", "sh", "-c", look(data, seen)], user=user(cluster), env=env, check=False)
        assert done.returncode != 0 and words in cluster.node_log("n2")
    assert not found_in(seen)


def test_gone_when_slurmstepd_is_killed(cluster, data):
    """With its last process, whoever ends that; slurmstepd's own end is not needed."""
    seen, gate = traces(cluster, "killed"), cluster.gate()
    script = f"echo $PPID >{seen}/stepd.part && mv {seen}/stepd.part {seen}/stepd\n{gate.script}"
    job = cluster.sbatch("-A", "fl", "--dataset=register,results", "--no-requeue", script=script, user=user(cluster))
    cluster.wait(lambda: "stepd" in found_in(seen), what="the script begun")
    assert data.who_sees()
    os.kill(int(found_in(seen)["stepd"]), signal.SIGKILL)
    assert not os.listdir(data.read)
    cluster.run(["scancel", job])
    gate.open()
    cluster.wait(lambda: not data.who_sees(), what="no process that has it mounted")


def test_missing_on_the_node(cluster, data):
    away = data.staging.with_name("away")
    data.staging.rename(away)
    try:
        job = cluster.sbatch("-A", "fl", "--dataset=register", "-w", "n1", script="true", user=user(cluster))
        fine = cluster.sbatch("-A", "fl", "--dataset=memory", "-w", "n2", script="true", user=user(cluster))
        wait_held(cluster, job, "AIF-R012")
        assert cluster.wait_job(fine) == "COMPLETED"
    finally:
        away.rename(data.staging)
    assert re.search(r"staging directory \S+, reached without symbolic links: No such file", cluster.node_log("n1"))
    cluster.wait(lambda: set(cluster.run(["sinfo", "-h", "-N", "-o", "%T"]).stdout.split()) <= {"idle", "planned"},
                 what="no node drained")


# The check itself, as the prolog runs it.


def seal(cluster, text):
    return cluster.run(["munge", "-S", str(cluster.layout.munge_socket), "-s", text]).stdout.strip()


def judge(cluster, prefix, text, *options, by=None):
    words = [f"{prefix}/lib/slurm-aif/aif-node", "--job", "17", "--uid", "1000", "--node", "n1", "--cluster", "aif", "--slurm-user",
             "0", "--auth-info", f"socket={cluster.layout.munge_socket}", "--conf-dir", str(cluster.layout.aif), *options]
    done = cluster.run(words, env={"AIF_TICKET": seal(cluster, text), "AIF_TICKET_TEXT": text}, check=False, user=by)
    return done.returncode, done.stdout


def test_what_the_check_says(cluster, prefix, data):
    shown = f"ok 0\nstaging {data.staging}\nro {data.read}\n"
    assert judge(cluster, prefix, TEXT) == (0, shown)
    assert judge(cluster, prefix, TEXT.replace("register", "register,results")) == (0, f"{shown}rw {data.write}\n")
    assert judge(cluster, prefix, TEXT.replace("register", "memory")) == (0, "ok 0\n")
    assert judge(cluster, prefix, TEXT.replace("aif2", "aif1").replace("data=register ", "")) == (0, "ok 0\n")


def test_what_the_check_refuses(cluster, prefix, data):
    for text, options, by, words in (
            (TEXT.replace("register", "lost"), (), None, 'datasets.json of the node has no data set "lost" (AIF-R012)'),
            (TEXT.replace("=no", "=yes"), ("--job", "4000000"), None, "slurmctld does not say of which array the job is (AIF-R010)"),
            (TEXT, (), user(cluster), "slurmd does not run as root here (AIF-R012)")):
        code, line = judge(cluster, prefix, text, *options, by=by)
        assert code == 1 and line.startswith("no ") and words in line, line


def test_places_that_are_not_safe(cluster, prefix, data):
    """Open to others, reached by a symbolic link, or full of files that all jobs see."""
    staged, link = data.staged(data.read), data.staged(data.read).with_name("link")
    data.staging.chmod(0o711)
    assert "is not root's alone: owner 0, mode 0711, limit 0700 of root (AIF-R012)" in judge(cluster, prefix, TEXT)[1]
    data.staging.chmod(0o700)
    staged.rename(link)
    staged.symlink_to("link")
    assert "in the staging directory, reached without symbolic links: Not a directory (AIF-R012)" in judge(cluster, prefix, TEXT)[1]
    staged.unlink()
    link.rename(staged)
    (data.read / "open").touch()
    assert f"mount point {data.read} is not empty: all jobs see what is there (AIF-R012)" in judge(cluster, prefix, TEXT)[1]
    (data.read / "open").unlink()
    assert judge(cluster, prefix, TEXT)[0] == 0
