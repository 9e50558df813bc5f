"""The counts of ./test are what the runners wrote."""

import tempfile
import unittest
from pathlib import Path

from . import counts, runner, suites


class Counting(unittest.TestCase):
    def junit(self, text: str) -> counts.Counts:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "report.xml"
            file.write_text(text)
            return counts.from_junit(file)

    def test_junit_of_ctest(self) -> None:
        found = self.junit('<testsuite><testcase name="a" status="run"/><testcase name="b" status="fail">'
                           '<failure message=""/></testcase><testcase name="c" status="disabled"/></testsuite>')
        self.assertEqual((found.passed, found.failed, found.failures), (1, 1, ["b"]))

    def test_junit_of_pytest(self) -> None:
        found = self.junit('<testsuites><testsuite><testcase name="a"/><testcase name="b"><error/></testcase>'
                           '<testcase name="c"><skipped/></testcase></testsuite></testsuites>')
        self.assertEqual((found.passed, found.failed, found.failures), (1, 1, ["b"]))

    def test_failures_give_the_first_line_of_their_reason(self) -> None:
        found = self.junit('<testsuite><testcase name="a"><failure message="2 is not 1&#10;and more"/></testcase></testsuite>')
        self.assertEqual(found.failures, ["a: 2 is not 1"])

    def test_only_want_of_time_gets_a_second_try(self) -> None:
        def may(case: str) -> bool:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "report.xml"
                file.write_text(f'<testsuite><testcase name="a"/>{case}</testsuite>')
                return counts.for_want_of_time(file)

        waited = '<testcase name="b"><failure message="ProgramError: waited 10 s in vain: it starts"/></testcase>'
        wrong = '<testcase name="c"><failure message="assert 2 == 1">waited 10 s in vain</failure></testcase>'
        unit = '<testcase name="d" status="fail"><failure message="Failed"/><system-out>{}</system-out></testcase>'
        self.assertTrue(may(waited))
        self.assertFalse(may(waited.replace("it starts", "every tap arrives")))
        self.assertFalse(may(wrong))
        self.assertFalse(may(waited + wrong))
        self.assertTrue(may(unit.format("Value of: closed()")))
        self.assertFalse(may(unit.format("ERROR: AddressSanitizer: heap-use-after-free")))
        self.assertFalse(may(unit.format("***Exception: SegFault SEGFAULT")))

    def test_a_second_try_counts_each_test_once(self) -> None:
        first = counts.Counts(7, 2, ["a: waited 10 s in vain", "b: waited 60 s in vain"])
        found = counts.after_second_try(first, counts.Counts(1, 1, ["b: waited 60 s in vain"]))
        self.assertEqual((found.passed, found.failed), (8, 1))
        self.assertEqual(found.failures, ["b: waited 60 s in vain"])
        self.assertEqual(found.unsteady, ["a: waited 10 s in vain"])

    def test_both_forms_of_node(self) -> None:
        for mark in "#ℹ":
            found = counts.from_node(f"{mark} tests 5\n{mark} pass 3\n{mark} fail 1\n{mark} cancelled 1\n")
            self.assertEqual((found.passed, found.failed), (3, 2))

    def test_lines_of_our_own_checks(self) -> None:
        found = counts.from_tap("| a table |\nok - a: 1\nnot ok - b: 2 too many\n# ok - a remark\n")
        self.assertEqual((found.passed, found.failed, found.failures), (1, 1, ["b: 2 too many"]))

    def test_every_suite_has_a_budget_and_the_sum_is_bounded(self) -> None:
        budgets = runner.budgets()
        self.assertEqual(set(budgets), set(suites.SUITES) | set(suites.ON_REQUEST))
        self.assertLessEqual(sum(budgets[name] for name in suites.SUITES), 42)


if __name__ == "__main__":
    unittest.main()
