"""The parts of the second implementation, each against what others have published or docs/protocol.md says."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from tests.harness.wire import BadTag, FrameType, Handshake, Op, cobs, decode, encode, frame, parse, uncobs
from tests.harness.wire import noise
from tests.harness.wire.frames import MIN_BODY, PHASE, SEQUENCE
from tests.harness.wire.session import Opener, Sealer

KEY = bytes(range(32))


# Noise_NNpsk0_25519_ChaChaPoly_SHA256 of the cacophony test vectors, as published with the Noise
# implementation mcginty/snow (tests/vectors/cacophony.txt).
PROLOGUE = "4a6f686e2047616c74"
PSK = "54686973206973206d7920417573747269616e20706572737065637469766521"
INITIATOR = "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a"
RESPONDER = "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b"
HANDSHAKE_HASH = "f4d03dc34495c95729ea6de9e1b59004b59733102488b3e24bc441e0be208eaf"
MESSAGES = [
    ("4c756477696720766f6e204d69736573",
     "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944"
     "79b962b8aff8485742ac32f905ba45369e2465fb59e138a93d67a0d1266b6a54"),
    ("4d757272617920526f746862617264",
     "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843"
     "d6062704d5a9c422a8e834423f8c1feada7e8d0d910a1a2cd030fb584221e3"),
    ("462e20412e20486179656b", "e632c3763d7669067383433197a3baddf146e9e70ad4b4e9e59e0f"),
    ("4361726c204d656e676572", "64c6bee32ea91c8474bb4c21d7a700109ad45af77b29764ba5eb1e"),
    ("4a65616e2d426170746973746520536179", "e2fa0bed0603b62d3ccac2ecabbf3fe33f3e86514909b323361626266cb2471cc8"),
    ("457567656e2042f6686d20766f6e2042617765726b",
     "0c01dc9cec1fe4ddd692e8dd32188aa351088dc91183639a53b57aa4692b5ebdef8b8ca111"),
]


def hexes(*texts: str) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


def published_ends() -> tuple[Handshake, Handshake]:
    psk, prologue, initiator, responder = hexes(PSK, PROLOGUE, INITIATOR, RESPONDER)
    return Handshake(psk, prologue, initiator), Handshake(psk, prologue, responder)


def test_noise_matches_the_published_handshake():
    first, second = published_ends()
    for (payload, ciphertext), writer, reader in zip(MESSAGES, (first, second), (second, first)):
        assert writer.write(bytes.fromhex(payload)).hex() == ciphertext
        assert reader.read(bytes.fromhex(ciphertext)).hex() == payload
    assert first.hash.hex() == second.hash.hex() == HANDSHAKE_HASH
    assert first.split() == second.split()


def test_noise_matches_the_published_transport_messages():
    first, second = published_ends()
    second.read(first.write(bytes.fromhex(MESSAGES[0][0])))
    first.read(second.write(bytes.fromhex(MESSAGES[1][0])))
    for number, (payload, ciphertext) in enumerate(MESSAGES[2:]):
        key = first.split()[number % 2]
        assert noise.seal(key, number // 2, b"", bytes.fromhex(payload)).hex() == ciphertext


@pytest.mark.parametrize("damage", [0, 31, 32, 47])
def test_a_damaged_handshake_message_does_not_verify(damage):
    message = bytearray(Handshake(KEY, b"prologue").write())
    assert len(message) == 48
    message[damage] ^= 1
    with pytest.raises(BadTag):
        Handshake(KEY, b"prologue").read(bytes(message))


@pytest.mark.parametrize("key, prologue", [(bytes(32), b"prologue"), (KEY, b"another")], ids=["key", "prologue"])
def test_another_key_or_prologue_does_not_verify(key, prologue):
    with pytest.raises(BadTag):
        Handshake(KEY, b"prologue").read(Handshake(key, prologue).write())


# Examples of RFC 8949, appendix A.
@pytest.mark.parametrize("value, data", [
    (0, "00"), (23, "17"), (24, "1818"), (1000, "1903e8"), (1000000, "1a000f4240"),
    (18446744073709551615, "1bffffffffffffffff"), (-1, "20"), (-1000, "3903e7"), (False, "f4"), (True, "f5"),
    (b"", "40"), (bytes.fromhex("01020304"), "4401020304"), ("", "60"), ("IETF", "6449455446"), ("\u6c34", "63e6b0b4"),
    ([], "80"), ([1, [2, 3], [4, 5]], "8301820203820405"),
])
def test_cbor_matches_the_published_examples(value, data):
    assert encode(value).hex() == data
    assert decode(bytes.fromhex(data)) == value


@pytest.mark.parametrize("data", ["", "1801", "190017", "5f42010243030405ff", "9fff", "4401", "0000", "61ff", "a0", "f97e00"])
def test_cbor_that_is_not_deterministic_is_refused(data):
    with pytest.raises(ValueError):
        decode(bytes.fromhex(data))


# Examples of Cheshire and Baker's COBS, as everybody writes them, and the edges of a block.
@pytest.mark.parametrize("data, stuffed", [
    (b"", "01"), (b"\0", "0101"), (b"\0\0", "010101"), (b"\x11\x22\0\x33", "0311220233"), (b"\x11\0\0\0", "0211010101"),
])
def test_cobs_matches_known_examples(data, stuffed):
    assert cobs(data).hex() == stuffed
    assert uncobs(bytes.fromhex(stuffed)) == data


@pytest.mark.parametrize("size", [1, 253, 254, 255, 508, 509, 1024])
def test_cobs_gives_back_what_it_took(size):
    for data in (b"\x01" * size, bytes(size), b"\xff" * (size - 1) + b"\0"):
        assert b"\0" not in cobs(data)
        assert uncobs(cobs(data)) == data


def test_a_frame_costs_what_the_specification_says():
    """10 bytes without a tag, 26 with one, for bodies of up to 254 bytes."""
    assert len(frame(FrameType.DATA, 0, 0, b"x" * 100)) == 110
    assert len(Sealer(KEY).seal(FrameType.DATA, payload=b"x" * 100)) == 126


def test_a_wrong_crc_is_refused():
    assert parse(frame(FrameType.PING, 0, 7)[:-1]).counter == 7
    with pytest.raises(ValueError):
        parse(frame(FrameType.PING, 0, 7, spoil_crc=True)[:-1])


# The session ------------------------------------------------------------------------------------------


def opened(opener: Opener, wire: bytes) -> bytes | None:
    return opener.open(parse(wire[:-1]))


def test_what_is_sealed_opens_once():
    sealer, opener = Sealer(KEY), Opener(KEY)
    ping = sealer.seal(FrameType.PING)
    assert opened(opener, ping) == b""
    assert opened(opener, ping) is None, "a replayed frame is dropped"


def test_a_damaged_tag_and_another_key_do_not_verify():
    for wire in (Sealer(KEY).seal(FrameType.PING, spoil_tag=True), Sealer(bytes(32)).seal(FrameType.PING)):
        with pytest.raises(BadTag):
            opened(Opener(KEY), wire)


def test_every_byte_of_the_header_is_sealed():
    wire = Sealer(KEY).seal(FrameType.ACK, flags=0)
    body = bytearray(uncobs(wire[:-1]))[:-4]
    for at, bit in ((0, 1), (1, 1), (2, 1), (3, 1)):
        changed = bytearray(body)
        changed[at] ^= bit
        with pytest.raises(BadTag):
            opened(Opener(KEY), frame(changed[0], changed[1], changed[3], bytes(changed[4:]), changed[2]))


def test_the_first_counter_is_below_64():
    assert opened(Opener(KEY), Sealer(KEY).seal(FrameType.PING, counter=63)) == b""
    assert opened(Opener(KEY), Sealer(KEY).seal(FrameType.PING, counter=64)) is None


@pytest.mark.parametrize("counter, taken", [(1064, True), (1065, False), (1001, True), (1000, False), (937, False)])
def test_the_window_of_counters(counter, taken):
    opener = Opener(KEY)
    opener.newest = 1000
    assert (opened(opener, Sealer(KEY).seal(FrameType.PING, counter=counter)) is not None) is taken


def test_a_late_data_frame_is_taken_once_and_acknowledged_again():
    sealer, opener = Sealer(KEY), Opener(KEY)
    late = sealer.seal(FrameType.DATA, payload=b"tap")
    for _ in range(63):
        assert opened(opener, sealer.seal(FrameType.PING)) == b""
    assert opened(opener, late) == b"tap"
    assert not opener.newer, "its ACK bits do not count"
    assert opener.is_repeat(parse(late[:-1]))
    assert opened(opener, late) is None


def test_data_with_the_wrong_sequence_bit_is_dropped():
    sealer, opener = Sealer(KEY), Opener(KEY)
    assert opened(opener, sealer.seal(FrameType.DATA, SEQUENCE, b"second")) is None
    assert opened(opener, sealer.seal(FrameType.DATA, 0, b"first")) == b"first"
    assert opened(opener, sealer.seal(FrameType.DATA, SEQUENCE, b"second")) == b"second"


def test_a_key_phase_is_followed_and_the_old_key_forgotten():
    sealer, opener = Sealer(KEY), Opener(KEY)
    assert opened(opener, sealer.seal(FrameType.PING)) == b""
    old = sealer.key
    sealer.rekey()
    wire = sealer.seal(FrameType.PING)
    assert parse(wire[:-1]).flags & PHASE
    assert opened(opener, wire) == b"" and opener.rekeys == 1
    with pytest.raises(BadTag):
        opened(opener, sealer.seal(FrameType.PING, key=old))
    sealer.rekey()
    assert opened(opener, sealer.seal(FrameType.PING)) == b"" and opener.rekeys == 2


def test_rekey_is_that_of_noise():
    """Section 4.2: the first 32 bytes of ENCRYPT(k, 2^64 - 1, "", 32 zero bytes)."""
    assert noise.rekeyed(KEY) == ChaCha20Poly1305(KEY).encrypt(bytes(4) + b"\xff" * 8, bytes(32), b"")[:32]


def test_the_smallest_frame_size_takes_a_bulk_frame_in_17_ms_at_115200_baud():
    content = MIN_BODY - 4 - 4 - 16 - 4
    wire = Sealer(KEY).seal(FrameType.BULK, payload=bytes(4) + b"x" * content)
    assert len(wire) / 11520 * 1000 <= 17


def test_messages_are_arrays_of_op_and_fields():
    assert encode([Op.STATS_REQUEST]).hex() == "81182c"
    assert decode(encode([Op.BULK_ACCEPT, 1, 0, 16])) == [65, 1, 0, 16]
