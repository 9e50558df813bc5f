"""What seals and opens the frames of a session (docs/protocol.md, "Frames of a session").

Without keys the same counters run on a link without tags.
"""

from . import noise
from .frames import PHASE, Frame, FrameType, cobs, frame, with_crc

WINDOW = 64


class Sealer:
    """Makes the frames of one direction."""

    def __init__(self, key: bytes | None) -> None:
        self.key = key
        self.counter = 0  # of the next frame
        self.phase = 0

    def seal(self, kind: int, flags: int = 0, payload: bytes = b"", channel: int = 0, counter: int | None = None,
             spoil_tag: bool = False, key: bytes | None = None) -> bytes:
        """A frame as it goes over the wire. With `counter` the sealer's own is not used and does not go on."""
        if counter is None:
            counter, self.counter = self.counter, self.counter + 1
        flags |= self.phase
        if self.key is None:
            return frame(kind, flags, counter, payload, channel)
        header = bytes([kind, flags, channel, counter & 255])
        sealed = bytearray(noise.seal(key or self.key, counter, header, payload))
        sealed[-1] ^= spoil_tag
        return cobs(with_crc(header + bytes(sealed))) + b"\0"

    def rekey(self) -> None:
        """The next key phase begins with the next frame."""
        self.key = noise.rekeyed(self.key)
        self.phase ^= PHASE


class Opener:
    """Reads the frames of one direction."""

    def __init__(self, key: bytes | None) -> None:
        self.key = key
        self.phase = 0
        self.newest: int | None = None
        self.newer = False  # the last frame opened was newer than all before it
        self.rekeys = 0
        self._data: tuple[int, int] | None = None  # counter and CRC of the last DATA delivered
        self._sequence = 0  # expected next

    def open(self, got: Frame) -> bytes | None:
        """The payload; None for what is to be dropped. BadTag when the tag does not verify."""
        counter = self.counter_of(got)
        if counter is None or not self._is_fresh(got.kind, counter):
            return None
        self.newer = self.newest is None or counter > self.newest
        other_phase = (got.flags & PHASE) != self.phase
        if other_phase and not self.newer:
            return None
        payload = self._unseal(got, counter, noise.rekeyed(self.key) if other_phase and self.key else self.key)
        if other_phase and self.key:
            self.key, self.phase, self.rekeys = noise.rekeyed(self.key), got.flags & PHASE, self.rekeys + 1
        self.newest = counter if self.newer else self.newest
        if got.kind != FrameType.DATA:
            return payload
        if got.flags & 1 != self._sequence:
            return None
        self._sequence ^= 1
        self._data = (counter, got.crc)
        return payload

    def is_repeat(self, got: Frame) -> bool:
        """The same DATA frame as the last one delivered: to be acknowledged without being opened."""
        return got.kind == FrameType.DATA and self._data == (self.counter_of(got), got.crc)

    def counter_of(self, got: Frame) -> int | None:
        """The 64-bit counter; None when the low byte lies outside the window."""
        if self.newest is None:
            return got.counter if got.counter < WINDOW else None
        above = (got.counter - self.newest) & 255
        counter = self.newest + (above if above <= WINDOW else above - 256)
        return counter if counter >= 0 and counter > self.newest - WINDOW else None

    def _is_fresh(self, kind: int, counter: int) -> bool:
        if kind == FrameType.DATA:
            return self._data is None or counter > self._data[0]
        return self.newest is None or counter > self.newest

    def _unseal(self, got: Frame, counter: int, key: bytes | None) -> bytes:
        return got.payload if key is None else noise.unseal(key, counter, got.header, got.payload)
