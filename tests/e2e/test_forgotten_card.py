"""Somebody without a card: the desk finds the person and records the arrival; the next tap goes on from there."""

import json
import re
import time

from conftest import DOOR, GREEN, wire

from tests.harness.program import wait_until
from tests.harness.terminal import HeldTerminal
from tests.harness.wire import Outcome

CODE = 3  # kind of reading (docs/protocol.md)


def assisted(site) -> list[dict]:
    return [event for event in site.received.events("attendance.assisted")]


def test_the_desk_records_an_arrival_for_somebody_without_a_card(site):
    found = json.loads(site.rollcall("--json", "person", "find", "a").stdout)["people"]
    person = next(one["person"] for one in found if one["role"] == "participant" and not one["here"])

    done = site.rollcall("attendance", "assist", person, "--cause", "no_card", "--room", "Desk", "--actor", "desk-1")
    assert done.returncode == 0, done.stderr
    assert f"{person} came" in done.stdout

    again = site.rollcall("attendance", "assist", person, "--cause", "no_card", "--actor", "desk-1")
    assert again.returncode == 1
    assert "recorded as here already" in again.stderr

    wait_until(lambda: assisted(site), 10, "the case system has the assisted arrival")
    [event] = assisted(site)
    assert event["subject"] == person
    assert event["data"]["actor"] == "desk-1"
    assert event["data"]["cause"] == "no_card"
    assert event["data"]["room"] == "Desk"
    assert event["data"]["taps"] == []
    listed = json.loads(site.rollcall("--json", "person", "find", person).stdout)["people"]
    assert listed[0]["here"]


def test_an_assisted_arrival_is_followed_by_a_tap_out(site, cards):
    """Whose card it is, the tap itself tells."""
    door = HeldTerminal(site, DOOR).wait_connected()
    door.tap(cards["participant"][0])
    [tap] = wait_until(lambda: site.received.events("tap.recorded"), 10, "the tap is delivered")
    person = tap["subject"]
    [[direction]] = site.query("SELECT direction FROM presence WHERE person = ?", person)
    stated = ["--left"] if direction == "in" else []
    done = site.rollcall("attendance", "assist", person, "--cause", "help_wanted", *stated)
    assert done.returncode == 0, done.stderr
    [[now]] = site.query("SELECT direction FROM presence WHERE person = ?", person)
    assert {direction, now} == {"in", "out"}


def test_a_code_of_today_is_as_good_as_a_card_until_it_is_withdrawn(site):
    person = site.query("SELECT id FROM person WHERE role = 'participant' LIMIT 1")[0][0]
    given = site.rollcall("code", "issue", person, "--reason", "The card is at home.", "--actor", "desk-1")
    assert given.returncode == 0, given.stderr
    digits = "".join(re.search(r"is (\d{4}) (\d{4})\.", given.stdout).groups()).encode()
    with wire(site) as door:
        door.open()
        door.tap(1, digits, kind=CODE)
        assert door.answer(1) in GREEN
        withdrawn = site.rollcall("code", "withdraw", person, "--reason", "Others have seen it.")
        assert "1 code" in withdrawn.stdout
        door.tap(2, digits, kind=CODE, monotonic_ms=200_000, wall_ms=int(time.time() * 1000) + 200_000)
        assert door.answer(2) == Outcome.SEE_STAFF
    wait_until(lambda: len(site.received.events("tap.recorded")) == 2, 10, "the case system has both taps")
    first, second = site.received.events("tap.recorded")
    assert (first["subject"], first["data"]["assurance"]) == (person, "code")
    assert "subject" not in second
    log = site.daemon.output()
    assert digits.decode() not in log and digits.decode() not in json.dumps(site.received.events())


def test_whoever_guesses_codes_is_stopped_and_staff_are_told(site):
    with wire(site) as door:
        door.open()
        for number in range(1, 6):
            door.tap(number, b"%08d" % number, kind=CODE, monotonic_ms=1000 * number)
            assert door.answer(number) == Outcome.SEE_STAFF
    wait_until(lambda: site.received.events("security.code_guessing"), 10, "the case system is told")
    assert "Codes that are nobody's were typed" in site.rollcall("inbox").stdout


def test_what_a_tap_was_is_corrected_on_the_command_line(site, cards):
    door = HeldTerminal(site, DOOR).wait_connected()
    door.tap(cards["participant"][0])
    [tap] = wait_until(lambda: site.received.events("tap.recorded"), 10, "the tap is delivered")
    person = tap["subject"]
    day = json.loads(site.rollcall("--json", "attendance", "show", person).stdout)
    [entry] = day["entries"]
    assert (entry["event"], entry["stands"]) == (tap["id"], True)
    wrong = ("attendance", "correct", tap["id"], "--was", "none", "--reason", "Another had the card.", "--actor", "desk-1")
    done = site.rollcall(*wrong)
    assert done.returncode == 0, done.stderr
    assert "1 conclusion is corrected" in done.stdout
    assert "nothing was changed" in site.rollcall(*wrong).stdout, "the same again"
    [corrected] = wait_until(lambda: site.received.events("attendance.corrected"), 10, "the correction is delivered")
    assert (corrected["data"]["actor"], corrected["data"]["new"]) == ("desk-1", None)
    assert corrected["data"]["cause"] == {"kind": "staff", "text": "Another had the card."}
    shown = site.rollcall("attendance", "show", person).stdout
    assert "set aside" in shown and "Another had the card." in shown


def test_who_was_recorded_stands_on_the_list_for_an_evacuation(site):
    person = site.query("SELECT id FROM person WHERE role = 'participant' AND protected = 0 LIMIT 1")[0][0]
    done = site.rollcall("attendance", "assist", person, "--cause", "terminal_down", "--room", "Desk", "--reason",
                         "The terminal was down.")
    assert done.returncode == 0, done.stderr
    listed = site.rollcall("now", "--evacuation").stdout
    assert "1 person inside" in listed and f"({person})" in listed and "[ ]" in listed
    assert "is not connected" in listed, "taps of terminals that are away may be missing"
    assert person in site.rollcall("now").stdout
    assert "Nothing waits." in site.rollcall("attendance", "waiting").stdout
