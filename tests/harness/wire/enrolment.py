"""The arithmetic of enrolment (docs/protocol.md, "Enrolment"), the same for both ends."""

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from . import noise
from .cbor import decode, encode
from .messages import EnrolEndReason, Op

LABEL = b"rollcall enrol v1"


class EnrolmentEnded(Exception):
    """The attempt is over without success."""

    def __init__(self, reason: EnrolEndReason, by_peer: bool) -> None:
        super().__init__(f"enrolment ended as {reason.name.lower()}, said the {'peer' if by_peer else 'test'}")
        self.reason = reason
        self.by_peer = by_peer


@dataclass(frozen=True)
class Grant:
    """What makes a terminal part of a site."""

    key: bytes
    site_key: bytes
    site: str


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def commitment(public: bytes, nonce: bytes) -> bytes:
    return sha256(public + nonce)


def transcript(hellos: tuple[bytes, bytes], committed: bytes, terminal: bytes, host: bytes, nonce: bytes) -> bytes:
    """`hellos`: payloads as sent, the terminal's first."""
    return sha256(LABEL + sha256(hellos[0]) + sha256(hellos[1]) + committed + terminal + host + nonce)


class Secrets:
    """What both ends derive: the number that a person compares, and the key of the grant."""

    def __init__(self, private: X25519PrivateKey, other_public: bytes, transcript: bytes) -> None:
        """ValueError when the shared secret is all zero."""
        shared = noise.dh(private, other_public)
        made = HKDF(SHA256(), length=40, salt=transcript, info=LABEL).derive(shared)
        self.transcript = transcript
        self.seal_key = made[:32]
        self.digits = f"{int.from_bytes(made[32:], 'big') % 1_000_000:06}"

    def seal(self, grant: Grant) -> bytes:
        message = encode([Op.GRANT, grant.key, grant.site_key, grant.site])
        return noise.seal(self.seal_key, 0, self.transcript, message)

    def unseal(self, sealed: bytes) -> Grant:
        """BadTag when it was sealed for another attempt."""
        op, *fields = decode(noise.unseal(self.seal_key, 0, self.transcript, sealed))
        if op != Op.GRANT:
            raise ValueError(f"the sealed message is op {op} and no grant")
        return Grant(*fields[:3])

    def proof(self, link_key: bytes) -> bytes:
        return hmac.digest(link_key, self.transcript, "sha256")
