"""
The built plugins as files: each exports what its Slurm asks for and nothing else, binds late (controller plugins), asks for no
function that its Slurm does not have, and can be loaded by a program that has no Slurm in it.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import sourcetree

COMMON = {"plugin_name", "plugin_type", "plugin_version", "init", "fini"}
SPANK = {"plugin_name", "plugin_type", "plugin_version", "spank_plugin_version"}
# What our parts ask each other for, and what only some versions ask for.
OURS = {"select": {"aif_select_probe", "aif_select_counters", "aif_select_recount", "aif_select_stamp"}, "site_factor": {"site_factor_p_reconfig"}}
# Where the versions keep the lists of what they look up in a plugin.
LISTS = {"job_submit": ("src/interfaces/job_submit.c", "src/slurmctld/job_submit.c"),
         "priority": ("src/interfaces/priority.c", "src/common/slurm_priority.c"),
         "site_factor": ("src/interfaces/site_factor.c", "src/common/site_factor.c"),
         "select": ("src/interfaces/select.c", "src/common/select.c")}
FILES = {"job_submit_aif": "job_submit", "priority_aif": "priority", "site_factor_aif": "site_factor",
         "select_cons_tres": "select", "select_cons_tres_aif": "select"}
OWN_NAME_FROM = (25, 5)
IN_SLURMCTLD = ("running_in_slurmctld", "run_in_daemon")
LOAD = "import ctypes, os, sys; ctypes.CDLL(sys.argv[1], mode=os.RTLD_LAZY | os.RTLD_LOCAL)"
CODE = ("src/api", "src/common", "src/conmgr", "src/interfaces", "src/slurmctld", "src/stepmgr", "src/plugins/select/cons_tres")
CALLABLE = re.compile(r"^[\w*][\w\s*(),]*?\b\*?(\w+)\s*(?:\(|=|;|\[)", re.M)
# Definitions made by macros.
MADE = re.compile(r"\bstrong_alias\(\s*\w+\s*,\s*(\w+)\s*\)")


def output(*argv):
    return subprocess.run([str(a) for a in argv], capture_output=True, text=True, check=True).stdout


def looked_up(tree, kind):
    """The symbols that this Slurm's loader wants of such a plugin."""
    for name in LISTS[kind]:
        if (tree / name).exists():
            text = (tree / name).read_text(encoding="utf-8", errors="replace")
            found = re.search(r"\b(?:node_select_)?syms\[\] = \{(.*?)\};", text, re.S)
            return set(re.findall(r'"(\w+)"', found[1])) if found else set()
    return set()


def code_names(tree):
    """Names at the start of a definition anywhere in what slurmctld is made of."""
    names = set()
    for folder in CODE:
        for path in (tree / folder).glob("**/*.c"):
            text = path.read_text(encoding="utf-8", errors="replace")
            names |= set(CALLABLE.findall(text)) | set(MADE.findall(text))
    return names | {f"slurm_{name}" for name in names}


def names_of(path, *options):
    return {line.split()[-1] for line in output("nm", "-D", *options, path).splitlines()}


def provided(path):
    """What the libraries that a file names give."""
    names = set()
    for line in output("ldd", path).splitlines():
        match = re.search(r"=> (/\S+)|^\s+(/\S+)", line)
        if match:
            names |= {name.split("@")[0] for name in names_of(match[1] or match[2], "--defined-only")}
    return names


def exported_problems(path, tree, kind):
    want = looked_up(tree, kind)
    have = names_of(path, "--defined-only")
    if not want:
        return [f"where Slurm {sourcetree.version(tree)} keeps the list of {kind} symbols is not known"]
    return [f"lacks {name}, which Slurm {sourcetree.version(tree)} looks up" for name in sorted(want - have)] + \
        [f"exports {name}, which is not of the API" for name in sorted(have - want - COMMON - OURS.get(kind, set()))]


def binding_problems(path):
    text = output("readelf", "-d", path)
    return ["binds everything when it is loaded (BIND_NOW)"] if "BIND_NOW" in text or "Flags: NOW" in text else []


def unknown_problems(path, tree, code):
    """A function that is declared but not there ends slurmctld when it is first called."""
    asked = {name for name in names_of(path, "--undefined-only") if "@" not in name and not name.startswith("_")}
    return [f"asks for {name}, which Slurm {sourcetree.version(tree)} does not have"
            for name in sorted(asked - provided(path) - code)]


def by_name_problems(path, tree, kind, code):
    """What the select wrapper looks up by name when it is loaded: without it, it takes slurmctld for something else and rests."""
    content = path.read_bytes()
    named = [name for name in IN_SLURMCTLD if f"\0{name}\0".encode() in content]
    if kind != "select" or any(name in code for name in named):
        return []
    return [f"looks up {', '.join(named) or 'nothing'}, which Slurm {sourcetree.version(tree)} does not have, to know slurmctld"]


def load_problems(path):
    done = subprocess.run([sys.executable, "-c", LOAD, path], capture_output=True, text=True, check=False,
                          env={**os.environ, "LD_LIBRARY_PATH": ""})
    return [] if done.returncode == 0 else [f"a program without Slurm cannot load it: {done.stderr.strip().splitlines()[-1]}"]


def spank_problems(path):
    odd = {name for name in names_of(path, "--defined-only") if not name.startswith("slurm_spank_")} - SPANK
    return [f"exports {name}, which is not of the API" for name in sorted(odd)]


def expected_files(tree):
    """The plugins of this version: the select wrapper has a name of its own from 25.05 on."""
    own = tuple(map(int, sourcetree.version(tree).split(".")[:2])) >= OWN_NAME_FROM
    return [name for name in FILES if name != ("select_cons_tres" if own else "select_cons_tres_aif")]


def problems(directory, tree):
    """[(file name, sentence)] for all plugins of a directory."""
    found = []
    code = code_names(tree)
    for name in expected_files(tree):
        path = directory / f"{name}.so"
        if not path.exists():
            found.append((path.name, "was not built"))
            continue
        found += [(path.name, text) for text in exported_problems(path, tree, FILES[name]) + binding_problems(path) +
                  unknown_problems(path, tree, code) + by_name_problems(path, tree, FILES[name], code) + load_problems(path)]
    return found + [("spank_aif.so", text) for text in spank_problems(directory / "spank_aif.so")]


def main(argv):
    if len(argv) != 3:
        print("usage: tests/exports DIRECTORY-OF-PLUGINS SLURM-SOURCE", file=sys.stderr)
        return 2
    try:
        found = problems(Path(argv[1]).resolve(), Path(argv[2]))
    except (sourcetree.NoTree, OSError, subprocess.CalledProcessError) as problem:
        print(f"tests/exports: {problem}", file=sys.stderr)
        return 1
    for name, text in found:
        print(f"{name} {text}")
    return 1 if found else 0
