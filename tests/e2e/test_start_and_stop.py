"""Starting, refusing to start, stopping, starting again."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import time

import pytest
from conftest import DOOR

from tests.harness import pki
from tests.harness.program import wait_until
from tests.harness.site import ROOT, Site
from tests.harness.terminal import HeldTerminal

EX_CONFIG = 78


def refuses(site: Site, code: int, *words: str) -> str:
    """The daemon does not start, says all of these words, and leaves nothing half-started."""
    daemon = site.start_daemon(wait=False)
    assert daemon.wait(10) == code, daemon.output()
    said = daemon.output()
    for word in words:
        assert word in said, said
    return said


@pytest.mark.parametrize("change, words", [
    (lambda s: s["site"].update(timezon="Europe/Brussels"), ["timezon", "timezone"]),
    (lambda s: s["console"].update(port="8480"), ["console.port"]),
    (lambda s: s["console"].update(address="0.0.0.0"), ["console.address", "passwords would travel in the clear"]),
    (lambda s: s["links"].update(listen=["tcp:7440"]), ["links.listen", "names no host and port"]),
    (lambda s: s["links"].update(listen=["udp:1"]), ["links.listen"]),
    (lambda s: s["roster"].update(people="nobody.csv"), ["roster.people", "nobody.csv"]),
    (lambda s: s["delivery"].update(url="http://localhost:1"), ["delivery.url", "https"]),
    (lambda s: s["delivery"].pop("ca_file"), ["ca_file"]),
    (lambda s: s["attendance"].update(double_tap_window="60"), ["double_tap_window"]),
    (lambda s: s.pop("site"), ["site"]),
    (lambda s: s["simulated_terminals"].append(dict(s["simulated_terminals"][0])), [DOOR]),
    (lambda s: s.update(terminals=[{"serial": DOOR, "room": "Door"}]), ["rollcall terminal enrol"]),
], ids=["unknown key", "wrong type", "console address", "link address", "link kind", "missing file", "no TLS",
        "no authority", "no unit", "missing table", "serial twice",
        "terminals of old"])
def test_configuration_errors_are_reported_with_file_line_and_key(idle_site, change, words):
    file = idle_site.write_config(change)
    said = refuses(idle_site, EX_CONFIG, f"{file}:", "did not start", *words)
    assert "did you mean" in said or "timezon" not in words
    assert not idle_site.database.exists()


def test_all_problems_are_reported_at_once(idle_site):
    idle_site.write_config(lambda s: (s["site"].update(nme="x"), s["console"].update(port=-1), s["log"].update(level="loud")))
    refuses(idle_site, EX_CONFIG, "nme", "console.port", "log.level")


def test_sigterm_ends_within_two_seconds_and_finishes_what_is_in_flight(site, cards):
    door = HeldTerminal(site, DOOR).wait_connected()
    shown = [door.tap(card) for card in cards["participant"][:3]]
    door.tap_only(cards["participant"][3])
    took = site.daemon.stop()
    assert took < 2 and site.daemon.exit_code == 0
    wait_until(lambda: len(door.shown()) == 4, 5, "the last tap is answered or given up")
    site.start_daemon()
    door.wait_connected().wait_empty()
    taps = {door.identity(entry) for entry in [*shown, door.shown()[3]]}
    wait_until(lambda: set(site.received.taps()) == taps, 10, "all four taps arrive, once each")


def test_a_second_daemon_on_the_same_data_is_refused(site):
    first = site.daemon
    other = Site(site.folder, site.programs)
    other.write_config()
    said = refuses(other, 1, "did not start")
    assert "in use" in said or "another" in said, said
    assert first.running()


def test_a_busy_port_is_one_clear_sentence(idle_site):
    with socket.create_server(("127.0.0.1", idle_site.ports.links)):
        refuses(idle_site, 1, str(idle_site.ports.links), "did not start")


def test_a_newer_database_is_left_alone(idle_site):
    idle_site.start_case_system()
    idle_site.start_daemon()
    idle_site.daemon.stop()
    with sqlite3.connect(idle_site.database) as database:
        database.execute("PRAGMA user_version = 4711")
    refuses(idle_site, 1, "4711", "nothing was changed")


@pytest.mark.parametrize("names, reason", [(("DNS:elsewhere.example",), "host name"), (None, "authority")])
def test_a_case_system_that_cannot_be_verified_receives_nothing(idle_site, cards, tmp_path, names, reason):
    """Wrong host name, then another authority: taps are green, events wait, nothing leaves."""
    wrong = pki.make(tmp_path / "wrong", names or ("DNS:localhost",))
    if names:
        shutil.copy(wrong.ca, idle_site.certificates.ca)  # trusted, but issued for another host
    right, idle_site.certificates = idle_site.certificates, wrong
    idle_site.start_case_system()
    idle_site.certificates = right
    idle_site.start_daemon()
    door = HeldTerminal(idle_site, DOOR).wait_connected()
    assert door.tap(cards["participant"][0])["light"] == "green"
    wait_until(lambda: idle_site.rollcall("status").returncode == 0, 5, "the daemon answers")
    time.sleep(2)
    assert idle_site.received.count() == 0
    assert idle_site.daemon.running()
    assert "certificate" in idle_site.daemon.output(), reason


def test_run_names_a_busy_port(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        code = (f"from tests.harness import run; run.PORTS.console = {port}; import sys; sys.exit(run.main([]))")
        done = subprocess.run(["/usr/bin/python3", "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert f"port {port} is in use" in done.stdout
    assert len(done.stdout.strip().splitlines()) == 1


def test_run_stops_everything_on_ctrl_c(tmp_path):
    """The live site on free ports; one SIGINT ends all programs and leaves the data."""
    code = ("import sys, pathlib\n"
            "from tests.harness import run\n"
            "from tests.harness.site import Ports\n"
            f"run.VAR = pathlib.Path({str(tmp_path)!r}); run.ROOT = run.VAR\n"
            "run.PORTS = Ports.free(['TC-DOOR-1', 'CH-DESK-1'])\n"
            "sys.exit(run.main([]))\n")
    # A runner in the background has Ctrl-C ignored, and what it starts takes that over.
    heeding = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    for _ in range(2):  # the second start finds used data
        program = subprocess.Popen(["/usr/bin/python3", "-u", "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True,
                                   start_new_session=True, preexec_fn=heeding)
        lines = []
        for line in program.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        text = "".join(lines)
        assert "console" in text and "http://127.0.0.1:" in text, text
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(program.pid)], capture_output=True, text=True).stdout.split()
        assert len(children) == 4
        os.kill(program.pid, signal.SIGINT)
        rest, _ = program.communicate(timeout=20)
        assert program.returncode == 0 and "stopped" in rest, rest
        assert not any(os.path.exists(f"/proc/{pid}") for pid in children)
    assert (tmp_path / "live/data").is_dir()
