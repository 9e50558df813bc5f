"""Noise_NNpsk0_25519_ChaChaPoly_SHA256 (The Noise Protocol Framework, revision 34)."""

import hashlib
import hmac
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NAME = b"Noise_NNpsk0_25519_ChaChaPoly_SHA256"
LAST_NONCE = (1 << 64) - 1  # of REKEY()


class BadTag(Exception):
    """What was sealed does not verify."""


def seal(key: bytes, counter: int, data: bytes, plaintext: bytes) -> bytes:
    """ChaCha20-Poly1305; nonce: four zero bytes and the counter (section 12.3)."""
    return ChaCha20Poly1305(key).encrypt(struct.pack("<IQ", 0, counter), plaintext, data)


def unseal(key: bytes, counter: int, data: bytes, sealed: bytes) -> bytes:
    """BadTag when it does not verify."""
    try:
        return ChaCha20Poly1305(key).decrypt(struct.pack("<IQ", 0, counter), sealed, data)
    except InvalidTag:
        raise BadTag(f"frame {counter} does not verify") from None


def rekeyed(key: bytes) -> bytes:
    """REKEY() of section 4.2."""
    return seal(key, LAST_NONCE, b"", bytes(32))[:32]


def public_bytes(private: X25519PrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def dh(private: X25519PrivateKey, public: bytes) -> bytes:
    """ValueError when the result is all zero."""
    return private.exchange(X25519PublicKey.from_public_bytes(public))


def _hkdf(chaining_key: bytes, material: bytes, outputs: int) -> list[bytes]:
    """HKDF() of section 4.3."""
    def mac(key: bytes, data: bytes) -> bytes:
        return hmac.new(key, data, hashlib.sha256).digest()

    temporary, made = mac(chaining_key, material), [b""]
    for number in range(1, outputs + 1):
        made.append(mac(temporary, made[-1] + bytes([number])))
    return made[1:]


class Handshake:
    """One end of one handshake. The initiator writes first, then reads; the responder the other way."""

    def __init__(self, psk: bytes, prologue: bytes, ephemeral: bytes | None = None) -> None:
        """`ephemeral`: a fixed private key, for published vectors and for misuse."""
        self.hash = hashlib.sha256(NAME).digest()
        self._chain = self.hash
        self._key = b""
        self._counter = 0
        self._ephemeral = X25519PrivateKey.from_private_bytes(ephemeral) if ephemeral else X25519PrivateKey.generate()
        self._peer = b""
        self._messages = 0
        self._mix_hash(prologue)
        self._mix_psk(psk)

    def write(self, payload: bytes = b"") -> bytes:
        """The next message of this end."""
        public = public_bytes(self._ephemeral)
        self._mix_public(public)
        self._mix_both()
        sealed = seal(self._key, self._counter, self.hash, payload)
        self._sealed(sealed)
        return public + sealed

    def read(self, message: bytes) -> bytes:
        """The payload of the peer's next message; BadTag when it does not verify."""
        self._peer, sealed = message[:32], message[32:]
        self._mix_public(self._peer)
        self._mix_both()
        payload = unseal(self._key, self._counter, self.hash, sealed)
        self._sealed(sealed)
        return payload

    def split(self) -> tuple[bytes, bytes]:
        """The initiator's key for sending, and the responder's."""
        first, second = _hkdf(self._chain, b"", 2)
        return first, second

    def _mix_hash(self, data: bytes) -> None:
        self.hash = hashlib.sha256(self.hash + data).digest()

    def _mix_key(self, material: bytes) -> None:
        self._chain, self._key = _hkdf(self._chain, material, 2)
        self._counter = 0

    def _mix_psk(self, psk: bytes) -> None:
        self._chain, middle, self._key = _hkdf(self._chain, psk, 3)
        self._mix_hash(middle)

    def _mix_public(self, public: bytes) -> None:
        """Token `e`, which in a handshake with a pre-shared key is mixed into the key too (section 9.2)."""
        self._mix_hash(public)
        self._mix_key(public)

    def _mix_both(self) -> None:
        """Token `ee`, in the second message only."""
        if self._messages:
            self._mix_key(dh(self._ephemeral, self._peer))
        self._messages += 1

    def _sealed(self, sealed: bytes) -> None:
        self._mix_hash(sealed)
        self._counter += 1
