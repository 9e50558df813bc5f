"""How many tests passed and failed, taken from what each runner writes."""

import re
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field
from pathlib import Path

REASON_LENGTH = 400  # characters of a failure's own words that are shown beside its name
WAITED = re.compile(r"in vain|TimeoutError|TimeoutExpired|timed out|waited [0-9.]+ s")
MAY_BE_A_LOSS = re.compile(r"\btaps?\b|\bevents?\b|arriv|deliver|record", re.IGNORECASE)  # what was waited for
A_PROGRAM_S_OWN_FAULT = re.compile(r"Sanitizer|runtime error:|SEGFAULT|SIGABRT|Subprocess aborted|terminate called")


@dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    failures: list[str] = field(default_factory=list)
    unsteady: list[str] = field(default_factory=list)  # failed for want of time, and passed when run once more

    def __iadd__(self, other: "Counts") -> "Counts":
        self.passed += other.passed
        self.failed += other.failed
        self.failures += other.failures
        self.unsteady += other.unsteady
        return self

    def one(self, name: str, passed: bool) -> None:
        """A check that is one test."""
        if passed:
            self.passed += 1
        else:
            self.failed += 1
            self.failures.append(name)


def from_junit(file: Path, with_suite: bool = False) -> Counts:
    """JUnit XML as ctest, pytest and GoogleTest write it; skipped tests count as neither. `with_suite`: names as
    GoogleTest's filter has them."""
    counts = Counts()
    for case in xml.parse(file).getroot().iter("testcase"):
        if case.find("skipped") is not None or case.get("status") in ("disabled", "notrun"):
            continue
        broken = [found for kind in ("failure", "error") if (found := case.find(kind)) is not None]
        reason = broken[0].get("message", "").partition("\n")[0] if broken else ""
        name = f"{case.get('classname')}.{case.get('name')}" if with_suite else case.get("name", "?")
        counts.one(name + (f": {reason[:REASON_LENGTH]}" if reason else ""), not broken)
    return counts


def for_want_of_time(file: Path) -> bool:
    """Whether every failure that ctest or pytest wrote there may be the machine's: a wait that came to its end, but
    never one for a tap or an event, which may be lost; or, of a unit test, which says no more than that it failed,
    neither a crash nor a sanitizer's report."""
    def may_be(case: xml.Element) -> bool:
        broken = [found for kind in ("failure", "error") if (found := case.find(kind)) is not None]
        if not broken:
            return True
        reason = broken[0].get("message", "").partition("\n")[0]
        whole = "".join(part.text or "" for part in [*broken, *case.iter("system-out")]) + reason
        waited = WAITED.search(reason) and not MAY_BE_A_LOSS.search(reason)
        return bool(waited or case.get("status") == "fail") and not A_PROGRAM_S_OWN_FAULT.search(whole)

    return all(map(may_be, xml.parse(file).getroot().iter("testcase")))


def after_second_try(first: Counts, second: Counts) -> Counts:
    """Of a suite whose failed tests were run once more: what passed then has passed, and is named."""
    if second.passed + second.failed != first.failed:
        return first
    again = {failure.partition(": ")[0] for failure in second.failures}
    unsteady = [failure for failure in first.failures if failure.partition(": ")[0] not in again]
    return Counts(first.passed + len(unsteady), len(second.failures), second.failures, unsteady)


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
