"""What a factory and enrolment leave in a terminal's storage, on whatever it rests.

The records are those of docs/queue-format.md, docs/settings-format.md, docs/entropy.md and
docs/factory-console.md.
"""

import struct
import zlib

SETTINGS_KIND, SEED_KIND, SERIAL_KIND = 5, 6, 7


def record(kind: int, sequence: int, payload: bytes, program_bytes: int) -> bytes:
    """A whole record. Where the commit word fits into its last program unit, it stands at the end of that."""
    body = struct.pack(">HBBQ", len(payload), kind, 0xA5, sequence) + payload
    body += struct.pack(">I", zlib.crc32(body))
    if len(body) + 4 <= program_bytes:
        return body.ljust(program_bytes - 4, b"\xff") + b"CMT1"
    body += b"\xff" * (-len(body) % program_bytes)
    return body + b"CMT1".ljust(program_bytes, b"\xff")


def settings(link_key: bytes, site_key: bytes, program_bytes: int, site: str = "test", room: str = "Room 1",
             languages: str = "en,fr") -> bytes:
    texts = b"".join(bytes([len(text.encode())]) + text.encode() for text in (site, room, languages))
    payload = b"RCSETUP\0" + struct.pack(">H", 1) + link_key + site_key + b"\1" + texts
    return record(SETTINGS_KIND, 1, payload, program_bytes)


def seed(value: bytes, program_bytes: int) -> bytes:
    """A secret of this terminal alone, without which it takes up no session."""
    return record(SEED_KIND, 1, b"RCSEED\0\0" + struct.pack(">H", 1) + b"\1" + value, program_bytes)


def serial_record(serial: str, program_bytes: int) -> bytes:
    return record(SERIAL_KIND, 1, b"RCSERIAL" + struct.pack(">H", 1) + serial.encode(), program_bytes)
