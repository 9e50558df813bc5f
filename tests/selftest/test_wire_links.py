"""Two Python ends against each other: what is right goes through, and each misuse is said and refused."""

import hashlib
import os

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tests.harness.wire import (BulkKind, BulkResult, Closed, EnrolEndReason, EnrollingTerminal, EnrolmentEnded, FrameType,
                                Grant, HostInBackground, Op, Outcome, WireHost, WireTerminal, bulk, encode, frame, serve)
from tests.harness.wire.enrolment import Secrets
from tests.harness.wire.middle import Middle
from tests.harness.wire.noise import public_bytes

SERIAL = "WIRE-1"
KEY = bytes(range(32))
CARD = bytes.fromhex("04DEADBEEF0001")
GRANT = Grant(os.urandom(32), os.urandom(32), "brussels-senne")


def site(play=serve, **settings) -> HostInBackground:
    return HostInBackground(play, keys={SERIAL: KEY}, **settings)


def calling(host: HostInBackground, key: bytes | None = KEY) -> WireTerminal:
    return WireTerminal(host.port, SERIAL, key=key)


def up(host: WireHost) -> None:
    host.greet()
    host.until(lambda: host.opener and host.opener.newest is not None)


def until_it_ends(host: WireHost) -> None:
    host.greet()
    host.closed_within(5)


# Sessions ---------------------------------------------------------------------------------------------


def test_a_tap_is_answered_in_a_session():
    with site() as host, calling(host) as door:
        assert door.open()[0] == Op.WELCOME
        for number in range(1, 4):
            door.tap(number, CARD)
            assert door.answer(number) == Outcome.ARRIVED
        sealed = [h.frame for h in door.heard if h.frame.kind not in (FrameType.HELLO, FrameType.HANDSHAKE)]
        assert sealed and all(len(f.payload) >= 16 for f in sealed)
        door.bye()


def test_what_the_host_asks_for_is_answered():
    new_key = os.urandom(32)

    def ask(host: WireHost) -> None:
        up(host)
        for message in ([Op.CONFIGURE, "Room", 1, "fr,en"], [Op.ROTATE_KEY, new_key], [Op.STATS_REQUEST]):
            host.send(message)
        assert host.receive(Op.REPLY) == [Op.REPLY, Op.CONFIGURE, 0]
        assert host.receive(Op.REPLY) == [Op.REPLY, Op.ROTATE_KEY, 0]
        assert host.receive(Op.STATS)

    with site(ask) as host, calling(host) as door:
        door.greet()
        assert door.closed_within(5) and door.key == new_key


def test_new_key_phases_in_both_directions():
    def play(host: WireHost) -> None:
        up(host)
        for _ in range(3):
            host.rekey()
            host.send([Op.STATS_REQUEST])
            host.receive(Op.STATS)

    with site(play) as host, calling(host) as door:
        door.greet()
        for phase in range(1, 4):
            door.rekey()
            door.take(Op.STATS_REQUEST)
        assert door.closed_within(5)
        assert door.opener.rekeys == 3 and host.hosts[0].opener.rekeys == 3


@pytest.mark.parametrize("damage", [0, 47])
def test_a_damaged_handshake_is_not_answered(damage):
    with site(until_it_ends) as host, calling(host) as door:
        door.hello()
        door.until(lambda: door.greeted)
        door.say_handshake(damage=damage)
        assert door.closed_within(3)
        assert set(door.kinds_heard()) == {FrameType.HELLO}
    assert host.hosts[0].cause == "handshake"


@pytest.mark.parametrize("wrong", [{"key": bytes(32)}, {"prologue": b"another greeting"}], ids=["key", "prologue"])
def test_a_wrong_key_or_greeting_is_not_answered(wrong):
    with site(until_it_ends) as host, calling(host) as door:
        door.hello()
        door.until(lambda: door.greeted)
        with pytest.raises(Closed):
            door.handshake(**wrong)
    assert host.hosts[0].cause == "handshake"


def test_the_same_handshake_message_gets_the_same_answer():
    with site() as host, calling(host) as door:
        door.hello()
        door.until(lambda: door.greeted)
        door.say_handshake()
        door.say_handshake(repeat=True)
        door.until(lambda: door.kinds_heard().count(FrameType.HANDSHAKE) == 2)
        first, second = (h.frame for h in door.heard if h.frame.kind == FrameType.HANDSHAKE)
        assert first == second
        door.prove()
        door.tap(1, CARD)
        assert door.answer(1) == Outcome.ARRIVED


