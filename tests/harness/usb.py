"""Simulated terminals as USB devices: of one daemon, which runs unmodified under umockdev, or of a virtual machine.

    with UsbBus(site, [DOOR]) as bus:       # before the daemon is started
        site.start_daemon()
        door = HeldTerminal(site, DOOR, connect=bus.address(DOOR))
        bus.plug(DOOR)
"""

import os
import selectors
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .program import ProgramError

if TYPE_CHECKING:
    from .site import Site

PRELOAD = "libumockdev-preload.so.0"
PATIENCE = 10  # seconds for an answer of the bus


class UsbDevices:
    """Nothing is plugged in yet."""

    def __init__(self, site: "Site", command: list[str | Path], serials: list[str]) -> None:
        """`command` takes a folder and serials, as tests/usb/terminals.hpp has it."""
        self.folder = site.folder / "usb"
        self.folder.mkdir(exist_ok=True)
        self.name = Path(command[-1]).name
        self._log = open(site.folder / "usb.log", "ab")
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", *map(str, command), str(self.folder), *serials],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, start_new_session=True)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._process.stdout, selectors.EVENT_READ)
        self._said = b""
        word, self.where = self._line().split(maxsplit=1)
        if word != "bus":
            raise ProgramError(f"{self.name} said {word} {self.where}")

    def address(self, serial: str) -> str:
        """For `--connect` of the terminal that is to be this device."""
        return f"unix:{self.folder / serial}"

    def plug(self, serial: str) -> None:
        self._ask("plug", serial)

    def unplug(self, serial: str) -> None:
        self._ask("unplug", serial)

    def unplug_in(self, serial: str, size: int) -> None:
        """When so many more bytes have crossed, in either direction, between two packets."""
        self._ask("unplug-in", serial, size)

    def plugged(self, serial: str) -> bool:
        return self._say("state", serial).split()[0] == "plugged"

    def stall(self, serial: str, way: str) -> None:
        """`way`: in, towards the host, or out. Until the host clears it."""
        self._ask("stall", serial, way)

    def limit_packets(self, serial: str, size: int) -> None:
        self._ask("packets", serial, size)

    def add_zero_packets(self, serial: str) -> None:
        """Behind each full packet."""
        self._ask("zero-packets", serial, "on")

    def zero_packets(self, serial: str) -> int:
        return int(self._say("state", serial).split()[1])

    def pad_packets(self, serial: str) -> None:
        """All that the terminal sends at once becomes a multiple of a packet's 64 bytes."""
        self._ask("pad", serial, "on")

    def refuse_claims(self, serial: str, times: int) -> None:
        self._ask("refuse-claims", serial, times)

    def be_something_else(self, serial: str) -> None:
        """From now on it has the ids of a terminal and not its interface."""
        self._ask("something-else", serial)

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process.stdout.close()
        self._selector.close()
        self._log.close()

    def __enter__(self) -> "UsbDevices":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def _ask(self, *words) -> None:
        answer = self._say(*words)
        if answer != "ok":
            raise ProgramError(f"{self.name}: {' '.join(map(str, words))}: {answer}")

    def _say(self, *words) -> str:
        self._process.stdin.write(" ".join(map(str, words)).encode() + b"\n")
        self._process.stdin.flush()
        return self._line()

    def _line(self) -> str:
        end = time.monotonic() + PATIENCE
        while b"\n" not in self._said:
            if not self._selector.select(max(0, end - time.monotonic())):
                raise ProgramError(f"{self.name} does not answer; its log is {self._log.name}")
            data = os.read(self._process.stdout.fileno(), 4096)
            if not data:
                raise ProgramError(f"{self.name} has ended; its log is {self._log.name}")
            self._said += data
        line, self._said = self._said.split(b"\n", 1)
        return line.decode()


def _program(site: "Site", name: str) -> Path:
    return site.programs.build / "tests/usb" / name


class UsbBus(UsbDevices):
    """Of the site's daemon, which is started later."""

    def __init__(self, site: "Site", serials: list[str]) -> None:
        super().__init__(site, ["umockdev-wrapper", _program(site, "rollcall-usb-bus")], serials)
        site.daemon_environment |= {"LD_PRELOAD": PRELOAD, "UMOCKDEV_DIR": self.where}
        # A device node is a pseudo terminal: whoever opens the first becomes its session and gets SIGHUP at unplug.
        site.daemon_wrapper = ["nohup"]


class RedirectedUsb(UsbDevices):
    """Of a virtual machine, which is started later."""

    def __init__(self, site: "Site", serials: list[str]) -> None:
        super().__init__(site, [_program(site, "rollcall-usb-redir")], serials)

    def socket(self, serial: str) -> Path:
        """For QEMU, which connects to it once."""
        return self.folder / f"{serial}.redir"
