"""Enrols terminals as a person would: reads the digits at the one program and types them into the other.

    rollcall-terminal --connect ... --serial S --settings FILE --enrol
    rollcall --socket SOCK terminal enrol S --room ROOM --mode MODE --languages fr,en

The host opens one window at a time, so many terminals are enrolled one after the other.
"""

import contextlib
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .program import ProgramError

if TYPE_CHECKING:
    from .site import Site

STEP = 30       # seconds for each thing that a program says
WINDOW = 120    # seconds for which both windows are open (docs/protocol.md, "Enrolment")

TERMINAL_SHOWS = re.compile(r"this terminal shows (\d{3}) (\d{3})")
TERMINAL_ASKS = re.compile(r"does the host show the same number\? yes or no: ")
TERMINAL_DONE = re.compile(r"enrol: done, this terminal belongs to (\S+)")
HOST_ASKS = re.compile(r"(digits that the terminal shows|Type them): $")
HOST_AGREES = re.compile(r"The numbers agree: (\d{3}) (\d{3})")
ANYTHING = re.compile(r"\S")


class Dialogue:
    """A started program that prompts. What it says is read as it comes, line or no line."""

    def __init__(self, name: str, command: list[str | Path], environment: dict[str, str] | None = None) -> None:
        self.name = name
        self.said = ""
        # setpriv: as in Program. Both kinds of output in one, as on a person's screen.
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", *map(str, command)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(os.environ, **(environment or {})),
            start_new_session=True)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._process.stdout, selectors.EVENT_READ)

    def wait_for(self, pattern: re.Pattern, seconds: float = STEP) -> re.Match:
        """The first place in what it said so far; ProgramError when it ends or is silent instead."""
        end = time.monotonic() + seconds
        while not (found := pattern.search(self.said)):
            left = end - time.monotonic()
            if left <= 0:
                raise ProgramError(f"{self.name} did not say `{pattern.pattern}` within {seconds:g} s; {self._words()}")
            if not self._read(left):
                raise ProgramError(f"{self.name} ended (exit code {self.wait()}); {self._words()}")
        return found

    def type(self, line: str) -> None:
        try:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise ProgramError(f"{self.name} takes no input any more; {self._words()}") from None

    def interrupt(self) -> None:
        """As Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)

    def wait(self, seconds: float = STEP) -> int:
        """Its exit code, when it has said everything."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self._read(left):
            pass
        try:
            return self._process.wait(max(left, 1))
        except subprocess.TimeoutExpired:
            raise ProgramError(f"{self.name} still runs after {seconds:g} s; {self._words()}") from None

    def expect_success(self, seconds: float = STEP) -> None:
        code = self.wait(seconds)
        if code != 0:
            raise ProgramError(f"{self.name} failed (exit code {code}); {self._words()}")

    def stop(self) -> None:
        """Ends it, if it still runs."""
        self._selector.close()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()

    def __enter__(self) -> "Dialogue":
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def _read(self, seconds: float) -> bool:
        """False at the end of its output."""
        if not self._selector.select(seconds):
            return True
        data = os.read(self._process.stdout.fileno(), 4096)
        self.said += data.decode(errors="replace")
        return bool(data)

    def _words(self) -> str:
        return f"it said: {self.said.strip()}" if self.said.strip() else "it said nothing"


class HostDialogue(Dialogue):
    """`rollcall terminal enrol`: a window at the host."""

    def __init__(self, site: "Site", serial: str, room: str, mode: str, languages: Iterable[str]) -> None:
        super().__init__(f"rollcall terminal enrol {serial}",
                         [site.programs.rollcall, "--socket", site.control_socket, "terminal", "enrol", serial,
                          "--room", room, "--mode", mode, "--languages", ",".join(languages)])

    def wait_open(self) -> None:
        """It says something as soon as the window is open."""
        self.wait_for(ANYTHING)

    def enter(self, digits: str) -> None:
        self.wait_for(HOST_ASKS)
        self.type(digits)

    def agreed(self) -> str:
        """The digits that it compared."""
        return "".join(self.wait_for(HOST_AGREES).groups())


