"""Somebody between a terminal and a host who enrol: a host towards the one, a terminal towards the other.

Each side gets keys of his own, as docs/protocol.md lets him; what he cannot do is make the numbers agree.
"""

import threading

from .enrolment import EnrolmentEnded, Secrets
from .host import Listener, WireHost
from .messages import EnrolEndReason
from .terminal import EnrollingTerminal


class Middle:
    """Listens for the terminal on `port` and calls the host with the terminal's serial. Plays in a thread."""

    def __init__(self, host_port: int, serial: str) -> None:
        self._host_port, self._serial = host_port, serial
        self._listener = Listener()
        self.port = self._listener.port
        self._towards_terminal: WireHost | None = None
        self._towards_host: EnrollingTerminal | None = None
        self._secrets: Secrets | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._play, daemon=True)
        self._thread.start()

    def _play(self) -> None:
        try:
            self._towards_terminal = self._listener.accept()
            self._towards_terminal.greet()
            self._towards_host = EnrollingTerminal(self._host_port, self._serial)
            self._towards_host.promise()
            self._secrets = self._towards_terminal.number()
            self._towards_host.shown()
        except BaseException as error:  # raised again in the test's thread
            self._error = error

    def _played(self) -> None:
        self._thread.join(20)
        if self._error:
            raise self._error

    @property
    def digits_towards_terminal(self) -> str:
        self._played()
        return self._secrets.digits

    @property
    def digits_towards_host(self) -> str:
        self._played()
        return self._towards_host.secrets.digits

    def ended(self, seconds: float = 10) -> EnrolEndReason | None:
        """What the host says instead of granting; None when it grants."""
        self._played()
        try:
            self._towards_host.agree(seconds)
        except EnrolmentEnded as end:
            return end.reason
        return None

    def close(self) -> None:
        self._thread.join(20)
        for end in (self._towards_terminal, self._towards_host, self._listener):
            if end:
                end.close()

    def __enter__(self) -> "Middle":
        return self

    def __exit__(self, *_) -> None:
        self.close()
