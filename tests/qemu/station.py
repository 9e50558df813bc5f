"""A terminal in QEMU at its place in a site: its board, the cable to its host, cards at its reader, a person before it."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.harness.enrol import HostDialogue
from tests.harness.line import baud
from tests.harness.program import ProgramError, wait_until
from tests.harness.proxy import Proxy
from tests.harness.site import Site
from tests.qemu import digits
from tests.qemu.cable import Cable
from tests.qemu.cards import Cards
from tests.qemu.debugger import PROGRAM_COUNTER
from tests.qemu.factory import FactoryConsole
from tests.qemu.machine import MachineError
from tests.qemu.picture import Picture
from tests.qemu.terminal import A_TURN_OF_THE_LOOP, Terminal

PICTURES = Path(__file__).parent / "live/pictures"
TOLERANCE = 0.01  # share of pixels: nothing but firmware and daemon draw, so none should differ
PATIENCE = 60.0  # seconds for anything; QEMU shares two processors with everybody


class Station:
    """One terminal. Its storage stays in `folder`; power comes with `switch_on()` and goes as it does on people."""

    name: str  # of the board
    rate: int  # baud of its link
    keys: tuple[str, ...] = ()  # from the left

    def __init__(self, site: Site, serial: str, folder: Path) -> None:
        """The daemon of `site` must listen on `links_socket(site)`."""
        self.site, self.serial, self.folder = site, serial, folder
        folder.mkdir(parents=True, exist_ok=True)
        self._sockets = tempfile.TemporaryDirectory(prefix="rollcall-")  # their names must be short
        sockets = Path(self._sockets.name)
        self._line_address = sockets / "line"
        self.line = Proxy(links_socket(site), rate=baud(self.rate), path=self._line_address)
        self.cards = Cards(sockets / "reader").__enter__()
        storage = folder / "storage"
        if not storage.exists():
            self.new_storage(storage)
        self.machine = self.board(storage)
        self._cable: Cable | None = None
        self._entered = False
        self.on = False

    # Of each board -------------------------------------------------------------------------------

    def new_storage(self, file: Path) -> None:
        """As a factory leaves it: a serial number, a seed, no site."""
        raise NotImplementedError

    def board(self, storage: Path) -> Terminal:
        raise NotImplementedError

    def picture(self) -> Picture:
        """What the panel shows, pixel by pixel."""
        raise NotImplementedError

    def light(self) -> str:
        """What the lamp shows: green, amber, blue or off."""
        raise NotImplementedError

    def say(self, same: bool) -> None:
        """The answer of the person who compared two numbers."""
        raise NotImplementedError

    # Power ---------------------------------------------------------------------------------------

    def switch_on(self) -> "Station":
        self._on_since = time.monotonic()
        if self._entered:
            self.machine.start()
        else:
            self.machine.__enter__()
            self._entered = True
        self.console = FactoryConsole(self.machine.lines["console"])
        self._cable = Cable(self.machine.lines["link"].hand_over(), self._line_address)
        self.on = True
        return self

    def cut_power(self) -> None:
        """SIGKILL of QEMU: what the board has not written by now is lost. The host has seen it go, so that what it
        says of the terminal later is of a later start."""
        self.machine.kill()
        self._cable.close()
        self.on = False
        if self.site.daemon.running():
            self.wait_connected(False)

    def close(self) -> None:
        if self._entered:
            if self._cable:
                self._cable.close()
            self.machine.__exit__()
        self.cards.__exit__()
        self.line.close()
        self._sockets.cleanup()

    def __enter__(self) -> "Station":
        return self.switch_on()

    def __exit__(self, *_: object) -> None:
        self.close()

    def go_on_at(self, place: int, where: str = A_TURN_OF_THE_LOOP) -> None:
        """Its program takes a wrong turn, from the beginning of this function to this address."""
        with self.machine.debugger() as debugger:
            debugger.run_to(self.machine.symbol(where))  # elsewhere the loop may sleep with interrupts masked
            debugger.set_register(PROGRAM_COUNTER, place)

    # A person ------------------------------------------------------------------------------------

    def enrol(self, room: str, mode: str = "training", languages: tuple[str, ...] = ("en", "fr")) -> str:
        """The digits that were compared. The window opens at the factory console, as by the button inside."""
        with HostDialogue(self.site, self.serial, room, mode, languages) as host:
            host.wait_open()
            self.line.to_daemon.wait_frame(after=self._on_since, seconds=PATIENCE)  # it has started
            self.console("window")
            shown = self.wait_for(lambda: digits.read(self.picture()), "shows six digits")
            host.enter(shown)
            if host.agreed() != shown:
                raise ProgramError(f"{self.serial}: the panel shows {shown} and the host agrees to {host.agreed()}")
            self.say(same=True)
            host.expect_success()
        return shown

    def hold(self, card: str, kind: str = "uid", seconds: float = PATIENCE) -> str:
        """Holds a card to the reader until the lamp says something, and takes it away; the light."""
        self.wait_dark()
        self.cards.place(card, kind)
        light = self.wait_for(self.lit, f"answers the card {card}", seconds)
        self.cards.remove()
        return light

    def tap_quickly(self, card: str) -> None:
        """The card is held to the reader until the daemon has it: the next one need not wait for the light to go."""
        before = self.recorded()
        self.cards.place(card)
        self.wait_for(lambda: self.recorded() > before, f"has the card {card} recorded")
        self.cards.remove()

    # Seeing --------------------------------------------------------------------------------------

    def shows(self, name: str) -> None:
        """The stored picture of this name, after a moment to draw it; what it shows instead is kept."""
        file = PICTURES / f"{self.name}-{name}.png"
        wanted = Picture.load(file) if file.exists() else None
        latest = time.monotonic() + (PATIENCE if wanted else 0.7)  # an answer stays for 1.2 s
        while not wanted or (shown := self.picture()).difference(wanted) > TOLERANCE:
            if time.monotonic() > latest:
                instead = self.folder / file.name
                self.picture().save(instead)
                how = f"differs from {file}" if wanted else f"would be {file}, which does not exist"
                raise ProgramError(f"{self.serial} shows {instead}, which {how}")
            time.sleep(0.05)

    def lit(self) -> str | None:
        light = self.light()
        return None if light == "off" else light

    def wait_dark(self) -> None:
        """The answer before has gone; a blinking light is dark for 0.32 s at most."""
        since = time.monotonic()
        latest = since + PATIENCE
        while time.monotonic() - since < 0.4:
            if self.lit():
                since = time.monotonic()
            if since > latest:
                raise ProgramError(f"{self.serial}: its light does not go out")
            time.sleep(0.02)

    def wait_for(self, condition: Callable[[], object], what: str, seconds: float = PATIENCE):
        return wait_until(condition, seconds, f"{self.serial} {what}", every=0.01)

    def connected(self) -> bool:
        """In a session with the daemon."""
        return self._seen_by_host()["state"] == "online"

    def recorded(self) -> int:
        """Taps that the daemon has committed."""
        return self.site.query("SELECT count(*) FROM tap WHERE serial = ?", self.serial)[0][0]

    def boot(self) -> int:
        """Number of the start that the daemon knows of."""
        return self.site.query("SELECT boot FROM terminal WHERE serial = ?", self.serial)[0][0]

    def waiting(self) -> int:
        """Taps in its queue, as it told the daemon last."""
        return self._seen_by_host()["waiting"]

    def _seen_by_host(self) -> dict:
        terminals = self.site.console().get("/api/v1/overview")["terminals"]
        return next(one for one in terminals if one["serial"] == self.serial)

    def wait_connected(self, connected: bool = True) -> "Station":
        try:
            self.wait_for(lambda: self.connected() is connected, "is connected" if connected else "is disconnected")
        except ProgramError as error:
            raise ProgramError(f"{error}: {self._state_of_board()}") from None
        return self

    def _state_of_board(self) -> str:
        """What a person would look at who wonders why it is not served."""
        if not self.on:
            return "it has no power"
        try:
            told = "; ".join(line.removeprefix("- ") for line in self.console("log")[-6:])
        except MachineError as error:
            told = f"its console says nothing ({error}); QEMU: {self.machine.said()!r}, {self.machine.monitor('info status')}"
        passed = f"{self.line.bytes_to_daemon} B to the host, {self.line.bytes_to_terminal} B from it"
        return f"{told} ({passed}, on for {time.monotonic() - self._on_since:.0f} s)"


def links_socket(site: Site) -> Path:
    """Where the daemon takes up the cables of this site's stations."""
    return Path(next(entry for entry in site.settings["links"]["listen"] if entry.startswith("unix:"))[5:])
