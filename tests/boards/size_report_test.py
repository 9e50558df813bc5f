#!/usr/bin/python3
"""The size report reads linker maps right and refuses what it does not understand."""

import unittest

import size_report
from size_report import Part, ReportError

MAP = """
Discarded input sections

 .text.gone     0x00000000      0x100 protocol/librollcall_protocol.a(frame.cpp.obj)

Linker script and memory map

LOAD protocol/librollcall_protocol.a

.text           0x00000000       0x55
 *(.text .text.*)
 .text.board_reset
                0x00000000       0x10 tests/boards/CMakeFiles/rollcall_board.dir/startup.cpp.obj
                0x00000000                board_reset
 .text._ZN8rollcall8protocol5frameEv
                0x00000010       0x20 protocol/librollcall_protocol.a(frame.cpp.obj)
 *fill*         0x00000030        0x4 \n\
 .text.memcpy   0x00000034        0x8 /usr/lib/gcc/arm-none-eabi/12.2.1/../../../arm-none-eabi/lib/libg_nano.a(lib_a-memcpy.o)
 .rodata.str1.1
                0x0000003c        0xa tests/boards/CMakeFiles/size_probe.dir/size_probe.cpp.obj
                                  0xb (size before relaxing)
 .rodata._ZN8rollcall6boards5tableE
                0x00000045        0x8 tests/boards/CMakeFiles/size_probe.dir/size_probe.cpp.obj
 .text.library  0x0000004d        0x8 librollcall_mbedtls.a(sha256.c.obj)

.bss            0x20000000       0x14
 .bss.memory    0x20000000       0x10 protocol/librollcall_protocol.a(cbor.cpp.obj)
 .bss.session_ram_link
                0x20000010        0x4 tests/boards/CMakeFiles/size_probe.dir/size_probe.cpp.obj

.debug_info     0x00000000       0x99
 .debug_info    0x00000000       0x99 protocol/librollcall_protocol.a(frame.cpp.obj)
"""
SOURCES = ["cbor.cpp", "cbor.hpp", "frame.cpp"]


def parts() -> list[Part]:
    return [Part("codec", ["cbor.*"], probe=True), Part("link", ["frame.*"], libraries=["librollcall_mbedtls.a"])]


class SizeReport(unittest.TestCase):
    def refused(self, text: str, listed: list[Part], sources: list[str], host_only: list[str] | None = None) -> str:
        with self.assertRaises(ReportError) as caught:
            size_report.measure(listed, text, sources, host_only or [])
        return str(caught.exception)

    def test_each_byte_goes_to_its_part(self) -> None:
        sizes = size_report.measure(parts(), MAP, SOURCES, [])
        self.assertEqual((sizes["codec"].flash, sizes["codec"].ram), (9, 16))
        self.assertEqual(sizes["link"].flash, 0x20 + 8)
        self.assertEqual(sizes[size_report.RUNTIME].flash, 4 + 8)
        self.assertEqual((sizes[size_report.START].flash, sizes[size_report.START].ram), (0x10 + 8, 4))

    def test_a_byte_that_was_not_understood(self) -> None:
        self.assertIn("places 86 bytes in .text and 85", self.refused(MAP.replace("0x55", "0x56"), parts(), SOURCES))

    def test_a_source_that_nobody_mapped(self) -> None:
        self.assertIn("protocol/new.cpp must belong to one part", self.refused(MAP, parts(), [*SOURCES, "new.cpp"]))

    def test_a_source_of_two_parts(self) -> None:
        listed = parts()
        listed[1].files.append("*.cpp")
        self.assertIn("it belongs to: codec, link", self.refused(MAP, listed, SOURCES))

    def test_a_source_that_is_not_built(self) -> None:
        listed = parts()
        listed[0].files.append("new.*")
        self.assertIn("protocol/new.cpp is not in the image", self.refused(MAP, listed, [*SOURCES, "new.cpp"]))

    def test_a_source_for_hosts_only(self) -> None:
        listed = parts()
        listed[0].files.append("host.*")
        size_report.measure(listed, MAP, [*SOURCES, "host.cpp"], ["host.cpp"])
        self.assertIn("yet the image needs it", self.refused(MAP, parts(), SOURCES, ["frame.cpp"]))

    def test_an_object_that_nobody_mapped(self) -> None:
        text = MAP.replace("librollcall_mbedtls.a", "libother.a")
        self.assertIn("libother.a(sha256.c.obj) is in the image", self.refused(text, parts(), SOURCES))

    def test_the_page_may_differ_by_a_little(self) -> None:
        page = "| part | flash |\n|---|--:|\n| codec | {} |\n"
        self.assertEqual(size_report.page_differs(page.format(1000), page.format(1029)), "")
        self.assertIn('says 1000 for "codec", measured is 1040', size_report.page_differs(page.format(1000), page.format(1040)))
        self.assertIn("other parts", size_report.page_differs("", page.format(1000)))


if __name__ == "__main__":
    unittest.main()
