"""How long a board takes to draw its panel: time of a host's processor, between two calls of its program."""

from collections.abc import Callable
from pathlib import Path

from tests.qemu.machine import Machine
from tests.qemu.terminal import Terminal

DRAWING_LIMIT = 0.3  # seconds
PICTURE = "rollcall::firmware::Terminal::draw_panel()"
AFTER_IT = "rollcall::firmware::Terminal::run_storage()"


def drawing(machine: Terminal, cause: Callable[[], None]) -> float:
    """Causes something to be drawn on the panel; the seconds that took."""
    picture, after_it = machine.symbol(PICTURE), machine.symbol(AFTER_IT)
    with machine.debugger() as debugger:
        cause()
        debugger.run_to(picture)
        begun = processor_seconds(machine)
        debugger.run_to(after_it)
        return processor_seconds(machine) - begun


def processor_seconds(machine: Machine) -> float:
    """What QEMU's threads have taken of the host's processors, in nanoseconds exactly."""
    threads = Path(f"/proc/{machine.process.pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9
