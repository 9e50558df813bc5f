"""What staff ask of a terminal that is there, through the real programs: to be found, its counters, a firmware image."""

import random
import re

import pytest
from conftest import DESK, DOOR

from tests.harness.program import wait_until
from tests.harness.terminal import HeldTerminal

SLOW = ("--max-frame", "512")  # about 30 kB a second for what goes beside the messages


@pytest.fixture
def image(tmp_path):
    def make(size: int):
        file = tmp_path / f"image-{size}.bin"
        file.write_bytes(random.Random(size).randbytes(size))
        return file
    return make


def slot(site, size: int) -> bytes:
    """The beginning of the door's second slot; the file holds the complement of every byte."""
    file = site.queue(DOOR).with_name(site.queue(DOOR).name + ".slot")
    return bytes(byte ^ 0xFF for byte in file.read_bytes()[:size])


def update(site, image, *options):
    return site.rollcall("terminal", "update", DOOR, "--image", image, "--version", "9.9.9", *options)


def test_an_image_is_brought_to_the_other_slot_and_started_by_nobody(site, cards, image):
    door = HeldTerminal(site, DOOR).wait_connected()
    file = image(1_000_003)
    done = update(site, file)
    assert done.returncode == 0, done.stderr
    assert "TC-DOOR-1 holds 9.9.9 in slot 1, whole and as it was sent (1000003 bytes)." in done.stdout
    assert slot(site, 1_000_003) == file.read_bytes()
    again = update(site, file)
    assert again.returncode == 0 and "on its way" not in again.stdout, "it is staged already"
    assert door.tap(cards["participant"][0])["light"] == "green"
    assert site.received.events("terminal.updated") == []


def test_what_a_terminal_refuses_says_what_to_do(site, image):
    HeldTerminal(site, DOOR).wait_connected()
    refused = update(site, image(1000), "--slot", "0")
    assert refused.returncode == 1
    assert "built for the slot that is in use" in refused.stderr and "firmware that it runs" in refused.stderr
    away = site.rollcall("terminal", "update", DESK, "--image", image(1000), "--version", "9.9.9")
    assert away.returncode == 1 and "is not connected; nothing was changed" in away.stderr


def test_a_broken_connection_is_gone_on_with_and_taps_pass(site, cards, image):
    door = HeldTerminal(site, DOOR, options=SLOW).wait_connected()
    file = image(300_000)
    with_progress = site.in_background("terminal", "update", DOOR, "--image", file, "--version", "9.9.9")
    with_progress.wait_for(re.compile("30 %"), 60)
    assert door.tap(cards["participant"][0])["light"] == "green"
    door.plug(False)
    door.wait_connected(False)
    with_progress.wait_for(re.compile("The connection broke"))
    door.plug(True)
    assert with_progress.wait(60) == 0, with_progress.said
    assert with_progress.said.count("\n10 %") == 1, "it did not begin anew"
    assert slot(site, 300_000) == file.read_bytes()


def test_ctrl_c_stops_an_update(site, image):
    HeldTerminal(site, DOOR, options=SLOW).wait_connected()
    begun = site.in_background("terminal", "update", DOOR, "--image", image(600_000), "--version", "9.9.9")
    begun.wait_for(re.compile("10 %"), 60)
    begun.interrupt()
    assert begun.wait(10) == 130
    assert "You stopped it." in begun.said
    done = update(site, image(2000))
    assert done.returncode == 0, done.stderr


def test_a_terminal_is_found_and_tells_its_counters_and_its_log(site, cards):
    door = HeldTerminal(site, DOOR).wait_connected()
    door.tap(cards["participant"][0])
    assert "blinks and sounds for 5 seconds" in site.rollcall("terminal", "identify", DOOR, "--seconds", "5").stdout
    table = site.rollcall("terminal", "stats", DOOR).stdout.splitlines()
    assert table[0] == DOOR
    assert "1      taps recorded" in table
    log = site.rollcall("terminal", "log", DOOR).stdout.splitlines()
    assert re.fullmatch(r"\d+\.\d{3} info started, boot \d+, reset reason 1", log[0]), log
    assert any(line.endswith("info welcomed by the host, 0 taps waiting") for line in log), log
    assert site.rollcall("terminal", "stats", DESK).returncode == 1
    assert site.rollcall("terminal", "log", DESK).returncode == 1


def test_who_comes_and_goes_is_told_to_the_case_system(site):
    door = HeldTerminal(site, DOOR).wait_connected()
    connected = wait_until(lambda: site.received.events("terminal.connected"), 10, "it is told that it came")
    assert connected[0]["data"]["terminal"] == DOOR and connected[0]["data"]["encrypted"] is True
    door.stop()
    gone = wait_until(lambda: site.received.events("terminal.disconnected"), 10, "it is told that it went")
    assert gone[0]["data"]["terminal"] == DOOR
