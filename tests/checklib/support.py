"""What tests/check found, version by version, kept in build/support.json; and the table that README.md shows of it."""

import fcntl
import json
import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
RESULTS = TOP / "build" / "support.json"
COLUMNS = {"build": "builds", "unit": "unit tests", "exports": "loads", "pytest": "cluster suite", "upgrade": "upgrade to it"}
BEGIN = "<!-- made by tests/support-table -->"
END = "<!-- end of what tests/support-table made -->"


def read(path=RESULTS):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def record(version, gate, tally):
    """A gate that is a column, whole: not of single tests."""
    if gate in COLUMNS:
        merge({version: {gate: {"passed": tally.passed, "failed": tally.failed, "skipped": tally.skipped}}})


def merge(results):
    """Newer results take the place of older ones, gate by gate."""
    RESULTS.parent.mkdir(exist_ok=True)
    with open(RESULTS.with_suffix(".lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = read()
        for version, gates in results.items():
            known.setdefault(version, {}).update(gates)
        RESULTS.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def cell(result):
    if not result:
        return "not run"
    if result["failed"]:
        return f"{result['failed']} of {result['passed'] + result['failed']} failed"
    return f"{result['passed']} passed" if result["passed"] else "not run"


def order(version):
    return [int(number) for number in re.findall(r"\d+", version)]


def table(results):
    rows = [f"| Slurm | {' | '.join(COLUMNS.values())} |", "|---" * (len(COLUMNS) + 1) + "|"]
    for version in sorted(results, key=order):
        rows.append(f"| {version} | {' | '.join(cell(results[version].get(gate)) for gate in COLUMNS)} |")
    return "\n".join(rows)


def write(readme, results):
    """Returns whether there was something to change. Raises ValueError when the file has no place for the table."""
    text = readme.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"{readme}: no place for the table: want one line \"{BEGIN}\" and one \"{END}\"")
    head, rest = text.split(BEGIN)
    new = f"{head}{BEGIN}\n{table(results)}\n{END}{rest.split(END)[1]}"
    readme.write_text(new, encoding="utf-8")
    return new != text
