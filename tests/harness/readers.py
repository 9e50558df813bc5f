"""Card readers of the daemon's machine: pcscd with virtual readers and cards, a PN532 module on a line, a scanner on a
serial line, and one that types."""

import contextlib
import json
import os
import pty
import signal
import socket
import struct
import subprocess
import threading
import time
import tty
import urllib.error
import urllib.request
from pathlib import Path

from .program import Program, answers, free_ports, port_is_free, wait_until
from .usb import PRELOAD

# As readers make it for a card that speaks ISO-DEP, with one historical byte (PC/SC part 3, 3.1.3.2.3.1).
ISO_DEP = bytes.fromhex("3B8180018080")
WITH_CONTACTS = bytes.fromhex("3B9813400AA503010101AD1311")
OK, NOT_FOUND = b"\x90\x00", b"\x6a\x82"

# pcscd has one socket, /run/pcscd/pcscd.comm. In a mount namespace of its own that folder is the test's, so that
# it needs no rights and meets no other pcscd of the machine.
OWN_FOLDER = """test -d /run/pcscd || { mount -t tmpfs none /run && mkdir /run/pcscd; }
mount --bind "$1" /run/pcscd && exec /usr/sbin/pcscd --foreground --config "$2"
"""


class Pcscd:
    """pcscd with a virtual reader of two slots; programs reach it with `environment`."""

    NAME = "Virtual PCD"

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "pcscd"
        self._folder.mkdir(parents=True)
        self._log = folder / "pcscd.log"
        self.socket = self._folder / "pcscd.comm"
        self.environment = {"PCSCLITE_CSOCK_NAME": str(self.socket)}
        self.port = next(port for port in iter(lambda: free_ports(1)[0], None) if port_is_free(port + 1))
        self._config = folder / "reader.conf"
        self._config.write_text(f'FRIENDLYNAME "{self.NAME}"\nDEVICENAME /dev/null:{self.port:#x}\n'
                                f"LIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so\nCHANNELID {self.port:#x}\n")
        self._program: Program | None = None

    def start(self) -> None:
        for left in self._folder.iterdir():
            left.unlink()
        self._program = Program("pcscd", ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", OWN_FOLDER,
                                          "pcscd", self._folder, self._config], self._log)
        self._program.wait_ready(lambda: answers(self.socket) and listens(self.port) and listens(self.port + 1))

    def kill(self) -> None:
        self._program.kill()

    def stop(self) -> None:
        if self._program and self._program.running():
            self._program.stop()


def listens(port: int) -> bool:
    """Whether somebody listens on this port, without calling: whoever calls a virtual slot is a card."""
    lines = Path("/proc/net/tcp").read_text().splitlines() + Path("/proc/net/tcp6").read_text().splitlines()
    return any(fields[1].endswith(f":{port:04X}") and fields[3] == "0A" for fields in map(str.split, lines[1:]))


class VirtualCard:
    """A card in one slot of the virtual reader, from here to `remove()`."""

    def __init__(self, pcscd: Pcscd, uid: str, atr: bytes = ISO_DEP, bank: bool = False, slot: int = 0) -> None:
        self._uid, self._atr, self._bank = bytes.fromhex(uid), atr, bank
        self.apdus: list[bytes] = []
        self.inserted = time.monotonic()
        self._line = socket.create_connection(("127.0.0.1", pcscd.port + slot))
        threading.Thread(target=self._serve, daemon=True).start()

    def remove(self) -> None:
        with contextlib.suppress(OSError):  # pcscd may be gone
            self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()

    def _receive(self, size: int) -> bytes:
        received = b""
        while len(received) < size:
            part = self._line.recv(size - len(received))
            if not part:
                raise OSError("pcscd is gone")
            received += part
        return received

    def _serve(self) -> None:
        try:
            while True:
                message = self._receive(struct.unpack(">H", self._receive(2))[0])
                if message in (b"\x00", b"\x01", b"\x02"):  # power off, on, reset
                    continue
                answer = self._atr if message == b"\x04" else self._answer(message)
                self._line.sendall(struct.pack(">H", len(answer)) + answer)
        except OSError:
            pass

    def _answer(self, apdu: bytes) -> bytes:
        self.apdus.append(apdu)
        if apdu[:2] == b"\xff\xca":
            return self._uid + OK
        if self._bank and b"2PAY.SYS.DDF01" in apdu:
            return b"\x6f\x00" + OK
        return NOT_FOUND


