"""SD cards of the badge terminal: as a factory leaves them, and as a terminal that belongs to a site.

The places are those of firmware/images/badge_card.hpp.
"""

import os
from pathlib import Path

from tests.qemu.records import seed, serial_record, settings

BYTES = 32 << 20  # QEMU takes powers of two
BLOCK = 512
SETTINGS_BLOCK, SEED_BLOCK = 8, 16
PART_BLOCKS = 8  # of either


def write(file: Path, blocks: dict[int, bytes]) -> Path:
    """A card that holds this, and zeros."""
    with file.open("wb") as card:
        card.truncate(BYTES)
        for block, content in blocks.items():
            card.seek(block * BLOCK)
            card.write(content)
    return file


def from_factory(file: Path, serial: str) -> Path:
    """With a serial number and a seed of its own, and no site."""
    return write(file, {0: serial_record(serial, BLOCK), SEED_BLOCK: seed(os.urandom(32), BLOCK)})


def of_a_site(file: Path, serial: str, link_key: bytes, site_key: bytes) -> Path:
    """As enrolment leaves it."""
    return write(file, {0: serial_record(serial, BLOCK), SEED_BLOCK: seed(os.urandom(32), BLOCK),
                        SETTINGS_BLOCK: settings(link_key, site_key, BLOCK)})


def part(file: Path, block: int) -> bytes:
    with file.open("rb") as card:
        card.seek(block * BLOCK)
        return card.read(PART_BLOCKS * BLOCK)
