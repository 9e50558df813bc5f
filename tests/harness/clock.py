"""Played time: wall clocks of unmodified programs jump to the time of each step, libfaketime does it.

All programs of a site share one file that holds the distance to the machine's own clock. Monotonic
time stays real, so timeouts, retries and answer times are what they are.
"""

import glob
import os
import time
from datetime import date, datetime, time as time_of_day, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

FIRST_DAY = date(2026, 3, 2)  # a Monday
TIMERS = Path(__file__).resolve().parents[2] / "build/release/tests/harness/librollcall-played-timers.so"
EARLY = time_of_day(6, 30)  # when a played day begins: before anybody comes


def library() -> str:
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not found:
        raise RuntimeError("libfaketime is not installed; run setup/install.sh run")
    return found[0]


def preload() -> dict[str, str]:
    earlier = os.environ.get("LD_PRELOAD", "")
    return {"LD_PRELOAD": f"{TIMERS} {library()} {earlier}".strip()}


def morning_zone() -> str:
    """A timezone in which it is about ten o'clock now: in the middle of the example site's morning, where no half-day
    that ends turns an arrival into a departure. For sites on the machine's own clock."""
    ahead = 10 - time.gmtime().tm_hour
    ahead = ahead if ahead >= -12 else ahead + 24
    return f"Etc/GMT{-ahead:+d}"  # POSIX: west of Greenwich is positive


def working_day(number: int) -> date:
    """The played day with this number, from 0: Mondays to Fridays only."""
    weeks, day = divmod(number, 5)
    return FIRST_DAY + timedelta(weeks=weeks, days=day)


class PlayedClock:
    """The wall clock of a played site. It never goes back."""

    def __init__(self, file: Path, timezone: str) -> None:
        self._file = file
        self._zone = ZoneInfo(timezone)
        self._distance = float("-inf")

    def set(self, day: date, at: time_of_day) -> None:
        """Jumps to local time `at` of `day`, unless the clock already shows a later time."""
        wanted = datetime.combine(day, at, self._zone).timestamp()
        self.set_distance(max(wanted - time.time(), self._distance))

    def set_distance(self, seconds: float) -> None:
        """`seconds` ahead (or behind, when negative) of the machine's clock."""
        self._distance = seconds
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{seconds:+.3f}\n")
        fresh.replace(self._file)

    def midnight(self, day: date) -> int:
        """Unix time at which local `day` begins."""
        return int(datetime.combine(day, time_of_day(), self._zone).timestamp())

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time() + self._distance, self._zone)

    def environment(self) -> dict[str, str]:
        return {
            **preload(),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "TZ": self._zone.key,  # scripts of terminals speak of local time
        }
