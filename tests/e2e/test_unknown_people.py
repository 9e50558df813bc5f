"""Half of the participants are unknown at the case system: the other half is delivered, staff see why the
rest is not, and after the repair one command delivers it, once, in order."""

import csv
import json

from conftest import DOOR

from tests.harness.program import wait_until
from tests.harness.site import EXAMPLE
from tests.harness.terminal import HeldTerminal


def participants() -> list[tuple[str, str]]:
    """(person, card) of the forty participants."""
    with open(EXAMPLE / "people.csv", newline="") as file:
        roles = {row["person"]: row["role"] for row in csv.DictReader(file)}
    with open(EXAMPLE / "cards.csv", newline="") as file:
        cards = {row["person"]: row["card"] for row in csv.DictReader(file)}
    return [(person, cards[person]) for person, role in roles.items() if role == "participant"]


def test_half_of_the_people_are_unknown_at_the_case_system(idle_site, tmp_path):
    site, people = idle_site, participants()
    assert len(people) == 40
    unknown = {person for person, _ in people[::2]}
    known = {person for person, _ in people} - unknown
    refused = tmp_path / "unknown-people"
    refused.write_text("".join(f"{person}\n" for person in sorted(unknown)))
    site.start_case_system("--reject-people", str(refused))
    site.start_daemon()

    door = HeldTerminal(site, DOOR).wait_connected()
    for _, card in people:
        assert door.tap(card)["light"] == "green", "what the case system thinks is no matter at the door"
    door.wait_empty()

    def of(wanted: set[str]) -> list[dict]:
        return [e for e in site.received.events() if e.get("subject") in wanted]

    # One tap.recorded and one attendance event each; bad records hold up nobody.
    wait_until(lambda: len(of(known)) == 40 and len(site.received.rejected()) == 40, 30,
               "the known half is delivered and the unknown half is rejected by name of reason")
    assert {event["reason"] for event in site.received.rejected()} == {"unknown-person"}
    assert of(unknown) == []

    def told_to_staff() -> int:
        listed = site.rollcall("--json", "delivery", "rejected")
        assert listed.returncode == 0, listed.stderr
        return json.loads(listed.stdout)["total"]

    wait_until(lambda: told_to_staff() == 40, 10, "the last receipt has come, and staff see what it rejects")
    assert "unknown-person" in site.rollcall("delivery", "rejected").stdout
    console = site.console().get("/api/v1/delivery/rejected")
    assert console["total"] == 40
    assert console["reasons"] == {"unknown-person": 40}

    # Nothing rejected is sent again unchanged on its own.
    attempts = [event["attempt"] for event in site.received.rejected()]
    assert attempts == [1] * 40

    refused.write_text("")
    done = site.rollcall("delivery", "retry")
    assert done.returncode == 0 and "40 events" in done.stdout, done.stdout + done.stderr
    wait_until(lambda: len(of(unknown)) == 40 and not site.received.rejected(), 30, "the repaired half is delivered")

    events = of(unknown)
    assert len({e["id"] for e in events}) == 40, "once"
    accepted = site.received.accepted_order(unknown)
    assert accepted == sorted(accepted), "in order"
    assert all(e["attempt"] == 2 for e in events)
    assert site.received.sequence_holes() == {} and site.received.tap_number_holes() == {}
    again = site.rollcall("delivery", "retry")
    assert again.returncode == 0 and "No rejected event" in again.stdout