def test_without_a_key_nothing_but_hello_is_answered():
    with site(until_it_ends) as host, calling(host, key=None) as door:
        door.greet()
        door.send([Op.TAP, bytes(16), 1, 1, 1, 1, 1, 1, CARD], wait=False)
        assert door.silent_for(0.3)
        assert set(door.kinds_heard()) == {FrameType.HELLO}


def test_a_damaged_tag_ends_the_session():
    with site() as host, calling(host) as door:
        door.open()
        door.say(FrameType.PING, spoil_tag=True)
        assert door.closed_within(3)
    assert host.hosts[0].cause == "tag"


def test_untagged_data_in_a_session_does_not_verify():
    with site() as host, calling(host) as door:
        door.open()
        door.raw(frame(FrameType.DATA, 1, door.sealer.counter, encode([Op.TAP, bytes(16), 1, 1, 1, 1, 1, 1, CARD])))
        assert door.closed_within(3)
    assert host.hosts[0].cause == "tag"


def test_replayed_and_stale_frames_get_nothing():
    with site() as host, calling(host) as door:
        door.open()
        ping = door.say(FrameType.PING)
        door.until(lambda: FrameType.ACK in door.kinds_heard()[-1:])
        door.raw(ping)
        door.say(FrameType.PING, counter=0)
        assert door.silent_for(0.3)
        door.tap(1, CARD)
        assert door.answer(1) == Outcome.ARRIVED


def test_repeated_data_is_acknowledged_and_delivered_once():
    with site() as host, calling(host) as door:
        door.open()
        tap = door.send([Op.TAP, door.epoch, 1, 1, 1, 1, 1, 1, CARD])
        assert door.answer(1) == Outcome.ARRIVED
        door.raw(tap)
        door.raw(tap)
        with pytest.raises(TimeoutError):
            door.receive(Op.ANSWER, seconds=0.3)
        assert door.kinds_heard()[-2:] == [FrameType.ACK, FrameType.ACK]


def test_an_unknown_session_ends_it():
    def forget(host: WireHost) -> None:
        up(host)
        host.raw(frame(FrameType.UNKNOWN_SESSION, 0, 0))
        host.closed_within(5)

    with site(forget) as host, calling(host) as door:
        door.greet()
        with pytest.raises(Closed):
            door.until(lambda: False, 3)


# Bulk transfers ---------------------------------------------------------------------------------------

CONTENT = bytes(range(256)) * 40


def sending(**how):
    def play(host: WireHost) -> None:
        up(host)
        results.append(bulk.send(host, BulkKind.SCREEN, CONTENT, 7, **how))

    results: list[BulkResult] = []
    return play, results


@pytest.mark.parametrize("window, size", [(1, 192), (4, 1024), (16, 192)])
def test_a_transfer_to_the_terminal(window, size):
    play, results = sending()
    with site(play, max_frame=size) as host, calling(host) as door:
        door.greet()
        got = bulk.receive(door, window=window)
        assert (got.content, got.kind, got.subject, got.result) == (CONTENT, BulkKind.SCREEN, 7, BulkResult.COMPLETE)
        assert door.closed_within(3)
    assert results == [BulkResult.COMPLETE]


def test_a_transfer_to_the_host_with_taps_between():
    def play(host: WireHost) -> None:
        up(host)
        taken.append(bulk.receive(host, window=2))
        serve(host)

    taken = []
    with site(play) as host, calling(host) as door:
        door.greet()
        assert bulk.send(door, BulkKind.LOG, CONTENT, piece=100) == BulkResult.COMPLETE
        door.tap(1, CARD)
        assert door.answer(1) == Outcome.ARRIVED
    assert taken[0].content == CONTENT


def test_a_transfer_is_resumed_where_it_was_cut():
    play, results = sending()
    with site(play) as host, calling(host) as door:
        door.greet()
        got = bulk.receive(door, held=CONTENT[:5000])
        assert (got.started_at, got.content, got.result) == (5000, CONTENT, BulkResult.COMPLETE)
        assert door.closed_within(3)
    assert results == [BulkResult.COMPLETE]


def test_what_is_there_already_is_not_sent():
    play, results = sending()
    with site(play) as host, calling(host) as door:
        door.greet()
        assert bulk.receive(door, held=CONTENT).result == BulkResult.COMPLETE
        assert door.closed_within(3)
        assert FrameType.BULK not in door.kinds_heard()
    assert results == [BulkResult.COMPLETE]


