"""What a board's lamp and buzzer do over time, read from what its program writes to their registers.

QEMU's trace has each write, in order. Time on the badge terminal is its own, the number of its millisecond ticks; on the
touch terminal it is the host's, by which that board's timer goes too, late where the host has no time for QEMU.
"""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.qemu.machine import Machine

WRITE = "memory_region_ops_write"
WRITTEN = re.compile(r"(?:\d+@(?P<at>\d+\.\d+):)?memory_region_ops_write .* addr (?P<address>0x\w+) value (?P<value>0x\w+)")
TIMESTAMPS = ["-msg", "timestamp=on"]  # argument of QEMU


@dataclass
class Change:
    ms: float
    to: str | int  # a colour, hertz; "off" or 0


@dataclass
class Signals:
    light: list[Change] = field(default_factory=list)
    tone: list[Change] = field(default_factory=list)


def durations(changes: list[Change]) -> list[tuple[str | int, float]]:
    """What was shown or sounded for how many ms, from the first to the end of the last."""
    steps = [change for i, change in enumerate(changes) if i == 0 or change.to != changes[i - 1].to]
    lasting = [(now.to, then.ms - now.ms) for now, then in zip(steps, steps[1:])]
    while lasting and lasting[0][0] in ("off", 0):
        lasting.pop(0)
    return lasting


class Registers:
    """Takes writes and tells what they mean."""

    events: tuple[str, ...] = (WRITE,)

    def __init__(self) -> None:
        self.signals = Signals()

    def line(self, line: str) -> None:
        if found := WRITTEN.match(line):
            self.written(self.now(found["at"]), int(found["address"], 16), int(found["value"], 16))

    def now(self, at: str) -> float:
        return float(at) * 1000

    def written(self, ms: float, address: int, value: int) -> None:
        raise NotImplementedError

    @staticmethod
    def add(changes: list[Change], change: Change) -> None:
        """Pins are set one after the other: what counts is how they are at the end of a millisecond."""
        if changes and changes[-1].ms == change.ms:
            changes.pop()
        changes.append(change)


class BadgeRegisters(Registers):
    """LM3S6965: port B by mask, red PB4, green PB5, blue PB6; PWM generator 1, of a clock of 50 MHz / 64."""

    PORT_B, PWM, PERIPHERAL = 0x4000_5000, 0x4002_8000, 0x1000
    ENABLE, CONTROL_1, LOAD_1, COMPARE_1 = 0x08, 0x80, 0x90, 0x98
    COLOURS = {0x00: "off", 0x20: "green", 0x30: "amber", 0x40: "blue"}
    TICK = "nvic_acknowledge_irq NVIC acknowledge IRQ: 15 "
    events = (WRITE, "nvic_acknowledge_irq")

    def __init__(self) -> None:
        super().__init__()
        self._ticks = self._pins = 0
        self._pwm = dict.fromkeys((self.ENABLE, self.CONTROL_1, self.LOAD_1, self.COMPARE_1), 0)

    def line(self, line: str) -> None:
        self._ticks += self.TICK in line
        super().line(line)

    def now(self, at: str) -> float:
        return float(self._ticks)

    def written(self, ms: float, address: int, value: int) -> None:
        if self.PORT_B <= address < self.PORT_B + 0x400:
            mask = (address - self.PORT_B) >> 2 & 0x70
            self._pins = self._pins & ~mask | value & mask
            # Never shown: a colour between two, within a millisecond.
            self.add(self.signals.light, Change(ms, self.COLOURS.get(self._pins, "mixed")))
        elif address - self.PWM in self._pwm:
            self._pwm[address - self.PWM] = value
            self.add(self.signals.tone, Change(ms, self._hertz()))

    def _hertz(self) -> int:
        sounds = self._pwm[self.ENABLE] & 4 and self._pwm[self.CONTROL_1] & 1
        half = self._pwm[self.LOAD_1] // 2 - self._pwm[self.COMPARE_1]  # as long high as low, to one count
        return round(50e6 / 64 / (self._pwm[self.LOAD_1] + 1)) if sounds and abs(half) <= 1 else 0


class TouchRegisters(Registers):
    """SYS_LED of the Versatile Express: 0 green, 1 amber, 2 blue; 7 while a note would sound, whatever its pitch."""

    LEDS = 0x1C01_0008
    COLOURS = ("off", "green", "amber", "mixed", "blue", "mixed", "mixed", "mixed")

    def written(self, ms: float, address: int, value: int) -> None:
        if address == self.LEDS:
            self.signals.light.append(Change(ms, self.COLOURS[value & 7]))
            self.signals.tone.append(Change(ms, value >> 7 & 1))


@contextlib.contextmanager
def recorded(machine: Machine, registers: Registers, file: Path) -> Iterator[Signals]:
    """What lamp and buzzer do within the `with` block; complete behind it. The machine starts with TIMESTAMPS."""
    file.unlink(missing_ok=True)
    machine.monitor(f"logfile {file}")
    for event in registers.events:
        machine.monitor(f"trace-event {event} on")
    try:
        yield registers.signals
    finally:
        for event in registers.events:
            machine.monitor(f"trace-event {event} off")
        machine.monitor("logfile /dev/null")  # QEMU closes `file`
        with file.open() as lines:
            for line in lines:
                registers.line(line)
