"""One direction of a proxy: as fast as it can or at the rate of a serial line, with faults for single frames.

A slow line takes a few bytes at a time and nothing more from its sender until they have passed, as a UART
does. Frames are recognised by their zero bytes; recorded are types, sizes and times.
"""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from .program import wait_until
from .wire.frames import CRC, FrameType, cobs, uncobs, with_crc

SLACK = 0.05  # seconds that a line which has work may be behind and catch up


def baud(rate: int) -> float:
    """Bytes a second of a serial line with 8 data bits, no parity, one stop bit."""
    return rate / 10


@dataclass(frozen=True)
class Passed:
    """A frame that has passed. Times in monotonic seconds; of a slow line right to about 2 ms."""

    kind: int     # its type; 0 when its first byte is none
    bytes: int    # with its zero byte
    began: float  # its first byte was on the line
    ended: float  # its last byte had left it


Match = Callable[[Passed], bool]


def of_type(*kinds: FrameType) -> Match:
    return lambda passed: passed.kind in kinds


def any_frame(passed: Passed) -> bool:
    return passed.bytes > 1


class Fault:
    """What happens to the next frame that matches, once. `happened` is set then."""

    def __init__(self, change: Callable[[bytes], bytes], match: Match) -> None:
        """`change`: from the frame without its zero byte to what passes instead, zero bytes included."""
        self.change, self.match = change, match
        self.happened = threading.Event()

    def wait(self, seconds: float = 10) -> None:
        if not self.happened.wait(seconds):
            raise TimeoutError("no frame came that the fault was meant for")


def damaged(encoded: bytes, at: int, mask: int, repair_crc: bool) -> bytes:
    """`at`: place in header, payload and tag; negative from the end of the tag."""
    body = bytearray(uncobs(encoded))
    content, crc = body[:-CRC], bytes(body[-CRC:])
    content[at] ^= mask
    return cobs(with_crc(bytes(content)) if repair_crc else bytes(content) + crc) + b"\0"


