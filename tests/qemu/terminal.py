"""A terminal's image on its board in QEMU, whichever board it is: what it says first, and how it crashed."""

import socket
import statistics
import subprocess
import time
from pathlib import Path

from tests.harness.wire.cbor import decode
from tests.harness.wire.frames import FrameType, parse
from tests.harness.wire.host import WireHost
from tests.qemu.machine import PATIENCE, Machine, MachineError

A_TURN_OF_THE_LOOP = "rollcall::firmware::Terminal::step()"  # where a debugger stops any board in its loop
IMAGES = Path(__file__).resolve().parents[2] / "build"
NM = "arm-none-eabi-nm"
RESETS = ["unknown", "power_on", "watchdog", "software", "crash", "brown_out"]


class Hello:
    """The greeting of docs/protocol.md, as far as tests look at it."""

    def __init__(self, message: list) -> None:
        self.capabilities, self.max_frame, self.serial, self.firmware, self.boot, reset = message[3:9]
        self.reset = RESETS[reset]


class Terminal(Machine):
    """`board`: the preset and its image. Lines: `link` to the host, `reader`, `console`. `reader` is where
    somebody plays the card reader, as Cards does; without one it is silent."""

    crash_memory: str  # its symbol

    def __init__(self, board: str, arguments: list[str], reader: Path | None = None) -> None:
        self.image = IMAGES / board / f"firmware/images/{board}.elf"
        if not self.image.is_file():
            raise MachineError(f"{self.image} does not exist; build it with: setup/build.sh {board}")
        super().__init__(["-kernel", str(self.image), *arguments], 
                         {"link": None, "reader": reader, "console": None})

    @classmethod
    def seconds_to_hello(cls, times: int, *arguments: object, **options: object) -> tuple[float, float]:
        """From power-on to the end of HELLO, medians of so many starts: of a processor, which means the same on a
        machine that has other work, and by the clock. QEMU itself, its start and its reading of files, has ended
        before."""
        took, by_clock = [], []
        for _ in range(times):
            machine = cls(*arguments, **options)
            machine.paused = True
            with machine:
                before, on = machine.processor_seconds(), time.monotonic()
                machine.power_on()
                machine.hello()
                by_clock.append(time.monotonic() - on)
                took.append(machine.processor_seconds() - before)
        return statistics.median(took), statistics.median(by_clock)

    def hello(self, timeout: float = PATIENCE) -> Hello:
        """The next HELLO on the link; other frames are passed over."""
        latest = time.monotonic() + timeout
        while time.monotonic() < latest:
            encoded = self.lines["link"].read_until(b"\0", latest - time.monotonic())[:-1]
            try:
                heard = parse(encoded)
            except ValueError:
                continue  # cut off by a reset
            if heard.kind == FrameType.HELLO:
                return Hello(decode(heard.payload))
        raise MachineError(f"{self.image.name} sent no HELLO within {timeout:g} s")

    def hello_after_reset(self) -> Hello:
        """What comes before the next reset belongs to the run before."""
        self.qmp.wait_event("RESET")
        self.lines["link"].forget()
        return self.hello()

    def host(self, keys: dict[str, bytes] | None = None) -> WireHost:
        """A host on the link, which greets once the terminal has begun to; only one at a time. From then on it
        alone hears the terminal, and has to: QEMU stands still when a few hundred bytes wait."""
        line = self.lines["link"].hand_over()
        line.settimeout(PATIENCE)
        line.recv(1, socket.MSG_PEEK)
        return WireHost(line, keys, max_frame=192)

    def symbol(self, name: str) -> int:
        """The address of what the image calls so."""
        listed = subprocess.run([NM, "--demangle", self.image], capture_output=True, text=True, check=True).stdout
        found = [line.split(maxsplit=2)[0] for line in listed.splitlines() if line.split(maxsplit=2)[2:] == [name]]
        if len(found) != 1:
            raise MachineError(f"{self.image.name} has {len(found)} symbols called {name}")
        return int(found[0], 16)

    def crash_words(self) -> list[int]:
        """Of hal/crash.hpp: cause, task, pc, lr, uptime in ms, boot."""
        address = self.symbol(self.crash_memory)
        return [self.word(address + 4 * i) for i in range(6)]
