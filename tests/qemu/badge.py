"""The badge terminal in QEMU: its card, its keys, its panel."""

import time
from pathlib import Path

from tests.qemu.picture import Picture
from tests.qemu.terminal import Terminal

MAGNIFIED = 4  # by QEMU's model of the display
KEYS = {"left": "left", "up": "up", "select": "ctrl", "down": "down", "right": "right"}  # on QEMU's keyboard, in the order of their numbers
# Time passes with instructions, one in 32 ns, as it does on the board: a host that has no time for QEMU does
# not look like firmware that hangs.
STEADY = ["-icount", "shift=5"]


class Badge(Terminal):
    """Without a card nothing can be kept."""

    crash_memory = "rollcall::hal::lm3s::crash_memory"

    def __init__(self, card: Path | None, reader: Path | None = None, real_time: bool = False) -> None:
        drive = ["-drive", f"if=sd,format=raw,file={card}"] if card else []
        super().__init__("badge", ["-M", "lm3s6965evb", *drive, *([] if real_time else STEADY)], reader)

    def press(self, key: str) -> None:
        """Down and up again, each for longer than contacts bounce."""
        for down in (True, False):
            self.key(KEYS[key], down)
            time.sleep(0.1)

    def panel(self) -> Picture:
        return self.picture().reduced(MAGNIFIED)
