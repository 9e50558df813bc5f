"""Bulk transfers (docs/protocol.md), from either end of a link that is up."""

import hashlib
import struct
from dataclasses import dataclass

from .end import LinkEnd
from .frames import FrameType
from .messages import BulkKind, BulkResult, Op
from .session import WINDOW


@dataclass(frozen=True)
class Transfer:
    """What came, or as much of it as came."""

    transfer: int
    kind: BulkKind
    subject: int
    bytes: int
    digest: bytes
    content: bytes
    result: BulkResult | None  # None: it was left off by order of the test
    started_at: int            # the offset from which it was sent


def offer(end: LinkEnd, kind: int, content: bytes, subject: int = 0, transfer: int = 1, size: int | None = None,
          digest: bytes | None = None) -> list:
    """Offers a content; the answer, `bulk_accept` or `bulk_end`. `size`, `digest`: others than are right."""
    end.send([Op.BULK_OFFER, transfer, kind, subject, len(content) if size is None else size,
              hashlib.sha256(content).digest() if digest is None else digest])
    return end.take(Op.BULK_ACCEPT, Op.BULK_END, match=lambda message: message[1] == transfer)


def send(end: LinkEnd, kind: int, content: bytes, subject: int = 0, transfer: int = 1, size: int | None = None,
         digest: bytes | None = None, piece: int | None = None, seconds: float = 20) -> BulkResult:
    """Offers and sends a whole content; how the receiver ended it."""
    answer = offer(end, kind, content, subject, transfer, size, digest)
    if answer[0] == Op.BULK_ACCEPT:
        pour(end, content, transfer, answer[2], answer[3], piece, seconds)
        answer = end.take(Op.BULK_END, seconds=seconds, match=lambda message: message[1] == transfer and not message[3])
    return BulkResult(answer[2])


def pour(end: LinkEnd, content: bytes, transfer: int, start: int, window: int, piece: int | None = None,
         seconds: float = 20) -> None:
    """The BULK frames of an accepted transfer, at most `window` of them beyond the last acknowledged offset; until
    all are acknowledged or the receiver has ended it."""
    piece = piece or end.max_payload - 4
    acknowledged, sent, ended = start, start, False
    while acknowledged < len(content) and not ended:
        while sent < len(content) and sent - acknowledged < window * piece:
            _room_for_counter(end)
            put(end, transfer, sent, content[sent:sent + piece])
            sent = min(sent + piece, len(content))
        end.until(lambda: end.bulk_acks or _is_over(end, transfer), seconds)
        acknowledged = max([acknowledged, *(at for number, at in end.bulk_acks if number == transfer)])
        end.bulk_acks.clear()
        ended = _is_over(end, transfer)


def put(end: LinkEnd, transfer: int, offset: int, content: bytes, **misuse) -> bytes:
    """One BULK frame."""
    return end.say(FrameType.BULK, struct.pack("<I", offset) + content, channel=transfer, **misuse)


def receive(end: LinkEnd, held: bytes = b"", window: int = 4, stop_at: int | None = None,
            result: BulkResult | None = None, seconds: float = 20) -> Transfer:
    """Takes the next transfer that is offered. `held`: what is there of it already. `stop_at`: returns when so
    much is there, without a word. `result`: how to end it, whatever came."""
    _, transfer, kind, subject, size, digest = end.take(Op.BULK_OFFER, seconds=seconds)[:6]
    content = bytearray(held)

    def made(how: BulkResult | None) -> Transfer:
        return Transfer(transfer, BulkKind(kind), subject, size, digest, bytes(content), how, len(held))

    end.bulk_frames.clear()
    end.send([Op.BULK_ACCEPT, transfer, len(held), window])
    while len(content) < size:
        if stop_at is not None and len(content) >= stop_at:
            return made(None)
        end.until(lambda: end.bulk_frames or _is_over(end, transfer, by_sender=True), seconds)
        if _is_over(end, transfer, by_sender=True):
            message = end.take(Op.BULK_END, match=lambda m: m[1] == transfer)
            return made(BulkResult(message[2]))
        _append(end, transfer, content)
    right = hashlib.sha256(content).digest() == digest
    how = result if result is not None else BulkResult.COMPLETE if right else BulkResult.DIGEST
    end.send([Op.BULK_END, transfer, how, False])
    return made(how)


def refuse(end: LinkEnd, seconds: float = 5) -> list:
    """Does not take the next transfer that is offered; its offer."""
    message = end.take(Op.BULK_OFFER, seconds=seconds)
    end.send([Op.BULK_END, message[1], BulkResult.REFUSED, False])
    return message


def _append(end: LinkEnd, transfer: int, content: bytearray) -> None:
    for number, offset, more in end.bulk_frames:
        if number == transfer and offset == len(content):
            content += more
    end.bulk_frames.clear()
    _room_for_counter(end)
    end.say(FrameType.BULK_ACK, struct.pack("<I", len(content)), channel=transfer)


def _room_for_counter(end: LinkEnd) -> None:
    """No frame 64 or more above a DATA frame that waits for its ACK."""
    end.until(lambda: end.frames_above_data < WINDOW)


def _is_over(end: LinkEnd, transfer: int, by_sender: bool = False) -> bool:
    return end.has(Op.BULK_END, lambda message: message[1] == transfer and message[3] is by_sender)
