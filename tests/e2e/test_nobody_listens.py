"""Whoever reads from a program may end first: that is an error to it, and no reason to end."""

import os
import socket
import subprocess
import time

from conftest import DOOR

from tests.harness.program import wait_until
from tests.harness.terminal import HeldTerminal
from tests.qemu.cards import Cards

# PN532 user manual: a long preamble wakes the chip (6.3.2.4), SAMConfiguration (7.2.10) is the first command then.
WAKE_UP = bytes.fromhex("5555000000000000000000000000" + "0000FF03FDD414011700")


def test_the_daemon_goes_on_when_nobody_reads_its_log(idle_site, cards):
    idle_site.start_case_system()
    idle_site.start_daemon()  # everybody is enrolled
    idle_site.daemon.stop()
    read, write = os.pipe()
    daemon = subprocess.Popen([idle_site.programs.rollcalld, "--config", idle_site.config_file], stdout=write,
                              stderr=write, stdin=subprocess.DEVNULL)
    os.close(write)
    os.close(read)
    try:
        wait_until(lambda: idle_site.rollcall("status").returncode == 0, 10, "the daemon answers")
        door = HeldTerminal(idle_site, DOOR).wait_connected()  # which is logged
        assert door.tap(cards["participant"][0])["light"] == "green"
        assert daemon.poll() is None
    finally:
        daemon.terminate()
        assert daemon.wait(10) == 0


def test_the_simulated_reader_goes_on_when_its_line_breaks(tmp_path):
    with Cards(tmp_path / "reader") as reader:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(reader.address))
            line.shutdown(socket.SHUT_RD)
            line.sendall(WAKE_UP)  # its answer finds nobody
            time.sleep(0.3)
            reader.place("04A1B2C3D4E5F6")
