"""Configuration files that no sane program would write: each refused in one line, slurmctld unharmed, the old policy in force."""

import json
import os

import pytest
from aifsite import Site, allocation

PG = "EHPC-AIF-2026PG01-905"
HUGE = 100 * 1024 * 1024


def nested(depth):
    return '{"version": 1, "modes": ' + "[" * depth + "]" * depth + "}"


def twice(good):
    """The whole object's first key given again."""
    return good.replace("{", '{"version": 1,', 1)


def insert(good, what):
    """Something put in front of a value in the middle of the file."""
    half = good.index(":", len(good) // 2) + 1
    return good[:half].encode() + what + good[half:].encode()


# name -> (content made of the good one, words of the one line)
HOSTILE = {
    "empty": (lambda good: "", ["AIF-C00"]),
    "malformed": (lambda good: good.replace(":", "=", 1), ["AIF-C002"]),
    "truncated in the middle": (lambda good: good[:len(good) // 2], ["AIF-C002"]),
    "truncated before the last brace": (lambda good: good.rstrip()[:-1], ["AIF-C002"]),
    "two documents": (lambda good: good + good, ["AIF-C002"]),
    "a number": (lambda good: "17", ["AIF-C00"]),
    "a hundred megabytes": (lambda good: good + " " * HUGE, ["limit", "AIF-C001"]),
    "a hundred thousand brackets": (lambda good: nested(100000), ["AIF-C002"]),
    "a thousand brackets, well formed": (lambda good: nested(1000), ["AIF-C00"]),
    "a key twice": (twice, ["AIF-C006"]),
    "a NUL byte": (lambda good: insert(good, b"\0"), ["AIF-C002"]),
    "bytes that are no UTF-8": (lambda good: insert(good, b' "\xff\xfe",'), ["AIF-C002"]),
    "half a surrogate pair": (lambda good: insert(good, b' "\\ud83d",'), ["AIF-C00"]),
    "a number beyond all numbers": (lambda good: good.replace('"version": 1', '"version": 1e999'), ["AIF-C00"]),
    "a megabyte as a key": (lambda good: good.replace('"version"', '"' + "k" * 1000000 + '"', 1), ["AIF-C00"]),
}


def complaints(cluster):
    """What job_submit/aif said at level error; with 23.11 on the process that gave up says it, too."""
    return [line.split("error: ", 1)[1] for line in cluster.ctld_log().splitlines() if "error: job_submit/aif: " in line]


@pytest.fixture(scope="module")
def site(make_cluster, prefix):
    """slurmctld runs as a daemon, as on real sites: there a reconfigure with a bad file changes nothing in any version."""
    cluster = make_cluster(prefix=prefix, plugins="job_submit", nodes=1, gpus=4, start=False)
    site = Site(cluster, [allocation(PG, "pg", "playground", members=[cluster.users()[0]])])
    site.start()
    cluster.detach()
    yield site
    cluster.end_detached()


def put(path, content):
    """Write at one stroke: slurmctld may be looking, and half a file would be one more complaint."""
    aside = path.with_suffix(".new")
    aside.write_bytes(content if isinstance(content, bytes) else content.encode())
    aside.replace(path)


def restore(site, path, good):
    """Put a good file back, one byte longer than before, and wait until it is in force: only then the next complaint is new."""
    put(path, good + "\n")
    site.cluster.reconfigure()
    want = {"job_submit/aif": site.hash()}
    site.cluster.wait(lambda: site.in_force() == want, what="the good file in force")


def check_old_policy(cluster, user):
    done = cluster.sbatch("-A", "pg", "--gpus=9", user=user, check=False)
    assert "AIF-M005" in done.stderr, done.stderr


@pytest.mark.parametrize("name", ["policy.json", "allocations.json"])
@pytest.mark.parametrize("content,words", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_in_one_line(site, name, content, words):
    cluster, user = site.cluster, site.cluster.users()[0] if os.geteuid() == 0 else None
    path = cluster.layout.aif / name
    good, before = path.read_text(), len(complaints(cluster))
    bad = content(good)
    put(path, bad)
    try:
        cluster.reconfigure(check=False)
        cluster.wait(lambda: len(complaints(cluster)) > before, what="a complaint")
        check_old_policy(cluster, user)
    finally:
        restore(site, path, good)
    said = set(complaints(cluster)[before:])
    assert len(said) == 1, said
    line = said.pop()
    assert name in line and all(word in line for word in words) and len(line) < 900, line


# name -> how to put something there that is no regular file
STRANGE = {
    "a directory": lambda path: path.mkdir(),
    "a pipe that nobody writes to": os.mkfifo,
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a device without end": lambda path: path.symlink_to("/dev/zero"),
    "a link to nothing": lambda path: path.symlink_to("/nonexistent/policy.json"),
}


@pytest.mark.parametrize("make", STRANGE.values(), ids=STRANGE)
def test_what_is_no_file_is_not_waited_for(site, make):
    cluster, user = site.cluster, site.cluster.users()[0] if os.geteuid() == 0 else None
    path, before = cluster.layout.aif / "allocations.json", len(complaints(cluster))
    good = path.read_text()
    path.unlink()
    make(path)
    try:
        cluster.reconfigure(check=False)
        cluster.wait(lambda: len(complaints(cluster)) > before, what="a complaint")
        check_old_policy(cluster, user)
    finally:
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        restore(site, path, good)
    assert all("AIF-C001" in line for line in complaints(cluster)[before:])


def test_after_all_of_this_the_policy_can_still_be_changed(site):
    cluster, user = site.cluster, site.cluster.users()[0] if os.geteuid() == 0 else None
    site.policy["modes"]["playground"]["gpus_per_job"]["max"] = 2
    site.write()
    cluster.reconfigure()
    cluster.wait(lambda: "limit 2 GPUs" in cluster.sbatch("-A", "pg", "--gpus=9", user=user, check=False).stderr,
                 what="the new policy")
    assert json.loads((cluster.layout.aif / "policy.json").read_text())["version"] == 1


# Words of a command line; a NUL byte cannot be in one, test_rest.py sends those.
WORDS = [b"--ai-mode=\xff\xfe", b"--ai-mode=play\x01ground", b"--ai-mode=" + b"m" * 100000, b"--ai-allocation=\xc0\xaf",
         b"--data-residency=" + b"(" * 5000, b"--data-residency=FI|\xe2\x28\xa1", b"--ai-placement=%s%n", b"--comment=aif:\xff=\xff",
         b"--comment=aif:" + b"mode=playground," * 50, b"--ai-mode=", b"--comment=aif:"]


@pytest.fixture(scope="module")
def spanked(make_cluster, prefix):
    cluster = make_cluster(prefix=prefix, plugins="job_submit,spank", nodes=1, gpus=4, start=False)
    site = Site(cluster, [allocation(PG, "pg", "playground", members=[cluster.users()[0]])])
    site.start()
    return cluster


@pytest.mark.parametrize("word", WORDS, ids=lambda word: repr(word[:24]))
def test_a_hostile_word_is_refused_in_one_line(spanked, word):
    user = spanked.users()[0] if os.geteuid() == 0 else None
    pid = spanked.pid("ctld")
    done = spanked.sbatch("-A", "pg", "--gpus=1", os.fsdecode(word), user=user, check=False)
    lines = [line for line in done.stderr.splitlines() if "aif: " in line or "AIF-" in line]
    assert done.returncode != 0
    assert len(lines) == 1 and len(lines[0]) < 900 and "\x01" not in lines[0], done.stderr[:2000]
    assert spanked.pid("ctld") == pid and spanked.run(["scontrol", "ping"]).returncode == 0
