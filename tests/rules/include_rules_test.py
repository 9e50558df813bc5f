#!/usr/bin/python3
"""The include rules find what they are there to find."""

import tempfile
import unittest
from pathlib import Path

import include_rules


class IncludeRules(unittest.TestCase):
    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name)
        for name in include_rules.BEAST_FILES:
            self.file(name, "#include <boost/beast/http/parser.hpp>")
        self.file("protocol/frame.hpp", "#include <cstdint>")
        self.file("daemon/config/config.hpp", '#include "protocol/frame.hpp"')
        self.file("daemon/flows/kiosk.hpp", "")

    def file(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")

    def broken_by(self, name: str, text: str) -> str:
        self.file(name, text)
        return "\n".join(include_rules.check(self.root))

    def test_a_tree_that_keeps_them_passes(self) -> None:
        self.assertEqual(self.broken_by("daemon/flows/a.cpp", '#include "protocol/frame.hpp"'), "")

    def test_hal_does_not_know_protocol(self) -> None:
        self.assertIn("hal/a.hpp:1: hal must not include", self.broken_by("hal/a.hpp", '#include "protocol/frame.hpp"'))

    def test_firmware_does_not_know_the_daemon(self) -> None:
        self.assertIn("firmware must not include", self.broken_by("firmware/a.cpp", '#include "daemon/flows/kiosk.hpp"'))

    def test_the_daemon_does_not_know_provisioning(self) -> None:
        self.file("provisioning/b.hpp", "")
        self.assertIn("daemon must not include", self.broken_by("daemon/a.cpp", '#include "provisioning/b.hpp"'))

    def test_provisioning_sees_listed_headers_of_the_daemon_only(self) -> None:
        self.assertEqual(self.broken_by("provisioning/a.cpp", '#include "daemon/config/config.hpp"'), "")
        self.assertIn("inside the daemon", self.broken_by("provisioning/a.cpp", '#include "daemon/flows/kiosk.hpp"'))

    def test_beast_stays_in_its_files(self) -> None:
        self.assertIn("Beast stays", self.broken_by("daemon/a.cpp", "#include <boost/beast/http.hpp>"))

    def test_no_json_header_in_headers(self) -> None:
        self.assertIn("json_fwd", self.broken_by("daemon/a.hpp", "#include <nlohmann/json.hpp>"))

    def test_portable_code_knows_no_operating_system(self) -> None:
        self.assertIn("portable", self.broken_by("firmware/a.cpp", "#include <unistd.h>"))
        self.assertEqual(self.broken_by("firmware/simulator/b.cpp", "#include <unistd.h>").count("b.cpp"), 0)

    def test_a_relative_name_is_refused(self) -> None:
        self.assertIn("named from the root", self.broken_by("daemon/flows/a.cpp", '#include "kiosk.hpp"'))


if __name__ == "__main__":
    unittest.main()
