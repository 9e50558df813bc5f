"""A terminal's end of the link, written a second time from docs/protocol.md, for tests. TCP only.

It says exactly what a test tells it to say, right or wrong, which the real terminal would never do.
"""

import socket
import time

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from .cbor import encode
from .end import LinkEnd
from .enrolment import EnrolmentEnded, Grant, Secrets, commitment, transcript
from .frames import MAX_BODY, Frame, FrameType, frame
from .messages import Capability, EnrolEndReason, Op, Outcome, answer_without_device
from .noise import BadTag, Handshake, public_bytes


class WireTerminal(LinkEnd):
    """One connection. Without a key it goes up in clear after HELLO, whatever the daemon thinks of that."""

    def __init__(self, port: int, serial: str, epoch: bytes = bytes(range(16)), boot: int = 1,
                 panel: tuple[int, int] = (0, 0), key: bytes | None = None) -> None:
        """`key`: the link key."""
        super().__init__(socket.create_connection(("127.0.0.1", port), timeout=5))
        self.serial, self.epoch, self.boot, self.panel, self.key = serial, epoch, boot, panel, key
        self.answers_host = True  # False: `configure` and the like are read and never answered
        self.handshake_1 = b""    # as it was sent
        self._noise: Handshake | None = None

    # Greeting ----------------------------------------------------------------------------------------

    def hello(self, **changes) -> None:
        """Each call greets anew."""
        abilities = Capability.QUEUE | (Capability.DISPLAY | Capability.TOUCH if self.panel[0] else 0)
        fields = dict(protocol_min=1, protocol_max=1, capabilities=int(abilities), max_frame=MAX_BODY,
                      serial=self.serial, firmware="wire-test", boot=self.boot, reset=1, slot=0,
                      last_update=0) | changes
        self.say_hello(encode([0, *fields.values()]))

    def greet(self, **changes) -> None:
        """HELLO and the handshake; returns when both ends are up, or at once when this one is in clear."""
        self.hello(**changes)
        self.until(lambda: self.greeted)
        if self.key is None:
            self.go_up()
        else:
            self.handshake()
            self.prove()

    def handshake(self, key: bytes | None = None, prologue: bytes | None = None) -> None:
        """HANDSHAKE 1, and up at HANDSHAKE 2. `key`, `prologue`: other ones than are right."""
        self.say_handshake(key, prologue)
        self.until(lambda: self.sealer)

    def say_handshake(self, key: bytes | None = None, prologue: bytes | None = None, damage: int | None = None,
                      repeat: bool = False) -> None:
        """HANDSHAKE 1 only. `damage`: this byte of it is another. `repeat`: the same bytes as before."""
        if not repeat:
            right = self.hello_payload + self.peer_hello_payload
            self._noise = Handshake(key or self.key, right if prologue is None else prologue)
            message = bytearray(self._noise.write())
            if damage is not None:
                message[damage] ^= 1
            self.handshake_1 = bytes(message)
        self.raw(frame(FrameType.HANDSHAKE, 0, 0, self.handshake_1, channel=1))

    def prove(self) -> None:
        """The first frame with a tag: the daemon is up when it has it."""
        self.say(FrameType.ACK)

    def on_handshake(self, got: Frame) -> None:
        if got.channel == 2 and self._noise and not self.sealer:
            self._noise.read(got.payload)
            self.go_up(*self._noise.split())

    # Messages ----------------------------------------------------------------------------------------

    def open(self, next_number: int = 1, waiting: int = 0) -> list:
        """Greets and says its state; returns the daemon's welcome."""
        self.greet()
        self.send([Op.TERMINAL_STATE, self.epoch, next_number, waiting, 20000, *self.panel])
        return self.receive(Op.WELCOME)

    def tap(self, number: int, card: bytes, wall_ms: int | None = None, monotonic_ms: int = 1000,
            wait: bool = True, kind: int = 1) -> None:
        self.send([Op.TAP, self.epoch, number, self.boot, monotonic_ms,
                   int(time.time() * 1000) if wall_ms is None else wall_ms, 1, kind, card], wait=wait)

    def gave_up(self, number: int) -> None:
        self.send([Op.GAVE_UP, self.epoch, number])

    def answer(self, number: int, seconds: float = 5) -> Outcome:
        while True:
            message = self.receive(Op.ANSWER, seconds=seconds)
            if message[1] == self.epoch and message[2] == number:
                return Outcome(message[3])

    def on_message(self, message: list) -> None:
        """A new link key counts from the next connection on."""
        answer = answer_without_device(message) if self.answers_host else None
        if answer:
            self.owe(answer)
        if message[0] == Op.ROTATE_KEY and answer:
            self.key = message[1]


class EnrollingTerminal(WireTerminal):
    """A terminal whose provisioning window is open. Call `promise`, then `shown`, then `agree`; or misbehave."""

    def __init__(self, port: int, serial: str, private: X25519PrivateKey | None = None) -> None:
        """`private`: a fixed key, for misuse."""
        super().__init__(port, serial)
        self.private = private or X25519PrivateKey.generate()
        self.secrets: Secrets | None = None
        self.committed = b""

    def greet(self, **changes) -> None:
        self.hello(capabilities=int(Capability.QUEUE | Capability.ENROLLING), **changes)
        self.until(lambda: self.greeted)
        self.go_up()

    def promise(self) -> None:
        """Calls, and waits for what the host binds itself to."""
        self.greet()
        self.committed = self._from_host(Op.ENROL_COMMIT)[1]

    def shown(self, public: bytes | None = None) -> str:
        """Sends its key; the six digits that a person would read on it. `public`: another key than its own."""
        own = public or public_bytes(self.private)
        self.send([Op.ENROL_KEY, own])
        host, nonce = self._from_host(Op.ENROL_OPEN)[1:3]
        if commitment(host, nonce) != self.committed:
            self.end(EnrolEndReason.BROKEN_PROMISE)
        hellos = (self.hello_payload, self.peer_hello_payload)
        try:
            self.secrets = Secrets(self.private, host, transcript(hellos, self.committed, own, host, nonce))
        except ValueError:
            self.end(EnrolEndReason.PROTOCOL)
        return self.secrets.digits

    def agree(self, seconds: float = 10, proof: bytes | None = None) -> Grant:
        """Takes the grant and proves that it has the key. `proof`: another one than is right."""
        sealed = self._from_host(Op.ENROL_GRANT, seconds)[1]
        try:
            grant = self.secrets.unseal(sealed)
        except BadTag:
            self.end(EnrolEndReason.PROTOCOL)
        self.key = grant.key  # kept before the host is told; the first handshake proves it as well
        self.send([Op.ENROL_DONE, self.secrets.proof(grant.key) if proof is None else proof])
        return grant

    def end(self, reason: EnrolEndReason) -> None:
        """Says that the attempt is over, and raises it."""
        self.send([Op.ENROL_END, reason], wait=False)
        raise EnrolmentEnded(reason, by_peer=False)

    def _from_host(self, op: Op, seconds: float = 5) -> list:
        message = self.receive(op, Op.ENROL_END, seconds=seconds)
        if message[0] == Op.ENROL_END:
            raise EnrolmentEnded(EnrolEndReason(message[1]), by_peer=True)
        return message
