"""`python3 -m tests.suites [SUITE...] [--full]`, called by ./test."""

import sys

from .runner import run_all
from .suites import ON_REQUEST, SUITES

full = "--full" in sys.argv[1:]
names = [word for word in sys.argv[1:] if word != "--full"]
every = SUITES | ON_REQUEST
unknown = [name for name in names if name not in every]
if unknown:
    print(f'test: there is no suite "{unknown[0]}"; the suites are {", ".join(every)}.', file=sys.stderr)
    sys.exit(2)
sys.exit(run_all(every, names or list(every if full else SUITES), full))
