"""Terminals on USB, presented to the unmodified daemon by umockdev: pulled, stalled, slow to be configured, two at
once. What the host's controller and cable may do must cost nothing: every tap is recorded once."""

import contextlib
import json
import os
import random
import time
from pathlib import Path

import pytest
from conftest import DESK, DOOR
from test_taps import only_delivered

from tests.harness.enrol import enrol_missing
from tests.harness.program import wait_until
from tests.harness.terminal import HeldTerminal
from tests.harness.usb import UsbBus

RESUMED = 1.0  # seconds from plugging in until the terminal is connected


@pytest.fixture
def bus(idle_site):
    """At a site that is up; nothing is plugged in."""
    made = UsbBus(idle_site, [DOOR, DESK])
    idle_site.start_case_system()
    idle_site.start_daemon()
    yield made
    idle_site.stop()
    made.close()


def on_usb(site, bus, serial=DOOR) -> HeldTerminal:
    """Plugged in and connected."""
    held = HeldTerminal(site, serial, connect=bus.address(serial))
    bus.plug(serial)
    return held.wait_connected()


def tap_all(held, cards) -> list[dict]:
    return [held.tap(card) for card in cards]


def disconnections(site) -> int:
    return site.daemon.output().count("terminal disconnected")


def open_nodes(site) -> int:
    """Device nodes that the daemon has open; umockdev makes pseudo terminals of them."""
    found = 0
    for one in Path(f"/proc/{site.daemon.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            found += os.readlink(one).startswith("/dev/pts/")
    return found


def test_taps_come_over_usb(bus, idle_site, cards):
    door = on_usb(idle_site, bus)
    shown = tap_all(door, cards["participant"][:5])
    assert [one["light"] for one in shown] == ["green"] * 5
    only_delivered(idle_site, *map(door.identity, shown))
    assert f"usb 1209:0001 serial {DOOR}" in idle_site.daemon.output()
    assert idle_site.received.events("terminal.connected")[-1]["data"]["link"] == "usb"


def test_a_terminal_enrols_over_usb(idle_site, cards):
    bus = UsbBus(idle_site, [DOOR])
    place = next(place for place in idle_site.places if place["serial"] == DOOR)
    idle_site.places = []
    idle_site.start_case_system()
    idle_site.start_daemon()
    bus.plug(DOOR)
    enrol_missing(idle_site, [place], connect=bus.address(DOOR))
    door = HeldTerminal(idle_site, DOOR, connect=bus.address(DOOR)).wait_connected()
    assert door.tap(cards["participant"][0])["light"] == "green"
    idle_site.stop()
    bus.close()


def test_unplugged_and_plugged_in_again(bus, idle_site, cards):
    door = on_usb(idle_site, bus)
    shown = [door.tap(cards["participant"][0])]
    for card in cards["participant"][1:4]:
        bus.unplug(DOOR)
        door.wait_connected(False)
        shown.append(door.tap(card))
        assert shown[-1]["light"] == "amber"
        time.sleep(1)  # for which a terminal rests after a link, and a hand takes longer
        bus.plug(DOOR)
        plugged = time.monotonic()
        door.wait_connected()
        took = time.monotonic() - plugged
        print(f"connected {took:.2f} s after plugging in")
        assert took < RESUMED
        door.wait_empty()
    shown.append(door.tap(cards["participant"][4]))
    assert shown[-1]["light"] == "green"
    only_delivered(idle_site, *map(door.identity, shown))


@pytest.mark.parametrize("seed, most", [(1, 300), (2, 3000), (3, 20000)])
def test_unplugged_in_the_middle_of_anything(bus, idle_site, cards, seed, most):
    """In a greeting, a tap, an answer, a screen, a queue: whatever crosses then."""
    chance = random.Random(seed)
    door = on_usb(idle_site, bus)
    shown = []
    for card in cards["participant"][:6]:
        bus.unplug_in(DOOR, chance.randrange(1, most))
        shown.append(door.tap(card))
        end = time.monotonic() + 2
        while bus.plugged(DOOR) and time.monotonic() < end:
            time.sleep(0.02)
        bus.unplug(DOOR)  # when not enough crossed
        bus.plug(DOOR)
    door.wait_connected().wait_empty(40)
    only_delivered(idle_site, *map(door.identity, shown))


@pytest.mark.parametrize("way", ["in", "out"])
def test_a_stall_is_cleared_and_the_link_stays(bus, idle_site, cards, way):
    door = on_usb(idle_site, bus)
    shown = []
    for card in cards["participant"][:5]:
        bus.stall(DOOR, way)
        shown.append(door.tap(card))
    door.wait_empty()
    assert "green" in [one["light"] for one in shown]
    assert disconnections(idle_site) == 0
    only_delivered(idle_site, *map(door.identity, shown))


@pytest.mark.parametrize("size", [1, 7, 63])
def test_packets_of_any_size(bus, idle_site, cards, size):
    bus.limit_packets(DOOR, size)
    door = on_usb(idle_site, bus)
    shown = tap_all(door, cards["participant"][:3])
    door.wait_empty()
    only_delivered(idle_site, *map(door.identity, shown))


@pytest.mark.parametrize("zero_packets", [False, True])
def test_full_packets_with_and_without_an_empty_one_behind(bus, idle_site, cards, zero_packets):
    """Exact multiples of 64 bytes: nothing waits for a packet that does not come, and an empty one is nothing."""
    bus.pad_packets(DOOR)
    if zero_packets:
        bus.add_zero_packets(DOOR)
    door = on_usb(idle_site, bus)
    shown = tap_all(door, cards["participant"][:5])
    assert [one["light"] for one in shown] == ["green"] * 5
    assert (bus.zero_packets(DOOR) > 0) == zero_packets
    only_delivered(idle_site, *map(door.identity, shown))


def test_screens_cross_in_the_largest_transfers(bus, idle_site, cards):
    door = HeldTerminal(idle_site, DOOR, connect=bus.address(DOOR), options=("--report", "json"))
    bus.plug(DOOR)
    door.wait_connected()
    time.sleep(4)
    shown = door.tap(cards["participant"][0])
    assert shown["light"] == "green"
    door.stop()
    output = door.program.output()
    totals = json.loads(output[output.index("{\n"):])
    assert totals["screens_stored"] > 5
    assert totals["link"]["bad_frames"] == 0 and disconnections(idle_site) == 0


def test_two_terminals_at_once(bus, idle_site, cards):
    door, desk = on_usb(idle_site, bus), on_usb(idle_site, bus, DESK)
    shown = {door: [], desk: []}
    for number, card in enumerate(cards["participant"][:6]):
        held = (door, desk)[number % 2]
        shown[held].append(held.tap(card))
    bus.unplug(DESK)
    desk.wait_connected(False)
    shown[door] += tap_all(door, cards["participant"][6:8])
    assert {one["light"] for one in shown[door]} == {"green"}
    shown[desk].append(desk.tap(cards["participant"][8]))
    bus.plug(DESK)
    desk.wait_connected().wait_empty()
    only_delivered(idle_site, *(held.identity(one) for held, taps in shown.items() for one in taps))


def test_a_device_that_is_not_configured_yet_is_claimed_a_little_later(bus, idle_site, cards):
    bus.refuse_claims(DOOR, 3)
    begin = time.monotonic()
    door = on_usb(idle_site, bus)
    assert door.tap(cards["participant"][0])["light"] == "green"
    assert time.monotonic() - begin < 10
    assert "cannot be opened" not in idle_site.daemon.output()


def test_a_daemon_that_starts_again_finds_what_is_plugged_in(bus, idle_site, cards):
    door = on_usb(idle_site, bus)
    for end in ("kill", "stop"):
        shown = [door.tap(cards["participant"][0])]
        getattr(idle_site.daemon, end)()
        shown += [door.tap(cards["participant"][1])]
        idle_site.start_daemon()
        door.wait_connected().wait_empty()
    assert {one["light"] for one in shown} == {"green", "amber"}
    only_delivered(idle_site, *map(door.identity, door.shown()))


def test_somebody_elses_device_with_our_ids_is_left_alone(bus, idle_site, cards):
    bus.be_something_else(DESK)
    bus.plug(DESK)
    door = on_usb(idle_site, bus)
    bus.unplug(DESK)
    bus.plug(DESK)
    shown = tap_all(door, cards["participant"][:3])
    assert [one["light"] for one in shown] == ["green"] * 3
    assert open_nodes(idle_site) == 1
    assert "cannot be opened" not in idle_site.daemon.output()


def test_usb_can_be_switched_off(idle_site):
    idle_site.settings["links"]["usb"] = "off"
    with UsbBus(idle_site, [DOOR]) as bus:
        idle_site.start_case_system()
        idle_site.start_daemon()
        door = HeldTerminal(idle_site, DOOR, connect=bus.address(DOOR))
        bus.plug(DOOR)
        time.sleep(1.5)
        assert not door.state()["connected"]
        idle_site.stop()
