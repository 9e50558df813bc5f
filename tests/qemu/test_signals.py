"""What lamp and buzzer of the boards say, decoded from their registers: each answer as the firmware's table declares it,
and no two alike."""

import itertools
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.harness.wire.messages import Op, Outcome
from tests.qemu import card_image, flash_image
from tests.qemu.badge import Badge
from tests.qemu.cards import Cards
from tests.qemu.conftest import SERIAL, TOUCH_SERIAL
from tests.qemu.feedback import declared
from tests.qemu.machine import PATIENCE
from tests.qemu.signals import TIMESTAMPS, BadgeRegisters, TouchRegisters, durations, recorded
from tests.qemu.terminal import Terminal
from tests.qemu.touch import Touch

SYNCED = 2
WATCHED = 2.0  # seconds: an answer stays for 1.2 of the board's clock, which lags on a busy machine
DEADLINE = 2.0  # seconds: the terminal waits 1.5 for an answer, likewise
HERTZ = 0.01  # share by which a pitch may be off
ATTEMPTS = 5
DECLARED = declared()
Steps = Sequence[tuple[str | int, float]]  # what for how many ms


class BadgeKind:
    board, registers, serial, storage = Badge, BadgeRegisters, SERIAL, card_image
    late = 12  # ms of its own clock: a picture that is drawn holds the loop up
    has_pitch = True


class TouchKind:
    board, registers, serial, storage = Touch, TouchRegisters, TOUCH_SERIAL, flash_image
    late = 30  # ms of the host, which has other work too
    has_pitch = False


@contextmanager
def switched_on(kind, keys: tuple[bytes, ...] = ()):
    """The board and its reader; with keys it belongs to a site."""
    with tempfile.TemporaryDirectory(prefix="rollcall-") as place:  # names of sockets must be short
        folder = Path(place)
        file = folder / "storage"
        if keys:
            kind.storage.of_a_site(file, kind.serial, *keys)
        else:
            kind.storage.from_factory(file, kind.serial)
        with Cards(folder / "reader") as cards:
            machine = kind.board(file, reader=cards.address)
            machine.arguments += TIMESTAMPS
            with machine:
                yield Watch(kind, machine, cards, folder / "trace")


class Watch:
    """`seen`: light and tone of each answer that was watched."""

    def __init__(self, kind, machine: Terminal, cards: Cards, file: Path) -> None:
        self.kind, self.machine, self.cards, self.file = kind, machine, cards, file
        self.seen: dict[str, tuple[list, list]] = {}
        self._numbers = itertools.count(0x11223300)

    def place(self) -> None:
        """A card that was not there before."""
        self.cards.place(f"{next(self._numbers):08x}")

    def __call__(self, name: str, cause: Callable[[], None], wait: Callable[[float], object]) -> None:
        """Causes an answer until it is as declared: the host may have had no time for QEMU. `wait` passes seconds."""
        light, tone = DECLARED[name].light, DECLARED[name].tone
        if not self.kind.has_pitch:
            tone = together([(int(hertz != 0), ms) for hertz, ms in tone])
        for _ in range(ATTEMPTS):
            with recorded(self.machine, self.kind.registers(), self.file) as signals:
                cause()
                wait(WATCHED)
            self.cards.remove()
            wait(0.15)  # a look later it is gone
            seen = durations(signals.light), durations(signals.tone)
            if alike(light, seen[0], self.kind.late) and alike(tone, seen[1], self.kind.late):
                print(f"{self.machine.image.stem}, {name}: {told(seen[0])}; {told(seen[1])}")
                self.seen[name] = seen
                return
        pytest.fail(f"{name}: {told(seen[0])}; {told(seen[1])} and not {told(light)}; {told(tone)}")


def alike(one: Steps, other: Steps, late: float) -> bool:
    return len(one) == len(other) and all(
        abs(ms - other_ms) <= late and (what == other_what or same_pitch(what, other_what))
        for (what, ms), (other_what, other_ms) in zip(one, other))


def same_pitch(one: str | int, other: str | int) -> bool:
    return isinstance(one, int) and isinstance(other, int) and abs(one - other) <= HERTZ * one


def together(steps: Steps) -> list:
    """One step for several of the same."""
    return [(what, sum(ms for _, ms in group)) for what, group in itertools.groupby(steps, lambda step: step[0])]


def without_colour(steps: Steps) -> Steps:
    return [("off" if what == "off" else "lit", ms) for what, ms in steps]


def told(steps: Steps) -> str:
    return ", ".join(f"{what} {ms:.0f} ms" for what, ms in steps) or "nothing"


@pytest.mark.parametrize("kind", [BadgeKind, TouchKind], ids=["badge", "touch"])
def test_each_answer_looks_and_sounds_as_declared_and_no_two_alike(kind, link_key, site_key):
    with switched_on(kind, (link_key, site_key)) as watch:
        host = watch.machine.host({kind.serial: link_key})
        host.take(Op.TERMINAL_STATE, seconds=PATIENCE)
        host.send([Op.WELCOME, 1_700_000_000_000, SYNCED, 1, site_key, 0])
        host.closed_within(1)

        def answered(outcome: Outcome | None) -> None:
            watch.place()
            tap = host.receive(Op.TAP, seconds=PATIENCE)
            if outcome:
                host.send([Op.ANSWER, tap[1], tap[2], outcome])
            else:
                host.closed_within(DEADLINE)

        def two_cards() -> None:
            host.closed_within(0.6)  # an empty reader since those before
            watch.place()
            watch.place()

        for outcome in Outcome:
            watch(outcome.name.lower(), lambda: answered(outcome), host.closed_within)
        watch("recorded_offline", lambda: answered(None), host.closed_within)
        watch("one_card", two_cards, host.closed_within)
        seen = dict(watch.seen)
    with switched_on(kind) as watch:
        watch.machine.hello()
        time.sleep(1)  # its reader works
        watch("out_of_service", watch.place, time.sleep)
        seen |= watch.seen
    for (name, one), (other_name, other) in itertools.combinations(seen.items(), 2):
        if DECLARED[name] == DECLARED[other_name]:
            continue  # nothing was lost either time: it is for staff to know the difference
        both = f"{name} and {other_name}"
        assert not alike(one[0], other[0], 2 * kind.late), f"{both} look alike to who hears nothing"
        assert not alike(without_colour(one[0]), without_colour(other[0]), 2 * kind.late), \
            f"{both} look alike to who sees no colours"
        if kind.has_pitch:
            assert not alike(one[1], other[1], 2 * kind.late), f"{both} sound alike to who sees nothing"
