"""A proxy between a terminal and the daemon that holds, drops, damages, slows down or cuts what passes.

A test says in which direction nothing may pass and for how long; the link's own retransmission and the
terminal's deadline do the rest. With a rate it is a serial line (`line.py`). TCP keeps about 1 200 bytes on
their way in the kernel, however small its buffers are; a Unix socket lets a sender see when its bytes have
left, so tests of a line's delay use these at both ends.
"""

import asyncio
import contextlib
import socket
import struct
import threading
import time
from pathlib import Path

from .line import Way
from .program import wait_until

LOOPBACK = "127.0.0.1"


class Proxy:
    """Listens on a loopback port of its own; `close()` ends it. Methods are safe from any thread."""

    def __init__(self, target: int | Path, rate: float | None = None, capture: bool = False,
                 path: Path | None = None) -> None:
        """`target`: port or Unix socket of the daemon. `rate`: bytes a second, in each direction. `capture`: keeps what
        passed. `path`: listens on this Unix socket too."""
        self._target = target
        self._slow = rate is not None
        self._loop = asyncio.new_event_loop()
        self._connections: set[asyncio.Task] = set()
        self._refusing = False
        self.to_daemon = Way(rate, capture, self._loop)
        self.to_terminal = Way(rate, capture, self._loop)
        self._path = path
        self._listeners = [self._listen(socket.AF_INET, (LOOPBACK, 0))]
        self.port: int = self._listeners[0].getsockname()[1]
        if path:
            self._listeners.append(self._listen(socket.AF_UNIX, str(path)))
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._do(lambda: [self._loop.create_task(self._accept(one)) for one in self._listeners])

    # What a test says ----------------------------------------------------------------------------

    @property
    def address(self) -> str:
        """For `--connect`."""
        return f"unix:{self._path}" if self._path else f"tcp:{LOOPBACK}:{self.port}"

    def wait_quiet(self, seconds: float = 1.5) -> None:
        """Nothing has passed for so long: a new connection has said all that it says by itself."""
        def silent() -> bool:
            last = [f.ended for way in (self.to_daemon, self.to_terminal) for f in way.frames[-1:]]
            return bool(last) and time.monotonic() - max(last) > seconds

        wait_until(silent, 60, "nothing passes any more")

    def hold_answers(self) -> None:
        """Bytes from the daemon wait here."""
        self._do(self.to_terminal.passing.clear)

    def release_answers(self) -> None:
        self._do(self.to_terminal.passing.set)

    def drop_answers(self, drop: bool = True) -> None:
        """Bytes from the daemon are thrown away while this is on."""
        self._do(lambda: setattr(self.to_terminal, "drop", drop))

    def hold_taps(self) -> None:
        """Bytes from the terminal wait here."""
        self._do(self.to_daemon.passing.clear)

    def release_taps(self) -> None:
        self._do(self.to_daemon.passing.set)

    def drop_taps(self, drop: bool = True) -> None:
        """Bytes from the terminal are thrown away while this is on."""
        self._do(lambda: setattr(self.to_daemon, "drop", drop))

    def cut(self, refuse: bool = False) -> None:
        """Resets every connection; with `refuse`, also every new one until `allow()`."""
        async def reset() -> None:
            self._refusing = refuse
            tasks = list(self._connections)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self._call(reset())

    def allow(self) -> None:
        self._do(lambda: setattr(self, "_refusing", False))

    @property
    def bytes_to_daemon(self) -> int:
        return self.to_daemon.bytes

    @property
    def bytes_to_terminal(self) -> int:
        return self.to_terminal.bytes

    def close(self) -> None:
        async def end() -> None:
            tasks = asyncio.all_tasks(self._loop) - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self._call(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        for one in self._listeners:
            one.close()
        if self._path:
            self._path.unlink(missing_ok=True)

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    # How it is done --------------------------------------------------------------------------------

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    def _do(self, action) -> None:
        async def act() -> None:
            action()
        self._call(act())

    def _socket(self, family: int) -> socket.socket:
        made = socket.socket(family)
        made.setblocking(False)
        if self._slow:  # a sender notices early that the line is full
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        return made

    def _listen(self, family: int, address) -> socket.socket:
        made = self._socket(family)
        made.bind(address)
        made.listen(256)
        return made

    async def _accept(self, listener: socket.socket) -> None:
        while True:
            terminal, _ = await self._loop.sock_accept(listener)
            task = self._loop.create_task(self._connected(terminal))
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)

    async def _connected(self, terminal: socket.socket) -> None:
        daemon = self._socket(socket.AF_INET if isinstance(self._target, int) else socket.AF_UNIX)
        ends = (terminal, daemon)
        pumps: list[asyncio.Task] = []
        try:
            if self._refusing:
                raise asyncio.CancelledError
            await self._loop.sock_connect(daemon, (LOOPBACK, self._target) if isinstance(self._target, int)
                                          else str(self._target))
            for end in ends:
                _send_at_once(end)
            pumps = [self._loop.create_task(self.to_daemon.pump(terminal, daemon)),
                     self._loop.create_task(self.to_terminal.pump(daemon, terminal))]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        except (OSError, asyncio.CancelledError):
            for end in ends:
                _reset_at_close(end)
        finally:
            for pump in pumps:
                pump.cancel()
            if pumps:
                await asyncio.wait(pumps)
            for end in ends:
                end.close()


def _send_at_once(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _reset_at_close(end: socket.socket) -> None:
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
