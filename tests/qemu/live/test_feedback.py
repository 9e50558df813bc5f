"""From the last byte of the host's answer on the line to the light of the lamp."""

import statistics
import time

from tests.harness.line import of_type
from tests.harness.wire.frames import FrameType
from tests.qemu.live.test_live import a_tap

TIMES = 10
LIMIT = 0.1  # seconds


def test_light_follows_the_answer(station, delivered, people):
    took = []
    for card in list(people)[-TIMES:]:  # others begin with the first
        station.wait_dark()
        placed = time.monotonic()
        station.cards.place(card)
        light = station.wait_for(station.lit, "answers")
        lit = time.monotonic()
        station.cards.remove()
        assert light in ("green", "amber")
        tap = station.line.to_daemon.wait_frame(a_tap, after=placed)
        answer = station.line.to_terminal.wait_frame(of_type(FrameType.DATA), after=tap.ended)
        took.append(lit - answer.ended)
    delivered.wait(TIMES)
    print(f"{station.name}: from the host's answer to the light, median of {TIMES}: "
          f"{statistics.median(took) * 1000:.0f} ms, at most {max(took) * 1000:.0f} ms")
    assert statistics.median(took) < LIMIT
