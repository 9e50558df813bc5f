"""The simulated card reader at a board's serial line (hal/sim/nfc, rollcall-cards)."""

import contextlib
import os
import pty
import select
import socket
import subprocess
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

from tests.qemu.machine import MachineError

PROGRAM = Path(__file__).resolve().parents[2] / "build/release/hal/sim/nfc/program/rollcall-cards"


class Cards:
    """QEMU connects to `address`. Commands are those of hal/sim/nfc/README.md."""

    def __init__(self, address: Path) -> None:
        if not PROGRAM.is_file():
            raise MachineError(f"{PROGRAM} does not exist; build it with: setup/build.sh release rollcall-cards")
        self.address = address

    def __enter__(self) -> "Cards":
        self.process = subprocess.Popen([PROGRAM, "--listen", self.address], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, start_new_session=True)
        ready = self.process.stdout.readline()
        if not ready.startswith("READY"):
            raise MachineError(f"rollcall-cards said {ready!r} and not that it is ready")
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def __call__(self, command: str) -> str:
        """What it answers behind its OK."""
        try:
            self.process.stdin.write(command + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise MachineError(f"rollcall-cards ended with {self.process.wait()} before {command}")
        if not answer.startswith("OK"):
            raise MachineError(f"rollcall-cards answered {answer!r} to {command}")
        return answer[2:].strip()

    def place(self, number: str, kind: str = "uid") -> None:
        """Holds a card to the reader; those of kind phone and wallet have no number."""
        self(f"place {kind} {number}".strip())

    def remove(self) -> None:
        """Takes away whatever is there."""
        self("remove")

    @contextlib.contextmanager
    def on_a_line(self) -> Iterator[Path]:
        """The reader at a pseudo terminal, for programs of others while the board is off."""
        line, device = pty.openpty()
        tty.setraw(device)
        stop, stopped = os.pipe()
        with socket.socket(socket.AF_UNIX) as reader:
            reader.connect(str(self.address))
            relay = threading.Thread(target=_relay, args=(line, reader.fileno(), stop), daemon=True)
            relay.start()
            try:
                yield Path(os.ttyname(device))
            finally:
                os.close(stopped)
                relay.join()
                for file in (line, device, stop):
                    os.close(file)


def _relay(line: int, reader: int, stop: int) -> None:
    """Until the other end of `stop` is closed."""
    while stop not in (ready := select.select([line, reader, stop], [], [])[0]):
        for source, target in ((line, reader), (reader, line)):
            if source in ready:
                os.write(target, os.read(source, 512))
