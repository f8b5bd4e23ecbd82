"""What the manual and the program say of each other, both ways: commands, options, rules, configuration keys, variables.

tests/unit/test_manual.sh holds the pages to what the code has; here, too, nothing is documented that does not exist.
"""

import re
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
CODE = sorted(path for folder in ("lib", "tools", "spank", "plugins", "lua") for path in (TOP / folder).rglob("*.[ch]"))
DOCUMENTS = sorted([*(TOP / "doc").rglob("*.[1578]"), *(TOP / "doc").glob("*.md"), TOP / "README.md", TOP / "NEWS", TOP / "UPGRADING.md"])
KEY_FILES = {
    "aif-policy.5": ["policy*.c", "fabricconf.h", "fabricmap.c"],
    "aif-allocations.5": ["alloc*.c", "policycharge.c", "policypacing.c"],
    "aif-balances.5": ["balances*.c"],
    "aif-membership.5": ["membership.c"],
    "aif-datasets.5": ["datasets.c"],
}
# Of tests and benchmarks only.
OF_TESTS = {"AIF_BUILD", "AIF_PREFIX", "AIF_PROPERTY_RUNS", "AIF_TEST_TMP", "AIF_TRACES"}


def page(name):
    """A manual page without roff's escapes."""
    text = next((TOP / "doc").glob(f"man?/{name}")).read_text(encoding="utf-8")
    return re.sub(r"\\f[A-Z]", "", text.replace("\\-", "-").replace("\\(dq", '"'))


def texts(paths):
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


@pytest.fixture(scope="module")
def aif(prefix):
    def run(*args):
        return subprocess.run([prefix / "bin" / "aif", *args], capture_output=True, text=True, check=True).stdout
    return run


def options(text):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


def sections():
    """{first words of a command as its heading has them: text of its part of the page}"""
    parts = re.split(r"^\.S[SH] ", page("aif.1"), flags=re.M)
    found, waiting = {}, []
    for part in parts:
        if not part.startswith("aif "):
            continue
        heading, _, body = part.partition("\n")
        waiting.append(heading)
        if body.strip():
            for name in waiting:
                words = re.match(r"aif ([a-z]+)(?: ([a-z]+(?:\|[a-z]+)*))?", name)
                for second in (words[2] or "").split("|"):
                    found.setdefault(f"{words[1]} {second}".strip(), []).append(" ".join(waiting) + "\n" + body)
            waiting = []
    return {name: "\n".join(bodies) for name, bodies in found.items()}


def commands(aif):
    listed = re.search(r"^Commands.*?\n(.*?)^$", aif("--help") + "\n", re.M | re.S)[1]
    return re.findall(r"^  ([a-z]+) ", listed, re.M)


def test_each_command_has_its_part_of_the_page_and_each_part_its_command(aif):
    assert sorted(commands(aif)) == sorted({name.split()[0] for name in sections()})


def test_each_option_of_a_heading_exists(aif):
    seen = set()
    for name, text in sections().items():
        told = options(text.partition("\n")[0])
        assert told <= options(aif(name.split()[0], "--help")), f"aif {name}"
        seen |= told
    assert len(seen) > 20


def test_each_option_has_its_place_in_a_part_of_the_command(aif):
    everywhere = options(page("aif.1").partition(".SH COMMANDS FOR EVERYBODY")[0])
    for command in commands(aif):
        told = options("\n".join(text for name, text in sections().items() if name.split()[0] == command))
        assert options(aif(command, "--help")) <= told | everywhere | {"--help"}, f"aif {command}"


def test_rules_are_the_same_everywhere(aif):
    rules = set(re.findall(r"^(AIF-[A-Z]\d{3})\b", aif("rules"), re.M))
    assert rules == set(re.findall(r"^\.B (AIF-[A-Z]\d{3})$", page("aif-rules.7"), re.M))
    assert set(re.findall(r"AIF-[A-Z]\d{3}", texts(DOCUMENTS).replace("\\-", "-"))) <= rules
    assert set(re.findall(r"AIF-[A-Z]\d{3}", texts(CODE))) <= rules


def test_each_rule_is_used(aif):
    used = texts(path for path in CODE if path.name not in ("rules.c", "rules.h"))
    names = dict(re.findall(r"\b(AIF_[A-Z]_[A-Z0-9_]+)\b[^\"\n]*\"(AIF-[A-Z]\d{3})\"", texts([TOP / "lib/rules.c", TOP / "lib/rules.h"])))
    assert len(names) >= 30
    assert [rule for name, rule in names.items() if not re.search(rf"\b{name}\b", used)] == []


@pytest.mark.parametrize("name", KEY_FILES)
def test_each_documented_key_is_read(name):
    text = page(name)
    told = set(re.findall(r'^\.BR ([a-z_]+) "(?:[^"]|"")*\(', text, re.M)) | set(re.findall(r"^\.B ([a-z_]+)\n\(", text, re.M))
    files = [path for pattern in KEY_FILES[name] for path in (TOP / "lib").glob(pattern)]
    assert told, f"{name} documents no key"
    # A word of that form that is no key is a value of one, and stands in the same tables.
    assert told - set(re.findall(r'"([a-z_-]+)"', texts(files))) == set()


def test_variables_are_the_same_everywhere():
    code = texts(CODE)
    used = set(re.findall(r'"(AIF_[A-Z0-9_]+)"', code))
    told = {name.partition("_HET_GROUP_")[0] for name in re.findall(r"\b(?:SPANK_)?(AIF_[A-Z0-9_]+)", texts(DOCUMENTS).replace("\\-", "-"))} - OF_TESTS
    assert len(used) > 8
    assert used - told == set()
    assert {name for name in told if not re.search(rf"\b{name}", code)} == set()
