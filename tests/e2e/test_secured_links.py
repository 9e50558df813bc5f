"""Nobody without the key is heard, nobody on the wire learns anything, and who tries is named."""

import csv
import os

import pytest
from conftest import DOOR, GREEN, wait_counted, wire

from tests.harness.line import of_type
from tests.harness.program import wait_until
from tests.harness.proxy import Proxy
from tests.harness.site import EXAMPLE
from tests.harness.terminal import HeldTerminal, recorded_numbers
from tests.harness.wire import Frame, FrameType, Op, Outcome, WireTerminal, encode, frame, parse


CLEAR = (FrameType.HELLO, FrameType.HANDSHAKE, FrameType.UNKNOWN_SESSION)
UNKNOWN_CARD = bytes.fromhex("04DEADBEEF0001")


def frames(captured: bytes) -> list[Frame]:
    """Everything that passed, but for a frame that was cut; ValueError when a byte of it belongs to no frame."""
    *whole, _ = bytes(captured).split(b"\0")
    return [parse(one) for one in whole if one]


def kinds(captured: bytes) -> set[int]:
    return {one.kind for one in frames(captured)}


def refusals(site, cause: str) -> list[dict]:
    """`security.link_refused` events of the door that the case system has."""
    return [e["data"] for e in site.received.events("security.link_refused")
            if e["data"]["cause"] == cause and e["data"]["terminal"] == DOOR]


# Who may speak ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, bytes(32)], ids=["without a key", "with another key"])
def test_nothing_but_hello_is_answered(site, key):
    """Measured over every byte that the daemon sends."""
    assert site.link_key(DOOR)
    with Proxy(site.ports.links, capture=True) as proxy, WireTerminal(proxy.port, DOOR, key=key) as door:
        door.hello()
        door.until(lambda: door.greeted)
        if key:
            door.say_handshake()
        door.go_up(key, key)
        for kind in (FrameType.ACK, FrameType.PING, FrameType.BULK, FrameType.BULK_ACK):
            door.say(kind, bytes(8))
        door.send([Op.TERMINAL_STATE, door.epoch, 1, 0, 20000, 0, 0], wait=False)
        door.send([Op.TAP, door.epoch, 1, 1, 1, 1, 1, 1, UNKNOWN_CARD], wait=False)
        door.closed_within(3)
        assert kinds(proxy.to_terminal.captured) == {FrameType.HELLO}
    assert recorded_numbers(site, DOOR) == []


def test_who_calls_with_another_key_is_reported(site):
    assert site.link_key(DOOR)
    with wire(site) as door:
        door.hello()
        door.until(lambda: door.greeted)
        door.say_handshake(key=os.urandom(32))
        assert door.closed_within(5)
    wait_until(lambda: refusals(site, "handshake"), 10, "the case system hears of the failed handshake")


@pytest.mark.parametrize("damage", [0, 31, 32, 47])
def test_a_damaged_handshake_is_not_answered(site, damage):
    with wire(site) as door:
        door.hello()
        door.until(lambda: door.greeted)
        door.say_handshake(damage=damage)
        assert door.closed_within(5)
        assert set(door.kinds_heard()) == {FrameType.HELLO}


def test_who_tampers_with_a_greeting_breaks_the_handshake(site):
    """A frame size, a version or a serial that only one of the two has seen."""
    with wire(site) as door:
        door.hello()
        door.until(lambda: door.greeted)
        door.say_handshake(prologue=door.hello_payload[:-1] + b"\1" + door.peer_hello_payload)
        assert door.closed_within(5)
        assert set(door.kinds_heard()) == {FrameType.HELLO}


def test_untagged_data_in_a_session_is_not_taken(site):
    with wire(site) as door:
        door.open()
        door.raw(frame(FrameType.DATA, 1, door.sealer.counter,
                       encode([Op.TAP, door.epoch, 1, 1, 1, 1, 1, 1, UNKNOWN_CARD])))
        door.closed_within(3)
    assert recorded_numbers(site, DOOR) == []


# Damage -----------------------------------------------------------------------------------------------


def test_a_damaged_tag_ends_the_session_and_is_reported(site):
    with wire(site) as door:
        door.open()
        door.say(FrameType.PING, spoil_tag=True)
        assert door.closed_within(3)
    wait_counted(site, "bad_tag")
    event = wait_until(lambda: refusals(site, "tag"), 10, "the case system hears of the damaged tag")[0]
    assert event["link"] == "tcp" and event["count"] >= 1


