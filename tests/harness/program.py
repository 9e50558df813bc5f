"""One started program: its log file, its readiness, its end. Ends by process id only."""

import functools
import itertools
import os
import random
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path


REPORT = re.compile(r"^SUMMARY: \w+Sanitizer: .*$", re.MULTILINE)  # what a sanitizer's report ends with


class ProgramError(RuntimeError):
    """A program did not do what it was started for; the message is for the person who runs it."""


class _Ports:
    """Ports of the loopback interface for this process alone, while it runs.

    They lie below those the kernel gives to outgoing connections: a program that starts again finds its port free.
    A block is held by an abstract socket's name, which the kernel frees however the process ends.
    """

    BLOCK = 200

    def __init__(self) -> None:
        first_outgoing = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
        blocks = [range(first, first + self.BLOCK) for first in range(10_000, first_outgoing - self.BLOCK, self.BLOCK)]
        if not blocks:
            raise ProgramError(f"no ports for tests between 10000 and {first_outgoing}, where outgoing ones begin")
        random.SystemRandom().shuffle(blocks)
        self._holder = socket.socket(socket.AF_UNIX)
        self._next = itertools.cycle(next(block for block in blocks if self._held(block)))

    def _held(self, block: range) -> bool:
        try:
            self._holder.bind(f"\0rollcall-test-ports-{block.start}")
            return True
        except OSError:
            return False

    def take(self, count: int) -> list[int]:
        tries = itertools.islice(self._next, self.BLOCK)
        ports = list(itertools.islice((port for port in tries if port_is_free(port)), count))
        if len(ports) < count:
            raise ProgramError(f"fewer than {count} of this process's {self.BLOCK} ports are free")
        return ports


_ports = functools.cache(_Ports)


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface that nobody listens on now and no other test is given."""
    return _ports().take(count)


def port_is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port), reuse_port=False).close()
        return True
    except OSError:
        return False


def answers(where: int | Path) -> bool:
    """Whether somebody listens on this loopback port or Unix socket."""
    family, address = (socket.AF_INET, ("127.0.0.1", where)) if isinstance(where, int) else (socket.AF_UNIX, str(where))
    with socket.socket(family) as caller:
        caller.settimeout(1)
        return caller.connect_ex(address) == 0


def wait_until(condition: Callable[[], object], seconds: float, what: str, every: float = 0.02):
    """The first true value of `condition`; ProgramError after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise ProgramError(f"waited {seconds:g} s in vain: {what}")
        time.sleep(every)


class Program:
    """Start it from the main thread: the kernel ends it when the thread that started it ends."""

    def __init__(self, name: str, command: list[str | Path], log: Path,
                 environment: dict[str, str] | None = None, cwd: Path | None = None) -> None:
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        self._start_of_log = log.stat().st_size if log.exists() else 0
        with open(log, "ab") as out:
            # setpriv: nothing outlives a harness that was killed. A session of its own: Ctrl-C
            # reaches the harness alone, which then stops the programs in order.
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *map(str, command)], stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, env=dict(os.environ, **(environment or {})), cwd=cwd,
                start_new_session=True)

    @property
    def pid(self) -> int:
        return self._process.pid

    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """As Popen.returncode: negative signal number when a signal ended it."""
        return self._process.poll()

    def output(self) -> str:
        """What this start of the program has written."""
        with open(self.log, "rb") as file:
            file.seek(self._start_of_log)
            return file.read().decode(errors="replace")

    def last_words(self, lines: int = 3) -> str:
        return "\n".join(self.output().strip().splitlines()[-lines:]) or "it said nothing"

    def wait_ready(self, ready: Callable[[], object], seconds: float = 20) -> None:
        def ready_or_gone() -> bool:
            if not self.running():
                raise ProgramError(f"{self.name} stopped at once (exit code {self.exit_code}): "
                                   f"{self.last_words()}")
            return bool(ready())

        wait_until(ready_or_gone, seconds, f"{self.name} becomes ready; its log is {self.log}")

    def wait(self, seconds: float) -> int:
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise ProgramError(f"{self.name} still runs after {seconds:g} s; its log is {self.log}") from None

    def signal(self, number: int) -> None:
        if self.running():
            self._process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        self.signal(signal.SIGKILL)
        self._process.wait()

    def stop(self, seconds: float = 10) -> float:
        """SIGTERM and the time it took to end; ProgramError when it had to be killed."""
        start = time.monotonic()
        self.signal(signal.SIGTERM)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ProgramError(f"{self.name} did not end within {seconds:g} s of SIGTERM and was killed; "
                               f"its log is {self.log}") from None
        if report := REPORT.search(self.output()):
            raise ProgramError(f"{self.name}: {report[0]}; its log is {self.log}")
        return time.monotonic() - start
