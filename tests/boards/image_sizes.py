#!/usr/bin/python3
"""What an image takes of flash and RAM, by module, from its linker map. `image_sizes.py BOARD MAP`

A module is a folder of ours, or a library of others. Fails when the image is larger than
image_sizes.toml allows.
"""

import sys
import tomllib
from pathlib import Path

import size_report
from size_report import ROOT, RUNTIME, ReportError, Size

FLASH = {".text", ".data"}
RAM = {".stack", ".noinit", ".data", ".bss"}
ARCHIVES = {"librollcall_protocol.a": "protocol", "librollcall_firmware.a": "firmware", "librollcall_chips.a": "hal/chips"}
OTHERS = {"librollcall_mbedtls.a": "mbedTLS", "librollcall_zlib.a": "zlib", "librollcall_recognition.a": "hal"}
STACK = "stack"


def folders(root: Path) -> dict[tuple[str, str], str]:
    """The folder of each source, by top folder of its archive and name."""
    found: dict[tuple[str, str], str] = {}
    for top in ARCHIVES.values():
        for path in (root / top).rglob("*.cpp"):
            folder = path.parent.relative_to(root).as_posix()
            if folder.startswith(("firmware/simulator", "firmware/images")):
                continue
            if (top, path.name) in found:
                raise ReportError(f"{top} has two files called {path.name}; the map cannot tell them apart")
            found[top, path.name] = folder
    return found


def module_of(file: str, known: dict[tuple[str, str], str]) -> str:
    name, _, member = file.rpartition("/")[2].partition("(")
    if name in OTHERS:
        return OTHERS[name]
    if name in ARCHIVES:
        source = member.removesuffix(")").removesuffix(".obj")
        folder = known.get((ARCHIVES[name], source))
        if folder is None:
            raise ReportError(f"{file} is in the image and no file of {ARCHIVES[name]}/")
        return folder
    for top in ("hal/boards/", "firmware/images"):
        if top in file and "CMakeFiles" in file:
            return file[file.index(top):].partition("/CMakeFiles")[0]
    if file == "" or "/arm-none-eabi/" in file or file.startswith("linker stubs"):
        return RUNTIME
    raise ReportError(f"{file} is in the image and of no module that tests/boards/image_sizes.py knows")


def measure(map_text: str, known: dict[tuple[str, str], str]) -> dict[str, Size]:
    sizes: dict[str, Size] = {}
    placed = dict.fromkeys(FLASH | RAM, 0)
    for output, _, size, file in size_report.contributions(map_text, FLASH | RAM):
        into = sizes.setdefault(STACK if output == ".stack" else module_of(file, known), Size())
        into.flash += size if output in FLASH else 0
        into.ram += size if output in RAM else 0
        placed[output] += size
    for output, size in size_report.output_sizes(map_text).items():
        if output == ".stack":  # reserved by the linker script alone
            sizes[STACK] = Size(ram=size)
        elif output in placed and placed[output] != size:
            raise ReportError(f"the map places {size} bytes in {output} and {placed[output]} of them were understood")
    return sizes


def table(sizes: dict[str, Size]) -> str:
    rows = sorted(sizes.items(), key=lambda item: -item[1].flash - item[1].ram)
    lines = [f"{'module':24} {'flash':>7} {'RAM':>7}"]
    lines += [f"{name:24} {size.flash:7} {size.ram:7}" for name, size in rows]
    return "\n".join(lines)


def over_budget(total: Size, budget: dict[str, int]) -> list[str]:
    return [f"{kind} takes {taken} bytes, {taken - below + 1} too many"
            for kind, taken, below in (("flash", total.flash, budget["flash_below"]), ("RAM", total.ram, budget["ram_below"]))
            if taken >= below]


def main(board: str, map_file: str) -> int:
    budget = tomllib.loads(Path(__file__).with_name("image_sizes.toml").read_text())[board]
    sizes = measure(Path(map_file).read_text(), folders(ROOT))
    total = Size(sum(size.flash for size in sizes.values()), sum(size.ram for size in sizes.values()))
    print(table(sizes))
    print(f"{board + ' in all':24} {total.flash:7} {total.ram:7}   below {budget['flash_below']} and {budget['ram_below']}")
    wrong = over_budget(total, budget)
    for sentence in wrong:
        print(f"{board}: {sentence}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except ReportError as error:
        sys.exit(f"image sizes: {error}")
