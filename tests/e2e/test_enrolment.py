"""A terminal becomes part of the site by six digits that a person compares, and in no other way."""

import os
import time
from contextlib import contextmanager

import pytest
from conftest import DESK, DOOR

from tests.harness.enrol import HostDialogue, TerminalDialogue, enrol
from tests.harness.program import wait_until
from tests.harness.terminal import HeldTerminal
from tests.harness.wire import (EnrolEndReason, EnrollingTerminal, EnrolmentEnded, Grant, HostInBackground, Op, WireHost,
                                WireTerminal)
from tests.harness.wire.middle import Middle
from tests.harness.wire.noise import public_bytes


NEW = "RC-NEW-1"
PLACE = ("Room Senne", "training", ["fr", "en"])


@contextmanager
def host(site, serial: str = NEW):
    """The window at the host is open."""
    with HostDialogue(site, serial, *PLACE) as made:
        made.wait_open()
        yield made


def terminal(site, serial: str = NEW, port: int | None = None) -> TerminalDialogue:
    return TerminalDialogue(site, serial, site.folder / f"{serial}.settings", f"tcp:127.0.0.1:{port or site.ports.links}")


def fails(program, *words: str) -> None:
    """It ends with code 1 and a sentence that says what happened."""
    assert program.wait() == 1, program.said
    for word in words:
        assert word in program.said, program.said


def terminal_fails(program: TerminalDialogue, *words: str) -> None:
    fails(program, "enrol: failed: ", *words)
    sentence = program.said.split("enrol: failed: ")[1].splitlines()[0]
    assert len(sentence.split()) >= 4, "a sentence for a person"


def is_out(site, serial: str = NEW) -> None:
    """The host gives this serial no session, and did not take anything of it; a key that was granted in vain is
    forgotten a moment after the attempt has ended."""
    def not_active() -> bool:
        listed = site.rollcall("terminal", "list").stdout
        row = next((line for line in listed.splitlines() if line.startswith(serial)), "")
        return "active" not in row.split()

    wait_until(not_active, 3, f"{serial} is not active", every=0.1)


def test_both_programs_agree_and_the_terminal_works(site, cards):
    done = enrol(site, NEW, *PLACE)
    assert done.site == site.settings["site"]["id"] and done.seconds < 20
    assert NEW in site.rollcall("terminal", "list").stdout
    site.ports.pages[NEW] = site.ports.pages[DOOR]
    held = HeldTerminal(site, NEW).wait_connected()
    assert held.tap(cards["participant"][0])["light"] == "green"


def test_each_attempt_shows_another_number(site):
    numbers = set()
    for _ in range(3):
        numbers.add(enrol(site, NEW, *PLACE).digits)
    assert len(numbers) == 3


def test_nobody_asked_for_this_terminal(site):
    with EnrollingTerminal(site.ports.links, NEW) as stranger:
        begin = time.monotonic()
        with pytest.raises(EnrolmentEnded) as ended:
            stranger.promise()
        assert ended.value.reason == EnrolEndReason.NOT_EXPECTED and time.monotonic() - begin < 2
    with terminal(site) as real:
        terminal_fails(real)
    is_out(site)


def test_the_window_is_for_one_serial(site):
    with host(site), EnrollingTerminal(site.ports.links, "RC-OTHER-1") as other:
        with pytest.raises(EnrolmentEnded) as ended:
            other.promise()
        assert ended.value.reason == EnrolEndReason.NOT_EXPECTED
    is_out(site, "RC-OTHER-1")


def test_a_wrong_number_at_the_host_ends_both_windows(site):
    with host(site) as asked, terminal(site) as called:
        right = called.digits()
        asked.enter(f"{(int(right) + 1) % 1_000_000:06}")
        fails(asked, "differ")
        terminal_fails(called)
        with terminal(site) as again:
            terminal_fails(again)
    is_out(site)


def test_no_at_the_terminal_ends_both_windows(site):
    with host(site) as asked, terminal(site) as called:
        asked.enter(called.digits())
        called.confirm(False)
        terminal_fails(called)
        assert asked.wait() == 1, asked.said
    is_out(site)


def test_a_window_serves_once(site):
    enrol(site, NEW, *PLACE)
    with EnrollingTerminal(site.ports.links, NEW) as second:
        with pytest.raises(EnrolmentEnded) as ended:
            second.promise()
    assert ended.value.reason == EnrolEndReason.NOT_EXPECTED


def test_an_earlier_key_works_until_the_new_one_is_proven(site):
    """An attempt that fails takes nothing from a terminal that is enrolled."""
    key = site.link_key(DOOR)
    with host(site, DOOR) as asked, EnrollingTerminal(site.ports.links, DOOR) as impostor:
        impostor.promise()
        right = impostor.shown()
        asked.enter(f"{(int(right) + 1) % 1_000_000:06}")
        fails(asked, "differ")
    with WireTerminal(site.ports.links, DOOR, key=key) as door:
        assert door.open()[0] == Op.WELCOME


