"""Readers and scanners that print lines: on a serial device, and as a keyboard that umockdev presents to the unmodified
daemon. From the line to what the kiosk page answers, and what is delivered."""

import json
import re
import subprocess

import pytest
from conftest import TAKEN, metrics
from test_readers import delivered, wait_state

from tests.harness.readers import Kiosk, LinePrinter, TypingReader

LINE, KEYBOARD = "HALL-LINE", "DESK-KEYS"


@pytest.fixture
def typing(idle_site):
    made = TypingReader(idle_site)
    yield made
    idle_site.stop()
    made.close()


@pytest.fixture
def line(tmp_path):
    made = LinePrinter(tmp_path / "ttyLINE")
    yield made
    made.unplug()


@pytest.fixture
def start(idle_site):
    """Starts a site with such a reader and no terminals, and opens the reader's page."""
    pages = []

    def started(reader: str, **settings) -> Kiosk:
        idle_site.only_readers({"id": reader, "room": "Hall", "mode": "work_site", **settings})
        idle_site.start_case_system()
        idle_site.start_daemon()
        pages.append(Kiosk(idle_site.ports.console, reader))
        return pages[-1]

    yield started
    for page in pages:
        page.close()


def day_code(site) -> tuple[str, str]:
    """A person and the code that the desk has given them."""
    person = site.query("SELECT id FROM person WHERE role = 'participant' LIMIT 1")[0][0]
    given = site.rollcall("code", "issue", person, "--reason", "The card is at home.", "--actor", "desk-1")
    assert given.returncode == 0, given.stderr
    return person, "".join(re.search(r"is (\d{4}) (\d{4})\.", given.stdout).groups())


def is_nowhere_kept(site, *secrets: str) -> None:
    kept = site.daemon.output().upper() + json.dumps(site.received.events()).upper()
    for secret in secrets:
        assert secret.upper() not in kept


def reversed_bytes(number: str) -> str:
    return bytes.fromhex(number)[::-1].hex()


def test_cards_are_read_from_a_serial_line(idle_site, line, start, unasked_cards):
    page = start(LINE, line=str(line.device), format="uid_hex_reversed")
    assert page.state["kind"] == "not_working"
    assert wait_state(idle_site, LINE, "never")["reader"].startswith(str(line.device))
    line.plug_in()
    assert wait_state(idle_site, LINE, "online")["reader"] == f"lines of {line.device}"
    page.wait_for("idle")
    first, second, third = unasked_cards[:3]
    line.print(reversed_bytes(first))
    page.wait_for(*TAKEN)
    for _ in range(5):  # as long as it is held there
        line.print(reversed_bytes(first))
    page.wait_for("idle")
    line.print(reversed_bytes(second), end="")  # pulled in the middle
    line.unplug()
    wait_state(idle_site, LINE, "offline")
    page.wait_for("not_working")
    line.plug_in()
    wait_state(idle_site, LINE, "online")
    line.print(reversed_bytes(third))
    page.wait_for(*TAKEN)
    taps = delivered(idle_site, 2)
    assert [(tap["terminal"], tap["room"], tap["assurance"]) for tap in taps] == [(LINE, "Hall", "uid")] * 2
    is_nowhere_kept(idle_site, first, second, third, *map(reversed_bytes, (first, second, third)))


def test_noise_on_a_line_is_said_and_no_tap(idle_site, line, start, unasked_cards):
    line.plug_in()
    page = start(LINE, line=f"{line.device}:115200", format="uid_hex")
    page.wait_for("idle")
    for noise in ("\xa5\x00\xff" * 40, "x" * 5000, "04C0FFEE", "secret-visitor", "\x00"):
        line.print(noise[:2000])
    page.wait_for("see_desk_first", "see_desk")
    page.wait_for("idle")
    line.print("\x02" + unasked_cards[0], end="\r\n\x03")
    page.wait_for(*TAKEN)
    taps = delivered(idle_site, 2)
    assert ["subject" in event for event in idle_site.received.events("tap.recorded")] == [False, True]
    assert {tap["reading"] for tap in taps} == {"uid"}
    assert "reader printed a line that is none of its format" in idle_site.daemon.output()
    is_nowhere_kept(idle_site, "secret-visitor", "04C0FFEE")


def test_a_day_code_is_shown_to_a_scanner(idle_site, line, start):
    line.plug_in()
    page = start(LINE, line=str(line.device), format="code")
    page.wait_for("idle_code")
    person, digits = day_code(idle_site)
    line.print(digits, end="\r")
    page.wait_for(*TAKEN)
    page.wait_for("idle_code")
    line.print("https://example.org/?" + digits)  # some other QR code
    page.wait_for("see_desk_first")
    [tap] = delivered(idle_site, 1)
    assert (tap["reading"], tap["assurance"]) == ("code", "code")
    assert idle_site.received.events("tap.recorded")[0]["subject"] == person
    is_nowhere_kept(idle_site, digits)


