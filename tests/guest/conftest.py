import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # for tests.harness and tests.guest

from tests.guest import daemon  # noqa: E402
from tests.guest.machine import Guest  # noqa: E402
from tests.harness.usb import RedirectedUsb  # noqa: E402

DOOR, DESK, TABLET = "TC-DOOR-1", "CH-DESK-1", "TABLET-1"


@pytest.fixture(scope="module", params=[1, 2], ids=["one-processor", "two-processors"])
def guest_site(request, tmp_path_factory):
    """A site whose daemon may be started in a guest; besides the terminals, a tablet is plugged in there."""
    site = daemon.enrolled_site(tmp_path_factory.mktemp("site"), [DOOR, DESK])
    usb = RedirectedUsb(site, [DOOR, DESK])
    with site, usb, Guest(site, usb, [DOOR, DESK], request.param, "-device", f"usb-tablet,serial={TABLET},bus=bus.0") as guest:
        daemon.move_in(site, guest)
        yield site, usb, guest


@pytest.fixture
def site(guest_site):
    return guest_site[0]


@pytest.fixture
def usb(guest_site):
    """Nothing is plugged in but the tablet."""
    made = guest_site[1]
    yield made
    for serial in (DOOR, DESK):
        made.unplug(serial)


@pytest.fixture
def guest(guest_site):
    return guest_site[2]


@pytest.fixture
def start_daemon(site, guest):
    """Starts the daemon in the guest; it is stopped after the test."""
    started = []

    def start() -> daemon.GuestDaemon:
        started.append(daemon.GuestDaemon(site, guest))
        return started[-1]

    yield start
    for one in started:
        one.stop()
