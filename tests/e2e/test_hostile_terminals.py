"""Whatever a terminal sends, the daemon stays up, other terminals are not disturbed, and it is counted
and logged. The sessions here are spoken by tests/harness/wire, which may say wrong things."""

import os
import random
import time

import pytest
from conftest import DESK, DOOR, GREEN, errors, metrics, wait_counted, wire

from tests.harness.program import wait_until
from tests.harness.terminal import HeldTerminal
from tests.harness.wire import Closed, FrameType, Op, Outcome, WireTerminal, cobs, encode, frame

SEED = int(os.environ.get("ROLLCALL_SEED") or random.SystemRandom().randrange(1 << 31))
UNKNOWN_CARD = bytes.fromhex("04DEADBEEF0001")


@pytest.fixture
def neighbour(site, cards):
    """Another terminal, which must not notice anything."""
    desk = HeldTerminal(site, DESK).wait_connected()
    started = desk.state()["serial"]
    yield desk
    shown = desk.tap(cards["guardian"][0])
    assert shown["light"] == "green" and shown["shown_ms"] < 1000
    assert site.daemon.running()
    assert started == DESK
    assert site.daemon.stop() < 2, "the daemon still ends in time"


def test_wire_speaks_the_protocol(site, cards, neighbour):
    """First: the second implementation is understood, so that the refusals below mean something."""
    with wire(site) as door:
        welcome = door.open()
        assert welcome[0] == Op.WELCOME and welcome[5] == 0
        door.tap(1, bytes.fromhex(cards["participant"][0]))
        assert door.answer(1) in GREEN
        door.tap(2, UNKNOWN_CARD)
        assert door.answer(2) == Outcome.SEE_STAFF
        door.tap(1, bytes.fromhex(cards["participant"][0]), wall_ms=1)
        assert door.receive(Op.OPEN_EPOCH)[1] == door.epoch, "same identity, other content"


def test_a_resend_gets_the_stored_answer(site, cards, neighbour):
    with wire(site) as door:
        door.open()
        now = int(time.time() * 1000)
        for _ in range(3):
            door.tap(1, bytes.fromhex(cards["participant"][0]), wall_ms=now)
            assert door.answer(1) in GREEN
    assert metrics(site)["rollcall_tap_resends_total"] == 2


@pytest.mark.parametrize("noise", [
    b"\0" * 5000, b"\xff" * 5000, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", os.urandom(20000), b"\x01" * 3 + b"\0",
], ids=["zeros", "ones", "http", "random", "short"])
def test_noise(site, neighbour, noise):
    with wire(site) as door:
        door.raw(noise + b"\0")
        if set(noise) != {0}:
            wait_counted(site, "bad_frame")
        time.sleep(0.2)
    with wire(site) as door:
        door.open()


def test_wrong_crc_oversize_and_unknown_type(site, neighbour):
    with wire(site) as door:
        door.open()
        door.raw(frame(FrameType.DATA, 0, 5, encode([Op.TAP]), spoil_crc=True))
        door.raw(cobs(os.urandom(5000)) + b"\0")
        door.raw(frame(77, 0, 6, b"?"))
        wait_counted(site, "bad_frame", 3)
        door.tap(1, UNKNOWN_CARD)
        assert door.answer(1) == Outcome.SEE_STAFF, "the session goes on"


@pytest.mark.parametrize("message", [
    b"", b"\xff", b"\x80", encode([Op.TAP]), encode([Op.TAP, "text", 1, 1, 1, 1, 1, 1, b"x"]),
    encode([Op.TAP, bytes(16), -1, 1, 1, 1, 1, 1, UNKNOWN_CARD]), encode([Op.TAP, bytes(15), 1, 1, 1, 1, 1, 1, b"x"]),
    encode([Op.TAP, bytes(16), 1 << 63, 1, 1, 1, 1, 1, UNKNOWN_CARD]), encode([Op.TAP, bytes(16), 1, 1, 1, 1, 9, 9, b""]),
    encode([Op.TAP, bytes(16), 1, 1, 1, 1, 1, 1, b"x" * 33]), b"\x9f\x02\xff", b"\xbb" + b"\xff" * 8, b"\x89" * 600,
    encode([999, 1, 2]), encode([Op.TAP_ACK, bytes(16), 1, 1]), encode([Op.WELCOME]),
], ids=lambda value: value[:6].hex() or "empty")
def test_wrong_messages(site, neighbour, message):
    with wire(site) as door:
        door.open()
        door.send(message)
        wait_until(lambda: errors(site, "bad_message") + errors(site, "misplaced"), 10, "the message is counted")
        door.tap(1, UNKNOWN_CARD)
        assert door.answer(1) == Outcome.SEE_STAFF, "one wrong message harms nothing"
    assert "not accepted" in site.daemon.output()


