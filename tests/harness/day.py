"""Plays one day of an example site: both terminals follow their scripts while the clock jumps."""

import csv
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from . import script
from .program import ProgramError, wait_until
from .site import EXAMPLE, Site

# The daemon offers an assessment only where nobody tapped in the last seconds (daemon/terminals/README.md).
NOBODY_WAITS = 4.3

OFFER_ENDED = ("assessment.completed", "assessment.declined", "assessment.abandoned")


@dataclass
class DayTable:
    """What became of a day, counted from the terminals' reports and the case system's database."""

    day: date
    taps: int = 0                  # scripted
    delivered: int = 0             # taps with exactly one tap.recorded at the case system
    repeats: int = 0               # of these: the same card again within the window
    waiting: Counter = field(default_factory=Counter)       # of these: waiting for staff, by reason
    assessments: Counter = field(default_factory=Counter)   # of the day, by what became of them
    events: int = 0                # of the day, in the site's log
    events_delivered: int = 0      # with a receipt
    green_ms: list[int] = field(default_factory=list)
    lights: Counter = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def percentile(self, percent: int) -> int:
        values = sorted(self.green_ms)
        return values[max(0, -(-len(values) * percent // 100) - 1)] if values else 0

    def text(self) -> str:
        done = ", ".join(f"{count} {what}" for what, count in self.assessments.items()) or "none"
        waiting = ", ".join(f"{count} {reason}" for reason, count in self.waiting.items())
        rows = [
            ("day played", f"{self.day:%A %d %B %Y}"),
            ("taps", f"{self.taps}   ({self.lights['green']} green, {self.lights['amber']} amber)"),
            ("taps delivered", f"{self.delivered}"),
            ("repeat taps ignored", f"{self.repeats}"),
            ("waiting for staff", f"{self.waiting.total()}" + (f"   ({waiting})" if waiting else "")),
            ("assessments", done),
            ("events", f"{self.events}"),
            ("events delivered", f"{self.events_delivered}"),
            ("tap to green", f"p50 {self.percentile(50)} ms, p99 {self.percentile(99)} ms"),
        ]
        return "\n".join(f"  {name:<21}{value}" for name, value in rows)


class Day:
    """One played day on a running site."""

    def __init__(self, site: Site, day: date, example: Path = EXAMPLE, progress=lambda line: None) -> None:
        self._site = site
        self._day = day
        self._progress = progress
        answered = self._cards_of_people_who_answered(example)
        self._scripts = {serial: script.without_touches_after(script.read(example / "day" / f"{serial}.script"), answered)
                         for serial in site.serials}
        self._last_tap = dict.fromkeys(site.serials, float("-inf"))
        self._events_before = self._events()
        self._connected_before = self._connected()

    def play(self) -> DayTable:
        site = self._site
        for serial, blocks in self._scripts.items():
            played = self._file(serial, "script")
            played.parent.mkdir(exist_ok=True)
            script.write(played, blocks)
            site.start_terminal(serial, "--script", played, "--report-file", self._file(serial, "report"))
        expected = dict.fromkeys(site.serials, 0)
        order = sorted(((block.at, serial, block) for serial, blocks in self._scripts.items() for block in blocks),
                       key=lambda entry: entry[:2])
        hour = -1
        for at, serial, block in order:
            if at.hour != hour:
                hour = at.hour
                self._progress(f"{hour:02}:00, {sum(expected.values())} taps so far")
            self._step(serial, block, expected)
        self._finish()
        return self._judge()

    # One block ------------------------------------------------------------------------------------

    def _step(self, serial: str, block: script.Block, expected: dict[str, int]) -> None:
        terminal = self._site.terminals[serial]
        ended_before = self._offers_ended()
        if block.answers():
            time.sleep(max(0.0, self._last_tap[serial] + NOBODY_WAITS - time.monotonic()))
        self._site.clock.set(self._day, block.at)
        expected[serial] += len(block.cards())
        wait_until(lambda: self._shown(serial) >= expected[serial] or not terminal.running(), 30,
                   f"{serial} shows something for its tap of {block.at}", every=0.01)
        if self._shown(serial) < expected[serial]:
            raise ProgramError(f"the script of {serial} ended at {block.at} (exit code {terminal.exit_code}): "
                               f"{terminal.last_words()}")
        if block.cards():
            self._last_tap[serial] = time.monotonic()
        if block.answers():
            wait_until(lambda: self._offers_ended() > ended_before, 30,
                       f"the assessment offered at {block.at} at {serial} is answered or put off")

    def _finish(self) -> None:
        """The terminals leave when their queues are empty; then every event gets its receipt."""
        for serial, terminal in self._site.terminals.items():
            if terminal.wait(60) != 0:
                raise ProgramError(f"the script of {serial} failed: {terminal.last_words()}")
        self._site.terminals = {}
        received = self._site.received

        def all_answered() -> bool:
            all_left = self._connected() == self._connected_before
            return all_left and received.count() + len(received.rejected()) >= self._events()

        wait_until(all_answered, 60, "every event gets its receipt", every=0.2)

    # What happened --------------------------------------------------------------------------------

    def _file(self, serial: str, kind: str) -> Path:
        return self._site.folder / "days" / f"{self._day}-{serial}.{kind}"

    def _shown(self, serial: str) -> int:
        file = self._file(serial, "report")
        return file.read_bytes().count(b'"type":"tap"') if file.exists() else 0

    def _events(self) -> int:
        return self._site.query("SELECT count(*) FROM log")[0][0]

    def _connected(self) -> int:
        """Connections whose end the daemon has not written."""
        count = "SELECT count(*) FROM log WHERE type = ?"
        came, went = (self._site.query(count, f"terminal.{kind}")[0][0] for kind in ("connected", "disconnected"))
        return came - went

    def _offers_ended(self) -> int:
        kinds = ", ".join(f"'{kind}'" for kind in OFFER_ENDED)
        return self._site.query(f"SELECT count(*) FROM log WHERE type IN ({kinds})")[0][0]

    def _cards_of_people_who_answered(self, example: Path) -> set[str]:
        answered = {e["subject"] for e in self._site.received.events("assessment.completed")}
        with open(example / "cards.csv", newline="") as file:
            return {row["card"] for row in csv.DictReader(file) if row["person"] in answered}

    def _judge(self) -> DayTable:
        """Every scripted tap is delivered, and says why if it is a repeat or waits for staff."""
        table = DayTable(self._day)
        table.taps = sum(len(block.cards()) for blocks in self._scripts.values() for block in blocks)
        recorded: dict[tuple, list[dict]] = {}
        for event in self._site.received.events("tap.recorded"):
            data = event["data"]
            recorded.setdefault((data["terminal"], data["tap"]["epoch"], data["tap"]["number"]), []).append(data)
        shown = 0
        for serial in self._site.serials:
            for line in self._file(serial, "report").read_text().splitlines():
                entry = json.loads(line)
                if entry["type"] == "tap":
                    shown += 1
                    self._judge_tap(table, entry, recorded.get((serial, entry["epoch"], entry["number"]), []))
        if shown != table.taps:
            table.problems.append(f"{table.taps} taps are scripted and the terminals report {shown}")

        table.assessments = Counter(kind.removeprefix("assessment.") for kind in self._kinds_of_today())
        # What an earlier run left in the outbox is delivered now; nothing may be left over at the end.
        missing = self._events() - self._site.received.count()
        table.events = self._events() - self._events_before
        table.events_delivered = table.events - missing
        if missing:
            rejected = Counter(event["reason"] for event in self._site.received.rejected())
            table.problems.append(f"{missing} events were not accepted: {dict(rejected)}")
        for where, holes in (("tap numbers", self._site.received.tap_number_holes()),
                             ("sequence numbers", self._site.received.sequence_holes())):
            if holes:
                table.problems.append(f"the case system's {where} have holes: {holes}")
        return table

    @staticmethod
    def _judge_tap(table: DayTable, entry: dict, delivered: list[dict]) -> None:
        table.lights[entry["light"]] += 1
        if entry["light"] == "green":
            table.green_ms.append(entry["shown_ms"])
        if len(delivered) != 1:
            table.problems.append(f"tap {entry['number']} of {entry['serial']} was shown as {entry['outcome']} and "
                                  f"delivered {len(delivered)} times")
            return
        table.delivered += 1
        tap = delivered[0]
        if tap["outcome"] == "repeat":
            table.repeats += 1
        elif tap["outcome"] == "see_staff":
            table.waiting["a phone or bank card" if tap["reading"] == "uid_random" else "card nobody knows"] += 1

    def _kinds_of_today(self) -> list[str]:
        """Of the assessments' ends, by the local day on which they ended."""
        start = self._site.clock.midnight(self._day) * 1000
        kinds = ", ".join(f"'{kind}'" for kind in OFFER_ENDED)
        return [kind for (kind,) in self._site.query(f"SELECT type FROM log WHERE type IN ({kinds}) AND recorded_ms >= {start}")]
