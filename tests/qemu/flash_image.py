"""Flash banks of the touch terminal: as a factory leaves them, and as a terminal that belongs to a site.

The places are those of firmware/images/touch_flash.hpp.
"""

import os
from pathlib import Path

from tests.qemu.records import seed, serial_record, settings

BYTES = 64 << 20
UNIT = 256 << 10
PROGRAM_BYTES = 4
SERIAL_UNIT, SETTINGS_UNIT, SEED_UNIT = 0, 2, 5


def write(file: Path, units: dict[int, bytes]) -> Path:
    """A bank that holds this at the beginnings of units, and is erased elsewhere."""
    with file.open("wb") as bank:
        for unit in range(BYTES // UNIT):
            bank.write(units.get(unit, b"").ljust(UNIT, b"\xff"))
    return file


def from_factory(file: Path, serial: str, more: dict[int, bytes] | None = None) -> Path:
    """With a serial number and a seed of its own, and no site."""
    return write(file, {SERIAL_UNIT: serial_record(serial, PROGRAM_BYTES),
                        SEED_UNIT: seed(os.urandom(32), PROGRAM_BYTES), **(more or {})})


def of_a_site(file: Path, serial: str, link_key: bytes, site_key: bytes) -> Path:
    """As enrolment leaves it."""
    return from_factory(file, serial, {SETTINGS_UNIT: settings(link_key, site_key, PROGRAM_BYTES)})
