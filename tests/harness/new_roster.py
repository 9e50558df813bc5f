"""A roster that replaces most people while they come: 60 % of the participants go, 25 others are there, and six of those
have no card yet."""

import csv
import shutil
from pathlib import Path

from tests.harness.site import EXAMPLE, Site

NEWCOMERS = 25
WITHOUT_CARD = 6  # the first of them
GONE = 24


def rows(name: str) -> list[dict]:
    with open(EXAMPLE / name, newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, lines: list[dict]) -> None:
    with open(path, "w", newline="") as file:
        out = csv.DictWriter(file, lines[0].keys())
        out.writeheader()
        out.writerows(lines)


def own_roster(site: Site, folder: Path) -> Path:
    """The site's files where a test may change them."""
    folder.mkdir()
    for key, path in site.settings["roster"].items():
        site.settings["roster"][key] = str(shutil.copy(path, folder))
    return folder


def newcomer(number: int) -> tuple[str, bytes]:
    """Pseudonym, and number of the card."""
    return f"new-{number:02}", bytes([0x04, 0x77, number, 1, 2, 3, 4])


def replace_most(folder: Path) -> None:
    people = rows("people.csv")
    gone = {p["person"] for p in [p for p in people if p["role"] == "participant"][:GONE]}
    new = [dict(people[0], person=newcomer(i)[0], display_name=f"Newcomer {i}", protected="no")
           for i in range(NEWCOMERS)]
    write(folder / "people.csv", [p for p in people if p["person"] not in gone] + new)
    cards = [c for c in rows("cards.csv") if c["person"] not in gone]
    write(folder / "cards.csv", cards + [{"card": newcomer(i)[1].hex(), "person": newcomer(i)[0]}
                                         for i in range(WITHOUT_CARD, NEWCOMERS)])
    enrolments = [e for e in rows("enrolments.csv") if e["person"] not in gone]
    course = rows("sessions.csv")[0]["course"]
    write(folder / "enrolments.csv", enrolments + [{"course": course, "person": newcomer(i)[0]}
                                                   for i in range(NEWCOMERS)])
    guardians = [g for g in rows("guardians.csv") if not {g["guardian"], g["child"]} & gone]
    write(folder / "guardians.csv", guardians)
