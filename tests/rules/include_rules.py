#!/usr/bin/python3
"""Fails when an #include breaks a rule of the tree. `include_rules.py [ROOT]`

1. Arrows point down: a folder includes only the folders that MAY_INCLUDE names for it.
2. `provisioning` sees of the daemon only the headers listed by name in OFFLINE_HEADERS; what runs
   without a daemon stays free of Asio.
3. Beast, whose templates take seconds to compile, stays in the files of BEAST_FILES; no header
   includes it or <nlohmann/json.hpp> (use <nlohmann/json_fwd.hpp>).
4. Portable code, which also runs on boards, includes no Boost, no POSIX and nothing of hal/host.
5. A file of ours is named from the root of the tree and exists.
"""

import re
import sys
from pathlib import Path

MAY_INCLUDE = {
    "protocol": {"protocol"},
    "hal": {"hal"},
    "firmware": {"firmware", "protocol", "hal"},
    "daemon": {"daemon", "protocol", "hal"},
    "provisioning": {"provisioning", "protocol", "hal"},
    "tests": {"tests", "protocol", "hal", "firmware", "daemon", "provisioning"},
}

# What `provisioning` may know of the daemon; store and delivery formats join when a command needs them.
OFFLINE_HEADERS = {
    "daemon/config/config.hpp",
    "daemon/keys/site_keys.hpp",
}

BEAST_FILES = {
    "cmake/asio_impl.cpp",
    "hal/host/http/client.cpp",
    "hal/host/http/request_reader.cpp",
    "hal/host/http/stream.cpp",
}

# Folders of portable code, with the folders inside them that are not.
PORTABLE = {"protocol": (), "firmware": ("firmware/simulator",), "hal": ("hal/host", "hal/sim")}
HOST_ONLY = re.compile(r"^(boost/|sys/|unistd\.h|fcntl\.h|pthread\.h|netinet/|hal/host/)")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
SOURCES = {".hpp", ".cpp", ".h", ".c"}


def sources(root: Path):
    for folder in [*MAY_INCLUDE, "cmake"]:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SOURCES and "node_modules" not in path.parts:
                yield path


def is_portable(name: str) -> bool:
    folder = name.split("/", 1)[0]
    return folder in PORTABLE and not name.startswith(tuple(f"{skip}/" for skip in PORTABLE[folder]))


def problems_of(root: Path, path: Path) -> list[str]:
    name = path.relative_to(root).as_posix()
    folder = name.split("/", 1)[0]
    header = path.suffix in {".hpp", ".h"}
    text = path.read_text(encoding="utf-8")
    found = []

    for match in INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start(2)) + 1
        quoted, target = match.group(1) == '"', match.group(2)

        def wrong(sentence: str) -> None:
            found.append(f"{name}:{line}: {sentence}")

        if quoted and folder != "cmake":
            owner = target.split("/", 1)[0]
            if owner not in MAY_INCLUDE or not (root / target).is_file():
                wrong(f'"{target}" is not a file named from the root of the tree')
            elif folder == "provisioning" and owner == "daemon":
                if target not in OFFLINE_HEADERS:
                    wrong(f'"{target}" is inside the daemon; provisioning may include {sorted(OFFLINE_HEADERS)}')
            elif owner not in MAY_INCLUDE[folder]:
                wrong(f'{folder} must not include "{target}"; it may include {sorted(MAY_INCLUDE[folder])}')
        if target.startswith("boost/beast"):
            if header:
                wrong(f"<{target}> in a header; keep Beast in one .cpp file")
            elif name not in BEAST_FILES:
                wrong(f"<{target}>: Beast stays in {len(BEAST_FILES)} files; add this one to BEAST_FILES only "
                      "when it must be")
        if header and target == "nlohmann/json.hpp" and folder != "tests":
            wrong("<nlohmann/json.hpp> in a header; use <nlohmann/json_fwd.hpp>")
        if is_portable(name) and HOST_ONLY.match(target):
            wrong(f"<{target}> in portable code; that belongs behind an interface in hal")
    return found


def check(root: Path) -> list[str]:
    found = [problem for path in sources(root) for problem in problems_of(root, path)]
    for listed in sorted(BEAST_FILES):
        path = root / listed
        if not path.is_file() or "boost/beast" not in path.read_text(encoding="utf-8"):
            found.append(f"{listed}: is in BEAST_FILES and does not include Beast; take it off the list")
    return found


if __name__ == "__main__":
    tree = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2]).resolve()
    broken = check(tree)
    print("\n".join(broken) if broken else f"include rules: {sum(1 for _ in sources(tree))} files, none breaks one")
    sys.exit(1 if broken else 0)
