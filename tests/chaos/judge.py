"""Judges a run: what the terminals showed against what the case system holds.

Both sides are read from outside: the terminals' own report and the case system's database.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

Tap = tuple[str, str, int]  # terminal, epoch, number


@dataclass
class Shown:
    """What the terminals told the people."""

    lights: dict[Tap, str] = field(default_factory=dict)
    not_recorded: int = 0  # taps that were visibly refused; nobody was told they are safe

    @classmethod
    def read(cls, report: Path) -> "Shown":
        shown = cls()
        for line in report.read_text().splitlines():
            entry = json.loads(line)
            if entry["type"] != "tap":
                continue
            if entry["number"] is None:
                shown.not_recorded += 1
                continue
            tap = (entry["serial"], entry["epoch"], entry["number"])
            assert tap not in shown.lights, f"the terminal used the identity {tap} twice"
            shown.lights[tap] = entry["light"]
        return shown

    def promised(self) -> set[Tap]:
        return {tap for tap, light in self.lights.items() if light in ("green", "amber")}


def problems(shown: Shown, delivered: Counter) -> list[str]:
    """Empty when every promise was kept and nothing was invented.

    `delivered`: how often each tap arrived as tap.recorded.
    """
    found = []
    lost = sorted(tap for tap in shown.promised() if tap not in delivered)
    twice = sorted(tap for tap, times in delivered.items() if times > 1)
    invented = sorted(tap for tap in delivered if tap not in shown.lights)
    green = [tap for tap in lost if shown.lights[tap] == "green"]
    if lost:
        found.append(f"{len(lost)} taps were shown and not delivered ({len(green)} of them green), first {lost[0]}")
    if twice:
        found.append(f"{len(twice)} taps were delivered more than once, first {twice[0]}")
    if invented:
        found.append(f"{len(invented)} taps were delivered and never taken, first {invented[0]}")

    highest: Counter = Counter()
    for terminal, epoch, number in shown.lights:
        highest[terminal, epoch] = max(highest[terminal, epoch], number)
    holes = [(terminal, epoch, number) for (terminal, epoch), last in highest.items()
             for number in range(1, last + 1) if (terminal, epoch, number) not in delivered]
    if holes:
        found.append(f"{len(holes)} holes in the numbers of {len({h[:2] for h in holes})} terminals, first {holes[0]}")
    return found
