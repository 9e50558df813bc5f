"""Which instructions a board executes: every one of them, by function and module.

QEMU executes one at a time and writes down where (`singlestep on`, `log exec,nochain`), about 100 bytes each and some
hundred thousand a second, so a trace is of a moment. Sleep costs nothing: WFI is one instruction however long it takes.
"""

import bisect
import contextlib
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.qemu.terminal import NM, Terminal

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/boards"))  # as its scripts import each other
import image_sizes  # noqa: E402
import size_report  # noqa: E402


@contextlib.contextmanager
def traced(machine: Terminal, file: Path) -> Iterator[None]:
    """What the board executes within the `with` block goes to `file`."""
    file.unlink(missing_ok=True)
    machine.monitor(f"logfile {file}")
    machine.monitor("singlestep on")
    machine.monitor("log exec,nochain")
    try:
        yield
    finally:
        machine.monitor("log none")
        machine.monitor("singlestep off")
        machine.monitor("logfile /dev/null")  # QEMU closes `file`


def executed(file: Path) -> list[int]:
    """The addresses of a trace, in order. QEMU writes an instruction down before it executes it, and says so when it does
    not: an interrupt comes first, or a device has to be asked at the exact time."""
    found: list[int] = []
    with file.open("rb") as lines:
        for line in lines:
            if line.startswith(b"Trace"):
                found.append(int(line.split(b"/", 2)[1], 16))
            elif line.startswith((b"Stopped execution", b"cpu_io_recompile")):
                found.pop()
    return found


def has(file: Path, code: "Code", calls: list[str]) -> bool:
    """Whether a trace that is being written has calls of these functions, in this order."""
    content, at = file.read_bytes(), 0
    for name in calls:
        found = [place for entry in code.entries(name) if (place := content.find(b"/%08x/" % entry, at)) >= 0]
        if not found:
            return False
        at = min(found) + 1
    return True


class Code:
    """The functions of an image and the modules they belong to, which are those of its table of sizes."""

    def __init__(self, image: Path) -> None:
        listed = subprocess.run([NM, "--demangle", image], capture_output=True, text=True, check=True).stdout
        # Bit 0 tells Thumb.
        symbols = [line.split(maxsplit=2) for line in listed.splitlines() if line[0] != " "]
        self._functions = sorted((int(symbol[0], 16) & ~1, symbol[2]) for symbol in symbols
                                 if len(symbol) == 3 and symbol[1] in "tTwW")  # there are labels without a name
        known = image_sizes.folders(ROOT)
        self._modules = [(address, image_sizes.module_of(file, known)) for _, _, address, _, file
                         in size_report.places(image.with_suffix(".map").read_text(), {".text"})]

    def module(self, address: int) -> str:
        return self._modules[bisect.bisect(self._modules, (address, "\x7f")) - 1][1]

    def entries(self, name: str) -> set[int]:
        """Where functions begin whose name begins so."""
        found = {address for address, function in self._functions if function.startswith(name)}
        if not found:
            raise LookupError(f"the image has no function {name}")
        return found


def attributed(code: Code, addresses: list[int]) -> dict[str, int]:
    """Instructions by module. Those of the C library belong to who called it."""
    module_at = {address: code.module(address) for address in set(addresses)}
    found: Counter[str] = Counter()
    caller = image_sizes.RUNTIME
    for address in addresses:
        module = module_at[address]
        caller = caller if module == image_sizes.RUNTIME else module
        found[caller] += 1
    return dict(found)
