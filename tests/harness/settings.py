"""Reads and writes the daemon's TOML. Python 3.11 reads TOML and writes none, hence `dumps`."""

import csv
import json
import tomllib
from pathlib import Path


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    raise TypeError(f"no TOML for {value!r}")


def dumps(settings: dict) -> str:
    lines = [f"{key} = {_value(v)}" for key, v in settings.items()
             if not isinstance(v, dict) and not (isinstance(v, list) and v and isinstance(v[0], dict))]
    for name, table in settings.items():
        tables = [table] if isinstance(table, dict) else table if isinstance(table, list) else []
        mark = f"[{name}]" if isinstance(table, dict) else f"[[{name}]]"
        for entry in tables:
            if isinstance(entry, dict):
                lines += ["", mark, *(f"{key} = {_value(v)}" for key, v in entry.items())]
    return "\n".join(lines) + "\n"


def load_example(folder: Path) -> dict:
    """An example site's settings, its roster and instrument paths made absolute."""
    with open(folder / "rollcall.toml", "rb") as file:
        settings = tomllib.load(file)
    for section in ("roster", "assessments"):
        for key, path in settings.get(section, {}).items():
            settings[section][key] = str((folder / path).resolve())
    return settings


def load_places(file: Path) -> list[dict[str, str]]:
    """Where the terminals of an example site stand: serial, room, mode, languages (empty = the site's)."""
    with open(file, newline="") as rows:
        return list(csv.DictReader(rows))
