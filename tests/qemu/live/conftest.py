import csv
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))  # for tests.harness and tests.qemu

from tests.harness.clock import morning_zone  # noqa: E402
from tests.harness.program import wait_until  # noqa: E402
from tests.harness.site import EXAMPLE, Ports, Programs, Site  # noqa: E402
from tests.qemu.station import Station  # noqa: E402
from tests.qemu.stations import BadgeStation, TouchStation  # noqa: E402

ROOM = "Training centre door"
DELIVERED_WITHIN = 60  # seconds
NEWCOMERS = {"badge": "04039F2F817FE1", "touch": "04974390137B1E"}  # cards that no test but one holds to a board
FULL = bool(os.environ.get("ROLLCALL_FULL"))


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The example site with no terminal of its own, its case system and daemon up."""
    with tempfile.TemporaryDirectory(prefix="rollcall-") as sockets:  # their names must be short
        site = Site(tmp_path_factory.mktemp("site"), Programs("release"), Ports.free([]))
        site.places = []
        site.settings["site"]["timezone"] = morning_zone()
        site.settings["links"]["listen"].append(f"unix:{sockets}/links")
        site.settings["delivery"] |= {"batch_age": "50ms", "retry_first": "50ms", "retry_max": "500ms", "timeout": "3s"}
        with site:
            site.start_case_system()
            site.start_daemon()
            yield site


def _station(kind: type[Station], site: Site):
    with kind(site, f"{kind.name.upper()}-1", site.folder / "boards" / kind.name) as station:
        station.digits = station.enrol(ROOM)
        station.wait_connected()
        yield station


@pytest.fixture(scope="session")
def enrolled_badge(site):
    yield from _station(BadgeStation, site)


@pytest.fixture(scope="session")
def enrolled_touch(site):
    yield from _station(TouchStation, site)


def _as_found(station: Station) -> Station:
    """Whatever the test before did: daemon up, power on, cable plugged, nothing waiting, no card, no answer."""
    if not station.site.daemon.running():
        station.site.start_daemon()
    if not station.on:
        station.switch_on()
    station.cards.remove()
    station.line.allow()
    station.wait_connected()
    station.wait_for(lambda: station.waiting() == 0, "has told all its taps")
    station.wait_dark()
    return station


@pytest.fixture
def badge(enrolled_badge) -> BadgeStation:
    return _as_found(enrolled_badge)


@pytest.fixture
def touch(enrolled_touch) -> TouchStation:
    return _as_found(enrolled_touch)


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("badge", "touch")])
def station(request) -> Station:
    """Each of the two boards, enrolled and connected."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def people() -> dict[str, str]:
    """Cards of people to whom no assessment is offered, and whose they are; one for each person."""
    with open(EXAMPLE / "assignments.csv", newline="") as file:
        due = {row["person"] for row in csv.DictReader(file)}
    with open(EXAMPLE / "cards.csv", newline="") as file:
        card_of = {row["person"]: row["card"] for row in csv.DictReader(file) if row["person"] not in due}
    return {card: person for person, card in card_of.items() if card not in NEWCOMERS.values()}


@pytest.fixture(scope="session")
def fresh(people):
    """Cards that no other test has held to a reader in this session."""
    return iter(people)


class Delivered:
    """What the case system has received of one terminal since this was made."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self.before = station.recorded()
        self._arrive(self.before)

    def taps(self) -> list[dict]:
        """Events tap.recorded, in the order of the log."""
        return self._all()[self.before:]

    def wait(self, count: int) -> list[dict]:
        """Exactly so many, none twice, without holes in the numbers."""
        self._arrive(self.before + count)
        taps = self.taps()
        identities = Counter((tap["data"]["tap"]["epoch"], tap["data"]["tap"]["number"]) for tap in taps)
        assert len(taps) == count and set(identities.values()) == {1}, identities
        assert not self._station.site.received.tap_number_holes()
        return taps

    def _arrive(self, count: int) -> None:
        wait_until(lambda: len(self._all()) >= count, DELIVERED_WITHIN,
                   f"the case system has {count} taps of {self._station.serial}", every=0.1)

    def _all(self) -> list[dict]:
        return [tap for tap in self._station.site.received.events("tap.recorded")
                if tap["data"]["terminal"] == self._station.serial]


@pytest.fixture
def delivered(station) -> Delivered:
    return Delivered(station)
