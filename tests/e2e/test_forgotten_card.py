"""Somebody without a card: the desk finds the person and records the arrival; the next tap goes on from there."""

import json

from conftest import DOOR

from tests.harness.program import wait_until
from tests.harness.terminal import HeldTerminal


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