def test_a_lost_last_word_is_made_good_by_the_first_handshake(site):
    """The terminal has the key, and its `enrol_done` never arrives."""
    with host(site) as asked, EnrollingTerminal(site.ports.links, NEW) as called:
        called.promise()
        asked.enter(called.shown())
        sealed = called.receive(Op.ENROL_GRANT, seconds=10)[1]
        key = called.secrets.unseal(sealed).key
        called.close()
        with WireTerminal(site.ports.links, NEW, key=key) as door:
            assert door.open()[0] == Op.WELCOME
    assert NEW in site.rollcall("terminal", "list").stdout


# Misuse -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [
    [Op.TAP, bytes(16), 1, 1, 1, 1, 1, 1, b"\4\1\2\3\4\5\6"], [Op.TERMINAL_STATE, bytes(16), 1, 0, 20000, 0, 0],
    [Op.ENROL_DONE, bytes(32)],
], ids=["tap", "terminal_state", "enrol_done"])
def test_nothing_but_enrolment_is_taken_without_tags(site, said):
    with host(site) as asked, EnrollingTerminal(site.ports.links, NEW) as called:
        called.promise()
        called.send(said, wait=False)
        assert called.receive(Op.ENROL_END)[1] == EnrolEndReason.PROTOCOL
        assert asked.wait() == 1
    assert site.query("SELECT count(*) FROM tap")[0][0] == 0
    is_out(site)


def test_a_key_without_secret_is_refused(site):
    """All zero: the shared secret would be all zero too."""
    with host(site) as asked, EnrollingTerminal(site.ports.links, NEW) as called:
        called.promise()
        with pytest.raises(EnrolmentEnded) as ended:
            called.shown(public=bytes(32))
            called.agree()
        assert ended.value.reason in (EnrolEndReason.PROTOCOL, EnrolEndReason.BROKEN_PROMISE)
        assert asked.wait() == 1
    is_out(site)


def test_a_wrong_proof_enrols_nobody(site):
    with host(site) as asked, EnrollingTerminal(site.ports.links, NEW) as called:
        called.promise()
        asked.enter(called.shown())
        called.agree(proof=os.urandom(32))
        called.closed_within(3)
        assert asked.wait() == 1
    is_out(site)


def test_the_host_promises_anew_each_time(site):
    """Keys and nonce are fresh, so nothing of one attempt helps in the next."""
    seen = set()
    for _ in range(3):
        with host(site) as asked, EnrollingTerminal(site.ports.links, NEW) as called:
            called.promise()
            seen.add(called.committed)
            called.shown(public_bytes(called.private))
            with pytest.raises(EnrolmentEnded):
                called.end(EnrolEndReason.CANCELLED)
            assert asked.wait() == 1
    assert len(seen) == 3


def test_somebody_between_the_two_makes_the_numbers_differ(site):
    with host(site) as asked, Middle(site.ports.links, NEW) as middle, terminal(site, port=middle.port) as called:
        shown = called.digits()
        assert middle.digits_towards_terminal == shown != middle.digits_towards_host
        asked.enter(shown)
        fails(asked, "differ")
        assert middle.ended() == EnrolEndReason.DIFFERENT
    is_out(site)


def test_a_host_that_opens_another_promise_is_found_out(site):
    """Somebody who searches for a key that gives the wanted number would have to open it in place of his own."""
    def searches(wire_host: WireHost) -> None:
        wire_host.greet()
        wire_host.number(other_nonce=os.urandom(32))
        reasons.append(wire_host.receive(Op.ENROL_END)[1])

    reasons: list[int] = []
    with HostInBackground(searches) as liar, terminal(site, port=liar.port) as called:
        terminal_fails(called)
        assert "this terminal shows" not in called.said
    assert reasons == [EnrolEndReason.BROKEN_PROMISE]


def test_a_grant_that_was_sealed_for_another_attempt_is_refused(site):
    def gives_rubbish(wire_host: WireHost) -> None:
        wire_host.greet()
        secrets = wire_host.number()
        secrets.seal_key = os.urandom(32)
        time.sleep(1)  # a person reads and types
        with pytest.raises(EnrolmentEnded):
            wire_host.grant(secrets, Grant(os.urandom(32), os.urandom(32), "elsewhere"))

    with HostInBackground(gives_rubbish) as liar, terminal(site, port=liar.port) as called:
        called.digits()
        called.confirm(True)
        terminal_fails(called)


def test_a_terminal_of_this_site_keeps_its_key_when_an_attempt_fails(site, cards):
    """The file is as before, byte for byte."""
    held = HeldTerminal(site, DESK).wait_connected()
    held.stop()
    before = site.settings_file(DESK).read_bytes()
    with TerminalDialogue(site, DESK, site.settings_file(DESK)) as called:
        terminal_fails(called)
    assert site.settings_file(DESK).read_bytes() == before
    assert HeldTerminal(site, DESK).wait_connected().tap(cards["guardian"][0])["light"] == "green"
