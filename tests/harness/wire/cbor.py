"""CBOR, as much of RFC 8949 section 4.2.1 as the messages use: definite lengths, shortest heads."""

import struct

_FORMS = {24: ">B", 25: ">H", 26: ">I", 27: ">Q"}


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    for code, form in _FORMS.items():
        if number < 1 << 8 * struct.calcsize(form):
            return bytes([major << 5 | code]) + struct.pack(form, number)
    raise ValueError(f"{number} does not fit in CBOR")


def encode(value) -> bytes:
    """The bytes of a bool, int, bytes, str, or a list of these."""
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, (bytes, bytearray)):
        return _head(2, len(value)) + bytes(value)
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    if isinstance(value, (list, tuple)):
        return _head(4, len(value)) + b"".join(map(encode, value))
    raise TypeError(f"no CBOR for {value!r}")


def decode(data: bytes):
    """The value in these bytes; ValueError unless they are one item in the deterministic encoding."""
    value, end = _item(data, 0)
    if end != len(data):
        raise ValueError("bytes follow the message")
    return value


def _take(data: bytes, at: int, size: int) -> tuple[bytes, int]:
    if at + size > len(data):
        raise ValueError("the message ends too early")
    return data[at:at + size], at + size


def _number(data: bytes, at: int, short: int) -> tuple[int, int]:
    if short < 24:
        return short, at
    if short not in _FORMS:
        raise ValueError("indefinite or reserved length")
    raw, at = _take(data, at, 1 << short - 24)
    number = int.from_bytes(raw, "big")
    if _head(0, number)[0] != short:
        raise ValueError("not the shortest head")
    return number, at


def _item(data: bytes, at: int):
    first, at = _take(data, at, 1)
    major, short = first[0] >> 5, first[0] & 31
    if major == 7:
        if short not in (20, 21, 22):
            raise ValueError("a simple value that no message uses")
        return {20: False, 21: True, 22: None}[short], at
    number, at = _number(data, at, short)
    if major == 0:
        return number, at
    if major == 1:
        return -1 - number, at
    if major in (2, 3):
        raw, at = _take(data, at, number)
        return (raw if major == 2 else raw.decode()), at
    if major != 4:
        raise ValueError("a kind of item that no message uses")
    items = []
    for _ in range(number):
        item, at = _item(data, at)
        items.append(item)
    return items, at
