"""A host's end of the link, for tests of what a terminal does: it greets, holds a key, enrols, or lies."""

import contextlib
import os
import socket
import threading
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from .cbor import decode, encode
from .end import Closed, LinkEnd
from .enrolment import EnrolmentEnded, Grant, Secrets, commitment, transcript
from .frames import MAX_BODY, Frame, FrameType, frame
from .messages import Capability, EnrolEndReason, Op, Outcome
from .noise import BadTag, Handshake, public_bytes


class WireHost(LinkEnd):
    """One connection of a terminal. `keys`: link keys by serial; it answers nobody else."""

    def __init__(self, connection: socket.socket, keys: dict[str, bytes] | None = None,
                 max_frame: int = MAX_BODY) -> None:
        super().__init__(connection)
        self.keys = keys or {}
        self.cause = ""  # why it ended the session itself
        self._handshake_1 = self._handshake_2 = b""
        self.say_hello(encode([0, 1, 1, 0, max_frame, "", "wire-host", 0, 0, 0, 0]))

    @property
    def peer_hello(self) -> list:
        return decode(self.peer_hello_payload)

    @property
    def serial(self) -> str:
        return self.peer_hello[5]

    def greet(self) -> None:
        """Until the terminal has greeted; goes up at once with one that wants to enrol."""
        self.until(lambda: self.greeted)
        if self.peer_hello[3] & Capability.ENROLLING:
            self.go_up()

    def on_handshake(self, got: Frame) -> None:
        if got.channel != 1 or not self.greeted or self.serial not in self.keys:
            return
        if got.payload != self._handshake_1:
            if self.opener and self.opener.newest is not None:
                return
            noise = Handshake(self.keys[self.serial], self.peer_hello_payload + self.hello_payload)
            try:
                noise.read(got.payload)
            except (BadTag, ValueError):
                self._end("handshake")
            self._handshake_1, self._handshake_2 = got.payload, noise.write()
            self.go_up(*reversed(noise.split()))
        self.raw(frame(FrameType.HANDSHAKE, 0, 0, self._handshake_2, channel=2))

    def _on_session_frame(self, got: Frame) -> None:
        try:
            super()._on_session_frame(got)
        except BadTag:
            self._end("tag")

    def _end(self, cause: str) -> None:
        self.cause = cause
        self.close()
        raise Closed(cause)

    # Enrolment ---------------------------------------------------------------------------------------

    def number(self, private: X25519PrivateKey | None = None, other_nonce: bytes | None = None) -> Secrets:
        """Promises, hears the terminal's key, opens. `other_nonce`: opens with this one instead of what it promised."""
        private = private or X25519PrivateKey.generate()
        public, nonce = public_bytes(private), os.urandom(32)
        promised = commitment(public, nonce)
        self.send([Op.ENROL_COMMIT, promised])
        terminal = self._from_terminal(Op.ENROL_KEY)[1]
        nonce = other_nonce or nonce
        self.send([Op.ENROL_OPEN, public, nonce], wait=False)
        hellos = (self.peer_hello_payload, self.hello_payload)
        return Secrets(private, terminal, transcript(hellos, promised, terminal, public, nonce))

    def grant(self, secrets: Secrets, grant: Grant, seconds: float = 10) -> bool:
        """Hands over the key; whether the terminal's proof is right."""
        self.send([Op.ENROL_GRANT, secrets.seal(grant)])
        return self._from_terminal(Op.ENROL_DONE, seconds)[1] == secrets.proof(grant.key)

    def refuse(self, reason: EnrolEndReason) -> None:
        self.send([Op.ENROL_END, reason])

    def _from_terminal(self, op: Op, seconds: float = 5) -> list:
        message = self.receive(op, Op.ENROL_END, seconds=seconds)
        if message[0] == Op.ENROL_END:
            raise EnrolmentEnded(EnrolEndReason(message[1]), by_peer=True)
        return message


class Listener:
    """A loopback port on which terminals call."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(10)
        self.port: int = self._socket.getsockname()[1]

    def accept(self, **settings) -> WireHost:
        return WireHost(self._socket.accept()[0], **settings)

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *_) -> None:
        self.close()


class HostInBackground:
    """Plays one connection after the other in a thread: `play(host)` for each. What went wrong is raised at the end."""

    def __init__(self, play: Callable[[WireHost], None], connections: int = 1, **settings) -> None:
        self.hosts: list[WireHost] = []
        self._play, self._settings, self._connections = play, settings, connections
        self._listener = Listener()
        self.port = self._listener.port
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            for _ in range(self._connections):
                with self._listener.accept(**self._settings) as host:
                    self.hosts.append(host)
                    with contextlib.suppress(Closed):
                        self._play(host)
        except BaseException as error:  # raised again in the test's thread
            self._error = error

    def __enter__(self) -> "HostInBackground":
        return self

    def __exit__(self, kind, *_) -> None:
        self._thread.join(15)
        self._listener.close()
        if kind:
            return
        if self._thread.is_alive():
            raise TimeoutError("the host still plays; the test has ended")
        if self._error:
            raise self._error


def serve(host: WireHost) -> None:
    """What a site does for a terminal: welcome, and green for every tap. Until the link ends."""
    host.greet()
    while True:
        message = host.take(Op.TERMINAL_STATE, Op.TAP, seconds=20)
        if message[0] == Op.TERMINAL_STATE:
            host.owe([Op.WELCOME, 1_700_000_000_000, 2, 1, bytes(32), 0])
        else:
            host.owe([Op.ANSWER, message[1], message[2], Outcome.ARRIVED])
