"""One end of a link over a connected socket: greeting, session, stop-and-wait. Terminal and host are built on it.

It repeats nothing by itself: the transports of these tests lose nothing unless a test says so, and what
a test wants twice it says twice.
"""

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from .cbor import decode, encode
from .frames import ACK_SEQUENCE, ACKNOWLEDGES, MAX_BODY, SEQUENCE, UNTAGGED, Frame, FrameType, frame, parse
from .session import Opener, Sealer


class Closed(Exception):
    """The peer closed the connection, said goodbye, or lost its state."""


@dataclass(frozen=True)
class Heard:
    """A frame that came, and when (monotonic seconds)."""

    at: float
    frame: Frame


class LinkEnd:
    """Methods that wait raise TimeoutError, and Closed when the peer is gone."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.heard: list[Heard] = []        # every frame, understood or not
        self.heard_bytes = 0
        self.acknowledges = True            # False: DATA of the peer is read and never acknowledged
        self.bulk_frames: list[tuple[int, int, bytes]] = []  # transfer, offset, content
        self.bulk_acks: list[tuple[int, int]] = []           # transfer, offset
        self.greeted = False
        self.hello_payload = self.peer_hello_payload = b""
        self.sealer: Sealer | None = None   # not None: the link is up
        self.opener: Opener | None = None
        self._inbox: list[list] = []
        self._owed: list[list] = []         # answers that wait for the DATA in flight
        self._received = b""
        self._greeting = 0                  # number of our HELLO
        self._answered: int | None = None   # number of the peer's HELLO that we have answered
        self._sequence = 0
        self._ack_flags = 0
        self._waits_for: tuple[int, int] | None = None  # sequence bit and counter of the DATA in flight

    # Saying ------------------------------------------------------------------------------------------

    def raw(self, data: bytes) -> None:
        try:
            self.socket.settimeout(5)
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Closed from error

    def say_hello(self, payload: bytes) -> None:
        """Greets anew, with the next number; HELLOs of the peer are answered with the same payload."""
        self._greeting = self._greeting % 255 + 1
        self._answered, self.greeted, self.hello_payload = None, False, payload
        self.raw(b"\0" + frame(FrameType.HELLO, 0, self._greeting, payload))

    def go_up(self, send_key: bytes | None = None, receive_key: bytes | None = None) -> None:
        """From here on frames are sealed with these keys, or carry no tags."""
        self.sealer, self.opener = Sealer(send_key), Opener(receive_key)
        self._sequence, self._ack_flags, self._waits_for = 0, 0, None

    def say(self, kind: FrameType, payload: bytes = b"", channel: int = 0, flags: int = 0, **misuse) -> bytes:
        """A frame of the session; `misuse` as of Sealer.seal. Returns the bytes that went out."""
        if kind != FrameType.BYE:
            flags |= self._ack_flags
        made = self.sealer.seal(kind, flags, payload, channel, **misuse)
        self.raw(made)
        return made

    def send(self, message: list | bytes, channel: int = 0, wait: bool = True, **misuse) -> bytes:
        """A DATA frame; `wait` for the one before it, and until the peer's link has acknowledged it."""
        if wait:
            self.until(lambda: self._waits_for is None)
        counter = self.sealer.counter
        self._waits_for = (self._sequence, counter)
        made = self.say(FrameType.DATA, message if isinstance(message, bytes) else encode(message), channel,
                        self._sequence, **misuse)
        self._sequence ^= 1
        if wait:
            self.until(lambda: self._waits_for is None)
        return made

    def bye(self) -> None:
        self.say(FrameType.BYE)

    def rekey(self) -> None:
        """Takes the next key for sending, when no DATA is in flight."""
        self.until(lambda: self._waits_for is None)
        self.sealer.rekey()

    # Hearing -----------------------------------------------------------------------------------------

    def take(self, *ops: int, seconds: float = 5, match: Callable[[list], bool] = lambda message: True) -> list:
        """The oldest message of these kinds; others stay."""
        def there() -> int:
            return 1 + next((at for at, m in enumerate(self._inbox) if m[0] in ops and match(m)), -1)

        return self._inbox.pop(self.until(there, seconds) - 1)

    def has(self, op: int, match: Callable[[list], bool]) -> bool:
        """Such a message has come and nobody has taken it."""
        return any(m[0] == op and match(m) for m in self._inbox)

    def receive(self, *ops: int, seconds: float = 5) -> list:
        """The oldest message of these kinds; others before it are dropped."""
        def there() -> list | None:
            while self._inbox:
                message = self._inbox.pop(0)
                if message[0] in ops:
                    return message
            return None

        return self.until(there, seconds)

    def closed_within(self, seconds: float) -> bool:
        try:
            self.until(lambda: False, seconds)
        except Closed:
            return True
        except TimeoutError:
            return False
        return False

    def silent_for(self, seconds: float) -> bool:
        """Not one byte comes for so long, and the connection stays or is closed without a word."""
        before = self.heard_bytes
        self.closed_within(seconds)
        return self.heard_bytes == before

    def kinds_heard(self) -> list[FrameType]:
        return [FrameType(h.frame.kind) for h in self.heard]

    @property
    def max_payload(self) -> int:
        """Of a DATA frame of a session, with the smaller frame size of both HELLOs."""
        sizes = [decode(hello)[4] for hello in (self.hello_payload, self.peer_hello_payload) if hello]
        return min([MAX_BODY, *sizes]) - 24

    @property
    def frames_above_data(self) -> int:
        """How far the next counter is above that of the DATA in flight; 0 without one."""
        return self.sealer.counter - self._waits_for[1] if self._waits_for else 0

    def close(self) -> None:
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def until(self, condition: Callable[[], object], seconds: float = 5):
        """Hears until the condition is true, and returns its value."""
        end = time.monotonic() + seconds
        while not (value := condition()):
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError("the peer did not say what the test waits for")
            self._pay_what_is_owed()
            self._hear(left)
        return value

    # How it is done ----------------------------------------------------------------------------------

    def on_message(self, message: list) -> None:
        """For the terminal and the host: look at a message before a test takes it."""

    def on_handshake(self, got: Frame) -> None:
        """For the terminal and the host."""

    def owe(self, message: list) -> None:
        """Sends this when nothing is in flight."""
        self._owed.append(message)

    def _pay_what_is_owed(self) -> None:
        if self._owed and self._waits_for is None:
            self.send(self._owed.pop(0), wait=False)

    def _hear(self, seconds: float) -> None:
        self.socket.settimeout(seconds)
        try:
            data = self.socket.recv(65536)
        except TimeoutError:
            return
        except ConnectionError as error:
            raise Closed from error
        if not data:
            raise Closed
        self.heard_bytes += len(data)
        *encoded, self._received = (self._received + data).split(b"\0")
        for one in filter(None, encoded):
            self._frame(parse(one))

    def _frame(self, got: Frame) -> None:
        self.heard.append(Heard(time.monotonic(), got))
        if got.kind == FrameType.HELLO:
            self._on_hello(got)
        elif got.kind == FrameType.HANDSHAKE:
            self.on_handshake(got)
        elif got.kind == FrameType.UNKNOWN_SESSION and self.sealer:
            raise Closed("the peer does not know this session")
        elif got.kind not in UNTAGGED and self.opener:
            self._on_session_frame(got)

    def _on_hello(self, got: Frame) -> None:
        answers = bool(got.flags & ACKNOWLEDGES)
        if not self._greeting or (answers and (got.channel != self._greeting or self.greeted)):
            return
        if self.greeted and (got.payload, got.counter) != (self.peer_hello_payload, self._answered):
            raise Closed("the peer greeted anew")
        self.peer_hello_payload = got.payload
        if not answers or self._answered != got.counter:
            self._answered = got.counter
            self.raw(frame(FrameType.HELLO, ACKNOWLEDGES, self._greeting, self.hello_payload, channel=got.counter))
        self.greeted = self.greeted or answers

    def _on_session_frame(self, got: Frame) -> None:
        if self.opener.is_repeat(got):
            return self._acknowledge()
        payload = self.opener.open(got)
        if payload is None:
            return
        if self.opener.newer and self._waits_for and got.acknowledged == self._waits_for[0]:
            self._waits_for = None
        if got.kind == FrameType.BYE:
            raise Closed("the peer said goodbye")
        if got.kind == FrameType.PING:
            self.say(FrameType.ACK)
        elif got.kind == FrameType.BULK:
            self.bulk_frames.append((got.channel, int.from_bytes(payload[:4], "little"), payload[4:]))
        elif got.kind == FrameType.BULK_ACK:
            self.bulk_acks.append((got.channel, int.from_bytes(payload, "little")))
        elif got.kind == FrameType.DATA:
            self._ack_flags = ACKNOWLEDGES | (ACK_SEQUENCE if got.flags & SEQUENCE else 0)
            message = decode(payload)
            self._inbox.append(message)
            self.on_message(message)
            self._acknowledge()

    def _acknowledge(self) -> None:
        if self.acknowledges:
            self.say(FrameType.ACK)
