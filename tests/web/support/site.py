"""The example site for browser tests: real programs, played Monday morning.

Prints one line of JSON with the addresses of console and terminal pages, then obeys lines on
standard input: `stop-daemon`, `start-daemon`, each answered with a line; ends when input ends.
"""

import csv
import json
import os
import sys
import tempfile
from datetime import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.harness.clock import FIRST_DAY, PlayedClock  # noqa: E402
from tests.harness.program import answers  # noqa: E402
from tests.harness.site import EXAMPLE, Programs, Site  # noqa: E402

SERIAL = "TC-DOOR-1"
STRANGER = ("04FDDB588C1766", "A new card")


def write_cards(file: Path) -> None:
    """The tray of the terminal's page: a card of each person, and one that nobody knows."""
    with open(EXAMPLE / "people.csv", encoding="utf-8") as people:
        names = {row["person"]: row["display_name"] for row in csv.DictReader(people)}
    with open(EXAMPLE / "cards.csv", encoding="utf-8") as cards, open(file, "w", encoding="utf-8") as out:
        print("card,label", file=out)
        for row in csv.DictReader(cards):
            print(f'{row["card"]},{names[row["person"]]}', file=out)
        print(",".join(STRANGER), file=out)


def say(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="rollcall-web-") as name:
        folder = Path(name)
        clock = PlayedClock(folder / "clock", "Europe/Brussels")
        clock.set(FIRST_DAY, time(8, 52))
        with Site(folder, Programs(os.environ.get("ROLLCALL_PRESET", "release")), clock=clock) as site:
            site.start_case_system()
            site.start_daemon()
            write_cards(folder / "cards.csv")
            port = site.ports.pages[SERIAL]
            page = f"127.0.0.1:{port}"
            site.start_terminal(SERIAL, "--web", page, "--cards", folder / "cards.csv").wait_ready(lambda: answers(port))
            say(console=f"http://127.0.0.1:{site.ports.console}", terminal=f"http://{page}")
            for line in sys.stdin:
                if line.strip() == "stop-daemon" and site.daemon:
                    site.daemon.stop()
                elif line.strip() == "start-daemon":
                    site.start_daemon()
                say(done=line.strip())


if __name__ == "__main__":
    main()
