"""The cable between a board's serial line and its host.

A serial line is always there and knows no connections; the daemon's socket is one connection after the
other. While no host takes the other end, what the board says is lost, as on a real cable.
"""

import contextlib
import socket
import threading
import time
from pathlib import Path

PIECE = 64  # bytes: 5.6 ms at 115 200 baud
RETRY = 0.05  # seconds


class Cable:
    """From `line`, which stays the machine's, to the Unix socket of a proxy (tests/harness/proxy.py), which gives it its
    rate and its faults. What the board says is taken at once, or QEMU would stop the machine. Ends with `close()`
    or with the line."""

    def __init__(self, line: socket.socket, host: Path) -> None:
        self._line, self._address = line, str(host)
        self._host: socket.socket | None = None
        self._waiting = bytearray()  # for the host
        self._changed = threading.Condition()
        self._closing = False
        self._threads = [threading.Thread(target=work, daemon=True)
                         for work in (self._from_board, self._to_host, self._to_board)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._end()
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _end(self) -> None:
        with self._changed:
            self._closing = True
            if self._host:
                with contextlib.suppress(OSError):
                    self._host.shutdown(socket.SHUT_RDWR)
            self._changed.notify_all()

    def _from_board(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._line.recv(65536):
                with self._changed:
                    if self._host:
                        self._waiting += data
                        self._changed.notify_all()
        self._end()

    def _to_host(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._waiting)
                if self._closing:
                    return
                host, piece = self._host, bytes(self._waiting[:PIECE])
                del self._waiting[:PIECE]
            with contextlib.suppress(OSError, AttributeError):
                host.sendall(piece)

    def _to_board(self) -> None:
        while not self._closing:
            with contextlib.suppress(OSError), self._connected() as host:
                self._join(host)
                while data := host.recv(PIECE):
                    self._line.sendall(data)
            self._join(None)
            time.sleep(RETRY)

    def _join(self, host: socket.socket | None) -> None:
        with self._changed:
            self._host = host
            self._waiting.clear()
            if self._closing and host:
                host.shutdown(socket.SHUT_RDWR)

    def _connected(self) -> socket.socket:
        made = socket.socket(socket.AF_UNIX)
        # Its sender notices early that the line is full, as the proxy's own ends do.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        try:
            made.connect(self._address)
        except OSError:
            made.close()
            raise
        return made
