import os
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # for tests.harness and tests.qemu

from tests.harness.wire.noise import public_bytes  # noqa: E402
from tests.qemu import card_image, flash_image  # noqa: E402
from tests.qemu.badge import Badge  # noqa: E402
from tests.qemu.cards import Cards  # noqa: E402
from tests.qemu.touch import Touch  # noqa: E402

SERIAL = "BADGE-TEST-1"
TOUCH_SERIAL = "TOUCH-TEST-1"


@pytest.fixture
def fresh_card(tmp_path):
    return card_image.from_factory(tmp_path / "card.img", SERIAL)


@pytest.fixture
def fresh_badge(fresh_card):
    """A badge terminal of no site, just switched on."""
    with Badge(fresh_card) as badge:
        yield badge


@pytest.fixture
def link_key():
    return os.urandom(32)


@pytest.fixture
def site_key():
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return public_bytes(X25519PrivateKey.generate())


@pytest.fixture
def site_card(tmp_path, link_key, site_key):
    return card_image.of_a_site(tmp_path / "card.img", SERIAL, link_key, site_key)


@pytest.fixture
def badge(site_card):
    """A badge terminal of a site, just switched on."""
    with Badge(site_card) as badge:
        yield badge


@pytest.fixture
def cards():
    """The field of a card reader that works."""
    with tempfile.TemporaryDirectory(prefix="rollcall-") as folder:  # names of sockets must be short
        with Cards(Path(folder) / "reader") as cards:
            yield cards


@pytest.fixture
def badge_with_reader(site_card, cards):
    with Badge(site_card, reader=cards.address) as badge:
        yield badge


@pytest.fixture
def fresh_bank(tmp_path):
    return flash_image.from_factory(tmp_path / "bank.img", TOUCH_SERIAL)


@pytest.fixture
def site_bank(tmp_path, link_key, site_key):
    return flash_image.of_a_site(tmp_path / "bank.img", TOUCH_SERIAL, link_key, site_key)


@pytest.fixture
def touch(site_bank):
    """A touch terminal of a site, just switched on."""
    with Touch(site_bank) as touch:
        yield touch
