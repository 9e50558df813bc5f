"""A terminal on a serial line: taps, a bridge that is pulled and plugged in again, noise, a line with nobody."""

import random
import time

import pytest
from conftest import DOOR
from test_taps import only_delivered

from tests.harness.enrol import enrol_missing
from tests.harness.program import wait_until
from tests.harness.serial import SerialCable
from tests.harness.terminal import HeldTerminal

RESUMED = 5  # seconds from plugging in until the terminal counts as connected; it may have to start its link again


@pytest.fixture
def cable(idle_site, tmp_path):
    """Between the door and the daemon of a site that is up."""
    made = SerialCable(tmp_path)
    idle_site.settings["links"]["listen"].append(f"serial:{made.daemon_device}:921600")
    idle_site.start_case_system()
    idle_site.start_daemon()
    yield made
    made.close()


def door_on(site, cable) -> HeldTerminal:
    return HeldTerminal(site, DOOR, connect=f"serial:{cable.terminal_device}:921600")


def test_taps_come_over_a_serial_line(cable, idle_site, cards):
    door = door_on(idle_site, cable).wait_connected()
    shown = [door.tap(card) for card in cards["participant"][:5]]
    assert [one["light"] for one in shown] == ["green"] * 5
    only_delivered(idle_site, *map(door.identity, shown))
    assert f"serial {cable.daemon_device}" in idle_site.daemon.output()
    calls = [event["data"]["link"] for event in idle_site.received.events("terminal.connected")]
    assert calls[-1] == "serial"


def test_a_terminal_enrols_over_a_serial_line(idle_site, tmp_path, cards):
    cable = SerialCable(tmp_path)
    idle_site.settings["links"]["listen"].append(f"serial:{cable.daemon_device}")
    door, *others = idle_site.places
    idle_site.places = others
    idle_site.start_case_system()
    idle_site.start_daemon()
    enrol_missing(idle_site, [door], connect=f"serial:{cable.terminal_device}")
    held = HeldTerminal(idle_site, door["serial"], connect=f"serial:{cable.terminal_device}").wait_connected()
    assert held.tap(cards["participant"][0])["light"] == "green"
    held.stop()
    cable.close()


def test_a_bridge_that_is_pulled_and_plugged_in_again_loses_nothing(cable, idle_site, cards):
    door = door_on(idle_site, cable).wait_connected()
    shown = [door.tap(cards["participant"][0])]
    cable.unplug()
    shown += [door.tap(card) for card in cards["participant"][1:4]]
    assert [one["light"] for one in shown] == ["green"] + ["amber"] * 3
    cable.plug()
    plugged = time.monotonic()
    wait_until(lambda: door.state()["connected"] and not door.state()["queue"]["waiting"], 20, "the queue is empty")
    print(f"resumed and emptied after {time.monotonic() - plugged:.2f} s")
    shown.append(door.tap(cards["participant"][4]))
    assert shown[-1]["light"] == "green"
    only_delivered(idle_site, *map(door.identity, shown))


def test_pulled_at_any_byte(cable, idle_site, cards):
    """In the middle of a greeting, a tap, an answer or a screen."""
    chance = random.Random(20261128)
    door = door_on(idle_site, cable).wait_connected()
    shown = []
    for card in cards["participant"][:8]:
        cable.unplug_in(chance.randrange(1, 400))
        shown.append(door.tap(card))
        wait_until(lambda: not cable.plugged(), 20, "the cable is cut")
        cable.plug()
    door.wait_connected().wait_empty(40)
    only_delivered(idle_site, *map(door.identity, shown))


def test_a_daemon_that_starts_again_finds_the_terminal(cable, idle_site, cards):
    """The line does not tell the terminal; the daemon's greeting does."""
    door = door_on(idle_site, cable).wait_connected()
    idle_site.daemon.kill()
    shown = [door.tap(cards["participant"][0])]
    idle_site.start_daemon()
    started = time.monotonic()
    door.wait_connected().wait_empty()
    assert time.monotonic() - started < RESUMED
    only_delivered(idle_site, *map(door.identity, shown))


def test_noise_is_dropped_and_closes_nothing(cable, idle_site, cards):
    chance = random.Random(7)
    door = door_on(idle_site, cable).wait_connected()
    time.sleep(1)
    for _ in range(100):
        cable.noise(b"\0" + chance.randbytes(20) + b"\0")
    shown = door.tap(cards["participant"][0])
    assert shown["light"] in ("green", "amber")
    door.wait_empty()
    assert "disconnected" not in idle_site.daemon.output()
    only_delivered(idle_site, door.identity(shown))


def test_a_line_that_is_not_there_stops_nothing(idle_site, tmp_path, cards):
    device = tmp_path / "tty-daemon"
    idle_site.settings["links"]["listen"].append(f"serial:{device}:921600")
    idle_site.start_case_system()
    idle_site.start_daemon()
    wait_until(lambda: "cannot be opened; it is tried again" in idle_site.daemon.output(), 10, "the log tells of it")
    cable = SerialCable(tmp_path)
    door = door_on(idle_site, cable).wait_connected()
    shown = door.tap(cards["participant"][0])
    assert shown["light"] == "green"
    only_delivered(idle_site, door.identity(shown))
    assert idle_site.daemon.output().count("cannot be opened; it is tried again") == 1
    door.stop()
    cable.close()
