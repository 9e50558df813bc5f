"""How many instructions a tap takes on the boards, and how long the picture of its answer."""

import statistics
import time
from pathlib import Path

from tests.harness.program import wait_until
from tests.qemu.drawing import DRAWING_LIMIT, drawing
from tests.qemu.instructions import Code, attributed, executed, has, traced
from tests.qemu.station import PATIENCE
from tests.qemu.terminal import A_TURN_OF_THE_LOOP

LIMIT = 60_000  # without cryptography
CRYPTOGRAPHY = ("mbedTLS", "protocol/crypto")
SHOWN = 5  # modules in the table
TAPS = 3
ASKED = 7.0  # seconds in which the screen that asks whether it was the other way has come and gone

READER_COMMAND = "rollcall::hal::pn532::Dialog::begin("
READER_BYTE = "rollcall::hal::pn532::FrameReader::put("
ACKNOWLEDGEMENT = 6  # bytes that the reader says before its answer
BYTES_CAME = "rollcall::hal::Pl011::on_interrupt("
TAKEN = "rollcall::firmware::Queue::append("
ANSWERED = "rollcall::hal::IndicatorPlayer::play("


class Trace:
    """One tap, from a trace that has all of it."""

    def __init__(self, code: Code, file: Path) -> None:
        self.code, self._executed = code, executed(file)
        taken = self._next(TAKEN, 0)
        byte = self._before(READER_COMMAND, self._before(READER_COMMAND, taken))  # behind a look its field is switched off
        for _ in range(ACKNOWLEDGEMENT + 1):
            byte = self._next(READER_BYTE, byte + 1)
        of_tap = self._executed[self._before(BYTES_CAME, byte):self._next(ANSWERED, taken)]
        turn = code.entries(A_TURN_OF_THE_LOOP)
        self.turns = sum(address in turn for address in of_tap)
        self.modules = attributed(code, of_tap)

    def _next(self, name: str, at: int) -> int:
        """Place of the first call of a function from there on."""
        entries = self.code.entries(name)
        return next(i for i in range(at, len(self._executed)) if self._executed[i] in entries)

    def _before(self, name: str, at: int) -> int:
        """Place of the last one."""
        entries = self.code.entries(name)
        return next(i for i in reversed(range(at)) if self._executed[i] in entries)


def without_cryptography(modules: dict[str, int]) -> int:
    return sum(count for name, count in modules.items() if name not in CRYPTOGRAPHY)


def tell(title: str, modules: dict[str, int]) -> None:
    total, left = sum(modules.values()), without_cryptography(modules)
    print(f"{title}: {total} instructions, {total - left} of them cryptography, {left} without")
    rows = sorted(((count, name) for name, count in modules.items() if name not in CRYPTOGRAPHY), reverse=True)
    for count, name in rows[:SHOWN]:
        print(f"    {name:24} {count:7}")


def test_a_tap_takes_few_instructions(station, delivered, fresh, tmp_path):
    """From the interrupt that brings the first byte of the reader's answer that names the card, to the call that lights
    the lamp and sounds the tone: read, sealed, stored, checked, told, answered, and every turn of the loop meanwhile, of
    which there are more when bytes come in more pieces. Its picture follows, which delays nobody."""
    code, file = Code(station.machine.image), tmp_path / "trace"
    station.hold(next(fresh))  # its queue has a unit with a key now
    station.line.wait_quiet()  # and its screens have come
    traces = []
    for _ in range(TAPS):
        station.wait_dark()
        if station.name == "touch":
            time.sleep(ASKED)
        with traced(station.machine, file):
            # The look that finds the card begins within the trace.
            wait_until(lambda: has(file, code, 2 * [READER_COMMAND]), PATIENCE, "the reader is looked at", every=0.05)
            station.cards.place(next(fresh))
            wait_until(lambda: has(file, code, [TAKEN, ANSWERED]), PATIENCE, "the card is answered", every=0.05)
        station.cards.remove()
        traces.append(Trace(code, file))
    trace = sorted(traces, key=lambda one: without_cryptography(one.modules))[TAPS // 2]
    tell(f"{station.name}: a tap, median of {TAPS}, {trace.turns} turns of the loop", trace.modules)
    delivered.wait(1 + TAPS)
    assert without_cryptography(trace.modules) < LIMIT


def test_an_answer_is_drawn_in_time(station, delivered, fresh):
    """A whole screen from storage: looked whether it is intact, unpacked, shown."""
    took = []
    for _ in range(TAPS):
        station.wait_dark()
        took.append(drawing(station.machine, lambda: station.cards.place(next(fresh))))
        station.cards.remove()
    delivered.wait(TAPS)
    print(f"{station.name}: a kept screen is drawn in {1000 * statistics.median(took):.0f} ms of a processor, median of {TAPS}")
    assert statistics.median(took) < DRAWING_LIMIT
