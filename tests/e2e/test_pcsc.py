"""Shop-bought readers by PC/SC: pcscd with a virtual reader, which comes, goes and is killed."""

import os
import subprocess
import threading
import time

import pytest

from tests.harness.program import wait_until
from tests.harness.readers import WITH_CONTACTS, Pcscd, VirtualCard
from tests.harness.site import ROOT

SOON = 1.5  # seconds in which a card is seen to come and to go


class Watch:
    """tests/readers: what our side tells of the readers, and when."""

    def __init__(self, pcscd: Pcscd) -> None:
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", ROOT / "build/release/tests/readers/reader-watch"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=dict(os.environ, **pcscd.environment))
        self.told: list[tuple[float, str]] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self._process.stdout:
            self.told.append((time.monotonic(), line.rstrip("\n")))

    def wait_for(self, words: str, after: float = 0) -> float:
        """When it was told, once it is, later than `after`."""
        found = wait_until(lambda: [at for at, line in self.told if at >= after and line.startswith(words)], 20,
                           f"{words} is told")
        return found[0]

    def stop(self) -> None:
        self._process.stdin.close()
        assert self._process.wait(10) == 0


@pytest.fixture
def pcscd(tmp_path):
    made = Pcscd(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def watch(pcscd):
    made = Watch(pcscd)
    yield made
    made.stop()


def visit(pcscd, watch, words: str, uid: str, **how) -> tuple[float, float, VirtualCard]:
    """A card that is put on the reader and taken away: how long each took to be told."""
    card = VirtualCard(pcscd, uid, **how)
    came = watch.wait_for(words, card.inserted)
    watch.wait_for("answer", came)
    removed = time.monotonic()
    card.remove()
    return came - card.inserted, watch.wait_for("nothing", removed) - removed, card


def test_cards_come_and_go_and_are_told_apart(pcscd, watch):
    watch.wait_for("away pcscd does not run")
    pcscd.start()
    watch.wait_for(f"came {Pcscd.NAME}")
    visits = [visit(pcscd, watch, "card 04A1B2C3D4E5F6", "04A1B2C3D4E5F6"),
              visit(pcscd, watch, "bank 04D1D2D3D4D5D6", "04D1D2D3D4D5D6", bank=True, slot=1),
              visit(pcscd, watch, "card 08112233", "08112233")]
    # On a busy machine one may be late; not all.
    assert min(came for came, _, _ in visits) < SOON
    assert min(went for _, went, _ in visits) < SOON
    asked = [any(b"2PAY.SYS.DDF01" in apdu for apdu in card.apdus) for _, _, card in visits]
    assert asked == [True, True, False], "a random number says nothing, whoever's it is"


def test_pcscd_that_is_killed_is_said_and_served_again(pcscd, watch):
    pcscd.start()
    watch.wait_for("came")
    card = VirtualCard(pcscd, "04A1B2C3D4E5F6")
    watch.wait_for("card")
    killed = time.monotonic()
    pcscd.kill()
    watch.wait_for("away pcscd does not run", killed)
    watch.wait_for("nothing", killed)
    card.remove()
    started = time.monotonic()
    pcscd.start()
    watch.wait_for("came", started)
    contacts = VirtualCard(pcscd, "01020304", atr=WITH_CONTACTS, slot=1)
    visit(pcscd, watch, "card 04A1B2C3D4E5F6", "04A1B2C3D4E5F6")
    assert contacts.apdus == [], "a card with contacts is let alone"
    contacts.remove()