def test_a_wrong_digest_is_found():
    play, results = sending(digest=hashlib.sha256(b"another").digest())
    with site(play) as host, calling(host) as door:
        door.greet()
        assert bulk.receive(door).result == BulkResult.DIGEST
        assert door.closed_within(3)
    assert results == [BulkResult.DIGEST]


def test_an_offer_may_be_refused():
    play, results = sending(size=1 << 31)
    with site(play) as host, calling(host) as door:
        door.greet()
        assert bulk.refuse(door)[4] == 1 << 31
        assert door.closed_within(3)
    assert results == [BulkResult.REFUSED]


def test_a_transfer_may_be_left_off():
    play, _ = sending(seconds=1)

    def until_nobody_listens(host: WireHost) -> None:
        with pytest.raises((TimeoutError, Closed)):
            play(host)

    with site(until_nobody_listens) as host, calling(host) as door:
        door.greet()
        got = bulk.receive(door, stop_at=3000)
        assert got.result is None and 3000 <= len(got.content) < len(CONTENT)


# Enrolment --------------------------------------------------------------------------------------------


def grants(host: WireHost) -> None:
    host.greet()
    secrets = host.number()
    shown.append(secrets.digits)
    assert host.grant(secrets, GRANT)


shown: list[str] = []


def test_both_ends_show_the_same_number_and_share_a_key():
    with HostInBackground(grants) as host, EnrollingTerminal(host.port, SERIAL) as door:
        door.promise()
        digits = door.shown()
        assert len(digits) == 6 and digits.isdigit()
        assert door.agree() == GRANT
    assert shown.pop() == digits


def test_a_number_is_six_digits_with_leading_zeros():
    own, other = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    numbers = [Secrets(own, public_bytes(other), bytes([n % 256, n // 256])).digits for n in range(300)]
    assert all(len(n) == 6 for n in numbers) and any(n[0] == "0" for n in numbers)


def test_a_promise_that_is_not_kept_ends_the_attempt():
    def lies(host: WireHost) -> None:
        host.greet()
        host.number(other_nonce=bytes(32))
        reasons.append(host.receive(Op.ENROL_END)[1])

    reasons = []
    with HostInBackground(lies) as host, EnrollingTerminal(host.port, SERIAL) as door:
        door.promise()
        with pytest.raises(EnrolmentEnded) as ended:
            door.shown()
    assert ended.value.reason == EnrolEndReason.BROKEN_PROMISE and not ended.value.by_peer
    assert reasons == [EnrolEndReason.BROKEN_PROMISE]


def test_a_host_that_expects_nobody_says_so():
    def refuses(host: WireHost) -> None:
        host.greet()
        host.refuse(EnrolEndReason.NOT_EXPECTED)

    with HostInBackground(refuses) as host, EnrollingTerminal(host.port, SERIAL) as door:
        with pytest.raises(EnrolmentEnded) as ended:
            door.promise()
    assert ended.value.reason == EnrolEndReason.NOT_EXPECTED and ended.value.by_peer


def test_a_public_key_without_secret_is_refused():
    """All zero: the shared secret would be all zero too (RFC 7748 section 6.1)."""
    def play(host: WireHost) -> None:
        host.greet()
        with pytest.raises(ValueError):
            host.number()
        host.refuse(EnrolEndReason.PROTOCOL)

    with HostInBackground(play) as host, EnrollingTerminal(host.port, SERIAL) as door:
        door.promise()
        with pytest.raises(EnrolmentEnded) as ended:
            door.shown(public=bytes(32))
            door.agree()
    assert ended.value.reason in (EnrolEndReason.PROTOCOL, EnrolEndReason.BROKEN_PROMISE)


def test_a_wrong_proof_is_found():
    def play(host: WireHost) -> None:
        host.greet()
        verdicts.append(host.grant(host.number(), GRANT))

    verdicts = []
    with HostInBackground(play) as host, EnrollingTerminal(host.port, SERIAL) as door:
        door.promise()
        door.shown()
        door.agree(proof=bytes(32))
    assert verdicts == [False]


def test_somebody_between_the_two_makes_the_numbers_differ():
    def real_host(host: WireHost) -> None:
        host.greet()
        shown.append(host.number().digits)
        host.refuse(EnrolEndReason.DIFFERENT)

    with HostInBackground(real_host) as host, Middle(host.port, SERIAL) as middle:
        with EnrollingTerminal(middle.port, SERIAL) as door:
            door.promise()
            at_terminal = door.shown()
            assert middle.digits_towards_terminal == at_terminal
            assert middle.digits_towards_host == shown.pop() != at_terminal
            assert middle.ended() == EnrolEndReason.DIFFERENT
