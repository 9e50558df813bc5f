"""Runs suites one after the other, with a budget each."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from .counts import Counts

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
BUILD_LIMIT_MINUTES = 30  # of one preset from nothing, without a compiler cache
UNSTEADY_LIMIT = 3  # tests in a run that may need a second try


class SuiteError(Exception):
    """A suite could not be run to its end; the sentence says why."""


class Suite:
    """What a suite may use while it runs: commands with a deadline, and its counts."""

    def __init__(self, name: str, budget_minutes: float, full: bool) -> None:
        self.name = name
        self.full = full
        self.counts = Counts()
        self.build_seconds = 0.0
        self._end = time.monotonic() + budget_minutes * 60 * 2 * (4 if full else 1)

    @property
    def results(self) -> Path:
        folder = BUILD / "results"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def run(self, *command: str | Path, cwd: Path = ROOT, environment: dict[str, str] | None = None,
            keep_output: bool = False, seconds: float | None = None) -> tuple[int, str]:
        """Exit code and, with `keep_output`, what it wrote (which is shown as well). `seconds` takes the place of
        what is left of the suite's budget."""
        left = self._end - time.monotonic() if seconds is None else seconds
        if left <= 0:
            raise SuiteError("has used twice its budget")
        process = subprocess.Popen([str(c) for c in command], cwd=cwd, start_new_session=True,
                                   stdin=subprocess.DEVNULL, env=dict(os.environ, **(environment or {})),
                                   stdout=subprocess.PIPE if keep_output else None,
                                   stderr=subprocess.STDOUT if keep_output else None, text=keep_output)
        try:
            if keep_output:
                output, _ = process.communicate(timeout=left)
                print(output, end="", flush=True)
                return process.returncode, output
            return process.wait(timeout=left), ""
        except subprocess.TimeoutExpired:
            self._end_group(process)
            raise SuiteError(f"used twice its budget and was stopped in: {' '.join(map(str, command))}") from None
        except KeyboardInterrupt:
            self._end_group(process)
            raise

    @staticmethod
    def _end_group(process: subprocess.Popen) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)  # the session that this suite started, and no other
                process.wait(5)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
        process.wait()

    def build(self, preset: str, *targets: str) -> Path:
        """Its time has a limit of its own and is not the suite's: a first build takes minutes, the next seconds."""
        start = time.monotonic()
        code, _ = self.run("setup/build.sh", preset, *targets, seconds=BUILD_LIMIT_MINUTES * 60)
        took = time.monotonic() - start
        self.build_seconds += took
        self._end += took
        if code != 0:
            raise SuiteError(f"preset {preset} did not build")
        return BUILD / preset


def budgets() -> dict[str, float]:
    lines = (line.split() for line in (ROOT / "tests/budgets.txt").read_text().splitlines())
    return {words[0]: float(words[1]) for words in lines if words and words[0] != "#" and len(words) == 2}


def run_all(suites: dict, names: list[str], full: bool) -> int:
    allowed = budgets()
    total = Counts()
    rows = []
    for name in names:
        print(f"\n=== {name} (budget {allowed[name]:g} min)", flush=True)
        start = time.monotonic()
        suite = Suite(name, allowed[name], full)
        try:
            suites[name](suite)
        except SuiteError as error:
            suite.counts.one(f"{name}: {error}", False)
        except KeyboardInterrupt:
            print("\nstopped by Ctrl-C", file=sys.stderr)
            return 130
        building = suite.build_seconds / 60
        minutes = (time.monotonic() - start) / 60 - building
        if minutes > 2 * allowed[name] and not full:
            suite.counts.one(f"{name}: took {minutes:.1f} min, more than twice its budget", False)
        if suite.counts.passed + suite.counts.failed == 0:
            suite.counts.one(f"{name}: ran no test", False)
        total += suite.counts
        rows.append((name, suite.counts, minutes, allowed[name], building))

    if len(total.unsteady) > UNSTEADY_LIMIT:
        total.one(f"{len(total.unsteady)} tests needed a second try; {UNSTEADY_LIMIT} may", False)

    print(f"\n{'suite':<13}{'passed':>8}{'failed':>8}{'minutes':>9}{'budget':>8}{'build':>8}")
    for name, counts, minutes, budget, building in rows:
        print(f"{name:<13}{counts.passed:>8}{counts.failed:>8}{minutes:>9.1f}{budget:>8g}{building:>8.1f}")
    for title, names_of in (("failed", total.failures), ("had not enough time, passed when run once more", total.unsteady)):
        if names_of:
            print(f"\n{title}:")
            for one in names_of:
                print(f"  {one}")
    print(f"\n{total.passed} passed, {total.failed} failed")
    return 1 if total.failed else 0