class CardModule:
    """A PN532 module with cards, on a device that can be unplugged; with `line="--listen"`, on a Unix socket."""

    def __init__(self, build: Path, device: Path, line: str = "--link") -> None:
        self._command = ["setpriv", "--pdeathsig", "KILL", "--", build / "hal/sim/nfc/program/rollcall-cards",
                         line, device]
        self.device = device
        self._process: subprocess.Popen | None = None

    def plug_in(self) -> None:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                         bufsize=1)
        assert self._process.stdout.readline().startswith("READY")

    def do(self, command: str) -> None:
        self._process.stdin.write(command + "\n")
        assert self._process.stdout.readline() == "OK\n", command

    def hang(self) -> None:
        """It says nothing until `go_on()`."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def unplug(self) -> None:
        if self._process:
            self._process.stdin.close()
            self._process.wait(5)
        self._process = None


class DesfireInSlot(VirtualCard):
    """A DESFire card in a slot of the virtual reader: what is said to it goes on to the one at `module`, on a socket.

    Of its native commands, numbered from 0, number `leaves_at` pulls it away, number `silent_at` is not answered."""

    FRESH = "d41401", "d4320100", "d4320101", "d44a0100"  # set up; field off, field on, one card

    def __init__(self, pcscd: Pcscd, module: CardModule, uid: str, leaves_at: int | None = None,
                 silent_at: int | None = None, slot: int = 0) -> None:
        self._leaves_at, self._silent_at = leaves_at, silent_at
        self.commands = 0
        self._gone = threading.Event()
        self._module = socket.socket(socket.AF_UNIX)
        self._module.settimeout(10)
        self._module.connect(str(module.device))
        self._module.sendall(bytes.fromhex("5555") + bytes(14))  # wakes it
        for command in self.FRESH:
            answer = self._exchange(bytes.fromhex(command))
        assert answer[0] == 1, "the card is at the module"
        super().__init__(pcscd, uid, slot=slot)

    def remove(self) -> None:
        self._gone.set()
        super().remove()
        self._module.close()

    def _answer(self, apdu: bytes) -> bytes:
        if apdu[:2] == b"\xff\xca":
            return super()._answer(apdu)
        if apdu[0] == 0x90:
            self.commands += 1
            if self.commands - 1 == self._leaves_at:
                self.remove()
                raise OSError("pulled away")
            if self.commands - 1 == self._silent_at:
                self._gone.wait(60)
                raise OSError("pulled away")
        return self._exchange(b"\xd4\x40\x01" + apdu)[1:]

    def _exchange(self, data: bytes) -> bytes:
        """What the module answers (UM0701-02 6.2.1), without its code."""
        self._module.sendall(b"\0\0\xff" + bytes([len(data), -len(data) & 255]) + data + bytes([-sum(data) & 255, 0]))
        received = b""
        while len(received) < 11 or len(received) < 13 + received[9]:
            part = self._module.recv(512)
            if not part:
                raise OSError("the module is gone")
            received += part
        return received[13:-2]


class LinePrinter:
    """A scanner on a serial device that can be unplugged."""

    def __init__(self, device: Path) -> None:
        self.device = device
        self._ends: list[int] = []

    def plug_in(self) -> None:
        self._ends = list(pty.openpty())
        tty.setraw(self._ends[1])  # no echo before somebody opens it
        self.device.symlink_to(os.ttyname(self._ends[1]))

    def print(self, text: str, end: str = "\r\n") -> None:
        os.write(self._ends[0], (text + end).encode("latin-1"))

    def unplug(self) -> None:
        if self._ends:
            self.device.unlink()
        for end in self._ends:
            os.close(end)
        self._ends = []


class TypingReader:
    """A scanner that types, as a keyboard of the site's daemon, which is started later. Not plugged in at first."""

    DEVICE = "/dev/input/by-id/usb-Maker_Scanner-event-kbd"

    def __init__(self, site) -> None:
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", "umockdev-wrapper",
             site.programs.build / "tests/readers/rollcall-keyboard", self.DEVICE],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, start_new_session=True)
        word, where = self._process.stdout.readline().split()
        assert word == "bus"
        site.daemon_environment |= {"LD_PRELOAD": PRELOAD, "UMOCKDEV_DIR": where}

    def do(self, command: str) -> None:
        answer = self.ask(command)
        assert answer == "ok", f"{command}: {answer}"

    def ask(self, command: str) -> str:
        self._process.stdin.write(command + "\n")
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


class Kiosk:
    """A page at a reader, as a browser would have it open."""

    def __init__(self, port: int, reader: str) -> None:
        self._address = f"http://127.0.0.1:{port}/kiosk/{reader}"
        self.states: list[dict] = []
        self._stream = urllib.request.urlopen(f"{self._address}/stream", timeout=60)
        threading.Thread(target=self._listen, daemon=True).start()
        wait_until(lambda: self.states, 10, "the page is told what to show")

    def _listen(self) -> None:
        try:
            for line in self._stream:
                if line.startswith(b"data: "):
                    self.states.append(json.loads(line[6:]))
        except (OSError, ValueError, AttributeError):
            pass  # closed

    @property
    def state(self) -> dict:
        return self.states[-1]

    def wait_for(self, *kinds: str, seconds: float = 20, after: dict | None = None) -> dict:
        """The newest state, as soon as it is of one of these kinds and not on the screen of `after`."""
        def found() -> dict | None:
            now = self.state
            return now if now["kind"] in kinds and (not after or now["screen"] != after["screen"]) else None
        return wait_until(found, seconds, f"the page shows {kinds}")

    def choose(self, choice: str, screen: str | None = None) -> int:
        """The status of the answer."""
        return self.post(json.dumps({"screen": screen or self.state["screen"], "choice": choice}).encode())

    def post(self, body: bytes) -> int:
        request = urllib.request.Request(f"{self._address}/choice", body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            return refused.code

    def close(self) -> None:
        self._stream.close()
