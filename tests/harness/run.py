"""`./run` and `./run --once`: the example site, open until Ctrl-C, or one played day of it."""

import csv
import signal
import sys
import time
from pathlib import Path

from . import clock
from .day import Day
from .program import ProgramError
from .site import EXAMPLE, ROOT, Ports, Programs, Site

VAR = ROOT / "var"

# Where ./run opens the example site.
PORTS = Ports(links=7440, console=8480, case_system=8443, pages={"TC-DOOR-1": 8481, "CH-DESK-1": 8482})


def say(line: str) -> None:
    print(line, flush=True)


def card_list(folder: Path) -> Path:
    """Cards for the terminals' pages, labelled by role and pseudonym: no names."""
    with open(EXAMPLE / "people.csv", newline="") as file:
        role = {row["person"]: row["role"] for row in csv.DictReader(file)}
    with open(EXAMPLE / "cards.csv", newline="") as file:
        cards = [(row["card"], f"{role[row['person']]} {row['person']}") for row in csv.DictReader(file)]
    made = folder / "cards.csv"
    with open(made, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            [("card", "label"), *cards, ("04C0FFEE000001", "a card nobody knows")])
    return made


DEMO_ROLES = ("manager", "desk", "trainer", "viewer")  # also what the accounts are called
DEMO_TRAINER = "p-g99t"  # of the morning's course: whom the trainer's account acts as


def say_accounts(site: Site) -> None:
    say("")
    say("  Sign in at the console as one of these; they are made anew at each start:")
    for role in DEMO_ROLES:
        password = site.account(role, role, DEMO_TRAINER if role == "trainer" else "")
        say(f"  {role:<9} password  {password}")


def live() -> int:
    taken = PORTS.taken()
    if taken:
        say(f"run: port {taken[0]} is in use on this machine; end the program that listens there "
            f"(`ss -ltnp sport = :{taken[0]}` names it) and start again.")
        return 1
    with Site(VAR / "live", Programs("release"), PORTS) as site:
        site.start_case_system()
        site.write_config()
        site.start_daemon()
        cards = card_list(site.folder)
        for serial, port in PORTS.pages.items():
            site.start_terminal(serial, "--web", f"127.0.0.1:{port}", "--cards", cards)
        say("")
        say("  Atelier Senne, the example site, is open.")
        say("")
        say(f"  console                  http://127.0.0.1:{PORTS.console}/")
        for serial, port in PORTS.pages.items():
            say(f"  terminal {serial:<15} http://127.0.0.1:{port}/   tap a card with a click")
        say_accounts(site)
        say("")
        say(f"  Data and logs are in {site.folder.relative_to(ROOT)}; Ctrl-C ends everything.")
        watched = [site.case_system, site.daemon, *site.terminals.values()]
        while all(program.running() for program in watched):
            time.sleep(0.3)
        gone = next(program for program in watched if not program.running())
        raise ProgramError(f"{gone.name} ended by itself (exit code {gone.exit_code}): {gone.last_words()}")


def once(folder: Path = VAR / "once", preset: str = "release") -> int:
    """Days follow each other, so that time never goes back for the databases in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    counter = folder / "next-day"
    number = int(counter.read_text()) if counter.exists() else 0
    day = clock.working_day(number)
    counter.write_text(f"{number + 1}\n")  # a day that was broken off is not played again

    programs = Programs(preset)
    played = clock.PlayedClock(folder / "clock", "Europe/Brussels")
    with Site(folder, programs, clock=played) as site:
        played.set(day, clock.EARLY)
        site.start_case_system()
        site.write_config()
        site.start_daemon()
        say(f"run: playing {day:%A %d %B %Y} of the example site; it takes about a minute")
        started = time.monotonic()
        table = Day(site, day, progress=lambda line: say(f"  {line}")).play()
        say(f"\nAtelier Senne, played in {time.monotonic() - started:.0f} s\n")
        say(table.text())
    if table.problems:
        say("\nrun: the day did not come out as it must:")
        for problem in table.problems:
            say(f"  {problem}")
        return 1
    say("\nEvery tap is delivered, ignored as a repeat, or waits for staff.")
    return 0


def main(arguments: list[str]) -> int:
    def stop(*_) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        return once() if "--once" in arguments else live()
    except KeyboardInterrupt:
        say("\nrun: everything has been stopped")
        return 130 if "--once" in arguments else 0
    except (ProgramError, OSError) as error:
        say(f"\nrun: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
