"""Terminals on USB at a real Linux kernel, with its controller, libusb, udev and accounts. An emulated machine is slow:
nothing here is a matter of milliseconds."""

import csv

import pytest
from conftest import DESK, DOOR, TABLET

from tests.guest.daemon import install_rule, nodes, remove_rule, writable_nodes
from tests.harness.program import wait_until
from tests.harness.site import EXAMPLE
from tests.harness.terminal import HeldTerminal

PATIENCE = 60


@pytest.fixture
def door(site, usb):
    held = HeldTerminal(site, DOOR, connect=usb.address(DOOR))
    yield held
    held.stop()


@pytest.fixture(scope="module")
def cards() -> list[str]:
    """Each is held to a reader once: twice within a minute is one tap."""
    with open(EXAMPLE / "people.csv", newline="") as file:
        people = {row["person"] for row in csv.DictReader(file) if row["role"] == "participant"}
    with open(EXAMPLE / "cards.csv", newline="") as file:
        return [row["card"] for row in csv.DictReader(file) if row["person"] in people]


def only_delivered(site, held) -> None:
    """Every tap of this terminal so far is at the case system, once, and none is missing."""
    taps = {held.identity(shown) for shown in held.shown()}
    wait_until(lambda: taps <= set(site.received.taps()), PATIENCE, f"{len(taps)} taps arrive at the case system")
    assert {tap: times for tap, times in site.received.taps().items() if times != 1 or tap not in taps} == {}
    assert site.received.tap_number_holes() == {} and site.received.sequence_holes() == {}


def test_an_account_without_the_rule_is_told_what_to_do(site, usb, guest, start_daemon, door, cards):
    remove_rule(guest)
    daemon = start_daemon()
    usb.plug(DOOR)
    daemon.wait_for("this account may not open it: copy setup/70-rollcall-terminal.rules", PATIENCE)
    bus, device = (int(part) for part in nodes(guest)[DOOR].split("/")[-2:])
    assert f"usb bus {bus} device {device}" in daemon.output()
    assert not door.state()["connected"] and daemon.usb_nodes() == []

    install_rule(guest)
    usb.unplug(DOOR)
    usb.plug(DOOR)
    door.wait_connected(seconds=PATIENCE)
    door.tap(cards.pop())
    door.wait_empty(PATIENCE)
    only_delivered(site, door)


def test_the_account_may_open_its_terminal_and_nothing_else(usb, guest, start_daemon, door):
    install_rule(guest)
    usb.be_something_else(DESK)
    usb.plug(DESK)
    daemon = start_daemon()
    usb.plug(DOOR)
    door.wait_connected(seconds=PATIENCE)
    there = nodes(guest)
    assert {DOOR, DESK, TABLET} <= set(there)
    assert writable_nodes(guest) == [there[DOOR]]
    assert daemon.usb_nodes() == [there[DOOR]]
    assert "cannot be opened" not in daemon.output()


def test_unplugged_at_any_time_each_tap_arrives_once(site, usb, guest, start_daemon, door, cards):
    install_rule(guest)
    daemon = start_daemon()
    usb.plug(DOOR)
    door.wait_connected(seconds=PATIENCE)
    for _ in range(5):  # the first answers come from a cold machine
        if door.tap(cards.pop())["light"] == "green":
            break
    else:
        pytest.fail("no answer came in time")

    usb.unplug(DOOR)
    door.wait_connected(False)
    assert door.tap(cards.pop())["light"] == "amber"
    usb.plug(DOOR)
    door.wait_connected(seconds=PATIENCE).wait_empty(PATIENCE)

    usb.unplug_in(DOOR, 40)  # in the middle of the next tap
    door.tap(cards.pop())
    wait_until(lambda: not usb.plugged(DOOR), PATIENCE, "so much crosses that it is unplugged")
    door.tap(cards.pop())
    usb.plug(DOOR)
    door.wait_connected(seconds=PATIENCE).wait_empty(PATIENCE)
    only_delivered(site, door)
    # A session that is over and still draws is no rival of the next one.
    assert "replaces an older one" not in daemon.output()