@pytest.mark.parametrize("message", [
    [Op.TAP, bytes(16), 1, 1, 1, 1, 1, 1, UNKNOWN_CARD], [Op.GAVE_UP, bytes(16), 1], [Op.TOUCH, 1, 1, 1, 1],
], ids=["tap", "gave_up", "touch"])
def test_messages_before_terminal_state(site, neighbour, message):
    with wire(site) as door:
        door.greet()
        door.send(message)
        wait_counted(site, "misplaced")
    assert site.query("SELECT count(*) FROM tap")[0][0] == 0


def test_too_many_faults_end_the_session_and_only_that(site, neighbour):
    with wire(site) as door:
        door.open()
        with pytest.raises((Closed, OSError)):
            for _ in range(500):
                door.send(b"\xff")
        wait_counted(site, "closed_for_faults")


def test_a_serial_that_is_not_configured(site, neighbour):
    key = os.urandom(32) if site.link_key(DOOR) else None
    with WireTerminal(site.ports.links, "STRANGER-1", key=key) as stranger:
        with pytest.raises((Closed, TimeoutError)):
            stranger.open()
        assert set(stranger.kinds_heard()) <= {FrameType.HELLO, FrameType.BYE}
    wait_counted(site, "not_configured")


@pytest.mark.parametrize("changes", [
    {"protocol_min": 9, "protocol_max": 9}, {"serial": "a b"}, {"serial": "x" * 32}, {"max_frame": 1},
    {"protocol_min": 3, "protocol_max": 1},
], ids=["version", "serial", "stranger", "frame", "range"])
def test_wrong_hello(site, neighbour, changes):
    with wire(site) as door:
        door.hello(**changes)
        assert door.closed_within(20)


def test_who_never_greets_is_sent_away(site, neighbour):
    with wire(site) as door:
        assert door.closed_within(15)
    wait_counted(site, "never_greeted")


def test_a_second_terminal_with_the_same_serial(site, cards, neighbour):
    """The newer connection displaces the older one, and each tap still has one record."""
    with wire(site) as old, wire(site, epoch=bytes(16)) as new:
        old.open()
        old.tap(1, bytes.fromhex(cards["participant"][0]))
        assert old.answer(1) in GREEN
        new.open()
        assert old.closed_within(5)
        new.tap(1, bytes.fromhex(cards["participant"][1]))
        assert new.answer(1) in GREEN
    wait_counted(site, "displaced")


def test_a_half_greeting_displaces_nobody(site, cards, neighbour):
    with wire(site) as old, wire(site) as other:
        old.open()
        other.raw(b"\0" + frame(FrameType.HELLO, 0, 0, encode([0, 1, 1]))[:10])
        old.tap(1, bytes.fromhex(cards["participant"][0]))
        assert old.answer(1) in GREEN


def test_who_takes_no_answers_does_not_hold_up_others(site, neighbour):
    with wire(site) as door:
        door.open()
        door.acknowledges = False
        for number in range(1, 20):
            try:
                door.tap(number, UNKNOWN_CARD, monotonic_ms=number * 1000)
            except (Closed, TimeoutError, OSError):
                break


def test_many_connections_at_once(site, neighbour):
    crowd = []
    for _ in range(200):
        try:
            crowd.append(wire(site))
        except OSError:
            break
    wait_counted(site, "over_limit")
    for one in crowd:
        one.close()


def test_random_faults(site, neighbour):
    """Valid sessions with bytes changed, cut and repeated at random."""
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    end = time.monotonic() + 8
    rounds = 0
    while time.monotonic() < end:
        rounds += 1
        with wire(site, epoch=chance.randbytes(16)) as door:
            try:
                door.open()
                for number in range(1, 6):
                    said = bytearray(door.sealer.seal(FrameType.DATA, chance.randrange(16), encode(
                        [chance.choice(list(Op)), chance.randbytes(16), number, 1, 1, 1, 1, 1, chance.randbytes(7)]),
                        counter=chance.randrange(256)))
                    for _ in range(chance.randrange(4)):
                        said[chance.randrange(len(said))] = chance.randrange(256)
                    door.raw(bytes(said[:chance.randrange(len(said)) + 1]) * chance.randrange(1, 3))
            except (Closed, TimeoutError, OSError, ValueError, IndexError):
                pass
    assert rounds > 10
