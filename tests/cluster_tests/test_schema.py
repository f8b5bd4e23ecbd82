"""The JSON Schemas in doc/schema: the same keys as the tables that the parser reads by, both ways, and all examples are valid."""

import copy
import json
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest

TOP = Path(__file__).resolve().parents[2]
SCHEMAS = {
    "policy": ["policy*.c", "fabricconf.h"],
    "allocations": ["alloc*.c", "policycharge.c", "policypacing.c"],
    "membership": ["membership.c"],
    "datasets": ["datasets.c"],
}
# Tables of these sources that are no part of the file: the allocations' charge is one unit's, the sink's type is looked at first.
NOT_OF = {"allocations": [{"gpu-hour", "node-hour"}]}
TYPES = {"OBJECT": {"object"}, "ARRAY": {"array"}, "TEXT": {"string"}, "BOOL": {"boolean"}, "INT": {"integer"}, "NUMBER": {"number"}}
EXAMPLES = sorted(path for path in [*(TOP / "etc").rglob("*.json"), *(TOP / "tests/data/decisions/site").glob("*.json")]
                  if path.name.startswith(tuple(SCHEMAS)))


def schema_of(name):
    return json.loads((TOP / "doc/schema" / f"{name}.schema.json").read_text())


def validator(name):
    return jsonschema.Draft202012Validator(schema_of(name))


def load(path):
    """JSON with // and /* */ comments, as the parser takes it."""
    text = path.read_text()
    string = r'"(?:[^"\\]|\\.)*"'
    return json.loads(re.sub(rf"({string})|//[^\n]*|/\*.*?\*/", lambda found: found[1] or "", text, flags=re.S))


# ---- the parser's tables ----

def constants():
    found = {}
    for path in sorted((TOP / "lib").glob("*.[ch]")):
        text = re.sub(r"\\\n", " ", re.sub(r"/\*.*?\*/", " ", path.read_text(), flags=re.S))
        found |= {(path.name, name): value for name, value in re.findall(r"^#define (\w+) +(\S.*?) *$", text, re.M)}
    return found


CONSTANTS = constants()


def value_of(expression, file):
    """A number, or None: constants of the file first, then of the headers."""
    for _ in range(8):
        names = set(re.findall(r"[A-Za-z_]\w*", expression))
        if not names:
            return int(eval(expression.replace("/", "//")))  # pylint: disable=eval-used # numbers and operators
        for name in names:
            known = CONSTANTS.get((file, name)) or next((v for (_, n), v in CONSTANTS.items() if n == name), None)
            if known is None:
                return None
            expression = re.sub(rf"\b{name}\b", f"({known})", expression)
    return None


def expand(text):
    """Rows that macros stand for."""
    macros = {}
    for name, argument, body in re.findall(r"^#define (\w+_FIELDS?)(?:\((\w+)\))? *((?:.*\\\n)*.*)$", text, re.M):
        macros[name] = (argument, body.replace("\\\n", " "))
    text = re.sub(r"^#define \w+_FIELDS?\b(?:.*\\\n)*.*$", "", text, flags=re.M)
    header = (TOP / "lib/fabricconf.h").read_text()
    macros |= {name: (argument, body.replace("\\\n", " "))
               for name, argument, body in re.findall(r"^#define (AIF_FABRICCONF_FIELDS)\((\w+)\) *((?:.*\\\n)*.*)$", header, re.M)}
    for _ in range(4):
        for name, (argument, body) in macros.items():
            if argument:
                text = re.sub(rf"\b{name}\(([^()]*)\)", lambda found, a=argument, b=body: re.sub(rf"\b{a}\b", found[1], b), text)
            else:
                text = re.sub(rf"\b{name}\b", lambda _, b=body: b, text)
    return text


ROW = re.compile(r'\{"([\w-]+)",\s*AIF_JSON_(\w+),\s*(true|false),\s*(\w+),\s*(.*?),\s*([^,]+?),\s*([^,{}]+?)\}', re.S)


