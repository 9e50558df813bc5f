"""The suites of ./test, their budgets and their counts. See README.md."""
