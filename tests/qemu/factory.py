"""A person at the factory console (docs/factory-console.md), on the serial line inside the housing."""

import re

from tests.qemu.machine import Line, MachineError

SECONDS = 20


class FactoryConsole:
    def __init__(self, line: Line) -> None:
        self._line = line

    def __call__(self, command: str) -> list[str]:
        """The lines before its OK, and what stands behind OK."""
        self._line.send(command.encode() + b"\r\n")
        said = []
        while True:
            line = self._line.read_until(b"\n", SECONDS).decode().strip()
            if line.startswith("ERROR"):
                raise MachineError(f"{command}: {line}")
            if line.startswith("OK"):
                return [*said, line.removeprefix("OK").strip()]
            said.append(line)

    def stats(self) -> dict[str, int]:
        found = re.findall(r"^- (\w+)=(\d+)$", "\n".join(self("stats")), re.MULTILINE)
        return {name: int(value) for name, value in found}
