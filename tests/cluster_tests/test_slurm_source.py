"""tests/slurm-source: what it makes of a machine's apt sources, and its one-line failures."""

import importlib.machinery
import importlib.util
import subprocess
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[1] / "slurm-source"
SUITES = {"bookworm", "bookworm-updates", "bookworm-security"}


@pytest.fixture(scope="module")
def source():
    loader = importlib.machinery.SourceFileLoader("slurm_source", str(TOOL))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("slurm_source", loader))
    loader.exec_module(module)
    return module


def test_deb822_keeps_the_debian_archive_only(source):
    text = """\
Types: deb
# http://snapshot.example.org/debian
URIs: http://mirror.example.org/debian
Suites: bookworm bookworm-updates other
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: https://third.example.org/node
Suites: nodistro
Components: main

Enabled: no
Types: deb
URIs: http://off.example.org/debian
Suites: bookworm
Components: main
"""
    assert source.deb822_entries(text, SUITES) == [
        "Types: deb-src\nURIs: http://mirror.example.org/debian\nSuites: bookworm bookworm-updates\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg"]


def test_one_line_form(source):
    text = """\
# deb http://commented.example.org/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/k.gpg] http://mirror.example.org/debian bookworm main contrib # why
deb http://mirror.example.org/debian bookworm-security main
deb https://third.example.org/apt cloud-sdk-bookworm main
deb https://third.example.org/linux bookworm stable
"""
    assert source.one_line_entries(text, SUITES) == [
        "Types: deb-src\nURIs: http://mirror.example.org/debian\nSuites: bookworm\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/k.gpg",
        "Types: deb-src\nURIs: http://mirror.example.org/debian\nSuites: bookworm-security\nComponents: main"]


def test_inline_keys_survive(source):
    text = "Types: deb\nURIs: http://m.example.org/debian\nSuites: bookworm\nComponents: main\nSigned-By:\n -----BEGIN\n .\n abc\n"
    (entry,) = source.deb822_entries(text, SUITES)
    assert entry.endswith("Signed-By: \n -----BEGIN\n .\n abc")


@pytest.mark.parametrize("version, upstream", [("22.05.8-4+deb12u3", "22.05.8"), ("24.11.5-4", "24.11.5"),
                                               ("1:25.05.1+really-1", "25.05.1")])
def test_upstream_version(source, version, upstream):
    assert source.upstream(version) == upstream


def test_another_version_is_refused(source, monkeypatch):
    monkeypatch.setattr(source, "debian_version", lambda: "22.05.8-4+deb12u3")
    assert source.choose(["22.05.8-4+deb12u2", "22.05.8-4+deb12u3"], "22.05.8") == "22.05.8-4+deb12u3"
    assert source.choose(["22.05.8-4+deb12u9"], "22.05.8") == "22.05.8-4+deb12u9"
    with pytest.raises(source.Problem, match="has only 22.05.8-4"):
        source.choose(["22.05.8-4"], "22.05.9")


def test_the_source_of_another_micro_version_stands_in(source, monkeypatch, tmp_path):
    monkeypatch.setenv("AIF_CACHE", str(tmp_path))
    monkeypatch.setattr(source, "configure", lambda tree: None)
    missing = source.NotServed("slurm 26.05.5: not there")
    with pytest.raises(source.NotServed):
        source.stand_in(tmp_path / "work", "26.05.5", missing)
    (tmp_path / "slurm-26.05.3").mkdir()
    (tmp_path / "slurm-26.05.3" / "META").write_text("  Micro:\t3\n  Version:\t26.05.3\n  Release:\t1\n")
    (tmp_path / "nearest-26.05").symlink_to("slurm-26.05.3")
    tree = source.stand_in(tmp_path / "work", "26.05.5", missing)
    assert (tree / "META").read_text() == "  Micro:\t5\n  Version:\t26.05.5\n  Release:\t1\n"
    assert (tree / ".aif-nearest").read_text() == "26.05.3" and not (tmp_path / "slurm-26.05.3" / ".aif-nearest").exists()


def test_the_tree_is_configured_and_of_the_installed_version():
    done = subprocess.run([TOOL], capture_output=True, text=True, check=False, timeout=1200)
    assert done.returncode == 0, done.stderr
    tree = Path(done.stdout.strip())
    version = subprocess.run(["slurmctld", "-V"], capture_output=True, text=True, check=True,
                             env={"PATH": "/usr/sbin:/sbin:/usr/bin:/bin:/usr/local/sbin"}).stdout.split()[-1]
    assert f'#define SLURM_VERSION_STRING "{version}"' in (tree / "config.h").read_text()
    assert (tree / "slurm" / "slurm_version.h").exists()
