"""Cards that cannot be copied: given out at the desk, and the keys that they have then (docs/credentials.md)."""

import hashlib
import hmac
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from .enrol import Dialogue
from .program import ProgramError
from .site import Site

ISSUING, READING = 0, 1  # numbers of keys


def issue(site: Site, serial: str, person: str, hold: Callable[[], object], how: str = "issue") -> str:
    """`hold` holds the card to the terminal, from when the desk asks for it until it is done; what the desk said."""
    with begin_issue(site, serial, person, how) as desk:
        hold()
        desk.expect_success()
        if f"The card is {person}'s now." not in desk.said:
            raise ProgramError(f"the desk said: {desk.said}")
        return desk.said


def begin_issue(site: Site, serial: str, person: str, how: str = "issue") -> Dialogue:
    """The desk, as soon as it waits for a card."""
    desk = site.in_background("card", how, "--person", person, "--terminal", serial, "--reason", "At the desk.",
                              "--actor", "desk-1")
    try:
        desk.wait_for(re.compile("Hold the card to"))
    except ProgramError:
        desk.stop()
        raise
    return desk


def freefare(site: Site, device: Path, *arguments: str) -> str:
    """libfreefare at the card module on this line, which nobody else uses meanwhile (tests/conformance/nfc,
    freefare-issuer); what it said."""
    done = subprocess.run([site.programs.build / "tests/conformance/nfc/freefare-issuer", *arguments],
                          env=dict(os.environ, LIBNFC_DEVICE=f"pn532_uart:{device}"),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30)
    if done.returncode != 0:
        raise ProgramError(f"freefare-issuer {arguments[0]}: {done.stdout}")
    return done.stdout


def personalise(site: Site, device: Path, uid: str, token: str) -> None:
    """libfreefare makes a blank card one of this site."""
    freefare(site, device, "write", card_key(site, uid, ISSUING), card_key(site, uid, READING), token)


def card_key(site: Site, uid: str, number: int) -> str:
    """A card's own key in hex, made of the site's master key after AN10922 2.2, not by code of ours. Only for chip
    numbers of 7 bytes: what is enciphered then has two blocks without a rule for shorter ones."""
    from cryptography.hazmat.primitives.ciphers.algorithms import AES  # ./run does without
    from cryptography.hazmat.primitives.cmac import CMAC

    assert len(uid) == 14
    master = site.folder / "data/keys/card-master.key"
    mac = CMAC(AES(master.read_bytes()))
    mac.update(b"\x01" + bytes.fromhex(uid) + bytes.fromhex("011cf5") + b"rollcall" + bytes([number]))
    return mac.finalize().hex()


def known_by(site: Site, token: str) -> str:
    """What the daemon keeps and tells of a card's token."""
    key = (site.folder / "data/keys/card.key").read_bytes()
    return hmac.new(key, b"\x80" + bytes.fromhex(token), hashlib.sha256).hexdigest()
