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
        self.assertLessEqual(sum(budgets[name] for name in suites.SUITES), 35)


if __name__ == "__main__":
    unittest.main()
