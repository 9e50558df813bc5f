#!/usr/bin/python3
"""Sizes of the parts of protocol/ on Cortex-M3, from the map of a linked image.

    size_report.py [--write] [BUILD]

Prints the table and one line per check ("ok - ..." or "not ok - ..."), and fails when a part exceeds
its budget (sizes.toml) or docs/protocol.md shows other figures. --write puts the table there first.
BUILD is the folder of preset badge.
"""

import fnmatch
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NM = "arm-none-eabi-nm"
PAGE = ROOT / "docs/protocol.md"
BEGIN, END = "<!-- sizes: begin -->\n", "<!-- sizes: end -->\n"
TOLERANCE = 0.03  # by which the page may differ: compilers of one version agree, library updates do not quite

FLASH = {".text", ".data"}  # output sections that hal/boards/*/image.ld fills
RAM = {".data", ".bss"}
PROBE = "size_probe.cpp.obj"
PROBE_OWN = re.compile(r"\.(board_|session_ram_)|8rollcall6boards")
RUNTIME = "compiler and C library"
START = "start-up and probe"  # not a size of protocol/; listed so that the sum is the image


class ReportError(Exception):
    """The image or its description is not as expected; the sentence says how."""


@dataclass
class Size:
    flash: int = 0
    ram: int = 0
    files: dict[str, int] = field(default_factory=dict)  # flash by source file or library


@dataclass
class Part:
    name: str
    files: list[str] = field(default_factory=list)
    libraries: list[str] = field(default_factory=list)
    probe: bool = False
    flash_below: int | None = None


def read_parts(file: Path) -> tuple[list[Part], list[str], int]:
    described = tomllib.loads(file.read_text())
    return [Part(**part) for part in described["part"]], described["host_only"], described["session"]["ram_below"]


def owners(parts: list[Part], sources: list[str]) -> dict[str, Part]:
    """The part of each file, whose names are relative to protocol/."""
    found = {}
    for source in sources:
        matching = [part for part in parts if any(fnmatch.fnmatch(source, pattern) for pattern in part.files)]
        if len(matching) != 1:
            names = ", ".join(part.name for part in matching) or "none"
            raise ReportError(f"protocol/{source} must belong to one part in tests/boards/sizes.toml; it belongs to: {names}")
        found[source] = matching[0]
    return found


def contributions(text: str, sections: set[str]) -> list[tuple[str, str, int, str]]:
    """(output section, input section, bytes, file) for all that a linker map places in these output sections.

    `file` is "archive.a(member)", an object, or "" for padding."""
    return [(output, section, size, file) for output, section, _, size, file in places(text, sections)]


def places(text: str, sections: set[str]) -> list[tuple[str, str, int, int, str]]:
    """The same with the address of each, before its bytes."""
    _, _, text = text.partition("\nLinker script and memory map\n")
    # A long name stands alone, its address and size on the next line.
    text = re.sub(r"^( ?[.*][^\s]*)\n +0x", r"\1 0x", text, flags=re.MULTILINE)
    output = ""
    placed: list[tuple[str, str, int, int, str]] = []
    for line in text.splitlines():
        if head := re.match(r"(\.[^\s]+)\s+0x", line):
            output = head[1]
        piece = re.match(r" (\.[^\s]+|COMMON|\*fill\*)\s+(0x[0-9a-f]+)\s+(0x[0-9a-f]+) ?(.*)", line)
        if piece and output in sections and int(piece[3], 16):
            file = "" if piece[1] == "*fill*" else piece[4]
            placed.append((output, piece[1], int(piece[2], 16), int(piece[3], 16), file))
    # Where the linker merged equal strings it may print a byte too many: the next address is right.
    following = [*placed[1:], ("", "", 0, 0, "")]
    return [(output, section, address, min(size, after[2] - address) if after[0] == output else size, file)
            for (output, section, address, size, file), after in zip(placed, following)]


def output_sizes(text: str) -> dict[str, int]:
    _, _, text = text.partition("\nLinker script and memory map\n")
    return {name: int(size, 16) for name, size in re.findall(r"^(\.[^\s]+)\s+0x[0-9a-f]+\s+(0x[0-9a-f]+)", text, re.MULTILINE)}