@pytest.mark.parametrize("way", ["to_daemon", "to_terminal"])
def test_a_tap_survives_a_damaged_tag(site, proxy, cards, way):
    """The real terminal: the session ends, another begins, and the tap is recorded once."""
    door = HeldTerminal(site, DOOR, port=proxy.port).wait_connected()
    fault = getattr(proxy, way).damage(at=-1, repair_crc=True, match=of_type(FrameType.DATA))
    shown = door.tap(cards["participant"][0])
    assert fault.happened.is_set()
    door.wait_connected().wait_empty()
    wait_until(lambda: set(site.received.taps()) == {door.identity(shown)}, 10, "the tap arrives")
    assert set(site.received.taps().values()) == {1}


@pytest.mark.parametrize("how", ["damage", "lose", "duplicate"])
def test_noise_is_no_security_event(site, proxy, cards, how):
    """A frame with a wrong CRC, a lost and a repeated one cost a moment and no session."""
    door = HeldTerminal(site, DOOR, port=proxy.port).wait_connected()
    for way, card in zip((proxy.to_daemon, proxy.to_terminal), cards["participant"]):
        fault = getattr(way, how)(match=of_type(FrameType.DATA))
        assert door.tap(card)["light"] == "green"
        assert fault.happened.is_set()
    assert site.received.events("security.link_refused") == []
    assert "bad_tag" not in site.daemon.output()


# Replay -----------------------------------------------------------------------------------------------


@pytest.fixture
def recorded(site, cards) -> list[Frame]:
    """What a terminal sent in a session that is over: greeting, handshake, a tap."""
    with Proxy(site.ports.links, capture=True) as proxy:
        with WireTerminal(proxy.port, DOOR, key=site.link_key(DOOR)) as door:
            door.open()
            door.tap(1, bytes.fromhex(cards["participant"][0]))
            assert door.answer(1) in GREEN
        return frames(proxy.to_daemon.captured)


def as_sent(one: Frame) -> bytes:
    return frame(one.kind, one.flags, one.counter, one.payload, one.channel)


def test_a_replayed_session_gets_nothing(site, recorded):
    with WireTerminal(site.ports.links, DOOR) as thief:
        thief.raw(b"\0" + b"".join(map(as_sent, recorded)))
        thief.closed_within(3)
        assert set(thief.kinds_heard()) <= set(CLEAR)
    assert len(recorded_numbers(site, DOOR)) == 1


def test_a_replayed_session_behind_a_fresh_greeting_gets_nothing(site, recorded):
    """The old HANDSHAKE 1 is as good as ever; what comes after it is not, as the daemon's part is fresh."""
    with WireTerminal(site.ports.links, DOOR) as thief, wire(site, boot=2) as door:
        door.open()
        thief.say_hello(next(one.payload for one in recorded if one.kind == FrameType.HELLO))
        thief.until(lambda: thief.greeted)
        thief.raw(b"".join(as_sent(one) for one in recorded if one.kind != FrameType.HELLO))
        thief.closed_within(3)
        assert set(thief.kinds_heard()) <= set(CLEAR)
        door.tap(2, UNKNOWN_CARD)
        assert door.answer(2) == Outcome.SEE_STAFF, "the living session is not displaced"
    assert len(recorded_numbers(site, DOOR)) == 2


def test_a_replayed_frame_gets_nothing(site):
    with wire(site) as door:
        door.open()
        door.receive(Op.CONFIGURE)
        ping = door.say(FrameType.PING)
        door.until(lambda: door.heard[-1].frame.kind == FrameType.ACK)
        door.raw(ping)
        door.say(FrameType.PING, counter=0)
        assert door.silent_for(1)
        door.tap(1, UNKNOWN_CARD)
        assert door.answer(1) == Outcome.SEE_STAFF


# Whose session it is ----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, bytes(32)], ids=["without a key", "with another key"])
def test_who_has_no_key_displaces_nobody(site, key):
    with wire(site) as door, WireTerminal(site.ports.links, DOOR, boot=2, key=key) as other:
        door.open()
        other.hello()
        other.until(lambda: other.greeted)
        if key:
            other.say_handshake()
        door.tap(1, UNKNOWN_CARD)
        assert door.answer(1) == Outcome.SEE_STAFF
        other.closed_within(3)
        door.tap(2, UNKNOWN_CARD)
        assert door.answer(2) in (Outcome.SEE_STAFF, Outcome.REPEAT)


