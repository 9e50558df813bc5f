"""How many tests passed and failed, taken from what each runner writes."""

import re
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field
from pathlib import Path

REASON_LENGTH = 160  # characters of a failure's own words that are shown beside its name


@dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    failures: list[str] = field(default_factory=list)

    def __iadd__(self, other: "Counts") -> "Counts":
        self.passed += other.passed
        self.failed += other.failed
        self.failures += other.failures
        return self

    def one(self, name: str, passed: bool) -> None:
        """A check that is one test."""
        if passed:
            self.passed += 1
        else:
            self.failed += 1
            self.failures.append(name)


def from_junit(file: Path) -> Counts:
    """JUnit XML as ctest and pytest write it; skipped tests count as neither."""
    counts = Counts()
    for case in xml.parse(file).getroot().iter("testcase"):
        if case.find("skipped") is not None or case.get("status") in ("disabled", "notrun"):
            continue
        broken = [found for kind in ("failure", "error") if (found := case.find(kind)) is not None]
        reason = broken[0].get("message", "").partition("\n")[0] if broken else ""
        counts.one(case.get("name", "?") + (f": {reason[:REASON_LENGTH]}" if reason else ""), not broken)
    return counts


def from_node(output: str) -> Counts:
    """The closing lines of `node --test`: "# pass 5" or, in newer versions, "ℹ pass 5"."""
    def number(word: str) -> int:
        found = re.findall(rf"^[#ℹ] {word} (\d+)$", output, re.MULTILINE)
        return int(found[-1]) if found else 0

    names = re.findall(r"^\s*(?:not ok \d+ -|✖) (.+?)(?: \([\d.]+ms\))?$", output, re.MULTILINE)
    return Counts(number("pass"), number("fail") + number("cancelled"), list(dict.fromkeys(names)))


def from_tap(output: str) -> Counts:
    """Lines "ok - name" and "not ok - name" of our own checks."""
    counts = Counts()
    for broken, name in re.findall(r"^(not )?ok - (.+)$", output, re.MULTILINE):
        counts.one(name, not broken)
    return counts