def tables(name):
    """Each table as {key: (kind, required, reader, least, most)}."""
    found = []
    for pattern in SCHEMAS[name]:
        for path in sorted((TOP / "lib").glob(pattern)):
            text = expand(path.read_text())
            for body in re.findall(r"struct aif_jsonfield \w+\[\] = \{(.*?)\{0\}", text, re.S):
                rows = {key: (kind, required == "true", reader, value_of(least, path.name), value_of(most, path.name))
                        for key, kind, required, reader, _, least, most in ROW.findall(body)}
                assert len(rows) == body.count("AIF_JSON_"), f"{path.name}: {body}"
                if set(rows) not in NOT_OF.get(name, []) and rows not in found:
                    found.append(rows)
    return found


# ---- the schema's objects ----

def resolve(node, whole):
    while "$ref" in node:
        node = whole["$defs"][node["$ref"].rpartition("/")[2]]
    return node


def objects(node, whole, seen):
    """Every part of the schema that lists keys, once."""
    if isinstance(node, list):
        for entry in node:
            objects(entry, whole, seen)
    elif isinstance(node, dict):
        if "properties" in node and "type" in node:
            assert node["type"] == "object" and node["additionalProperties"] is False
            if node not in seen:
                seen.append(node)
        for value in node.values():
            objects(value, whole, seen)
    return seen


def types(node, whole):
    node = resolve(node, whole)
    if "oneOf" in node and "type" not in node:
        return set().union(*(types(entry, whole) for entry in node["oneOf"]))
    return {node["type"]}


def shape(entry, whole):
    required = set(entry.get("required", []))
    return {key: (frozenset(types(node, whole)), key in required) for key, node in entry["properties"].items()}


def table_shape(rows):
    return {key: (frozenset(TYPES.get(kind, {"string", "object"})), required) for key, (kind, required, *_) in rows.items()}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_same_keys(name):
    whole = schema_of(name)
    described = [shape(entry, whole) for entry in objects(whole, whole, [])]
    read = [table_shape(rows) for rows in tables(name)]
    assert [entry for entry in read if entry not in described] == [], "not in the schema"
    assert [entry for entry in described if entry not in read] == [], "not read"


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_same_limits(name):
    """Of whole numbers and of texts that are read as they are."""
    whole = schema_of(name)
    compared = 0
    for rows in tables(name):
        entry = next(entry for entry in objects(whole, whole, []) if shape(entry, whole) == table_shape(rows))
        for key, (kind, _, reader, least, most) in rows.items():
            node = resolve(entry["properties"][key], whole)
            if kind == "INT":
                assert (node["minimum"], node["maximum"]) == (least, most), key
            elif reader == "aif_jsonschema_text":
                assert (node["minLength"], node["maxLength"]) == (least, most), key
            elif reader in ("aif_jsonschema_slurm_name", "aif_policysinks_path"):
                assert node["maxLength"] == most, key
            else:
                continue
            compared += 1
    assert compared


def test_the_rules_that_may_be_relaxed():
    rules = schema_of("policy")["properties"]["enforce"]["oneOf"][1]["properties"]["rules"]
    pattern, = rules["patternProperties"]
    ids = dict(re.findall(r'^#define (AIF_\w+) "(AIF-\w+)"', (TOP / "lib/rules.h").read_text(), re.M))
    code = (TOP / "lib/policyenforce.c").read_text()
    lists = "".join(re.findall(r"\*const (?:limits|bookings)\[\] = \{(.*?)\}", code, re.S))
    relaxed = {ids[name] for name in re.findall(r"AIF_\w+", lists)}
    assert len(relaxed) == 25 and {rule for rule in ids.values() if re.search(pattern, rule)} == relaxed


# ---- examples ----

@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_is_one(name):
    jsonschema.Draft202012Validator.check_schema(schema_of(name))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.relative_to(TOP)))
