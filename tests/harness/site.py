"""A whole site in one folder: case system, daemon, terminals."""

import contextlib
import copy
import json
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import pki, settings
from .case_system import CaseSystem
from .clock import PlayedClock
from .console import Console
from .enrol import Dialogue, enrol_missing, enrol_scripted
from .program import Program, ProgramError, answers, free_ports, port_is_free

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples/brussels"


DAEMON_PRESET = "ROLLCALL_DAEMON_PRESET"  # in the environment: the daemon alone is of this preset


class Programs:
    """The built programs of one preset. ROLLCALL_DAEMON_PRESET=tsan or asan puts a watched daemon among them."""

    def __init__(self, preset: str) -> None:
        self.build = ROOT / "build" / preset
        daemon = os.environ.get(DAEMON_PRESET) or preset
        self.rollcalld = ROOT / "build" / daemon / "daemon/rollcalld"
        self.rollcall = self.build / "provisioning/rollcall"
        self.terminal = self.build / "firmware/simulator/rollcall-terminal"
        self.casesim = self.build / "tests/casesim/rollcall-casesim"
        for program in (self.rollcalld, self.rollcall, self.terminal, self.casesim):
            if not program.exists():
                of = daemon if program == self.rollcalld else preset
                raise ProgramError(f"{program.name} is not built in build/{of}; run: setup/build.sh {of}")


@dataclass
class Ports:
    links: int
    console: int
    case_system: int
    pages: dict[str, int]

    @classmethod
    def free(cls, serials: list[str]) -> "Ports":
        links, console, case_system, *pages = free_ports(3 + len(serials))
        return cls(links, console, case_system, dict(zip(serials, pages)))

    def taken(self) -> list[int]:
        every = [self.links, self.console, self.case_system, *self.pages.values()]
        return [port for port in every if not port_is_free(port)]