class TerminalDialogue(Dialogue):
    """`rollcall-terminal --enrol`: a terminal whose provisioning window has been opened."""

    def __init__(self, site: "Site", serial: str, settings: Path, connect: str | None = None) -> None:
        settings.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(f"rollcall-terminal {serial} --enrol",
                         [site.programs.terminal, "--connect", connect or f"tcp:127.0.0.1:{site.ports.links}",
                          "--serial", serial, "--settings", settings, "--enrol"],
                         site.played_environment())

    def digits(self) -> str:
        return "".join(self.wait_for(TERMINAL_SHOWS).groups())

    def confirm(self, same: bool) -> None:
        self.wait_for(TERMINAL_ASKS)
        self.type("yes" if same else "no")

    def belongs_to(self) -> str:
        """The site that it belongs to now."""
        return self.wait_for(TERMINAL_DONE).group(1)


@dataclass(frozen=True)
class Enrolled:
    serial: str
    site: str
    digits: str
    seconds: float


def enrol(site: "Site", serial: str, room: str, mode: str, languages: Iterable[str],
          connect: str | None = None) -> Enrolled:
    """Both programs, both prompts; the numbers are compared on both sides. ProgramError says what went wrong."""
    begin = time.monotonic()
    with HostDialogue(site, serial, room, mode, languages) as host:
        host.wait_open()
        with TerminalDialogue(site, serial, site.settings_file(serial), connect) as terminal:
            digits = terminal.digits()
            host.enter(digits)
            if host.agreed() != digits:
                raise ProgramError(f"{serial}: the terminal shows {digits} and the host agrees to {host.agreed()}")
            terminal.confirm(True)
            belongs_to = terminal.belongs_to()
            terminal.expect_success()
            host.expect_success()
    return Enrolled(serial, belongs_to, digits, time.monotonic() - begin)


def enrol_many(site: "Site", serials: Iterable[str], room: str, mode: str, languages: Iterable[str]) -> list[Enrolled]:
    """One after the other. The first that fails ends it."""
    languages = list(languages)
    return [enrol(site, serial, room, mode, languages) for serial in serials]


def enrol_missing(site: "Site", places: Iterable[dict], connect: str | None = None) -> list[Enrolled]:
    """Those of these terminals that have no settings file or that the host does not know. A place: serial, room,
    mode, and languages if they are not the site's. `connect`: by which way, as the terminal's option has it."""
    there = known(site)
    missing = [p for p in places if p["serial"] not in there or not site.settings_file(p["serial"]).exists()]
    return [enrol(site, p["serial"], p["room"], *_purpose(site, p), connect) for p in missing]


def enrol_scripted(site: "Site", place: dict) -> bytes:
    """Enrols a scripted terminal (wire/) with the real host; its link key, which has been used once then."""
    from .wire import Closed, EnrollingTerminal, WireTerminal  # needs python3-cryptography, which ./run does without

    serial = place["serial"]
    with HostDialogue(site, serial, place["room"], *_purpose(site, place)) as host:
        host.wait_open()
        with EnrollingTerminal(site.ports.links, serial) as terminal:
            terminal.promise()
            digits = terminal.shown()
            host.enter(digits)
            if host.agreed() != digits:
                raise ProgramError(f"{serial}: the terminal shows {digits} and the host agrees to {host.agreed()}")
            with contextlib.suppress(Closed):  # a goodbye may overtake the ACK of the last message
                terminal.agree(STEP)
        key = terminal.key
        with WireTerminal(site.ports.links, serial, key=key) as terminal:
            terminal.greet()
            terminal.bye()
        host.expect_success()
    return key


def _purpose(site: "Site", place: dict) -> tuple[str, list[str]]:
    languages = place.get("languages") or site.settings["site"]["languages"]
    return place.get("mode") or "training", languages.split(",") if isinstance(languages, str) else languages


def known(site: "Site") -> set[str]:
    """Serials that `rollcall terminal list` names."""
    listed = site.rollcall("terminal", "list")
    if listed.returncode != 0:
        raise ProgramError(f"rollcall terminal list failed: {listed.stderr.strip() or listed.stdout.strip()}")
    return {word for line in listed.stdout.splitlines() for word in line.split()[:1]}
