"""Starts, watches and stops Rollcall's programs, for ./run and for the tests. See README.md."""
