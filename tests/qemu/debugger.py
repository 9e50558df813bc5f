"""A debugger's hands on a stopped processor (GDB Remote Serial Protocol): how tests break firmware."""

import socket
from pathlib import Path

STACK_POINTER, LINK_REGISTER, PROGRAM_COUNTER = 13, 14, 15


class DebuggerError(Exception):
    """QEMU's debugger said something else than was expected."""


class Debugger:
    """The processor stands still within the `with` block, and goes on behind it as it was left."""

    def __init__(self, address: Path, patience: float) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(patience)
        self.socket.connect(str(address))

    def __enter__(self) -> "Debugger":
        self._say(b"\x03", b"$T02")  # stop
        self._packet("qXfer:features:read:target.xml:0,10", b"$m")  # who has not asked may not write registers
        return self

    def __exit__(self, *_: object) -> None:
        self._packet("D", b"$OK#")
        self.socket.close()

    def register(self, number: int) -> int:
        self.socket.sendall(f"$p{number:x}#{sum(f'p{number:x}'.encode()) & 255:02x}".encode())
        answer = b""
        while answer.count(b"#") == 0 or len(answer.partition(b"#")[2]) < 2:
            answer += self.socket.recv(1024)
        self.socket.sendall(b"+")
        return int.from_bytes(bytes.fromhex(answer.partition(b"$")[2].partition(b"#")[0].decode()), "little")

    def set_register(self, number: int, value: int) -> None:
        self._packet(f"P{number:x}={value.to_bytes(4, 'little').hex()}", b"$OK#")

    def set_word(self, address: int, value: int) -> None:
        self._packet(f"M{address:x},4:{value.to_bytes(4, 'little').hex()}", b"$OK#")

    def run_to(self, address: int) -> None:
        """Goes on until the processor is about to execute the instruction there."""
        self._packet(f"Z0,{address:x},2", b"$OK#")
        self._packet("c", b"$T05")
        self._packet(f"z0,{address:x},2", b"$OK#")

    def step(self) -> None:
        """One instruction; no interrupt comes."""
        self._packet("s", b"$T05")

    def _packet(self, text: str, expected: bytes) -> None:
        self._say(f"${text}#{sum(text.encode()) & 255:02x}".encode(), expected)

    def _say(self, data: bytes, expected: bytes) -> None:
        self.socket.sendall(data)
        answer = b""
        while expected not in answer:
            more = self.socket.recv(1024)
            answer += more
            if not more or b"$E" in answer:
                raise DebuggerError(f"{data!r} was answered {answer!r}")
        self.socket.sendall(b"+")
