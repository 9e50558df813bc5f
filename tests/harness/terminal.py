"""A simulated terminal under a test's hand, through the page it serves."""

import json
import urllib.request
from pathlib import Path

from .program import Program, wait_until
from .site import Site


class HeldTerminal:
    """A running `rollcall-terminal` that taps when it is told to."""

    def __init__(self, site: Site, serial: str, port: int | None = None, report: Path | None = None,
                 connect: str | None = None, options: tuple[str, ...] = ()) -> None:
        """`port`, `connect`: of a proxy in front of the daemon. `options`: further ones of the program."""
        self.serial = serial
        self.report = report or site.folder / "terminals" / f"{serial}.report"
        self._page = site.ports.pages[serial]
        self.program: Program = site.start_terminal(
            serial, "--web", f"127.0.0.1:{self._page}", "--report-file", self.report, *options, port=port,
            connect=connect)
        self.program.wait_ready(self._answers)

    # Doing -------------------------------------------------------------------------------------------

    def tap(self, card: str, seconds: float = 8) -> dict:
        """Holds a card to the reader; what the terminal showed: {"card", "light", "outcome", ...}."""
        before = len(self.shown())
        self.tap_only(card)
        wait_until(lambda: len(self.shown()) > before, seconds, f"{self.serial} shows something for the card {card}")
        return self.shown()[before]

    def tap_only(self, card: str) -> None:
        self._post("tap", {"card": card})

    def touch(self, x: int, y: int) -> None:
        self._post("touch", {"x": x, "y": y})

    def plug(self, connected: bool) -> None:
        self._post("cable", {"connected": connected})

    def power_cut(self) -> None:
        self._post("power-cut", {})

    # Seeing ------------------------------------------------------------------------------------------

    def state(self) -> dict:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._page}/api/state", timeout=5) as answer:
            return json.load(answer)

    def wait_connected(self, connected: bool = True, seconds: float = 20) -> "HeldTerminal":
        wait_until(lambda: self.state()["connected"] is connected, seconds,
                   f"{self.serial} is {'connected' if connected else 'disconnected'}")
        return self

    def wait_empty(self, seconds: float = 20) -> "HeldTerminal":
        """Until every tap of its queue is acknowledged."""
        wait_until(lambda: self.state()["queue"]["waiting"] == 0, seconds, f"the queue of {self.serial} is empty")
        return self

    def wait_slot(self, slot: str, seconds: float = 10) -> None:
        wait_until(lambda: self.state()["slot"] == slot, seconds, f"{self.serial} shows the screen {slot}")

    def _lines(self, kind: str) -> list[dict]:
        if not self.report.exists():
            return []
        entries = [json.loads(line) for line in self.report.read_text().splitlines()]
        return [entry for entry in entries if entry["type"] == kind]

    def shown(self) -> list[dict]:
        """All taps of this terminal so far, over all its starts."""
        return self._lines("tap")

    def late_answers(self) -> list[dict]:
        return self._lines("late_answer")

    def identity(self, shown: dict) -> tuple[str, str, int]:
        return self.serial, shown["epoch"], shown["number"]

    # Ending ------------------------------------------------------------------------------------------

    def stop(self) -> None:
        self.program.stop()

    def kill(self) -> None:
        self.program.kill()

    def _answers(self) -> bool:
        try:
            self.state()
            return True
        except OSError:
            return False

    def _post(self, action: str, body: dict) -> None:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._page}/api/{action}", data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=5).close()



def recorded_numbers(site: Site, serial: str) -> list[tuple[str, int]]:
    """(epoch, number) of the taps that the daemon has committed."""
    return site.query("SELECT lower(hex(epoch)), number FROM tap WHERE serial = ? ORDER BY epoch, number", serial)
