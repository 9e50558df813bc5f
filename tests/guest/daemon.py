"""The daemon in a guest: the host's own build, with the guest's libusb, udev and accounts.

The site is made on the host, where its terminals are enrolled over TCP, and moves into the guest; the case system and
the terminals' programs stay outside.
"""

import re
import shutil
from pathlib import Path

from tests.guest.machine import HOST, Guest
from tests.harness import pki, settings
from tests.harness.program import ProgramError, wait_until
from tests.harness.site import EXAMPLE, ROOT, Programs, Site

CASE_SYSTEM = "case-system.example"  # the host, as the guest knows it
RULE = ROOT / "setup/70-rollcall-terminal.rules"
RULES = "/etc/udev/rules.d"
DATA = "/var/lib/rollcall"
ETC = "/etc/rollcall"


def enrolled_site(folder: Path, serials: list[str]) -> Site:
    """Its case system is up, its daemon stopped."""
    pki.make(folder / "tls", ("DNS:localhost", "IP:127.0.0.1", f"DNS:{CASE_SYSTEM}"))
    site = Site(folder, Programs("release"))
    site.places = [place for place in site.places if place["serial"] in serials]
    site.settings["delivery"] |= {"batch_age": "50ms", "retry_first": "50ms", "retry_max": "500ms", "timeout": "20s"}
    site.start_case_system()
    site.start_daemon()
    site.daemon.stop()
    return site


def move_in(site: Site, guest: Guest) -> None:
    """As an administrator installs it, but for the rule: an account, a program, a configuration, a folder of data."""
    wanted = settings.dumps(site.settings | {
        "data_dir": DATA,
        "delivery": site.settings["delivery"] | {"url": f"https://{CASE_SYSTEM}:{site.ports.case_system}",
                                                 "ca_file": f"{ETC}/ca.pem"}})
    moving = site.folder / "etc"
    moving.mkdir()
    (moving / "rollcall.toml").write_text(wanted.replace(str(EXAMPLE), f"{ETC}/example"))
    shutil.copy(site.certificates.ca, moving / "ca.pem")
    shutil.copy(RULE, moving)
    shutil.copytree(EXAMPLE, moving / "example")
    guest.run("echo 'rollcall:x:990:990::/var/lib/rollcall:/usr/sbin/nologin' >>/etc/passwd; "
              "echo 'rollcall:x:990:' >>/etc/group")
    guest.run(f"echo '{HOST} {CASE_SYSTEM}' >>/etc/hosts")
    guest.run(f"cp -r /srv/site/etc {ETC} && chmod -R a+rX {ETC}")
    guest.run(f"cp -r /srv/site/data {DATA} && chown -R rollcall:rollcall {DATA}")
    guest.run(f"install -m 755 {site.programs.rollcalld} /usr/bin/rollcalld")
    guest.run("/lib/systemd/systemd-udevd --daemon && udevadm trigger --action=add --subsystem-match=usb && "
              "udevadm settle")


def install_rule(guest: Guest) -> None:
    """As its first lines say."""
    guest.run(f"mkdir -p {RULES} && cp {ETC}/{RULE.name} {RULES} && udevadm control --reload")


def remove_rule(guest: Guest) -> None:
    guest.run(f"rm -f {RULES}/{RULE.name} && udevadm control --reload")


class GuestDaemon:
    """Runs as the account `rollcall`, which is in no other group. Its log is the site's `rollcalld.log`."""

    def __init__(self, site: Site, guest: Guest) -> None:
        self._guest = guest
        self._log = site.folder / "guest-rollcalld.log"
        self._log.write_bytes(b"")
        command = f"setpriv --reuid=rollcall --regid=rollcall --clear-groups rollcalld --config {ETC}/rollcall.toml"
        self.pid = int(guest.run(f"setsid {command} >/srv/site/{self._log.name} 2>&1 & echo $!"))

    def output(self) -> str:
        return self._log.read_text(errors="replace")

    def wait_for(self, text: str, seconds: float = 60) -> None:
        def said_or_gone() -> bool:
            if text in self.output():
                return True
            if not self.running():
                raise ProgramError(f"rollcalld ended in the guest: {self.output()[-500:]}")
            return False

        wait_until(said_or_gone, seconds, f"the daemon in the guest says `{text}`", every=0.5)

    def running(self) -> bool:
        return self._guest.attempt(f"kill -0 {self.pid}")[0] == 0

    def usb_nodes(self) -> list[str]:
        """Of devices that it has open."""
        opened = self._guest.run(f"ls -l /proc/{self.pid}/fd")
        return sorted(re.findall(r"/dev/bus/usb/\d+/\d+", opened))

    def stop(self) -> None:
        self._guest.run(f"kill {self.pid}; while kill -0 {self.pid} 2>/dev/null; do sleep 0.1; done")


def nodes(guest: Guest) -> dict[str, str]:
    """Device nodes of all that is plugged in, by serial number."""
    found = guest.run("cd /sys/bus/usb/devices && for s in */serial; do printf '/dev/bus/usb/%03d/%03d %s\\n' "
                      "$(cat ${s%serial}busnum ${s%serial}devnum) $(cat $s); done")
    return {name: node for node, name in re.findall(r"^(\S+) (.+)$", found, re.MULTILINE)}


def writable_nodes(guest: Guest) -> list[str]:
    """That the account may open as the daemon does."""
    listed = guest.run("setpriv --reuid=rollcall --regid=rollcall --clear-groups sh -c "
                       "'for n in /dev/bus/usb/*/*; do test -w $n && echo $n; done; true'")
    return sorted(listed.split())