def measure(parts: list[Part], map_text: str, sources: list[str], host_only: list[str]) -> dict[str, Size]:
    """Sizes by part, and in each part the flash of its files."""
    owner = owners(parts, sources)
    by_object = {}
    for source in (name for name in sources if name.endswith(".cpp")):
        member = Path(source).name + ".obj"
        if member in by_object:
            raise ReportError(f"protocol/ has two files called {Path(source).name}; the map cannot tell them apart")
        by_object[member] = source
    sizes = {name: Size() for name in [*(part.name for part in parts), RUNTIME, START]}
    placed = dict.fromkeys(FLASH | RAM, 0)
    seen = set()

    def part_of(file: str, section: str) -> str:
        library, _, member = file.rpartition("/")[2].partition("(")
        if library == "librollcall_protocol.a":
            source = by_object.get(member.rstrip(")"))
            if source is None:
                raise ReportError(f"{file} is in the image and no file of protocol/")
            seen.add(source)
            return owner[source].name
        if library == PROBE and not PROBE_OWN.search(section):
            return next(part.name for part in parts if part.probe)
        for part in parts:
            if library in part.libraries:
                return part.name
        if library == PROBE or library.startswith("startup.cpp"):
            return START
        if file == "" or "/gcc/arm-none-eabi/" in file or "/arm-none-eabi/" in file:
            return RUNTIME
        raise ReportError(f"{file} is in the image and in no part of tests/boards/sizes.toml")

    for output, section, size, file in contributions(map_text, FLASH | RAM):
        into = sizes[part_of(file, section)]
        into.flash += size if output in FLASH else 0
        into.ram += size if output in RAM else 0
        if output in FLASH:
            name = re.sub(r".*/|\.obj\)?$|\)$", "", re.sub(r".*librollcall_protocol\.a\(", "", file)).partition("(")[0]
            into.files[name] = into.files.get(name, 0) + size
        placed[output] += size
    for output, size in output_sizes(map_text).items():
        if output in placed and placed[output] != size:
            raise ReportError(f"the map places {size} bytes in {output} and {placed[output]} of them were understood")
    for source in by_object.values():
        expected = not any(fnmatch.fnmatch(source, pattern) for pattern in host_only)
        if expected and source not in seen:
            raise ReportError(f"protocol/{source} is not in the image; is it in protocol/CMakeLists.txt?")
        if not expected and source in seen:
            raise ReportError(f"protocol/{source} is host_only in tests/boards/sizes.toml, yet the image needs it")
    return sizes


def symbol_sizes(image: Path, pattern: str) -> dict[str, int]:
    listed = subprocess.run([NM, "--print-size", "--demangle", image], capture_output=True, text=True, check=True)
    rows = (line.split(maxsplit=3) for line in listed.stdout.splitlines())
    return {row[3]: int(row[1], 16) for row in rows if len(row) == 4 and re.fullmatch(pattern, row[3])}


def table(parts: list[Part], sizes: dict[str, Size], session: int, session_below: int, arena: int) -> str:
    rows = [(part.name, sizes[part.name].flash, part.flash_below, sizes[part.name].ram, None) for part in parts]
    rows.append((RUNTIME, sizes[RUNTIME].flash, None, sizes[RUNTIME].ram, None))
    rows.append(("one session: its link and session objects", None, None, session, session_below))
    rows.append(("arena of the crypto backend, shared", None, None, arena, None))

    def cell(number: int | None) -> str:
        return "" if number is None else str(number)

    lines = ["| part | flash | below | RAM | below |", "|---|--:|--:|--:|--:|"]
    lines += [f"| {name} | {' | '.join(cell(number) for number in numbers)} |" for name, *numbers in rows]
    return "\n".join(lines) + "\n"


def figures(text: str) -> dict[str, list[str]]:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return {row[0]: row[1:] for row in rows}


def page_differs(shown: str, measured: str) -> str:
    """Where the page is wrong, or nothing."""
    old, new = figures(shown), figures(measured)
    if list(old) != list(new):
        return "it lists other parts"
    for name, cells in new.items():
        for was, now in zip(old[name], cells):
            close = was.isdigit() and now.isdigit() and abs(int(was) - int(now)) <= max(TOLERANCE * int(now), 8)
            if was != now and not close:
                return f'it says {was or "nothing"} for "{name}", measured is {now or "nothing"}'
    return ""


def split_page() -> tuple[str, str, str]:
    text = PAGE.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    shown, end, after = rest.partition(END)
    if not begin or not end:
        raise ReportError(f"docs/protocol.md lacks the markers {BEGIN.strip()} and {END.strip()}")
    return before + BEGIN, shown, END + after


def main(words: list[str]) -> int:
    write = "--write" in words
    folder = Path(next((word for word in words if word != "--write"), ROOT / "build/badge"))
    image = folder / "tests/boards/size_probe.elf"
    if not image.is_file():
        raise ReportError(f"{image} does not exist; build it with: setup/build.sh badge")
    sources = sorted(path.relative_to(ROOT / "protocol").as_posix()
                     for path in (ROOT / "protocol").rglob("*") if path.suffix in {".cpp", ".hpp", ".h"})
    parts, host_only, session_below = read_parts(Path(__file__).with_name("sizes.toml"))
    sizes = measure(parts, image.with_suffix(".map").read_text(), sources, host_only)
    session = sum(symbol_sizes(image, r"session_ram_\w+").values())
    arena = sum(symbol_sizes(image, r"rollcall::crypto::\(anonymous namespace\)::memory").values())
    measured = table(parts, sizes, session, session_below, arena)

    print(measured)
    for part in parts:
        largest = sorted(sizes[part.name].files.items(), key=lambda item: -item[1])
        print(f"# {part.name}: {', '.join(f'{name} {size}' for name, size in largest)}")
    failed = 0

    def check(name: str, right: bool, why: str = "") -> None:
        nonlocal failed
        failed += not right
        print(f"ok - {name}" if right else f"not ok - {name}: {why}")

    for part in parts:
        if part.flash_below is not None:
            flash = sizes[part.name].flash
            check(f"flash of {part.name}", flash < part.flash_below,
                  f"{flash} bytes, {flash - part.flash_below + 1} too many")
    check("RAM of one session", session < session_below, f"{session} bytes, {session - session_below + 1} too many")
    before, shown, after = split_page()
    if write:
        PAGE.write_text(before + measured + after, encoding="utf-8")
        shown = measured
    differs = page_differs(shown, measured)
    check("sizes in docs/protocol.md", not differs, f"{differs}; run tests/boards/size_report.py --write")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ReportError as error:
        print(f"not ok - sizes: {error}")
        sys.exit(1)
