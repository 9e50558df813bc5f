"""What the firmware declares for each answer: its table in firmware/terminal/feedback.cpp, and how it comes out."""

import re
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "firmware/terminal/feedback.cpp"
SHOWN = 1200  # ms, terminal_timing::answer_shown
ROWS = 10

TUNE = re.compile(r"constexpr Note (\w+)\[\] = \{(.*?)\};")
ROW = re.compile(r'\{Shown::(\w+),\s*"\w+",\s*(steady\(Colour::\w+\)|\{[^}]*\}),\s*(\w+),')


@dataclass(frozen=True)
class Feedback:
    """(what, ms) one after the other: colours or "off", hertz or 0 for silence."""

    light: tuple[tuple[str, int], ...]
    tone: tuple[tuple[int, int], ...]


def _light(declared: str) -> tuple[tuple[str, int], ...]:
    colour = re.search(r"Colour::(\w+)", declared)
    if not colour:
        return ()
    on, off = map(int, re.findall(r"\d+", declared) or (SHOWN, 0))
    out, at = [], 0
    while at < SHOWN:
        for what, ms in ((colour[1], on), ("off", off)):
            if ms and at < SHOWN:
                out.append((what, min(ms, SHOWN - at)))
                at += ms
    return tuple(out[:-1] if out[-1][0] == "off" else out)


def declared() -> dict[str, Feedback]:
    """By the names of firmware::Shown."""
    text = SOURCE.read_text()
    tunes = {name: tuple((int(hertz), int(ms)) for hertz, ms in re.findall(r"\{(\d+), (\d+)\}", notes))
             for name, notes in TUNE.findall(text)}
    found = {shown: Feedback(_light(light), tunes[tune]) for shown, light, tune in ROW.findall(text)}
    if len(found) != ROWS:
        raise ValueError(f"{SOURCE.name} declares {ROWS} answers and {len(found)} of them were understood")
    return found