def test_examples_are_valid(path):
    name = next(name for name in SCHEMAS if path.name.startswith(name))
    assert [error.message for error in validator(name).iter_errors(load(path))] == []


def test_there_are_examples_of_each():
    seen = {name for name in SCHEMAS for path in EXAMPLES if path.name.startswith(name)}
    assert seen == set(SCHEMAS)


# ---- what is refused ----

MINIMAL = {"version": 1, "cluster": "c", "modes": {"m": {"code": "PG"}}}
BAD = [
    {"colour": 1}, {"version": 2}, {"cluster": 5}, {"cluster": ""}, {"modes": {}}, {"modes": {"M": {}}}, {"modes": {"m": {"wall_max": 4}}},
    {"modes": {"m": {"code": "PGX"}}}, {"modes": {"m": {"gpus_per_job": {"max": 0}}}}, {"modes": {"m": {"pacing": {"kind": "cut"}}}},
    {"modes": {"m": {"pacing": {"kind": "monthly", "percent": 5}}}}, {"hold": ["AIF-A003"]}, {"hold": "AIF-A002"}, {"enforce": "warn"},
    {"enforce": {"rules": {"AIF-R003": "advise"}}}, {"enforce": {"rules": {"Q001": "off"}}}, {"notice_below": 101},
    {"shares": [{"title": "t"}]}, {"residency": {"locations": [{"country": "FI"}]}},
    {"residency": {"locations": [{"country": "FI", "nodes": "n1", "feature": "f"}]}}, {"placement": {"preset": "lumi-g", "map": "m"}},
    {"report": {"ledger": "ledger.db"}}, {"report": {"sinks": {"s": {"type": "webhook"}}}}, {"report": {"sinks": {"s": {"type": "fax"}}}},
    {"report": {"waldur": {"url": "http://h", "token_file": "/t", "component": "c"}}}, {"lanes": {"window": "soon"}},
]
GOOD = [
    {}, {"enforce": "advise"}, {"enforce": {"default": "off", "rules": {"AIF-Q001": "on", "AIF-A007": "advise", "AIF-R003": "on"}}},
    {"modes": {"m": {"wall_max": "1-00:00:00", "gpus_per_job": {"min": 1, "max": 2}, "pacing": {"kind": "linear", "priority": 5}}}},
    {"lanes": {"guard": {"after": "never"}}}, {"qos_prefix": ""}, {"gpu_tres": "gres/gpu:a100"},
    {"residency": {"home": "FI", "locations": [{"nodes": "n[1-4]", "country": "SE", "zone": "spe"}], "groups": {"NORDIC": "FI|SE"}}},
    {"report": {"sinks": {"a": {"type": "apel", "directory": "/d", "site": "s"}, "f": {"type": "ood", "file": "/f"}}}},
    {"placement": {"mode": "on", "levels": [{"name": "leaf", "weight": 1, "segments": [16, 8]}]}},
]


@pytest.fixture(scope="module")
def check(prefix, tmp_path_factory):
    def run(policy):
        where = tmp_path_factory.mktemp("conf")
        (where / "policy.json").write_text(json.dumps(policy))
        (where / "allocations.json").write_text('{"version": 1, "allocations": []}')
        return subprocess.run([prefix / "bin/aif", "config", "check", where], capture_output=True, text=True, check=False)
    return run


@pytest.mark.parametrize("change", [*BAD, *GOOD], ids=json.dumps)
def test_schema_and_parser_agree(check, change):
    policy = {**copy.deepcopy(MINIMAL), **change}
    fine = change in GOOD
    done = check(policy)
    assert (done.returncode == 0) == fine, done.stdout + done.stderr
    assert validator("policy").is_valid(policy) == fine


@pytest.mark.parametrize("key", ["version", "cluster", "modes"])
def test_required_keys(check, key):
    policy = {name: value for name, value in MINIMAL.items() if name != key}
    assert check(policy).returncode == 1 and not validator("policy").is_valid(policy)
