"""Pictures of displays: from QEMU (PPM), and kept for comparison (PNG, 8 bits a channel, RGB)."""

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

PNG_MARK = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Picture:
    """`rows` of 3 bytes a pixel."""

    width: int
    height: int
    rows: tuple[bytes, ...]

    @staticmethod
    def from_ppm(data: bytes) -> "Picture":
        kind, width, height, largest, pixels = data.split(maxsplit=4) if data[:2] == b"P6" else (b"", 0, 0, 0, b"")
        if kind != b"P6" or largest != b"255":
            raise ValueError("not a PPM picture of 8 bits a channel")
        # Pixels begin one byte behind the header, whatever they look like.
        size = int(width) * int(height) * 3
        pixels = data[-size:]
        step = int(width) * 3
        return Picture(int(width), int(height), tuple(pixels[at : at + step] for at in range(0, size, step)))

    def reduced(self, by: int) -> "Picture":
        """Every `by`-th pixel of every `by`-th row: undoes the magnification of a display."""
        rows = tuple(b"".join(row[at : at + 3] for at in range(0, len(row), 3 * by)) for row in self.rows[::by])
        return Picture(self.width // by, self.height // by, rows)

    def save(self, file: Path) -> None:
        file.write_bytes(self.png())

    def png(self) -> bytes:
        def chunk(kind: bytes, body: bytes) -> bytes:
            return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        packed = zlib.compress(b"".join(b"\0" + row for row in self.rows), 9)
        return PNG_MARK + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")

    @staticmethod
    def load(file: Path) -> "Picture":
        """Of what save() wrote: rows without filters."""
        data = file.read_bytes()
        at, packed, head = len(PNG_MARK), b"", b""
        while at < len(data):
            size, kind = struct.unpack(">I4s", data[at : at + 8])
            body = data[at + 8 : at + 8 + size]
            head, packed = (body, packed) if kind == b"IHDR" else (head, packed + body if kind == b"IDAT" else packed)
            at += 12 + size
        width, height, bits, colours = struct.unpack(">IIBB", head[:10])
        raw, step = zlib.decompress(packed), 1 + 3 * width
        if (bits, colours) != (8, 2) or any(raw[::step]):
            raise ValueError(f"{file} is a PNG of another kind than save() writes")
        return Picture(width, height, tuple(raw[at + 1 : at + step] for at in range(0, len(raw), step)))

    def difference(self, other: "Picture") -> float:
        """Share of pixels with a channel that differs by more than 16 of 255; 1 for another size."""
        if (self.width, self.height) != (other.width, other.height):
            return 1.0
        wrong = sum(
            any(abs(a - b) > 16 for a, b in zip(mine[at : at + 3], theirs[at : at + 3]))
            for mine, theirs in zip(self.rows, other.rows)
            if mine != theirs
            for at in range(0, len(mine), 3)
        )
        return wrong / (self.width * self.height)
