"""A terminal's end of the link, written a second time from docs/protocol.md, for tests.

It says exactly what a test tells it to say, right or wrong, which the real terminal would never do.
Clear-text links over TCP only.
"""

import socket
import struct
import time
import zlib
from enum import IntEnum


class Op(IntEnum):
    TERMINAL_STATE = 1
    TAP = 2
    QUEUED_TAP = 3
    GAVE_UP = 4
    TOUCH = 5
    WELCOME = 32
    ANSWER = 33
    TAP_ACK = 34
    RESEND_TAPS = 35
    OPEN_EPOCH = 36
    SCREEN_BEGIN = 37
    SCREEN_DATA = 38
    SCREEN_SHOW = 39
    TIME = 40


class Outcome(IntEnum):
    ARRIVED = 1
    LEFT = 2
    RECORDED = 3
    REPEAT = 4
    SEE_STAFF = 5
    NOT_RECORDED = 6


class FrameType(IntEnum):
    HELLO = 1
    DATA = 2
    ACK = 3
    PING = 4
    BYE = 5


SEQUENCE, ACK, ACK_SEQUENCE = 1, 2, 4  # bits of the flags byte
MAX_BODY = 1024

# CBOR, as much of RFC 8949 section 4.2 as the messages use ------------------------------------------


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    for code, form in ((24, ">B"), (25, ">H"), (26, ">I"), (27, ">Q")):
        if number < 1 << 8 * struct.calcsize(form):
            return bytes([major << 5 | code]) + struct.pack(form, number)
    raise ValueError(f"{number} does not fit in CBOR")


def encode(value) -> bytes:
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, (bytes, bytearray)):
        return _head(2, len(value)) + bytes(value)
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    if isinstance(value, (list, tuple)):
        return _head(4, len(value)) + b"".join(map(encode, value))
    raise TypeError(f"no CBOR for {value!r}")


def _decode(data: bytes, at: int):
    first = data[at]
    major, short = first >> 5, first & 31
    at += 1
    if major == 7:
        return {20: False, 21: True, 22: None}[short], at
    number = short
    if short >= 24:
        size = 1 << short - 24
        number = int.from_bytes(data[at:at + size], "big")
        at += size
    if major == 0:
        return number, at
    if major == 1:
        return -1 - number, at
    if major in (2, 3):
        raw = data[at:at + number]
        return (raw if major == 2 else raw.decode()), at + number
    items = []
    for _ in range(number):
        item, at = _decode(data, at)
        items.append(item)
    return items, at


def decode(data: bytes):
    value, end = _decode(data, 0)
    if end != len(data):
        raise ValueError("bytes follow the message")
    return value


# Frames ----------------------------------------------------------------------------------------------


def cobs(data: bytes) -> bytes:
    out = bytearray()
    for block in data.split(b"\0"):
        while len(block) >= 254:
            out += b"\xff" + block[:254]
            block = block[254:]
        out += bytes([len(block) + 1]) + block
    return bytes(out)


def uncobs(data: bytes) -> bytes:
    out, at = bytearray(), 0
    while at < len(data):
        code = data[at]
        if code == 0 or at + code > len(data):
            raise ValueError("broken COBS")
        out += data[at + 1:at + code]
        at += code
        if code < 255 and at < len(data):
            out.append(0)
    return bytes(out)


def frame(kind: int, flags: int, counter: int, payload: bytes = b"", channel: int = 0, spoil_crc: bool = False) -> bytes:
    body = bytes([kind, flags, channel, counter & 255]) + payload
    crc = zlib.crc32(body) ^ (1 if spoil_crc else 0)
    return cobs(body + struct.pack("<I", crc)) + b"\0"


class Closed(Exception):
    """The daemon closed the connection or said goodbye."""


