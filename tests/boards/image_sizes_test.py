#!/usr/bin/python3
"""Sizes of images go to the right module, and a module too many or a byte too many is refused."""

import unittest

import image_sizes
from image_sizes import ROOT
from size_report import RUNTIME, ReportError, Size

MAP = """
Linker script and memory map

.text           0x00000000       0x50
 .vectors       0x00000000       0x10 hal/boards/lm3s6965evb/CMakeFiles/rollcall_board.dir/startup.cpp.obj
 .text.board_main
                0x00000010       0x10 firmware/images/CMakeFiles/badge.dir/badge.cpp.obj
 .text.append   0x00000020       0x08 firmware/librollcall_firmware.a(queue.cpp.obj)
 .text.frame    0x00000028       0x08 protocol/librollcall_protocol.a(frame.cpp.obj)
 .text.aead     0x00000030       0x08 protocol/librollcall_protocol.a(crypto_mbedtls.cpp.obj)
 .text.inflate  0x00000038       0x08 librollcall_zlib.a(inflate.c.obj)
 .text.memcpy   0x00000040       0x10 /usr/lib/gcc/arm-none-eabi/12.2.1/../../../arm-none-eabi/lib/libg_nano.a(lib_a-memcpy.o)

.stack          0x20000000      0x100
                0x20000000                stack_bottom = .
 *fill*         0x20000000      0x100 \n\

.noinit         0x20000100        0x8
 .noinit        0x20000100        0x8 hal/boards/lm3s6965evb/CMakeFiles/rollcall_board_devices.dir/system.cpp.obj

.data           0x20000108        0x4 load address 0x00000050
 .data.keys     0x20000108        0x4 hal/boards/lm3s6965evb/CMakeFiles/rollcall_board_devices.dir/board.cpp.obj

.bss            0x2000010c       0x40
 .bss.memory    0x2000010c       0x40 firmware/images/CMakeFiles/badge.dir/badge.cpp.obj

.debug_info     0x00000000       0x99
 .debug_info    0x00000000       0x99 firmware/images/CMakeFiles/badge.dir/badge.cpp.obj
"""


class ImageSizes(unittest.TestCase):
    def measured(self, text: str = MAP) -> dict[str, tuple[int, int]]:
        sizes = image_sizes.measure(text, image_sizes.folders(ROOT))
        return {name: (size.flash, size.ram) for name, size in sizes.items()}

    def test_each_byte_goes_to_its_module(self) -> None:
        self.assertEqual(self.measured(), {
            "hal/boards/lm3s6965evb": (0x14, 0xc), "firmware/images": (0x10, 0x40), "firmware/queue": (8, 0), "protocol": (8, 0),
            "protocol/crypto": (8, 0), "zlib": (8, 0), RUNTIME: (0x10, 0), "stack": (0, 0x100)})

    def test_what_nobody_knows_is_refused(self) -> None:
        for was, now in (("librollcall_zlib.a", "libother.a"), ("(queue.cpp.obj)", "(gone.cpp.obj)")):
            with self.assertRaises(ReportError):
                self.measured(MAP.replace(was, now))

    def test_what_was_not_understood_is_refused(self) -> None:
        with self.assertRaisesRegex(ReportError, "places 68 bytes in .bss and 64"):
            self.measured(MAP.replace("0x2000010c       0x40\n .bss", "0x2000010c       0x44\n .bss"))

    def test_a_byte_too_many(self) -> None:
        budget = {"flash_below": 100, "ram_below": 50}
        self.assertEqual(image_sizes.over_budget(Size(99, 49), budget), [])
        self.assertEqual(image_sizes.over_budget(Size(100, 51), budget),
                         ["flash takes 100 bytes, 1 too many", "RAM takes 51 bytes, 2 too many"])


if __name__ == "__main__":
    unittest.main()
