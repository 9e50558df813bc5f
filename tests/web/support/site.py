"""The example site for browser tests: real programs on a played Monday morning.

Prints one line of JSON with the addresses of the pages, then obeys lines on standard input, each
answered with a line: `stop-daemon`, `start-daemon`, `at HH:MM:SS` (the site's clock jumps there),
`reader WORDS` (what the cards at the module in the hall do, as rollcall-cards has it).
Ends when its input ends.
"""

import json
import os
import sys
import tempfile
from datetime import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.harness.clock import FIRST_DAY, PlayedClock  # noqa: E402
from tests.harness.program import answers  # noqa: E402
from tests.harness.readers import CardModule  # noqa: E402
from tests.harness.run import card_list  # noqa: E402
from tests.harness.site import Programs, Site  # noqa: E402


HALL = "HALL-READER"


def say(facts: object) -> None:
    print(json.dumps(facts), flush=True)


def open_pages(site: Site) -> dict[str, str]:
    cards = card_list(site.folder)
    for serial, port in site.ports.pages.items():
        site.start_terminal(serial, "--web", f"127.0.0.1:{port}", "--cards", cards)
    for serial, port in site.ports.pages.items():
        site.terminals[serial].wait_ready(lambda port=port: answers(port))
    return {serial: f"http://127.0.0.1:{port}" for serial, port in site.ports.pages.items()}


def obey(site: Site, clock: PlayedClock, module: CardModule, wish: list[str]) -> None:
    match wish:
        case ["reader", *words]:
            module.do(" ".join(words))
        case ["stop-daemon"] if site.daemon:
            site.daemon.stop()
        case ["start-daemon"]:
            site.start_daemon()
        case ["at", moment]:
            clock.set(FIRST_DAY, time.fromisoformat(moment))
        case _:
            raise ValueError(f"not known here: {wish}")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="rollcall-web-") as name:
        clock = PlayedClock(Path(name) / "clock", "Europe/Brussels")
        clock.set(FIRST_DAY, time(7, 10))
        with Site(Path(name), Programs(os.environ.get("ROLLCALL_PRESET", "release")), clock=clock) as site:
            module = CardModule(site.programs.build, Path(name) / "ttyPN532")
            module.plug_in()
            site.settings["readers"] = [{"id": HALL, "room": "Hall", "pn532": str(module.device)}]
            site.start_case_system()
            site.start_daemon()
            pages = open_pages(site)
            console = f"http://127.0.0.1:{site.ports.console}"
            say({"console": console, "kiosk": f"{console}/kiosk/{HALL}", "terminals": pages})
            for line in sys.stdin:
                obey(site, clock, module, line.split())
                say("done")
            module.unplug()


if __name__ == "__main__":
    main()
