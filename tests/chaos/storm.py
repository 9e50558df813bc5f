"""A storm: many terminals tap without pause while the daemon is killed again and again."""

import random
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from judge import Shown

from tests.harness.program import ProgramError
from tests.harness.site import EXAMPLE, Programs, Site

FIU = Path("/usr/lib/fiu/fiu_run_preload.so")
FAIL_POINTS = ("before-commit", "commit-to-answer", "answer-to-batch", "post-to-receipt")


@dataclass
class Plan:
    seed: int
    terminals: int = 50
    taps: int = 60             # of each terminal
    rate: float = 1.5          # taps a second of each terminal
    random_kills: int = 20
    hits_per_point: int = 3
    faults: tuple[str, ...] = ()    # options of the case system
    broken: str | None = None       # a fail point that makes the daemon lie, on after each start


@dataclass
class Outcome:
    shown: Shown
    delivered: Counter
    hits: Counter          # deaths at each fail point, as the daemon wrote them
    kills: int
    seconds: float
    log: str


class Storm:
    def __init__(self, folder: Path, plan: Plan) -> None:
        self._plan = plan
        self._folder = folder
        self._random = random.Random(plan.seed)
        self._site = Site(folder, Programs("chaos"))
        self._fail_log = folder / "fail.log"
        self._report = folder / "report.jsonl"
        self._kills = 0
        self._site.daemon_environment = {
            "LD_PRELOAD": str(FIU), "ROLLCALL_FAIL_LOG": str(self._fail_log),
            "FIU_CTRL_FIFO": str(folder / "fiu"),
        }
        serials = [f"STORM-{number:03}" for number in range(1, plan.terminals + 1)]
        self._site.places = [
            {"serial": serial, "room": "Room Senne", "mode": "training"} for serial in serials]
        # Nothing may be hidden by patience: batches close and retries come quickly.
        self._site.settings["delivery"] |= {"batch_age": "50ms", "retry_first": "20ms", "retry_max": "500ms",
                                            "timeout": "3s", "batch_events": 200}

    def run(self) -> Outcome:
        plan, site = self._plan, self._site
        start = time.monotonic()
        with site:
            site.start_case_system("--seed", str(plan.seed), *plan.faults)
            self._start_daemon()
            crowd = site.start_crowd("STORM", "--count", str(plan.terminals), "--rate", str(plan.rate),
                                     "--taps", str(plan.taps), "--seed", str(plan.seed), "--drain", "120",
                                     "--cards", EXAMPLE / "cards.csv", "--report", "json",
                                     "--report-file", self._report)
            crowd.wait_ready(lambda: self._report.exists() and self._report.stat().st_size)
            self._kill_again_and_again()
            # Peace: the terminals finish, hand over what they queued, and leave by themselves.
            left = plan.taps / plan.rate + 150
            if crowd.wait(left) != 0:
                raise ProgramError(f"the terminals ended with {crowd.exit_code}: {crowd.last_words()}")
            shown = Shown.read(self._report)
            self._wait_until_delivered(len(shown.lights))
            return Outcome(shown, site.received.taps(), self._hits(), self._kills, time.monotonic() - start,
                           crowd.last_words(40))

    def _kill_again_and_again(self) -> None:
        deaths = ["random"] * self._plan.random_kills + list(FAIL_POINTS) * self._plan.hits_per_point
        self._random.shuffle(deaths)
        for death in deaths:
            daemon = self._site.daemon
            time.sleep(self._random.uniform(0.05, 0.8))
            if death == "random":
                daemon.kill()
            else:
                self._enable(death)
                code = daemon.wait(20)
                if code != -9:
                    raise ProgramError(f"the daemon ended with {code} instead of dying at {death}: "
                                       f"{daemon.last_words()}")
            self._kills += 1
            self._start_daemon()

    def _start_daemon(self) -> None:
        self._site.start_daemon()
        if self._plan.broken:
            self._enable(self._plan.broken)

    def _enable(self, point: str) -> None:
        done = subprocess.run(["fiu-ctrl", "-f", str(self._folder / "fiu"), "-c", f"enable name={point}",
                               str(self._site.daemon.pid)], capture_output=True, text=True, timeout=10)
        if done.returncode != 0 and self._site.daemon.running():
            raise ProgramError(f"fiu-ctrl could not enable {point}: {done.stderr.strip()}")

    def _hits(self) -> Counter:
        if not self._fail_log.exists():
            return Counter()
        return Counter(line.split()[0] for line in self._fail_log.read_text().splitlines())

    def _wait_until_delivered(self, taps: int) -> None:
        """Until all taps are there, or nothing has arrived for five seconds: then the judge decides."""
        seen, since = -1, time.monotonic()
        while seen < taps and time.monotonic() - since < 5:
            now = len(self._site.received.taps())
            if now != seen:
                seen, since = now, time.monotonic()
            time.sleep(0.2)
