"""A serial cable of two pseudo terminals: one device for the daemon, one for the terminal.

It can be unplugged at the daemon's end, as a serial to USB bridge is: the device goes away under whoever has it
open, and its name with it. The terminal's own wire stays; what it says meanwhile is lost.
"""

import contextlib
import os
import pty
import select
import threading
import time
import tty
from pathlib import Path

PIECE = 64         # bytes that are moved at once
NOBODY = 0.005     # seconds until it is tried again whether somebody has opened a device


class _Device:
    """A pseudo terminal under a name of its own; `master` is the cable's end of it."""

    def __init__(self, name: Path) -> None:
        self.name = name
        self.master, slave = pty.openpty()
        tty.setraw(slave)  # no echo before somebody opens it
        os.set_blocking(self.master, False)
        name.symlink_to(os.ttyname(slave))
        os.close(slave)

    def close(self) -> None:
        self.name.unlink()
        os.close(self.master)


class SerialCable:
    """Plugged in from the start. `close()` ends it."""

    def __init__(self, folder: Path) -> None:
        self.daemon_device, self.terminal_device = folder / "tty-daemon", folder / "tty-terminal"
        self.bytes = {"to_daemon": 0, "to_terminal": 0}
        self._terminal = _Device(self.terminal_device)
        self._daemon: _Device | None = _Device(self.daemon_device)
        self._lock = threading.Lock()
        self._cut_after: int | None = None
        self._ending = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def unplug(self) -> None:
        with self._lock:
            self._unplug()

    def unplug_in(self, size: int) -> None:
        """When so many more bytes have passed, in either direction."""
        with self._lock:
            self._cut_after = size

    def plugged(self) -> bool:
        return self._daemon is not None

    def plug(self) -> None:
        with self._lock:
            self._daemon = self._daemon or _Device(self.daemon_device)

    def noise(self, data: bytes) -> None:
        """Reaches the daemon as if the terminal had sent it."""
        with self._lock:
            os.write(self._daemon.master, data)

    def close(self) -> None:
        self._ending = True
        self._thread.join()
        self.unplug()
        self._terminal.close()

    def _unplug(self) -> None:
        if self._daemon:
            self._daemon.close()
        self._daemon, self._cut_after = None, None

    def _run(self) -> None:
        while not self._ending:
            with self._lock:
                ends = [end.master for end in (self._terminal, self._daemon) if end]
                ready, _, _ = select.select(ends, [], [], 0)
                moved = sum(self._move(end) for end in ready)
            if not moved:
                time.sleep(NOBODY / 5)

    def _move(self, source: int) -> int:
        """From one end to the other; to nobody where the daemon's is unplugged."""
        from_terminal = source == self._terminal.master
        try:
            data = os.read(source, PIECE)
        except OSError:  # nobody has the device open
            return 0
        if self._daemon is None:
            return len(data)
        if self._cut_after is not None:
            self._cut_after -= len(data)
            if self._cut_after <= 0:
                self._unplug()
                return len(data)
        self.bytes["to_daemon" if from_terminal else "to_terminal"] += len(data)
        # As a UART does: what nobody takes is lost.
        with contextlib.suppress(BlockingIOError):
            os.write(self._daemon.master if from_terminal else self._terminal.master, data)
        return len(data)
