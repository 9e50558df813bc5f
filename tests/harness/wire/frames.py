"""Frames (docs/protocol.md, "Frames"): header, payload, CRC-32, in COBS between zero bytes."""

import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum


class FrameType(IntEnum):
    HELLO = 1
    DATA = 2
    ACK = 3
    PING = 4
    BYE = 5
    HANDSHAKE = 6
    UNKNOWN_SESSION = 7
    BULK = 8
    BULK_ACK = 9


SEQUENCE, ACKNOWLEDGES, ACK_SEQUENCE, PHASE = 1, 2, 4, 8  # bits of the flags byte
UNTAGGED = (FrameType.HELLO, FrameType.HANDSHAKE, FrameType.UNKNOWN_SESSION)
MIN_BODY, MAX_BODY = 192, 1024
HEADER, CRC, TAG = 4, 4, 16


@dataclass(frozen=True)
class Frame:
    """A frame as it came: `payload` with its tag, if it has one."""

    kind: int
    flags: int
    channel: int
    counter: int  # low 8 bits
    payload: bytes
    crc: int

    @property
    def header(self) -> bytes:
        return bytes([self.kind, self.flags, self.channel, self.counter])

    @property
    def acknowledged(self) -> int | None:
        """The sequence bit of the DATA that it acknowledges."""
        return int(bool(self.flags & ACK_SEQUENCE)) if self.flags & ACKNOWLEDGES else None


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


def with_crc(body: bytes, spoil: bool = False) -> bytes:
    """Header and payload, followed by their CRC-32, or by another one."""
    return body + struct.pack("<I", zlib.crc32(body) ^ spoil)


def frame(kind: int, flags: int, counter: int, payload: bytes = b"", channel: int = 0,
          spoil_crc: bool = False) -> bytes:
    """What goes over the wire: COBS and the zero byte behind it."""
    return cobs(with_crc(bytes([kind, flags, channel, counter & 255]) + payload, spoil_crc)) + b"\0"


def parse(encoded: bytes) -> Frame:
    """A frame without its zero byte; ValueError when it is broken."""
    body = uncobs(encoded)
    if len(body) < HEADER + CRC:
        raise ValueError("too short")
    if with_crc(body[:-CRC]) != body:
        raise ValueError("wrong CRC")
    return Frame(*body[:HEADER], body[HEADER:-CRC], struct.unpack("<I", body[-CRC:])[0])
