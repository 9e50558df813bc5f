"""Programs of others at the simulated card reader: they accept it, or a test here fails."""

import array
import fcntl
import os
import socket
import subprocess
import termios
import time
from pathlib import Path

import pytest

BUILD = Path(os.environ.get("ROLLCALL_BUILD", Path(__file__).parents[3] / "build/release"))
TIOCGEXCL = 0x80045440  # tty_ioctl(4)
DESFIRE, NTAG, BANK, PLAIN = "04a1b2c3d4e5f6", "04112233445566", "04d1d2d3d4d5d6", "01020304"


class Reader:
    """rollcall-cards, on a pseudo terminal unless told otherwise, and its commands."""

    def __init__(self, path: Path, line: str = "--link") -> None:
        self.link = path
        # setpriv: it does not outlive a test run that was killed.
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", BUILD / "hal/sim/nfc/program/rollcall-cards", line, path],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        ready = self._process.stdout.readline().rstrip("\n")
        assert ready.startswith("READY /dev/pts/" if line == "--link" else f"READY {path}")

    def say(self, command: str) -> str:
        self._process.stdin.write(command + "\n")
        return self._process.stdout.readline().rstrip("\n")

    def do(self, command: str) -> None:
        assert self.say(command) == "OK", command

    def run(self, *command: str | Path, code: int | None = 0) -> str:
        """What a program of others says at this reader, errors too."""
        done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=15, env=dict(os.environ, LIBNFC_DEVICE=f"pn532_uart:{self.link}"))
        if code is not None:
            assert done.returncode == code, done.stdout
        return done.stdout

    def stop(self) -> None:
        self._process.stdin.close()
        assert self._process.wait(5) == 0
        assert not self.link.is_symlink()


@pytest.fixture
def reader(tmp_path):
    reader = Reader(tmp_path / "reader")
    yield reader
    reader.stop()


def found(listing: str) -> dict[str, str]:
    """Cards that nfc-list found: number without spaces, to its other lines as they are."""
    cards = {}
    for part in listing.split("ISO/IEC 14443A (106 kbps) target:")[1:]:
        number = next(line for line in part.splitlines() if "UID (NFCID" in line)
        cards[number.split(":")[1].replace(" ", "")] = " ".join(part.split())
    return cards


def test_nfc_list_finds_no_card_where_there_is_none(reader):
    listing = reader.run("nfc-list")
    assert "NFC device: user defined device opened" in listing
    assert found(listing) == {}


@pytest.mark.parametrize(("kind", "uid", "sees"), [
    ("uid", PLAIN, ("ATQA (SENS_RES): 00 04", "SAK (SEL_RES): 08")),
    ("uid", "04a1b2c3d4e5f6a7b8c9", ("ATQA (SENS_RES): 00 84",)),
    ("ntag", NTAG, ("ATQA (SENS_RES): 00 44", "SAK (SEL_RES): 00")),
    ("desfire", DESFIRE, ("ATQA (SENS_RES): 03 44", "SAK (SEL_RES): 20", "ATS: 75 77 81 02 80")),
    ("bank", BANK, ("SAK (SEL_RES): 20", "ATS: 78 80 70 00")),
])
def test_nfc_list_sees_each_card_as_what_it_is(reader, kind, uid, sees):
    reader.do(f"place {kind} {uid}")
    cards = found(reader.run("nfc-list"))
    assert list(cards) == [uid]
    for words in sees:
        assert words in cards[uid]


def test_nfc_list_sees_two_cards_at_once(reader):
    reader.do(f"place desfire {DESFIRE}")
    reader.do(f"place uid {PLAIN}")
    assert set(found(reader.run("nfc-list"))) == {DESFIRE, PLAIN}
    reader.do(f"remove {DESFIRE}")
    assert set(found(reader.run("nfc-list"))) == {PLAIN}


def test_nfc_list_sees_a_phone_under_another_number_each_time(reader):
    reader.do("place phone")
    numbers = [uid for _ in range(2) for uid in found(reader.run("nfc-list"))]
    assert len(set(numbers)) == 2
    assert all(len(uid) == 8 and uid.startswith("08") for uid in numbers)


def test_mifare_desfire_info_reads_the_version_of_a_card(reader):
    reader.do(f"place desfire {DESFIRE}")
    said = reader.run("mifare-desfire-info")
    for words in (f"Version information for tag {DESFIRE}", f"UID: 0x{DESFIRE}", "Storage size: 0x18 (=4096 bytes)",
                  "Version: 1.4", "Master Key settings (0x0f)", "Master Key version: 0", "Free memory: 4864 bytes",
                  "Use random UID: no"):
        assert words in " ".join(said.split())


def test_libfreefare_works_a_desfire_card_with_aes(reader):
    reader.do(f"place desfire {DESFIRE}")
    said = reader.run(BUILD / "tests/conformance/nfc/desfire-visit")
    assert said.count("ok: ") == len(said.splitlines()) > 40
    assert "a wrong key 1 is refused" in said


