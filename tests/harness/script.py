"""Reads terminal scripts (docs/terminal-script.md) as far as playing a day needs: when what happens."""

from dataclasses import dataclass, field
from datetime import time
from pathlib import Path


@dataclass
class Block:
    """The steps from one `at` to the next."""

    at: time
    steps: list[str] = field(default_factory=list)

    def cards(self) -> list[str]:
        return [step.split()[1] for step in self.steps if step.startswith("tap ")]

    def answers(self) -> bool:
        """Somebody touches the panel here."""
        return any(step.startswith("touch ") for step in self.steps)


def read(file: Path) -> list[Block]:
    blocks: list[Block] = []
    for line in file.read_text().splitlines():
        step = line.split("#")[0].strip()
        if step.startswith("at "):
            blocks.append(Block(time.fromisoformat(step.split()[1])))
        elif step:
            if not blocks:
                raise ValueError(f"{file}: the first step must be `at HH:MM:SS`, found `{step}`")
            blocks[-1].steps.append(step)
    late = [b.at for a, b in zip(blocks, blocks[1:]) if b.at < a.at]
    if late:
        raise ValueError(f"{file}: {late[0]} stands after a later time")
    return blocks


def write(file: Path, blocks: list[Block]) -> None:
    file.write_text("".join(f"at {block.at}\n" + "".join(f"{step}\n" for step in block.steps) for block in blocks))


def without_touches_after(blocks: list[Block], cards: set[str]) -> list[Block]:
    """Nobody answers twice: the touches that follow a tap of one of these cards are left out."""
    return [Block(b.at, [s for s in b.steps if not s.startswith(("touch ", "wait "))])
            if cards & set(b.cards()) else b for b in blocks]
