"""QEMU is killed, the storage stays: what a terminal has acknowledged is delivered, once, as it was."""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from tests.qemu.live.conftest import FULL
from tests.qemu.station import PATIENCE, Station

CYCLES = 200 if FULL else 50  # on each board
APART = 10  # seconds between our clock and that of a board in QEMU: it lags on a busy machine and runs ahead on a quick one
LATEST = 2  # times as long as the answer to a card takes on this machine


def test_tap_of_a_start_without_a_host_keeps_its_number_and_its_doubt(station, delivered, fresh):
    station.site.daemon.stop()
    known = station.boot()
    station.cut_power()
    on, earliest = time.monotonic(), time.time()
    station.switch_on()
    assert station.hold(next(fresh)) == "amber"
    within, latest = time.monotonic() - on, time.time()
    station.cut_power()
    station.switch_on()
    station.site.start_daemon()
    station.wait_connected()
    [tap] = delivered.wait(1)
    when = tap["data"]["time"]
    assert station.boot() == known + 2
    assert not tap["data"]["live"]
    assert when["trust"] == "unproven" and when["wall"] is None
    assert when["boot"] == known + 1
    assert 0 < when["monotonic_ms"] < 1000 * (within + APART)
    not_before, not_after = (datetime.fromisoformat(when[side]).timestamp() for side in ("not_before", "not_after"))
    assert not_before <= latest + APART and earliest - APART <= not_after


def test_tap_while_the_host_is_away_keeps_its_time(station, delivered, fresh):
    station.site.daemon.stop()
    boot, before = station.boot(), time.time()
    assert station.hold(next(fresh)) == "amber"
    after = time.time()
    station.cut_power()
    station.switch_on()
    station.site.start_daemon()
    station.wait_connected()
    [tap] = delivered.wait(1)
    when = tap["data"]["time"]
    assert when["boot"] == boot
    told = datetime.fromisoformat(when["wall"]).timestamp()
    assert before - APART <= told <= after + APART


class Storm:
    """Cards are held to a terminal that loses its power at random moments. Its lamp says what it acknowledged."""

    def __init__(self, station: Station, cards: list[str], seed: int) -> None:
        self.station, self.cards, self.random = station, cards, random.Random(seed)
        self.held: Counter[str] = Counter()
        self.acknowledged: Counter[str] = Counter()

    def run(self, cycles: int) -> int:
        """At least so many cuts; more, until some taps were acknowledged before theirs. How many they were."""
        ways = [self._card_is_there, self._card_comes]
        took = [self._cycle(way, self.cards[0], PATIENCE) for way in ways]  # to its end, both ways
        for cycle in range(3 * cycles):
            if cycle >= cycles and self.acknowledged.total() > cycles / 10:
                return cycle
            which = 0 if self.random.random() < 0.75 else 1
            card = self.cards[cycle % len(self.cards)]
            lit = self._cycle(ways[which], card, took[which] * self.random.uniform(0, LATEST))
            if lit:
                took[which] = (3 * took[which] + lit) / 4
        return 3 * cycles

    def _cycle(self, way: Callable[[str], None], card: str, seconds: float) -> float | None:
        """Cuts the power so long after the beginning; when the lamp answered, if it did."""
        self.station.cut_power()
        self.station.cards.remove()
        self.held[card] += 1
        way(card)
        begun, lit = time.monotonic(), None
        while not lit and time.monotonic() - begun < seconds:
            if self.station.lit():
                lit = time.monotonic() - begun
        if lit:
            self.acknowledged[card] += 1
            time.sleep(min(max(0.0, seconds - lit), self.random.uniform(0, 0.5)))  # its acknowledgement, its removal
        return lit

    def _card_is_there(self, card: str) -> None:
        self.station.cards.place(card)
        self.station.switch_on()

    def _card_comes(self, card: str) -> None:
        self.station.switch_on()
        self.station.wait_connected()
        self.station.cards.place(card)


def test_kills_at_random_moments_lose_and_double_nothing(station, delivered, people):
    seed = int(os.environ.get("ROLLCALL_SEED") or random.randrange(1 << 32))
    print(f"{station.name}: ROLLCALL_SEED={seed}")
    storm = Storm(station, list(people), seed)
    begun = time.monotonic()
    cuts = storm.run(CYCLES)
    seconds = time.monotonic() - begun
    station.cut_power()
    station.cards.remove()
    station.switch_on()
    station.wait_connected()
    station.wait_for(lambda: station.waiting() == 0, "has told all its taps")
    arrived = Counter(tap["subject"] for tap in delivered.wait(station.recorded() - delivered.before))
    print(f"{station.name}: {cuts} power cuts in {seconds:.0f} s, {storm.acknowledged.total()} taps acknowledged, "
          f"{arrived.total()} delivered")
    assert storm.acknowledged.total() > CYCLES / 10, "the kills came too early to tell anything"
    for card, person in people.items():
        assert storm.acknowledged[card] <= arrived[person] <= storm.held[card], f"{card}, ROLLCALL_SEED={seed}"
