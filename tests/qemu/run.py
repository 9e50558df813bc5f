"""`./run --qemu`: the example site with the two emulated boards in place of simulated terminals."""

import contextlib
import signal
import sys
import tempfile
import time

from tests.harness.enrol import known
from tests.harness.program import ProgramError
from tests.harness.run import PORTS, VAR, card_list, say, say_accounts
from tests.harness.site import ROOT, Programs, Site
from tests.qemu.machine import MachineError
from tests.qemu.page import BoardPage
from tests.qemu.station import Station
from tests.qemu.stations import BadgeStation, TouchStation

BOARDS: dict[str, type[Station]] = {"TC-DOOR-1": TouchStation, "CH-DESK-1": BadgeStation}


def open_site() -> None:
    taken = PORTS.taken()
    if taken:
        raise ProgramError(f"port {taken[0]} is in use on this machine; end the program that listens there "
                           f"(`ss -ltnp sport = :{taken[0]}` names it) and start again.")
    with contextlib.ExitStack() as open_now:
        sockets = open_now.enter_context(tempfile.TemporaryDirectory(prefix="rollcall-"))  # their names must be short
        site = Site(VAR / "qemu", Programs("release"), PORTS)
        places, site.places = site.places, []  # boards are enrolled by their own people
        site.settings["links"]["listen"].append(f"unix:{sockets}/links")
        open_now.enter_context(site)
        site.start_case_system()
        site.write_config()
        site.start_daemon()
        cards = card_list(site.folder)
        pages = []
        for place in places:
            serial = place["serial"]
            folder = site.folder / "boards" / serial
            new = not (folder / "storage").exists()
            station = open_now.enter_context(BOARDS[serial](site, serial, folder))
            if new or serial not in known(site):
                say(f"run: enrolling {serial}, the {station.name} board, by six digits")
                station.enrol(place["room"], place["mode"] or "training",
                              tuple(filter(None, place["languages"].split(","))) or ("fr", "en"))
            page = BoardPage(station, PORTS.pages[serial], cards)
            open_now.callback(page.close)
            pages.append(page)
        say("")
        say("  Atelier Senne, the example site, is open, with two boards in QEMU.")
        say("")
        say(f"  console                  http://127.0.0.1:{PORTS.console}/")
        for page in pages:
            say(f"  {page.station.name} board {page.station.serial:<12} http://127.0.0.1:{page.port}/   "
                "tap a card with a click")
        say_accounts(site)
        say("")
        say(f"  Data and logs are in {site.folder.relative_to(ROOT)}; Ctrl-C ends everything.")
        while True:
            for page in pages:
                page.run()
            for program in (site.case_system, site.daemon):
                if not program.running():
                    raise ProgramError(f"{program.name} ended by itself (exit code {program.exit_code}): "
                                       f"{program.last_words()}")
            time.sleep(0.02)


def main() -> int:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        open_site()
        return 0
    except KeyboardInterrupt:
        say("\nrun: everything has been stopped")
        return 0
    except (ProgramError, MachineError, OSError) as error:
        say(f"\nrun: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
