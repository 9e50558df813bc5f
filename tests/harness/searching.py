"""Looks for a text in whatever a site has left behind: in the bytes of files and answers, in what is packed, and in every
way in which a program may have written it."""

import base64
import gzip
import html
import json
import re
import subprocess
import tempfile
import urllib.parse
import zlib
from pathlib import Path

GZIP = re.compile(rb"\x1f\x8b\x08")
PDF = b"%PDF-"
MOST = 64 * 1024 * 1024  # unpacked, bytes


def _base64_inside(text: bytes) -> set[bytes]:
    """What base64 makes of it wherever it stands: without the characters that its neighbours share."""
    found = set()
    for before in range(3):
        first, last = (0, 2, 3)[before], -(-(before + len(text)) * 4 // 3)
        whole = base64.b64encode(b"\0" * before + text)
        inside = whole[first:((before + len(text)) * 8) // 6]
        assert last and len(inside) >= 8, "too short to be unmistakable"
        found |= {inside, inside.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def spellings(text: str) -> set[bytes]:
    utf8 = text.encode()
    escaped = json.dumps(text)[1:-1]
    return {utf8, text.encode("utf-16-le"), text.encode("utf-16-be"), escaped.encode(), escaped.upper().encode(),
            text.lower().encode(), text.upper().encode(), urllib.parse.quote(text).encode(),
            urllib.parse.quote_plus(text).encode(), html.escape(text).encode(),
            text.encode("ascii", "xmlcharrefreplace"), utf8.hex().encode(), utf8.hex().upper().encode(),
            text.encode("latin-1", "ignore"), *_base64_inside(utf8)}


def _unpacked(data: bytes) -> list[bytes]:
    """What is packed in it: gzip members anywhere, and the text and streams of PDF files."""
    inside = []
    for start in GZIP.finditer(data):
        try:
            inside.append(zlib.decompressobj(wbits=31).decompress(data[start.start():], MOST))
        except zlib.error:
            pass
    if data.startswith(PDF):
        with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
            file.write(data)
            file.flush()
            inside.append(subprocess.run(["pdftotext", file.name, "-"], capture_output=True, check=True).stdout)
            inside.append(subprocess.run(["qpdf", "--qdf", "--stream-data=uncompress", file.name, "-"],
                                         capture_output=True, check=True).stdout)
    return inside


class Haystack:
    """Named pieces of bytes."""

    def __init__(self) -> None:
        self.pieces: dict[str, bytes] = {}

    def add(self, name: str, data: bytes | str) -> None:
        given = data.encode() if isinstance(data, str) else data
        self.pieces[name] = self.pieces.get(name, b"") + given

    def add_files(self, folder: Path, *without: Path) -> None:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not any(path.is_relative_to(other) for other in without):
                self.add(str(path.relative_to(folder)), path.read_bytes())

    def find(self, text: str) -> list[str]:
        """Names of the pieces in which it is, in whatever spelling."""
        wanted = re.compile(b"|".join(re.escape(one) for one in sorted(spellings(text))))
        found = []
        for name, data in self.pieces.items():
            if any(wanted.search(part) for part in [data, *_unpacked(data)]):
                found.append(name)
        return found


def packed(text: str) -> list[tuple[str, bytes]]:
    """The text as it may lie about: for showing that the search finds it."""
    around = f'{{"a": "x{text}y"}}'.encode()
    return [("plain", around), ("json", json.dumps({"a": text}).encode()), ("utf-16", ("…" + text).encode("utf-16-le")),
            ("percent", urllib.parse.quote("a b" + text).encode()), ("gzip", b"HEAD" + gzip.compress(around) + b"tail"),
            *[(f"base64 after {n}", base64.b64encode(b"x" * n + around)) for n in range(3)],
            ("hex", around.hex().encode()), ("html", html.escape(text).encode())]
