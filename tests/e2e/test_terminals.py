"""What staff do with terminals, through the real programs: list, move, revoke, enrol; a new site from nothing."""

import json
import os
import signal
import socket
import stat
import subprocess
import time

from conftest import DESK, DOOR

from tests.harness.program import Program, answers, free_ports, wait_until
from tests.harness.site import ROOT, Programs
from tests.harness.terminal import HeldTerminal

PLACE = ("--room", "Room Senne", "--mode", "training")


def terminals(site) -> dict[str, dict]:
    listed = json.loads(site.rollcall("terminal", "list", "--json").stdout)["terminals"]
    return {one["serial"]: one for one in listed}


def events(site, kind: str) -> list[dict]:
    return wait_until(lambda: site.received.events(kind), 10, f"{kind} is delivered")


def test_list_shows_who_is_there(site):
    HeldTerminal(site, DOOR).wait_connected()
    wait_until(lambda: terminals(site)[DOOR]["connected"], 5, "the list shows it")
    assert terminals(site)[DESK]["connected"] is False
    table = site.rollcall("terminal", "list").stdout.splitlines()
    assert table[0].split() == ["TERMINAL", "ROOM", "MODE", "LANGUAGES", "STATE", "CONNECTED", "LAST", "SEEN", "KEY", "AGE"]
    assert len(table) == 3


def test_a_moved_terminal_records_in_its_new_room(site, cards):
    door = HeldTerminal(site, DOOR).wait_connected()
    before = door.tap(cards["participant"][0])
    moved = site.rollcall("terminal", "move", DOOR, "--room", "Room Maelbeek", "--languages", "nl,fr", "--actor", "desk-1")
    assert moved.returncode == 0, moved.stderr
    wait_until(lambda: door.state()["connected"], 10, "it comes back")
    after = door.tap(cards["participant"][1])
    assert before["light"] == "green" and after["light"] in ("green", "amber")
    door.wait_connected().wait_empty()
    wait_until(lambda: len(site.received.events("tap.recorded")) == 2, 10, "both taps are delivered")
    rooms = {e["data"]["tap"]["number"]: e["data"]["room"] for e in site.received.events("tap.recorded")}
    assert rooms == {1: "Training centre door", 2: "Room Maelbeek"}
    assert events(site, "terminal.moved")[0]["data"]["previous"]["room"] == "Training centre door"


def test_a_revoked_terminal_is_out_at_once_and_stays_out(site):
    door = HeldTerminal(site, DOOR).wait_connected()
    revoked = site.rollcall("terminal", "revoke", DOOR, "--reason", "It was stolen.", "--actor", "desk-1")
    assert revoked.returncode == 0, revoked.stderr
    assert "No tap was waiting in it." in revoked.stdout
    door.wait_connected(False, 5)
    site.daemon.stop()
    site.start_daemon()
    time.sleep(2)
    assert door.state()["connected"] is False
    assert terminals(site)[DOOR]["state"] == "revoked"
    assert events(site, "terminal.retired")[0]["data"]["emptied"] is True


def test_a_new_key_is_handed_over_in_the_session_and_used_from_the_next_one_on(site, cards):
    door = HeldTerminal(site, DOOR).wait_connected()
    before = site.settings_file(DOOR).read_bytes()
    rotated = site.rollcall("terminal", "rotate-key", DOOR)
    assert rotated.returncode == 0, rotated.stderr
    assert site.settings_file(DOOR).read_bytes() != before
    door.plug(False)
    door.wait_connected(False)
    door.plug(True)
    door.wait_connected()
    assert door.tap(cards["participant"][0])["light"] == "green"
    assert len(events(site, "terminal.key_rotated")) == 1
    door.stop()
    site.settings_file(DOOR).write_bytes(before)
    HeldTerminal(site, DOOR)
    wait_until(lambda: events(site, "security.link_refused"), 20, "the old key is refused")


def test_a_terminal_that_is_away_keeps_its_key(site):
    refused = site.rollcall("terminal", "rotate-key", DOOR)
    assert refused.returncode == 1 and "nothing was changed" in refused.stderr


def enrol(site, serial: str) -> subprocess.Popen:
    return subprocess.Popen([site.programs.rollcall, "--socket", site.control_socket, "terminal", "enrol", serial, *PLACE],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def window(site) -> dict:
    """What the daemon says of the enrolment window."""
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(str(site.control_socket))
        control.sendall(b"GET /api/v1/enrolment HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: control.recv(4096), b""))
    return json.loads(answer.partition(b"\r\n\r\n")[2])


def test_an_enrolment_tells_that_the_terminal_is_not_in_its_window_and_ctrl_c_closes_it(site):
    HeldTerminal(site, DOOR).wait_connected()
    person = enrol(site, DOOR)
    wait_until(lambda: window(site).get("state") == "terminal_not_in_window", 10, "the window is open")
    assert "open for TC-DOOR-1" in site.rollcall("terminal", "enrol", "TC-NEW", *PLACE).stderr
    time.sleep(0.5)
    person.send_signal(signal.SIGINT)
    out, err = person.communicate(timeout=10)
    assert person.returncode == 130, err
    assert "its own enrolment window is not open" in out and "The window is closed. Nothing was changed" in err
    assert window(site)["state"] == "failed"
    assert terminals(site)[DOOR]["new_key"] is None


def test_the_daemon_ends_in_time_with_a_window_open(site):
    person = enrol(site, "TC-NEW")
    wait_until(lambda: window(site).get("state") == "waiting_for_terminal", 10, "the window is open")
    assert site.daemon.stop() < 2
    assert person.wait(10) == 3


def test_a_new_site_starts_as_it_was_made(tmp_path):
    programs = Programs("release")
    folder = tmp_path / "site"
    links, console = free_ports(2)
    made = subprocess.run(
        [programs.rollcall, "site", "init", folder, "--id", "brussels", "--organisation", "Atelier Nord", "--name",
         "Centre Nord", "--timezone", "Europe/Brussels", "--languages", "fr,en", "--link", f"tcp:127.0.0.1:{links}",
         "--console-port", str(console)], capture_output=True, text=True, timeout=20)
    assert made.returncode == 0, made.stderr
    for path in [folder, *folder.rglob("*")]:
        assert stat.S_IMODE(os.stat(path).st_mode) & 0o077 == 0, path
    file = folder / "rollcall.toml"
    checked = subprocess.run([programs.rollcalld, "--check-config", file], capture_output=True, text=True, timeout=20)
    assert checked.returncode == 0, checked.stdout
    daemon = Program("rollcalld", [programs.rollcalld, "--config", file], tmp_path / "log")
    daemon.wait_ready(lambda: answers(console) and answers(links))
    listed = subprocess.run([programs.rollcall, "--config", file, "terminal", "list"], capture_output=True, text=True,
                            timeout=20, cwd=ROOT)
    assert listed.returncode == 0 and "No terminal is known." in listed.stdout, listed.stderr
    daemon.stop()