def test_a_handshake_alone_displaces_nobody(site):
    """Only the first sealed frame proves the key: a HANDSHAKE 1 may be a recorded one."""
    with wire(site) as door, wire(site, boot=2) as other:
        door.open()
        other.hello()
        other.until(lambda: other.greeted)
        other.handshake()
        door.tap(1, UNKNOWN_CARD)
        assert door.answer(1) == Outcome.SEE_STAFF
        other.prove()
        assert door.closed_within(5)


def test_a_revoked_terminal_is_out_at_once(site):
    with wire(site) as door:
        door.open()
        done = site.rollcall("terminal", "revoke", DOOR, "--reason", "stolen from the hall")
        assert done.returncode == 0, done.stderr
        assert door.closed_within(1)
    with wire(site) as door:
        door.hello()
        door.until(lambda: door.greeted)
        door.say_handshake()
        door.closed_within(3)
        assert set(door.kinds_heard()) == {FrameType.HELLO}


def test_a_rotated_key_replaces_the_old_one(site):
    with wire(site) as door:
        old = door.key
        door.open()
        rotating = site.in_background("terminal", "rotate-key", DOOR)
        door.until(lambda: door.key != old)
        door.closed_within(1)
        rotating.expect_success()
        new = door.key
    with WireTerminal(site.ports.links, DOOR, key=old) as door:
        door.open()
        door.bye()
    for _ in range(2):
        with WireTerminal(site.ports.links, DOOR, key=new) as door:
            door.open()
            door.bye()
    with WireTerminal(site.ports.links, DOOR, key=old) as door:
        door.hello()
        door.until(lambda: door.greeted)
        door.say_handshake()
        door.closed_within(3)
        assert set(door.kinds_heard()) == {FrameType.HELLO}


def test_new_key_phases_go_unnoticed(site):
    with wire(site) as door:
        door.open()
        for number in range(1, 4):
            door.rekey()
            door.tap(number, UNKNOWN_CARD, monotonic_ms=number * 100_000)
            assert door.answer(number) in (Outcome.SEE_STAFF, Outcome.REPEAT)


# What the wire tells ----------------------------------------------------------------------------------


def secrets_of_the_day(cards: list[str]) -> dict[str, bytes]:
    """What must not be read on the wire: card numbers in each form, names, pseudonyms."""
    with open(EXAMPLE / "people.csv", newline="") as file:
        people = list(csv.DictReader(file))
    words = {word for row in people for word in (row["person"], row["display_name"], *row["display_name"].split())}
    texts = {word: word.encode() for word in words if len(word) > 3}
    return texts | {card: bytes.fromhex(card) for card in cards} | {f"{card} as text": card.encode() for card in cards}


def test_the_wire_tells_no_card_no_name_and_no_serial_beyond_hello(site, cards):
    tapped = cards["participant"][:5]
    with Proxy(site.ports.links, capture=True) as proxy:
        door = HeldTerminal(site, DOOR, port=proxy.port).wait_connected()
        for card in tapped:
            assert door.tap(card)["light"] == "green"
        door.plug(False)
        door.tap(cards["participant"][5])
        door.plug(True)
        door.wait_connected().wait_empty()
        door.stop()
        for captured in (bytes(proxy.to_daemon.captured), bytes(proxy.to_terminal.captured)):
            bodies = [one.payload for one in frames(captured)]
            beyond_hello = [one.payload for one in frames(captured) if one.kind != FrameType.HELLO]
            assert len(beyond_hello) > 10
            for name, secret in secrets_of_the_day([*tapped, cards["participant"][5]]).items():
                assert secret not in captured and not any(secret in body for body in bodies), name
            assert not any(DOOR.encode() in body for body in beyond_hello)
            assert all(len(one.payload) >= 16 for one in frames(captured) if one.kind not in CLEAR)


def test_every_session_has_its_own_keys(site):
    """The same message twice is never the same bytes on the wire."""
    sent = []
    for _ in range(2):
        with wire(site) as door:
            door.greet()
            sent.append(door.send([Op.TERMINAL_STATE, door.epoch, 1, 0, 20000, 0, 0]))
    assert sent[0] != sent[1]