class Site:
    """Programs run until `stop()`; a `with` block stops them, terminals first."""

    def __init__(self, folder: Path, programs: Programs, ports: Ports | None = None, example: Path = EXAMPLE,
                 clock: PlayedClock | None = None) -> None:
        self.folder = folder
        self.programs = programs
        self.settings = settings.load_example(example)
        self.places = settings.load_places(example / "terminals.csv")  # of the terminals to be enrolled
        self.serials = [place["serial"] for place in self.places]
        self.ports = ports or Ports.free(self.serials)
        self.clock = clock
        self.daemon_environment: dict[str, str] = {}
        self.daemon_wrapper: list[str] = []  # a program that starts the daemon in its own place
        self.case_system: Program | None = None
        self.daemon: Program | None = None
        self.terminals: dict[str, Program] = {}
        self._enrolled = False
        self._link_keys: dict[str, bytes] = {}
        self._consoles: dict[str, Console] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self.certificates = pki.make(folder / "tls")
        ports = self.ports
        self.settings["data_dir"] = str(folder / "data")
        self.settings["links"]["listen"] = [f"tcp:127.0.0.1:{ports.links}"]
        self.settings["console"]["port"] = ports.console
        self.settings["delivery"] |= {"url": f"https://localhost:{ports.case_system}",
                                      "ca_file": str(self.certificates.ca)}
        self.settings["simulated_terminals"] = [
            {"serial": serial, "page": f"http://127.0.0.1:{port}"} for serial, port in ports.pages.items()]

    # Files -----------------------------------------------------------------------------------------

    @property
    def config_file(self) -> Path:
        return self.folder / "rollcall.toml"

    @property
    def database(self) -> Path:
        return self.folder / "data/rollcall.db"

    @property
    def control_socket(self) -> Path:
        return self.folder / "data/control.sock"

    def queue(self, serial: str) -> Path:
        return self.folder / "terminals" / f"{serial}.queue"

    def settings_file(self, serial: str) -> Path:
        """What a terminal keeps besides its queue: its key, its place."""
        return self.folder / "terminals" / f"{serial}.settings"

    @property
    def received(self) -> CaseSystem:
        """What the case system holds, read from its database."""
        return CaseSystem(self.folder / "casesim.db")

    def inbox_kinds(self) -> list[str]:
        """What waits for staff at the daemon, by kind, oldest first."""
        return [kind for (kind,) in self.query("SELECT kind FROM inbox WHERE closed_ms IS NULL ORDER BY id")]

    def query(self, sql: str, *values) -> list[tuple]:
        """Reads the daemon's database from outside."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def only_readers(self, *readers: dict[str, str]) -> None:
        """Before the daemon's first start: these readers of its own machine, and no terminals."""
        self.places = []
        self.settings["simulated_terminals"] = []
        self.settings["readers"] = list(readers)

    # Starting --------------------------------------------------------------------------------------

    def _environment(self, more: dict[str, str] | None = None) -> dict[str, str]:
        return {**(self.clock.environment() if self.clock else {}), **(more or {})}

    def played_environment(self) -> dict[str, str]:
        """Of every program of this site."""
        return self._environment()

    def start_case_system(self, *faults: str) -> Program:
        self.case_system = Program(
            "rollcall-casesim",
            [self.programs.casesim, "--listen", f"127.0.0.1:{self.ports.case_system}",
             "--cert", self.certificates.certificate, "--key", self.certificates.key,
             "--db", self.folder / "casesim.db", "--api", ROOT / "docs/api", *faults],
            self.folder / "casesim.log", self._environment())
        self.case_system.wait_ready(lambda: answers(self.ports.case_system))
        return self.case_system

    def write_config(self, change=None) -> Path:
        """The daemon's configuration; `change` may alter a copy of the settings first."""
        wanted = copy.deepcopy(self.settings)
        if change:
            change(wanted)
        self.config_file.write_text(settings.dumps(wanted))
        return self.config_file

    def start_daemon(self, wait: bool = True) -> Program:
        """Waits until it is ready; at the first time, until every terminal of `places` is enrolled too."""
        if not self.config_file.exists():
            self.write_config()
        self.daemon = Program("rollcalld", [*self.daemon_wrapper, self.programs.rollcalld, "--config", self.config_file],
                              self.folder / "rollcalld.log", self._environment(self.daemon_environment))
        if wait:
            self.daemon.wait_ready(lambda: all(map(answers, (self.ports.links, self.ports.console, self.control_socket))))
            if not self._enrolled:
                self.enrol()
        return self.daemon

    def enrol(self) -> None:
        """Makes the terminals part of the site, by both programs' prompts."""
        enrol_missing(self, self.places)
        self._enrolled = True

    def link_key(self, serial: str) -> bytes:
        """The key of a scripted terminal (wire/), enrolled for it at the first call."""
        if serial not in self._link_keys:
            place = next(p for p in self.places if p["serial"] == serial)
            self._link_keys[serial] = enrol_scripted(self, place)
        return self._link_keys[serial]

    def start_terminal(self, serial: str, *options: str | Path, port: int | None = None,
                       connect: str | None = None) -> Program:
        """`port`, `connect`: of a proxy in front of the daemon, `connect` as the program's option has it."""
        self.queue(serial).parent.mkdir(exist_ok=True)
        program = Program(
            f"rollcall-terminal {serial}",
            [self.programs.terminal, "--connect", connect or f"tcp:127.0.0.1:{port or self.ports.links}",
             "--serial", serial, "--queue", self.queue(serial),
             "--settings", self.settings_file(serial), *options],
            self.folder / "terminals" / f"{serial}.log", self._environment())
        self.terminals[serial] = program
        return program

    def start_crowd(self, prefix: str, *options: str | Path, connect: str | None = None) -> Program:
        """Many terminals in one program, PREFIX-001 and on, their queues in memory."""
        program = Program("the crowd of terminals",
                          [self.programs.terminal, "--connect", connect or f"tcp:127.0.0.1:{self.ports.links}",
                           "--serial", prefix, "--settings-dir", self.settings_file(prefix).parent, *options],
                          self.folder / "terminals" / f"{prefix}.log", self._environment())
        self.terminals[prefix] = program
        return program

    def rollcall(self, *arguments: str | Path) -> subprocess.CompletedProcess:
        """Runs the command-line client against this site's daemon."""
        return subprocess.run([self.programs.rollcall, "--socket", self.control_socket, *arguments],
                              capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)

    def account(self, name: str, role: str, acts_as: str = "") -> str:
        """Makes an account for the console, or gives it a new password; the password. `acts_as`: pseudonym of a
        trainer or member of staff."""
        person = ("--acts-as", acts_as) if acts_as else ()
        made = self.rollcall("--json", "account", "add", name, "--role", role, *person)
        if made.returncode != 0:
            made = self.rollcall("--json", "account", "password", name)
        if made.returncode != 0:
            raise ProgramError(f"no account {name}: {made.stderr}")
        return json.loads(made.stdout)["password"]

    def console(self, role: str = "viewer") -> Console:
        """Somebody of this role who is signed in."""
        if role not in self._consoles:
            self._consoles[role] = Console(self.ports.console, role, self.account(role, role))
        return self._consoles[role]

    def in_background(self, *arguments: str | Path) -> Dialogue:
        """The command-line client while a test does something else."""
        return Dialogue(f"rollcall {' '.join(map(str, arguments))}",
                              [self.programs.rollcall, "--socket", self.control_socket, *arguments])

    # Stopping --------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Ends what runs, terminals first. The first program that misbehaved is named afterwards."""
        problem: ProgramError | None = None
        for program in [*self.terminals.values(), self.daemon, self.case_system]:
            try:
                if program:
                    program.stop()
            except ProgramError as error:
                problem = problem or error
        self.terminals, self.daemon, self.case_system = {}, None, None
        if problem:
            raise problem

    def __enter__(self) -> "Site":
        return self

    def __exit__(self, kind, *_) -> None:
        # What went wrong first is what the person must read.
        with contextlib.suppress(ProgramError) if kind else contextlib.nullcontext():
            self.stop()


@contextlib.contextmanager
def running(folder: Path, programs: Programs, *faults: str) -> Iterator[Site]:
    """A site with its case system and daemon up."""
    with Site(folder, programs) as site:
        site.start_case_system(*faults)
        site.start_daemon()
        yield site
