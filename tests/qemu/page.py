"""The page of a board in QEMU, on this machine only: its display as it is, its lamp, and hands for it.

Requests are answered by threads of the server; what touches the board is done by the thread that calls `run()`,
one thing after the other.
"""

import csv
import json
import queue
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.qemu.picture import Picture
from tests.qemu.station import Station

HERE = Path(__file__).with_name("web")
ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "/": (HERE / "index.html", "text/html; charset=utf-8"),
    "/page.js": (HERE / "page.js", "text/javascript; charset=utf-8"),
    "/page.css": (HERE / "page.css", "text/css; charset=utf-8"),
    "/terminal.css": (ROOT / "firmware/simulator/web/terminal.css", "text/css; charset=utf-8"),
    "/lib/base.css": (ROOT / "hal/host/web/base.css", "text/css; charset=utf-8"),
    "/lib/mark.svg": (ROOT / "hal/host/web/mark.svg", "image/svg+xml"),
}
LOOK_EVERY = 0.15  # seconds, at the display
ASK_EVERY = 1.0    # seconds, at the daemon
HELD = 0.7         # seconds that a card is held to the reader
MAX_BODY = 4096
PATIENCE = 10      # seconds for the board to take what a hand did


class BoardPage:
    def __init__(self, station: Station, port: int, cards: Path) -> None:
        self.station, self.port = station, port
        with open(cards, newline="") as file:
            self.cards = list(csv.DictReader(file))
        self.png = b""
        self.state = {"serial": station.serial, "board": station.name, "touch": not station.keys,
                      "keys": list(station.keys), "picture": 0, "light": "off",
                      "connected": False, "waiting": 0, "cable": True}
        self._shown: Picture | None = None
        self._jobs: queue.Queue[Callable[[], None]] = queue.Queue(maxsize=20)
        self._look_at = self._ask_at = 0.0
        self._card_until = 0.0
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    # By whoever owns the board ---------------------------------------------------------------------

    def run(self) -> None:
        """One turn."""
        try:
            self._jobs.get_nowait()()
        except queue.Empty:
            pass
        now = time.monotonic()
        if self._card_until and now >= self._card_until:
            self.station.cards.remove()
            self._card_until = 0.0
        if now >= self._look_at:
            self._look_at = now + LOOK_EVERY
            self._look()
        if now >= self._ask_at:
            self._ask_at = now + ASK_EVERY
            self.state |= {"connected": self.station.connected(), "waiting": self.station.waiting()}

    def _look(self) -> None:
        shown = self.station.picture()
        if shown != self._shown:
            self._shown, self.png = shown, shown.png()
            self.state["picture"] += 1
        self.state["light"] = self.station.light()

    def _do(self, action: str, body: dict) -> Callable[[], None]:
        """KeyError, ValueError: no such thing can be done."""
        station = self.station
        if action == "tap":
            card = next(row["card"] for row in self.cards if row["card"] == body["card"])
            return lambda: self._hold(card)
        if action == "touch" and self.state["touch"]:
            x, y = int(body["x"]), int(body["y"])
            if not (0 <= x < self._shown.width and 0 <= y < self._shown.height):
                raise ValueError("not on the panel")
            return lambda: station.press(x, y)
        if action == "key" and body["key"] in self.state["keys"]:
            return lambda: station.press(body["key"])
        if action == "cable":
            return lambda: self._plug(bool(body["connected"]))
        if action == "power":
            return self._power_cut
        raise KeyError(action)

    def _hold(self, card: str) -> None:
        self.station.cards.remove()
        self.station.cards.place(card)
        self._card_until = time.monotonic() + HELD

    def _plug(self, connected: bool) -> None:
        self.station.line.allow() if connected else self.station.line.cut(refuse=True)
        self.state["cable"] = connected

    def _power_cut(self) -> None:
        self.station.cut_power()
        self.station.switch_on()

    # By the server's threads -------------------------------------------------------------------------

    def act(self, action: str, body: dict) -> bool:
        done = threading.Event()
        try:
            job = self._do(action, body)
            self._jobs.put_nowait(lambda: (job(), done.set()))
        except (KeyError, ValueError, TypeError, StopIteration, queue.Full):
            return False
        return done.wait(PATIENCE)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        page = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                if not self._of_this_machine():
                    return
                if path in FILES:
                    file, kind = FILES[path]
                    self._answer(200, kind, file.read_bytes())
                elif path == "/api/screen.png":
                    self._answer(200, "image/png", page.png)
                elif path == "/api/state":
                    self._answer(200, "application/json", json.dumps(page.state).encode())
                elif path == "/api/cards":
                    self._answer(200, "application/json", json.dumps(page.cards).encode())
                else:
                    self._answer(404, "text/plain", b"nothing is here\n")

            def do_POST(self) -> None:
                if not self._of_this_machine():
                    return
                size = int(self.headers.get("Content-Length") or 0)
                try:
                    body = json.loads(self.rfile.read(size)) if 0 < size <= MAX_BODY else None
                except ValueError:
                    body = None
                good = isinstance(body, dict) and page.act(self.path.removeprefix("/api/"), body)
                self._answer(200 if good else 400, "application/json", b"{}")

            def _of_this_machine(self) -> bool:
                """Another page in the same browser may not work the board."""
                host, origin = self.headers.get("Host", ""), self.headers.get("Origin")
                if host in (f"127.0.0.1:{page.port}", f"localhost:{page.port}") and origin in (None, f"http://{host}"):
                    return True
                self._answer(403, "text/plain", b"requests of other pages are refused\n")
                return False

            def _answer(self, status: int, kind: str, body: bytes) -> None:
                self.send_response(status)
                for name, value in (("Content-Type", kind), ("Content-Length", str(len(body))),
                                    ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
                                    ("Content-Security-Policy", "default-src 'self'")):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
