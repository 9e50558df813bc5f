#!/usr/bin/python3
"""Names every function that rollcall_protocol offers as a root of the link. `roots.py NM LIBRARY OUTPUT`

OUTPUT is a response file for the linker: with these roots --gc-sections keeps the whole library and
what it needs, and drops the rest of mbedTLS, libgcc and the C library. Files that only a host needs
(sizes.toml) are no roots.
"""

import fnmatch
import subprocess
import sys
import tomllib
from pathlib import Path

nm, library, output = sys.argv[1:]
host_only = tomllib.loads(Path(__file__).with_name("sizes.toml").read_text())["host_only"]
listed = subprocess.run([nm, "--defined-only", "--extern-only", library], capture_output=True, text=True, check=True)
symbols = set()
skipping = False
for line in listed.stdout.splitlines():
    words = line.split()
    if line.endswith(":"):
        source = line.removesuffix(":").removesuffix(".obj")
        skipping = any(fnmatch.fnmatch(source, pattern) for pattern in host_only)
    elif len(words) == 3 and words[1] == "T" and not skipping:
        symbols.add(words[2])
if not symbols:
    sys.exit(f"roots.py: {library} defines no function; is it the right library?")
Path(output).write_text("".join(f"-Wl,--undefined={symbol}\n" for symbol in sorted(symbols)))
