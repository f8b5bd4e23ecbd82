"""A configured Slurm source tree as what to build for: nothing of that Slurm is installed, so no cluster can be run."""

import re
from pathlib import Path

from run import run

PUBLIC = re.compile(r"\b((?:slurm|slurmdb|islurm)_\w+)\s*\(")
RENAMED = re.compile(r"^#define\s+\w+\s+(slurm_\w+)\s*$", re.M)
DEFINED = re.compile(r"^extern\s[^;{}=]*?\b((?:slurm|slurmdb)_\w+)\s*\(", re.M)
DATA = re.compile(r"^extern\s+[\w\s]+?[\s*](slurm_\w+);", re.M)
FOLDERS = ("src/api", "src/common", "src/db_api", "src/interfaces")


class NoTree(Exception):
    """Text: one clear line."""


def version(tree):
    """"24.05.8" of a configured tree."""
    try:
        meta = (tree / "META").read_text(encoding="utf-8")
    except OSError:
        raise NoTree(f"{tree}: no Slurm source tree (no META in it)") from None
    for name in ("config.h", "slurm/slurm_version.h"):
        if not (tree / name).exists():
            raise NoTree(f"{tree}: not configured (no {name}); run ./configure in it, make is not needed")
    return re.search(r"^\s*Version:\s*(\S+)", meta, re.M)[1]


def public_names(tree):
    """(functions, data) that libslurm of that version has: a program that needs more does not link."""
    functions, data = set(), set()
    for header in (tree / "slurm").glob("*.h"):
        functions |= set(PUBLIC.findall(header.read_text(encoding="utf-8", errors="replace")))
    for folder in FOLDERS:
        for path in (tree / folder).glob("*.[ch]"):
            text = path.read_text(encoding="utf-8", errors="replace")
            functions |= set(DEFINED.findall(text)) | set(RENAMED.findall(text))
            data |= set(DATA.findall(text))
    return sorted(functions - data), sorted(data)


def make_prefix(tree, prefix):
    """
    A prefix for --with-slurm: the tree's public headers, and a libslurm that has its functions by name only. Raises NoTree when
    the library cannot be made.
    """
    (prefix / "include").mkdir(parents=True, exist_ok=True)
    (prefix / "lib").mkdir(exist_ok=True)
    link = prefix / "include" / "slurm"
    if not link.is_symlink():
        link.symlink_to(Path(tree, "slurm").resolve())
    source = prefix / "lib" / "libslurm.c"
    functions, data = public_names(tree)
    source.write_text("".join([f"void {name}(void)\n{{\n}}\n" for name in functions] +
                              [f"char {name}[4096];\n" for name in data]))
    log = prefix / "libslurm.log"
    argv = ["gcc", "-shared", "-fPIC", "-fno-builtin", "-Wl,-soname,libslurm.so", "-o", prefix / "lib" / "libslurm.so", source]
    if run(argv, log, 300) != 0:
        raise NoTree(f"{tree}: a libslurm by name cannot be built; see {log}")