def test_a_card_of_libfreefare_is_read_by_us_and_one_of_ours_by_libfreefare(reader):
    reader.do(f"place desfire {DESFIRE}")
    said = reader.run(BUILD / "tests/conformance/nfc/credential-visit")
    assert said.count("ok: ") == len(said.splitlines()) > 40
    for words in ("we read the token that libfreefare wrote", "another site's master key does not",
                  "libfreefare reads the token that we wrote", "we begin anew"):
        assert f"ok: {words}" in said


def test_a_card_keeps_what_libfreefare_wrote_while_it_is_away(reader):
    reader.do(f"place desfire {DESFIRE}")
    reader.run(BUILD / "tests/conformance/nfc/desfire-visit")
    reader.do("remove")
    reader.do(f"place desfire {DESFIRE}")
    said = reader.run("mifare-desfire-info")
    assert "Free memory: 4864 bytes" not in said


def test_nfc_mfultralight_reads_the_memory_of_a_tag(reader, tmp_path):
    reader.do(f"place ntag {NTAG}")
    dump = tmp_path / "tag.mfd"
    said = reader.run("nfc-mfultralight", "r", dump)
    assert "NTAG213" in said
    memory = dump.read_bytes()
    assert memory[:3] + memory[4:8] == bytes.fromhex(NTAG)
    assert memory[12:16] == bytes.fromhex("e1101200")


# --- the tools do refuse: what spoils the simulator would be seen ---

@pytest.mark.parametrize("fault", ["mute", "nack", "cut 4", "checksum", "garbage 1234"])
def test_libnfc_refuses_a_reader_that_does_not_keep_to_the_protocol(reader, fault):
    reader.do(f"place desfire {DESFIRE}")
    reader.do(f"fault {fault}")
    start = time.monotonic()
    listing = reader.run("nfc-list", code=None)
    assert "device opened" not in listing
    assert found(listing) == {}
    assert time.monotonic() - start < 10
    reader.do("fault none")
    assert list(found(reader.run("nfc-list"))) == [DESFIRE]


@pytest.mark.parametrize("bytes_on_air", [100, 300, 500])
def test_libfreefare_notices_a_card_that_is_pulled(reader, bytes_on_air):
    reader.do(f"place desfire {DESFIRE}")
    reader.do(f"fault pulled {bytes_on_air}")
    said = reader.run(BUILD / "tests/conformance/nfc/desfire-visit", code=1)
    assert "NOT OK" in said
    assert reader.say("list") == "OK nothing"


def for_itself(path: Path, flags: int) -> int:
    """An opener. A line that became the terminal of whoever runs the tests would end them when it is unplugged."""
    return os.open(path, flags | os.O_NOCTTY)


def test_a_program_that_claimed_the_line_does_not_keep_the_next_one_out(reader):
    with open(reader.link, "r+b", buffering=0, opener=for_itself) as line:
        fcntl.ioctl(line, termios.TIOCEXCL)
        line.write(WAKE + frame("d402"))
        assert line.read(1), "it was heard"
    with open(reader.link, "rb", buffering=0, opener=for_itself) as line:  # which root may in any case
        claimed = array.array("i", [1])
        fcntl.ioctl(line, TIOCGEXCL, claimed)
        assert claimed[0] == 0


# --- on a Unix socket, where an emulated board comes ---

WAKE = bytes.fromhex("5555") + bytes(14)
ACK = bytes.fromhex("0000ff00ff00")


def frame(data: str) -> bytes:
    body = bytes.fromhex(data)
    return (b"\0\0\xff" + bytes([len(body), -len(body) & 255]) + body + bytes([-sum(body) & 255]) + b"\0")


def exchange(line: socket.socket, data: str) -> bytes:
    """Sends a command; the data of its answer."""
    line.sendall(frame(data))
    received = b""
    while len(received) < 11 or len(received) < 13 + received[9]:
        received += line.recv(512)
    assert received[:6] == ACK
    return received[11:-2]


def finds_the_card(line: socket.socket) -> None:
    line.settimeout(5)
    line.sendall(WAKE)
    assert exchange(line, "d41401") == bytes.fromhex("d515")
    assert exchange(line, "d44a0100") == bytes.fromhex("d54b010100040804" + PLAIN)


def test_a_socket_is_listened_on_and_one_connection_follows_another(tmp_path):
    path = tmp_path / "socket"
    reader = Reader(path, "--listen")
    reader.do(f"place uid {PLAIN}")
    for _ in range(2):
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(path))
            finds_the_card(line)
    reader.stop()
    assert not path.exists()


def test_a_socket_is_connected_to_as_soon_as_somebody_listens(tmp_path):
    path = tmp_path / "socket"
    reader = Reader(path, "--connect")
    reader.do(f"place uid {PLAIN}")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        server.settimeout(5)
        for _ in range(2):
            line, _ = server.accept()
            with line:
                finds_the_card(line)
    reader.stop()
