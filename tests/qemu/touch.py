"""The touch terminal in QEMU: its flash, its panel, and a host at its line."""

from pathlib import Path

from tests.qemu.terminal import Terminal

PANEL = (800, 480)
AXIS = 0x8000  # positions of QEMU's pointing devices


class Touch(Terminal):
    crash_memory = "rollcall::hal::vexpress::crash_memory"

    def __init__(self, flash: Path, reader: Path | None = None) -> None:
        super().__init__("touch", [
            "-M", "vexpress-a15", "-m", "128", "-global", "virtio-mmio.force-legacy=false",
            "-device", "virtio-tablet-device", "-drive", f"if=pflash,unit=1,format=raw,file={flash}"], reader)

    def pointer(self, x: int | None = None, y: int | None = None, down: bool | None = None) -> None:
        """One report of the pointing device, in pixels of the panel."""
        events: list[dict] = []
        for axis, at, size in (("x", x, PANEL[0]), ("y", y, PANEL[1])):
            if at is not None:  # the middle of the pixel, so that rounding on the way does not matter
                events.append({"type": "abs", "data": {"axis": axis, "value": (2 * at + 1) * AXIS // (2 * size)}})
        if down is not None:
            events.append({"type": "btn", "data": {"down": down, "button": "left"}})
        self.qmp("input-send-event", events=events)

    def press(self, x: int, y: int) -> None:
        self.pointer(x, y, True)
        self.pointer(down=False)