class WireTerminal:
    """One connection. Methods that wait raise TimeoutError."""

    def __init__(self, port: int, serial: str, epoch: bytes = bytes(range(16)), boot: int = 1,
                 panel: tuple[int, int] = (0, 0)) -> None:
        self.serial, self.epoch, self.boot, self.panel = serial, epoch, boot, panel
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self._received = b""
        self._counter = 0
        self._greeting = 0
        self._sequence = 0
        self._ack_flags = 0
        self._acknowledged = True
        self._inbox: list[list] = []
        self.acknowledges = True  # False: data of the daemon is read and never acknowledged

    # Saying ------------------------------------------------------------------------------------------

    def raw(self, data: bytes) -> None:
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Closed() from error

    def hello(self, **changes) -> None:
        """Each call greets anew; the daemon's HELLOs are answered with the same content."""
        fields = dict(protocol_min=1, protocol_max=1, capabilities=0b1011 if self.panel[0] else 0b1000,
                      max_frame=MAX_BODY, serial=self.serial, firmware="wire-test", boot=self.boot, reset=1, slot=0,
                      last_update=0) | changes
        self._greeting = self._greeting % 255 + 1
        self._hello = encode([0, *fields.values()])
        self.greeted = False
        self.raw(b"\0" + frame(FrameType.HELLO, 0, self._greeting, self._hello))

    def greet(self, **changes) -> None:
        """HELLO, and waits until both ends are up."""
        self.hello(**changes)
        self._until(lambda: self.greeted, 5)

    def send(self, message: list | bytes, channel: int = 0, wait: bool = True) -> None:
        """A data frame; `wait` until the daemon's link has acknowledged it."""
        payload = message if isinstance(message, bytes) else encode(message)
        self._acknowledged = False
        self.raw(frame(FrameType.DATA, self._sequence | self._ack_flags, self._next(), payload, channel))
        self._expected_ack, self._sequence = self._sequence, self._sequence ^ 1
        if wait:
            self._until(lambda: self._acknowledged, 5)

    def bye(self) -> None:
        self.raw(frame(FrameType.BYE, 0, self._next()))

    def open(self, next_number: int = 1, waiting: int = 0) -> list:
        """HELLO, terminal_state; returns the daemon's welcome."""
        self.greet()
        self.send([Op.TERMINAL_STATE, self.epoch, next_number, waiting, 20000, *self.panel, True])
        return self.receive(Op.WELCOME)

    def tap(self, number: int, card: bytes, wall_ms: int | None = None, monotonic_ms: int = 1000, wait: bool = True) -> None:
        self.send([Op.TAP, self.epoch, number, self.boot, monotonic_ms,
                   int(time.time() * 1000) if wall_ms is None else wall_ms, 1, 1, card], wait=wait)

    def gave_up(self, number: int) -> None:
        self.send([Op.GAVE_UP, self.epoch, number])

    # Hearing -----------------------------------------------------------------------------------------

    greeted = False

    def receive(self, op: Op, seconds: float = 5) -> list:
        """The oldest message of this kind; others before it are dropped."""
        found: list[list] = []

        def there() -> bool:
            while self._inbox:
                message = self._inbox.pop(0)
                if message[0] == op:
                    found.append(message)
                    return True
            return False

        self._until(there, seconds)
        return found[0]

    def answer(self, number: int, seconds: float = 5) -> Outcome:
        while True:
            message = self.receive(Op.ANSWER, seconds)
            if message[1] == self.epoch and message[2] == number:
                return Outcome(message[3])

    def closed_within(self, seconds: float) -> bool:
        try:
            self._until(lambda: False, seconds)
        except Closed:
            return True
        except TimeoutError:
            return False
        return False

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> "WireTerminal":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def _next(self) -> int:
        self._counter += 1
        return self._counter - 1

    def _until(self, condition, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not condition():
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError("the daemon did not say what the test waits for")
            self.socket.settimeout(left)
            try:
                data = self.socket.recv(65536)
            except TimeoutError:
                continue
            except ConnectionError as error:
                raise Closed from error
            if not data:
                raise Closed
            *frames, self._received = (self._received + data).split(b"\0")
            try:
                for encoded in filter(None, frames):
                    self._frame(uncobs(encoded))
            except ConnectionError as error:
                raise Closed from error

    def _frame(self, body: bytes) -> None:
        kind, flags, channel, counter = body[:4]
        payload = body[4:-4]
        assert struct.pack("<I", zlib.crc32(body[:-4])) == body[-4:], "a frame of the daemon has a wrong CRC"
        if kind == FrameType.HELLO:
            answers_us = flags & ACK and channel == self._greeting
            if self._greeting and not self.greeted and (answers_us or not flags & ACK):
                self.raw(frame(FrameType.HELLO, ACK, self._greeting, self._hello, channel=counter))
                self.greeted = bool(answers_us)
            return
        if kind == FrameType.BYE:
            raise Closed
        if flags & ACK and bool(flags & ACK_SEQUENCE) == bool(getattr(self, "_expected_ack", 0)):
            self._acknowledged = True
        if kind == FrameType.DATA:
            fresh = counter != getattr(self, "_newest", None)
            self._newest = counter
            self._ack_flags = ACK | (ACK_SEQUENCE if flags & SEQUENCE else 0)
            if fresh:
                self._inbox.append(decode(payload))
            if self.acknowledges:
                self.raw(frame(FrameType.ACK, self._ack_flags, self._next()))
        elif kind == FrameType.PING:
            self.raw(frame(FrameType.ACK, self._ack_flags, self._next()))