class Way:
    """One way through the proxy, for one connection at a time. What a test calls is safe from any thread."""

    def __init__(self, rate: float | None, capture: bool, loop: asyncio.AbstractEventLoop) -> None:
        self.bytes = 0                      # taken from the sender
        self.pieces: list[tuple[float, int]] = []  # when so many bytes were handed on
        self.frames: list[Passed] = []
        self.captured = bytearray() if capture else None
        self.drop = False
        self.passing = asyncio.Event()
        self.passing.set()
        self._rate, self._loop = rate, loop
        self._step = 65536 if rate is None else max(16, min(64, int(rate / 1000)))
        self._faults: list[Fault] = []
        self._held: list[bytes] = []
        self._sink: socket.socket | None = None  # of the newest connection
        self._busy = asyncio.Lock()
        self._begin()

    # What a test says ----------------------------------------------------------------------------

    def damage(self, at: int = 4, mask: int = 1, repair_crc: bool = False, match: Match = any_frame) -> Fault:
        """Another byte in the next frame that matches; with a CRC that fits it, the tag does not."""
        return self._arm(Fault(lambda encoded: damaged(encoded, at, mask, repair_crc), match))

    def lose(self, match: Match = any_frame) -> Fault:
        return self._arm(Fault(lambda encoded: b"", match))

    def break_off(self, match: Match = any_frame) -> Fault:
        """Half of a frame passes, as when a cable is pulled; whoever asks for it cuts the connection then."""
        return self._arm(Fault(lambda encoded: encoded[: len(encoded) // 2], match))

    def duplicate(self, match: Match = any_frame) -> Fault:
        return self._arm(Fault(lambda encoded: (encoded + b"\0") * 2, match))

    def hold(self, match: Match = any_frame) -> Fault:
        """Keeps a frame until `release()`; what comes after it goes ahead."""
        def keep(encoded: bytes) -> bytes:
            self._held.append(encoded + b"\0")
            return b""
        return self._arm(Fault(keep, match))

    def release(self) -> None:
        """What was held passes now, before anything else."""
        async def pass_on() -> None:
            held, self._held = b"".join(self._held), []
            await self._hand_on(held, time.monotonic(), self._sink)

        asyncio.run_coroutine_threadsafe(pass_on(), self._loop).result(30)

    def wait_frame(self, match: Match = any_frame, after: float = 0, seconds: float = 10) -> Passed:
        """The first frame that matches and was still on the line after this moment."""
        return wait_until(lambda: next((f for f in list(self.frames) if f.ended >= after and match(f)), None), seconds,
                          "such a frame passes the proxy", every=0.005)

    def bytes_between(self, begin: float, end: float) -> int:
        """Handed on between two moments."""
        return sum(size for at, size in list(self.pieces) if begin <= at < end)

    def _arm(self, fault: Fault) -> Fault:
        self._faults.append(fault)
        return fault

    # How it is done --------------------------------------------------------------------------------

    def _begin(self) -> None:
        """A new connection begins with a new frame."""
        self._pending = b""            # of a frame that is not whole yet, while a fault waits for one
        self._head, self._size, self._began = b"", 0, 0.0  # of the frame that is passing
        self._free_at = 0.0

    async def pump(self, source: socket.socket, sink: socket.socket) -> None:
        """Until the source ends."""
        self._begin()
        self._sink = sink
        try:
            while True:
                data, since = await self._take(source)
                if not data:
                    return
                self.bytes += len(data)
                if self.drop:
                    continue
                await self.passing.wait()
                await self._hand_on(self._with_faults(data), since, sink)
        except OSError:
            return

    async def _take(self, source: socket.socket) -> tuple[bytes, float]:
        """Some bytes, and the earliest moment at which the line may have begun with them: when it became free, if
        they were waiting and that is not long ago, or now."""
        try:
            data, now = source.recv(self._step), time.monotonic()
            return data, self._free_at if now - self._free_at < SLACK else now
        except BlockingIOError:
            return await self._loop.sock_recv(source, self._step), time.monotonic()

    def _with_faults(self, data: bytes) -> bytes:
        """Whole frames while a fault waits or a frame is held; otherwise, and for the rest of a frame that has
        begun, all at once."""
        if not self._faults and not self._held and not self._pending:
            return data
        out = b""
        if self._size and not self._pending:
            rest, zero, data = data.partition(b"\0")
            out = rest + zero
            if not zero:
                return out
        *frames, self._pending = (self._pending + data).split(b"\0")
        out += b"".join(map(self._through_fault, frames))
        if not self._faults and not self._held:
            out, self._pending = out + self._pending, b""
        return out

    def _through_fault(self, encoded: bytes) -> bytes:
        seen = Passed(_type_of(encoded), len(encoded) + 1, time.monotonic(), time.monotonic())
        fault = next((f for f in self._faults if encoded and f.match(seen)), None)
        if not fault:
            return encoded + b"\0"
        self._faults.remove(fault)
        changed = fault.change(encoded)
        fault.happened.set()
        return changed

    async def _hand_on(self, data: bytes, since: float, sink: socket.socket) -> None:
        async with self._busy:
            for at in range(0, len(data), self._step):
                piece = data[at:at + self._step]
                began = await self._let_pass(len(piece), since)
                self._record(piece, began, time.monotonic())
                await self._loop.sock_sendall(sink, piece)

    async def _let_pass(self, size: int, since: float) -> float:
        """Waits as long as the line needs for so many bytes; when the first was on it."""
        if self._rate is None:
            return time.monotonic()
        began = max(self._free_at, since)
        self._free_at = began + size / self._rate
        left = self._free_at - time.monotonic()
        if left > 0:
            await asyncio.sleep(left)
        return began

    def _record(self, piece: bytes, began: float, ended: float) -> None:
        self.pieces.append((ended, len(piece)))
        if self.captured is not None:
            self.captured += piece
        for part in _cut_behind_zeros(piece):
            if not self._size:
                self._head, self._began = b"", began
            self._head = (self._head + part)[:2]
            self._size += len(part)
            if part.endswith(b"\0"):
                if self._size > 1:
                    self.frames.append(Passed(_type_of(self._head), self._size, self._began, ended))
                self._size = 0


def _type_of(encoded: bytes) -> int:
    """From the first two bytes of a stuffed frame."""
    return encoded[1] if len(encoded) > 1 and encoded[0] > 1 else 0


def _cut_behind_zeros(piece: bytes) -> list[bytes]:
    *whole, rest = piece.split(b"\0")
    return [part + b"\0" for part in whole] + ([rest] if rest else [])
