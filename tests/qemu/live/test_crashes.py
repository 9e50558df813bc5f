"""A program that crashes or hangs: no tap is lost, and the site learns why from the terminal's log, over the link."""

import re

import pytest

from tests.qemu.live.conftest import Delivered
from tests.qemu.station import Station

READING = "rollcall::firmware::Terminal::run_reader()"
READER = 3  # of firmware::Task
INSTRUCTION, WATCHDOG = 2, 6  # of hal::CrashCause
RESET_BY_WATCHDOG, RESET_BY_CRASH = 2, 4  # of protocol::ResetReason
NOWHERE = {"badge": 0xFFFF_FFF0, "touch": 0x0000_1000}  # no program lies there

LAST_START = re.compile(
    r"info started, boot (?P<boot>\d+), reset reason (?P<reset>\d+)\n"
    r"\S+ error before that it crashed, cause (?P<cause>\d+), task (?P<task>\d+)\n"
    r"\S+ error crashed at pc (?P<pc>0x[0-9a-f]+), lr 0x[0-9a-f]+\n"
    r"\S+ error crashed (?P<uptime>\d+) ms after its start, boot (?P<crashed>\d+)\n")


def crash_in_its_log(station: Station) -> dict[str, int]:
    """What `rollcall terminal log` says of the newest start that followed a crash."""
    done = station.site.rollcall("terminal", "log", station.serial)
    assert done.returncode == 0, done.stderr
    found = list(LAST_START.finditer(done.stdout))
    assert found, done.stdout
    return {name: int(value, 0) for name, value in found[-1].groupdict().items()}


def restarted(station: Station, boot: int) -> None:
    station.wait_for(lambda: station.boot() == boot + 1, "greets after a reset")
    station.wait_connected()


def test_a_crash_loses_no_tap_and_is_told_over_the_link(station, delivered, fresh):
    station.line.cut(refuse=True)
    assert station.hold(next(fresh)) == "amber"
    boot = station.boot()
    station.go_on_at(NOWHERE[station.name], READING)
    station.line.allow()
    restarted(station, boot)
    said = crash_in_its_log(station)
    assert said.pop("uptime") > 0
    assert said == {"boot": boot + 1, "reset": RESET_BY_CRASH, "cause": INSTRUCTION, "task": READER,
                    "pc": NOWHERE[station.name], "crashed": boot}
    assert station.hold(next(fresh)) == "green"
    assert {tap["data"]["time"]["boot"] for tap in delivered.wait(2)} == {boot, boot + 1}


@pytest.mark.xdist_group("badge")
def test_watchdog_reset_loses_no_tap_and_is_told_over_the_link(badge, fresh):
    """The touch terminal's board has no watchdog in QEMU."""
    delivered = Delivered(badge)
    badge.line.cut(refuse=True)
    assert badge.hold(next(fresh)) == "amber"
    boot = badge.boot()
    place = badge.hang(READING)
    badge.line.allow()
    restarted(badge, boot)
    said = crash_in_its_log(badge)
    assert said.pop("uptime") > 0
    assert said.pop("pc") in (place, place + 2)  # a loop of two instructions
    assert said == {"boot": boot + 1, "reset": RESET_BY_WATCHDOG, "cause": WATCHDOG, "task": READER, "crashed": boot}
    assert badge.hold(next(fresh)) == "green"
    assert {tap["data"]["time"]["boot"] for tap in delivered.wait(2)} == {boot, boot + 1}
