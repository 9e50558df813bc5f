#!/usr/bin/python3
"""Digests of half-day sheets, made from docs/api/events/halfday.confirmed.v1.json's description alone.

`sheet_digest.py` prints those that tests/unit/daemon/sheets/digest_test.cpp expects; `sheet_digest.py FILE...`
those of halfday.confirmed events in JSON. Exit status 1 when an event states another digest than its content has.
"""

import hashlib
import json
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[2] / "docs/api/examples/halfday.confirmed.v1.json"
SIGNED = ("session", "half_day", "title", "planned", "people")


def head(major: int, argument: int) -> bytes:
    if argument < 24:
        return bytes([major << 5 | argument])
    size = next(n for n in (1, 2, 4, 8) if argument < 1 << 8 * n)
    return bytes([major << 5 | 24 + size.bit_length() - 1]) + argument.to_bytes(size, "big")


def cbor(value) -> bytes:
    """RFC 8949, 4.2.1."""
    match value:
        case None | bool():
            return {None: b"\xf6", False: b"\xf4", True: b"\xf5"}[value]
        case int():
            return head(0, value) if value >= 0 else head(1, -1 - value)
        case bytes():
            return head(2, len(value)) + value
        case str():
            return head(3, len(value.encode())) + value.encode()
        case list():
            return head(4, len(value)) + b"".join(map(cbor, value))
        case dict():
            return head(5, len(value)) + b"".join(sorted(cbor(key) + cbor(item) for key, item in value.items()))
    raise TypeError(value)


def digest(data: dict) -> bytes:
    return hashlib.sha256(cbor({name: data[name] for name in SIGNED})).digest()


def main(files: list[str]) -> int:
    if not files:
        data = json.loads(EXAMPLE.read_text())["data"]
        both = [digest(data), digest({**data, "people": []})]
        for name, found in zip(("documented", "no lines"), both):
            print(f"{name}: {found.hex()}")
        print(f"both: {hashlib.sha256(cbor(both)).hexdigest()}")
        print(f"none: {hashlib.sha256(cbor([])).hexdigest()}")
        return 0
    wrong = 0
    for file in files:
        data = json.loads(Path(file).read_text())["data"]
        found = digest(data).hex()
        wrong += found != data["digest"]
        print(f"{file}: {found}" + ("" if found == data["digest"] else f", but it states {data['digest']}"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
