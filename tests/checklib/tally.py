"""Counts of tests, and the reasons of what failed or was skipped."""

import dataclasses
import re


@dataclasses.dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    notes: list = dataclasses.field(default_factory=list)

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.notes += other.notes

    def line(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def one_passed():
    return Tally(passed=1)


def one_failed(note):
    return Tally(failed=1, notes=[f"FAILED {note}"])


def one_skipped(note):
    return Tally(skipped=1, notes=[f"SKIPPED {note}"])


def from_line(text):
    """The tally of a last line `N passed, N failed, N skipped`, None if `text` is no such line."""
    match = re.fullmatch(r"(\d+) passed, (\d+) failed, (\d+) skipped", text.strip())
    return Tally(*map(int, match.groups())) if match else None
