"""The two boards as terminals at their places in a site."""

from pathlib import Path

from tests.qemu import card_image, digits, flash_image
from tests.qemu.badge import KEYS, Badge
from tests.qemu.picture import Picture
from tests.qemu.station import Station
from tests.qemu.terminal import A_TURN_OF_THE_LOOP
from tests.qemu.touch import PANEL, Touch


class BadgeStation(Station):
    """Keys to answer with: the right one is "the same" (firmware/terminal/terminal.hpp)."""

    name, rate, keys = "badge", 115_200, tuple(KEYS)
    machine: Badge
    _LAMP = 0x40005000 + (0x70 << 2)  # red, green, blue: PB4 to PB6 (hal/boards/lm3s6965evb/board.hpp)
    _COLOURS = {0x00: "off", 0x20: "green", 0x30: "amber", 0x40: "blue"}

    def new_storage(self, file: Path) -> None:
        card_image.from_factory(file, self.serial)

    def board(self, storage: Path) -> Badge:
        return Badge(storage, self.cards.address)

    def picture(self) -> Picture:
        return self.machine.panel()

    def light(self) -> str:
        return self._COLOURS[self.machine.word(self._LAMP)]

    def say(self, same: bool) -> None:
        self.press("right" if same else "left")

    def press(self, key: str) -> None:
        """left, up, select, down or right."""
        for _ in range(2):  # QEMU's board holds every key down from a reset to the end of its first press
            self.machine.press(key)

    def hang(self, where: str = A_TURN_OF_THE_LOOP) -> int:
        """Its program waits for something that never comes, once it comes to this function; the place."""
        from tests.qemu.test_badge import loop_without_end

        place = loop_without_end(self.machine)
        self.go_on_at(place, where)
        return place


class TouchStation(Station):
    name, rate = "touch", 921_600
    machine: Touch
    _LEDS = 0x1C010008  # SYS_LED; which is which, hal/boards/vexpress_a15/board.cpp
    _COLOURS = {0: "off", 1: "green", 2: "amber", 4: "blue"}

    def new_storage(self, file: Path) -> None:
        flash_image.from_factory(file, self.serial)

    def board(self, storage: Path) -> Touch:
        return Touch(storage, self.cards.address)

    def picture(self) -> Picture:
        return self.machine.picture()

    def light(self) -> str:
        return self._COLOURS[self.machine.word(self._LEDS) & 7]

    def say(self, same: bool) -> None:
        places = digits.layout(*PANEL)
        self.press(*(places.same if same else places.different).middle)

    def press(self, x: int, y: int) -> None:
        """A finger on the panel, in its pixels."""
        self.machine.press(x, y)
