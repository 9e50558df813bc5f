"""A reader that types, at a real Linux kernel: the right to open it comes by the rule, and its keys are the daemon's
alone."""

import csv
import json
import socket
import time

import pytest

from tests.guest import daemon
from tests.guest.machine import Guest
from tests.harness.program import wait_until
from tests.harness.site import EXAMPLE, ROOT

PATIENCE = 60
READER, SERIAL = "DESK-KEYS", "KEYS-1"
DEVICE = f"/dev/input/by-id/usb-QEMU_QEMU_USB_Keyboard_{SERIAL}-event-kbd"
RULE = ROOT / "setup/71-rollcall-readers.rules"
IDS = {"ffff": "0627", "0035": "0001"}  # of the rule's example: those of QEMU's keyboard


class Keys:
    """QEMU's keyboard, by QMP."""

    def __init__(self, path: str) -> None:
        self._line = socket.socket(socket.AF_UNIX)
        self._line.settimeout(PATIENCE)
        self._line.connect(path)
        self._file = self._line.makefile("rw")
        self._file.readline()
        self._do("qmp_capabilities")

    def type(self, text: str) -> None:
        for key in [*text.lower(), "ret"]:
            for down in (True, False):
                event = {"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": key}}}
                self._do("input-send-event", events=[event])
                time.sleep(0.02)  # its queue holds 16

    def close(self) -> None:
        self._file.close()
        self._line.close()

    def _do(self, command: str, **arguments) -> None:
        self._file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._file.flush()
        while "return" not in (answer := json.loads(self._file.readline())):
            assert "error" not in answer, answer


@pytest.fixture
def parts(tmp_path):
    """A site whose reader types, its daemon not started yet, in a guest that has such a keyboard."""
    site = daemon.enrolled_site(tmp_path, [])
    site.settings["readers"] = [{"id": READER, "room": "Desk", "keyboard": DEVICE, "format": "uid_hex"}]
    control = site.folder / "qmp"
    with site, Guest(site, None, [], 1, "-device", f"usb-kbd,serial={SERIAL},bus=bus.0",
                     "-qmp", f"unix:{control},server=on,wait=off") as guest:
        daemon.move_in(site, guest)
        guest.run("udevadm trigger --action=add --subsystem-match=input && udevadm settle")
        keys = Keys(str(control))
        yield site, guest, keys
        keys.close()


def install_rule(site, guest) -> None:
    text = RULE.read_text()
    for example, here in IDS.items():
        text = text.replace(f'"{example}"', f'"{here}"')
    (site.folder / RULE.name).write_text(text)
    guest.run(f"mkdir -p {daemon.RULES} && cp /srv/site/{RULE.name} {daemon.RULES} && udevadm control --reload && "
              "udevadm trigger --action=add --subsystem-match=input && udevadm settle")


def test_its_right_comes_by_the_rule_and_its_keys_are_the_daemons_alone(parts):
    site, guest, keys = parts
    running = daemon.GuestDaemon(site, guest)
    running.wait_for("this account may not open it: copy setup/71-rollcall-readers.rules", PATIENCE)
    install_rule(site, guest)
    running.wait_for("reader is ready", PATIENCE)
    assert "LIBINPUT_IGNORE_DEVICE=1" in guest.run(f"udevadm info --query=property {DEVICE} | cat").split()

    # Whoever reads the same keyboard meanwhile, even root.
    guest.run(f"timeout 60 cat {DEVICE} >/srv/site/heard & sleep 1")
    with open(EXAMPLE / "cards.csv", newline="") as file:
        card = next(csv.DictReader(file))["card"]
    keys.type(card)
    wait_until(lambda: site.received.events("tap.recorded"), PATIENCE, "the tap arrives at the case system")
    [tap] = site.received.events("tap.recorded")
    assert "subject" in tap and tap["data"]["terminal"] == READER
    assert (site.folder / "heard").read_bytes() == b""
    assert card.upper() not in running.output().upper()

    # When the daemon is away the keyboard is anybody's again: the grab ends with it.
    running.stop()
    keys.type("1")
    wait_until(lambda: (site.folder / "heard").read_bytes(), PATIENCE, "somebody else hears the keyboard")