def test_a_printed_code_is_shown_to_a_scanner(idle_site, line, start, tmp_path):
    """What ZBar reads from the page is what a scanner would send."""
    line.plug_in()
    page = start(LINE, line=str(line.device), format="code")
    page.wait_for("idle_code")
    person = idle_site.query("SELECT id FROM person WHERE role = 'participant' LIMIT 1")[0][0]
    printed = tmp_path / "code.png"
    given = idle_site.rollcall("code", "issue", person, "--once", "--reason", "No card.", "--qr", printed)
    assert given.returncode == 0, given.stderr
    read = subprocess.run(["zbarimg", "--quiet", "--raw", printed], capture_output=True, text=True, timeout=60)
    line.print(read.stdout.strip())
    page.wait_for(*TAKEN)
    delivered(idle_site, 1)
    assert idle_site.received.events("tap.recorded")[0]["subject"] == person
    is_nowhere_kept(idle_site, read.stdout.strip())


def test_a_code_is_typed_at_the_page(idle_site, line, start):
    line.plug_in()
    page = start(LINE, line=str(line.device), format="uid_hex")
    page.wait_for("idle")
    person, digits = day_code(idle_site)
    assert page.choose(f"code-{digits}") == 400, "the page at rest takes none"
    assert page.choose("have-code") == 204
    keys = page.wait_for("code")
    assert keys["keypad"]["digits"] == 8
    assert page.choose(f"code-{digits}7") == 400
    assert page.choose(f"code-{digits}") == 204
    page.wait_for(*TAKEN)
    assert page.choose(f"code-{digits}", screen=keys["screen"]) == 409, "it was one tap"
    [tap] = delivered(idle_site, 1)
    assert (tap["reading"], tap["assurance"], tap["terminal"]) == ("code", "code", LINE)
    assert idle_site.received.events("tap.recorded")[0]["subject"] == person
    is_nowhere_kept(idle_site, digits)
    assert digits not in json.dumps(page.states)


def test_whoever_shows_wrong_codes_is_stopped_and_staff_are_told(idle_site, line, start):
    line.plug_in()
    page = start(LINE, line=str(line.device), format="code")
    page.wait_for("idle_code")
    _, digits = day_code(idle_site)
    wrong = [f"{number:08}" for number in range(1, 7) if f"{number:08}" != digits][:5]
    for code in wrong:
        line.print(code)
    taps = delivered(idle_site, 5)
    assert {tap["assurance"] for tap in taps} == {"code"}
    assert "code-guessing" in idle_site.inbox_kinds()
    page.wait_for("idle_code")
    line.print(digits)  # a right one, within the minute
    page.wait_for("see_desk")


def test_a_scanner_that_types_is_taken_alone_comes_and_goes(idle_site, typing, start, unasked_cards):
    page = start(KEYBOARD, keyboard=typing.DEVICE, format="uid_hex")
    assert page.state["kind"] == "not_working"
    typing.do("plug")
    assert wait_state(idle_site, KEYBOARD, "online")["reader"] == f"keyboard {typing.DEVICE}"
    assert typing.ask("grabs") == "1"
    page.wait_for("idle")
    first, second, third = unasked_cards[:3]
    typing.do(f"type {first.upper()}")
    page.wait_for(*TAKEN)
    page.wait_for("idle")
    typing.do(f"type-only {second.lower()}")  # without Enter: a pause is its end
    page.wait_for(*TAKEN)
    page.wait_for("idle")
    typing.do("type-only 04")  # pulled in the middle
    typing.do("unplug")
    wait_state(idle_site, KEYBOARD, "offline")
    typing.do("plug")
    wait_state(idle_site, KEYBOARD, "online")
    assert typing.ask("grabs") == "2"
    typing.do(f"type {third}")
    page.wait_for(*TAKEN)
    assert {tap["terminal"] for tap in delivered(idle_site, 3)} == {KEYBOARD}
    is_nowhere_kept(idle_site, first, second, third)


def test_decimal_numbers_and_codes_are_typed(idle_site, typing, start, unasked_cards):
    typing.do("plug")
    page = start(KEYBOARD, keyboard=typing.DEVICE, format="uid_decimal")
    page.wait_for("idle")
    card = next(card for card in unasked_cards if len(card) in (8, 14))
    typing.do(f"type {int(card, 16):0{10 if len(card) == 8 else 17}}")
    page.wait_for(*TAKEN)
    page.wait_for("idle")
    typing.do("type 1234-5678")
    page.wait_for("see_desk_first")
    [tap] = delivered(idle_site, 1)
    assert tap["reading"] == "uid"
    assert metrics(idle_site)['rollcall_taps_total{outcome="see_staff"}'] == 0
