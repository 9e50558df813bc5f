"""The example site for browser tests: real programs on a played Monday morning.

Prints one line of JSON with the addresses of the pages, the link that makes the first manager and the
passwords of the accounts that are there already (named as their roles), then obeys lines on standard input, each
answered with a line: `stop-daemon`, `start-daemon`, `at HH:MM:SS` (the site's clock jumps there),
`reader WORDS` (what the cards at the module in the hall do, as rollcall-cards has it), `received TYPE` (answered
with the events of that type that the case system holds), `new-roster` (with `--new-roster`: most people are replaced).
One person of the roster has markup for a name. With `--morning COUNT` so many people follow the course of the morning; with
`--hostile` more names are markup, all of them in that course, one person's name is kept sealed, and the site has opening
hours.
Ends when its input ends.
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
from tests.harness.readers import CardModule  # noqa: E402
from tests.harness.run import DEMO_TRAINER, card_list  # noqa: E402
from tests.harness.new_roster import own_roster, replace_most
from tests.harness.site import Programs, Site  # noqa: E402


HALL = "HALL-READER"
MORNING = "DIG-START"
MARKUP = "Zed <img src=x onerror=\"document.title='taken'\"><b>bold</b>"
HOSTILE = {
    "p-quote": "\"><script>document.title='taken'</script>",
    "p-tick": "' onmouseover='document.title=1' x=`${document.title=2}`",
    "p-turn": "Abel \u202egnitteg",
    "p-frame": "<iframe src=javascript:parent.document.title='taken'>",
}
SEALED = ("p-mg6x", "Verborgen Naam")


def say(facts: object) -> None:
    print(json.dumps(facts), flush=True)


def add_markup(site: Site) -> None:
    """To a copy of the roster: somebody whose name would be a page's undoing."""
    people = Path(site.settings["roster"]["people"])
    copy = site.folder / "people.csv"
    name = MARKUP.replace('"', '""')
    copy.write_text(people.read_text() + f'p-mark,participant,"{name}",en,bilan,RRF-BXL-2024-117,,no\n')
    site.settings["roster"]["people"] = str(copy)


def add_hostile(site: Site) -> None:
    """After add_markup: more such names, and people who are enrolled under them."""
    copy = Path(site.settings["roster"]["people"])
    rows = [row for row in copy.read_text().splitlines() if not row.startswith(f"{SEALED[0]},")]
    rows.append(f"{SEALED[0]},participant,{SEALED[1]},en,bilan,RRF-BXL-2024-117,C-2026-014,yes")
    for person, name in HOSTILE.items():
        quoted = name.replace('"', '""')
        rows.append(f'{person},participant,"{quoted}",en,bilan,RRF-BXL-2024-117,,no')
    copy.write_text("\n".join(rows) + "\n")
    enrolments = Path(site.settings["roster"]["enrolments"])
    own = site.folder / "enrolments.csv"
    columns = enrolments.read_text().splitlines()[0].split(",")
    more = [",".join({"course": "DIG-START", "person": person}.get(column, "") for column in columns)
            for person in [*HOSTILE, "p-mark", SEALED[0]]]
    own.write_text(enrolments.read_text().rstrip("\n") + "\n" + "\n".join(more) + "\n")
    site.settings["roster"] |= {"enrolments": str(own), "protected_names": "sealed"}
    site.settings["site"]["opening_hours"] = ["mon-fri 08:00-18:00"]


def fill_morning(site: Site, count: int) -> None:
    """To a copy of the roster: the course of the morning has so many people, each with a card."""
    def rows(name: str) -> list[dict[str, str]]:
        with open(site.settings["roster"][name], newline="") as file:
            return list(csv.DictReader(file))
    roles = {row["person"]: row["role"] for row in rows("people")}
    enrolled = rows("enrolments")
    morning = [row["person"] for row in enrolled if row["course"] == MORNING]
    others = [row["person"] for row in rows("cards")
              if roles[row["person"]] == "participant" and row["person"] not in morning]
    more = list(dict.fromkeys(others))[: count - len(morning)]
    copy = site.folder / "enrolments.csv"
    with open(copy, "w", newline="") as file:
        table = csv.DictWriter(file, ["course", "person"], lineterminator="\n")
        table.writeheader()
        table.writerows([*enrolled, *({"course": MORNING, "person": person} for person in more)])
    site.settings["roster"]["enrolments"] = str(copy)


def first_manager_link(site: Site) -> str:
    made = site.rollcall("account", "link")
    return next(word for word in made.stdout.split() if "#first-manager=" in word)


def open_pages(site: Site) -> dict[str, str]:
    cards = card_list(site.folder)
    for serial, port in site.ports.pages.items():
        site.start_terminal(serial, "--web", f"127.0.0.1:{port}", "--cards", cards)
    for serial, port in site.ports.pages.items():
        site.terminals[serial].wait_ready(lambda port=port: answers(port))
    return {serial: f"http://127.0.0.1:{port}" for serial, port in site.ports.pages.items()}


def obey(site: Site, clock: PlayedClock, module: CardModule, wish: list[str]) -> object:
    match wish:
        case ["received", kind]:
            return site.received.events(kind)
        case ["reader", *words]:
            module.do(" ".join(words))
        case ["new-roster"]:
            replace_most(site.folder / "roster")
            done = site.rollcall("roster", "import")
            assert done.returncode == 0, done.stderr
        case ["stop-daemon"] if site.daemon:
            site.daemon.stop()
        case ["start-daemon"]:
            site.start_daemon()
        case ["at", moment]:
            clock.set(FIRST_DAY, time.fromisoformat(moment))
        case _:
            raise ValueError(f"not known here: {wish}")
    return "done"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="rollcall-web-") as name:
        clock = PlayedClock(Path(name) / "clock", "Europe/Brussels")
        clock.set(FIRST_DAY, time(7, 10))
        with Site(Path(name), Programs(os.environ.get("ROLLCALL_PRESET", "release")), clock=clock) as site:
            module = CardModule(site.programs.build, Path(name) / "ttyPN532")
            module.plug_in()
            site.settings["readers"] = [{"id": HALL, "room": "Hall", "pn532": str(module.device)}]
            site.settings["console"]["card_readers"] = [HALL]
            add_markup(site)
            if "--morning" in sys.argv:
                fill_morning(site, int(sys.argv[sys.argv.index("--morning") + 1]))
            if "--hostile" in sys.argv:
                add_hostile(site)
            if "--new-roster" in sys.argv:
                own_roster(site, site.folder / "roster")
            site.start_case_system()
            site.start_daemon()
            passwords = {role: site.account(role, role, DEMO_TRAINER if role == "trainer" else "")
                         for role in ("viewer", "desk", "trainer")}
            pages = open_pages(site)
            console = f"http://127.0.0.1:{site.ports.console}"
            say({"console": console, "kiosk": f"{console}/kiosk/{HALL}", "terminals": pages,
                 "first_manager": first_manager_link(site), "passwords": passwords})
            for line in sys.stdin:
                say(obey(site, clock, module, line.split()))
            module.unplug()


if __name__ == "__main__":
    main()
