"""A board in QEMU: its serial lines, its keys, its picture and its end.

QEMU connects to sockets that are listened on before it starts, so that nothing of what the firmware
says first is lost. Whatever a test leaves running is killed at the end of the `with` block.
"""

import ctypes
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from tests.qemu.debugger import Debugger
from tests.qemu.picture import Picture

QEMU = "qemu-system-arm"
PATIENCE = 30.0  # seconds for anything; QEMU shares two processors with everybody


class MachineError(Exception):
    """QEMU ended, or said no; the sentence says how."""


class Line:
    """One end of a byte stream from or to the machine. What comes is taken at once, whoever wants it and
    when: QEMU stops the whole machine while a line is full, which takes a few hundred bytes."""

    def __init__(self, connection: socket.socket, name: str) -> None:
        self.connection = connection
        self.name = name
        self._received = b""
        self._open = True
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._stop, self._stopped = socket.socketpair()
        self._thread.start()

    def _take(self) -> None:
        while True:
            ready = select.select([self.connection, self._stopped], [], [])[0]
            if self._stopped in ready:
                return
            try:
                data = self.connection.recv(65536)
            except OSError:
                data = b""
            with self._changed:
                self._received += data
                self._open = bool(data)
                self._changed.notify_all()
            if not data:
                return

    def hand_over(self) -> socket.socket:
        """From now on the caller takes what comes, from this socket."""
        if self._thread.is_alive():
            self._stop.send(b".")
            self._thread.join()
        return self.connection

    def close(self) -> None:
        self.hand_over().close()
        self._stop.close()
        self._stopped.close()

    def forget(self) -> None:
        """What came until now is of no interest."""
        with self._changed:
            self._received = b""

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def read(self, timeout: float = PATIENCE) -> bytes:
        """What has come; waits for the first byte of it. Empty after `timeout`."""
        with self._changed:
            self._changed.wait_for(lambda: self._received or not self._open, timeout)
            if not self._received and not self._open:
                raise MachineError(f"{self.name}: QEMU closed the line")
            data, self._received = self._received, b""
            return data

    def read_until(self, end: bytes, timeout: float = PATIENCE) -> bytes:
        """Up to and with the first `end`."""
        with self._changed:
            self._changed.wait_for(lambda: end in self._received or not self._open, timeout)
            if end not in self._received:
                raise MachineError(f"{self.name}: waited {timeout:g} s for {end!r} and got {self._received!r}")
            at = self._received.index(end) + len(end)
            data, self._received = self._received[:at], self._received[at:]
            return data


class Qmp:
    """QEMU's own control line (QEMU Machine Protocol)."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.events: list[dict] = []
        self._next()  # the greeting
        self("qmp_capabilities")

    def __call__(self, command: str, **arguments: object) -> object:
        self.line.send(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            message = self._next()
            if "error" in message:
                raise MachineError(f"QEMU refused {command}: {message['error']['desc']}")
            if "return" in message:
                return message["return"]

    def _next(self) -> dict:
        message = json.loads(self.line.read_until(b"\n"))
        if "event" in message:
            self.events.append(message)
        return message

    def wait_event(self, name: str) -> dict:
        """The first event of this name since the last call that returned it."""
        latest = time.monotonic() + PATIENCE
        while time.monotonic() < latest:
            for event in self.events:
                if event["event"] == name:
                    self.events.remove(event)
                    return event
            self._next()
        raise MachineError(f"QEMU reported no {name}")


class Machine:
    """`arguments` name board, kernel and drives; `lines` are its serial lines, in their order. A line with
    an address belongs to somebody else, who listens there."""

    paused = False  # at the start: the board has no power before power_on()

    def __init__(self, arguments: list[str], lines: dict[str, Path | None]) -> None:
        self.arguments = arguments
        self.wanted_lines = lines
        self.lines: dict[str, Line] = {}

    def __enter__(self) -> "Machine":
        self.folder = Path(tempfile.mkdtemp(prefix="rollcall-qemu-"))
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self.folder)

    def start(self) -> None:
        (self.folder / "debugger").unlink(missing_ok=True)
        # setpriv, and a session of its own: as in tests/harness/program.py.
        command = ["setpriv", "--pdeathsig", "KILL", "--", QEMU, "-display", "none", "-nodefaults", "-nic", "user",
                   *self.arguments]
        listening = {}
        for name, other in [*self.wanted_lines.items(), ("qmp", None)]:
            if other is not None:
                command += ["-chardev", f"socket,id={name},path={other}"]
                continue
            address = self.folder / name
            address.unlink(missing_ok=True)  # of a start before
            listening[name] = socket.socket(socket.AF_UNIX)
            listening[name].bind(str(address))
            listening[name].listen(1)
            command += ["-chardev", f"socket,id={name},path={address}"]
        for name in self.wanted_lines:
            command += ["-serial", f"chardev:{name}"]
        command += ["-mon", "chardev=qmp,mode=control", *(["-S"] if self.paused else [])]
        self.log = (self.folder / "log").open("wb")
        self.started = time.monotonic()
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        start_new_session=True, env=os.environ | {"QEMU_AUDIO_DRV": "none"})
        try:
            for name, listener in listening.items():
                listener.settimeout(PATIENCE)
                self.lines[name] = Line(listener.accept()[0], name)
                listener.close()
        except TimeoutError:
            self.kill()
            raise MachineError(f"QEMU did not start: {self.said()}") from None
        self._qmp: Qmp | None = None

    def power_on(self) -> None:
        """Of a machine that was made paused."""
        self.qmp("cont")

    def kill(self) -> None:
        """SIGKILL, as a power cut: what the board has not written by now is lost."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        for line in self.lines.values():
            line.close()
        self.log.close()

    def said(self) -> str:
        """QEMU's own words since its start."""
        self.log.flush()
        return (self.folder / "log").read_text(errors="replace")

    @property
    def qmp(self) -> Qmp:
        if self._qmp is None:
            self._qmp = Qmp(self.lines["qmp"])
        return self._qmp

    def picture(self) -> Picture:
        """What the display shows now."""
        file = self.folder / "screen.ppm"
        self.qmp("screendump", filename=str(file))
        return Picture.from_ppm(file.read_bytes())

    def key(self, code: str, down: bool) -> None:
        """`code` as QEMU names keys of a keyboard."""
        event = {"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": code}}}
        self.qmp("input-send-event", events=[event])

    def word(self, address: int) -> int:
        """A word of memory or of a register of the board."""
        return int(self.monitor(f"xp /1wx {address:#x}").split(":")[1].strip(), 16)

    def monitor(self, command: str) -> str:
        """A command of QEMU's monitor for people, where QMP has none."""
        return str(self.qmp("human-monitor-command", **{"command-line": command}))

    def debugger(self) -> Debugger:
        file = self.folder / "debugger"
        if not file.exists():
            self.monitor(f"gdbserver unix:{file},server=on,wait=off")
        return Debugger(file, PATIENCE)

    def processor_seconds(self) -> float:
        """What QEMU has taken of the host's processors."""
        clock = ctypes.c_int()
        if ctypes.CDLL(None).clock_getcpuclockid(self.process.pid, ctypes.byref(clock)) != 0:
            raise MachineError("QEMU has ended")
        return time.clock_gettime(clock.value)
