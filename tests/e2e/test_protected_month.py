"""A month with two people whose identity is protected. Their names are in the roster's files, and then nowhere: no table, no
log, no answer, no batch, no screen, no PDF. The name of somebody who is not protected is found where it may be, by the same search."""

import csv
import json
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from datetime import date, time as clock_time, timedelta

import pytest
from conftest import DOOR

from tests.harness.clock import PlayedClock
from tests.harness.console import ask
from tests.harness.program import wait_until
from tests.harness.searching import Haystack, packed
from tests.harness.site import EXAMPLE, Programs, Site
from tests.harness.terminal import HeldTerminal

pytestmark = pytest.mark.xdist_group("protected month")  # one worker plays it once for all tests here

PROTECTED = {"p-hid1": ("Xanthippa Quorvaldssøn", "0401D1D1D1D1D1"), "p-hid2": ("Ulfhild Zzyntrigova", "0402D2D2D2D2D2")}
CONTROL = {"p-seen": ("Philomeena Brackwatter", "0403D3D3D3D3D3")}
LOST_CARD = "0404D4D4D4D4D4"
NUMBERS = {"p-hid1": "85073003328", "p-hid2": "91021412345", "p-seen": "78112298765"}  # national, of no use here
SESSION, COURSE, TRAINER = "S-START-AM", "DIG-START", "p-g99t"
FIRST = date(2026, 3, 2)
WORKING_DAYS = [FIRST + timedelta(days=n) for n in range(31) if (FIRST + timedelta(days=n)).weekday() < 5][:22]
SIGNED = 3  # of the first days the sheets are confirmed, signed and closed


def rows(name: str) -> list[dict]:
    with open(EXAMPLE / name, newline="") as file:
        return list(csv.DictReader(file))


def write(path, lines: list[dict]) -> None:
    with open(path, "w", newline="") as file:
        out = csv.DictWriter(file, lines[0].keys())
        out.writeheader()
        out.writerows(lines)


class Month:
    """One site, played; everything that anybody could see of it goes into the haystack."""

    def __init__(self, folder) -> None:
        self.seen = Haystack()
        self.roster = folder / "roster"
        self.roster.mkdir(parents=True)
        self.clock = PlayedClock(folder / "clock", "Europe/Brussels")
        self.clock.set(FIRST, clock_time(6, 30))
        self.site = Site(folder / "site", Programs("release"), clock=self.clock)
        self.site.settings["delivery"] |= {"batch_age": "50ms", "retry_first": "50ms", "retry_max": "500ms"}
        self.site.settings["log"] |= {"level": "debug"}
        for key in self.site.settings["roster"]:
            self.site.settings["roster"][key] = str(self.roster / f"{key}.csv")
        self.site.settings["assessments"]["assignments"] = str(self.roster / "assignments.csv")
        self.write_roster()

    def write_roster(self) -> None:
        example = rows("people.csv")
        trainers = [dict(p, national_number="") for p in example if p["role"] in ("trainer", "staff")]
        made = {**PROTECTED, **CONTROL}
        people = [dict(example[0], person=person, role="participant", display_name=name,
                       protected="yes" if person in PROTECTED else "no", national_number=NUMBERS[person])
                  for person, (name, _) in made.items()]
        write(self.roster / "people.csv", trainers + people)
        write(self.roster / "cards.csv", [{"card": card, "person": person} for person, (_, card) in made.items()])
        write(self.roster / "sessions.csv", rows("sessions.csv"))
        write(self.roster / "enrolments.csv", [{"course": COURSE, "person": person} for person in made])
        write(self.roster / "guardians.csv", [{"guardian": "p-hid1", "child": "p-hid2"}])
        write(self.roster / "assignments.csv", [dict(rows("assignments.csv")[0], person=person) for person in made])

    # What anybody sees ---------------------------------------------------------------------------

    def rollcall(self, *arguments: str, code: int | None = 0) -> str:
        done = self.site.rollcall(*arguments)
        self.seen.add("rollcall " + " ".join(arguments[:3]), done.stdout + done.stderr)
        assert code is None or done.returncode == code, (arguments, done.stdout, done.stderr)
        return done.stdout

    def console(self, method: str, path: str, role: str = "manager", body=None) -> bytes:
        who = self.site.console(role)
        request = urllib.request.Request(f"http://127.0.0.1:{self.site.ports.console}{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json", "Cookie": who.cookie,
                                                  "X-Rollcall-Token": who.token})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                data = answer.read()
        except urllib.error.HTTPError as error:
            data = error.read()
        self.seen.add(f"console {method} {path}", data)
        return data

    def watch_stream(self) -> None:
        who = self.site.console("viewer")
        request = urllib.request.Request(f"http://127.0.0.1:{self.site.ports.console}/api/v1/stream",
                                         headers={"Cookie": who.cookie})

        def read() -> None:
            try:
                with urllib.request.urlopen(request, timeout=120) as answer:
                    while data := answer.readline():
                        self.seen.add("console stream", data)
            except OSError:
                pass  # the daemon has ended

        threading.Thread(target=read, daemon=True).start()

    # A day ---------------------------------------------------------------------------------------

    def tap(self, day: date, at: clock_time, card: str) -> None:
        self.clock.set(day, at)
        before = self.taps()
        self.door.tap(card)
        wait_until(lambda: self.taps() > before, 10, f"the tap of {day} {at} is recorded")

    def taps(self) -> int:
        return self.site.query("SELECT count(*) FROM tap")[0][0]

    def play(self, number: int, day: date) -> None:
        cards = [card for _, card in {**PROTECTED, **CONTROL}.values()]
        if number == 1:
            self.tap(day, clock_time(8, 35), LOST_CARD)  # nobody's yet
        for n, card in enumerate(cards):
            if (number + n) % 7 != 6:
                self.tap(day, clock_time(8, 40 + 3 * n + number % 10), card)
        if number == 2:
            self.offer_an_assessment()
        for n, card in enumerate(cards):
            if (number + n) % 5 != 4:
                self.tap(day, clock_time(12, 20 + 3 * n), card)
        if number < SIGNED:
            self.sign(day)

    def offer_an_assessment(self) -> None:
        def offered() -> bool:
            return self.site.query("SELECT count(*) FROM log WHERE type = 'assessment.offered'")[0][0] > 0
        card = PROTECTED["p-hid1"][1]
        self.tap(WORKING_DAYS[2], clock_time(10, 0), card)  # out
        time.sleep(4.5)  # nobody waits any more (tests/harness/day.py)
        self.tap(WORKING_DAYS[2], clock_time(10, 5), card)  # and in again
        wait_until(offered, 15, "the assessment is offered")
        self.door.touch(600, 420)  # later

    def sign(self, day: date) -> None:
        self.clock.set(day, clock_time(14, 30))
        sheet = f"/api/v1/sheets/{SESSION}/{day}"
        self.rollcall("sheets", "confirm", SESSION, str(day), "--actor", TRAINER)
        shown = json.loads(self.console("GET", sheet))
        for line in shown["people"]:
            self.rollcall("sheets", "witness", SESSION, str(day), line["person"], "--reason", "The hand is in plaster.",
                          "--actor", TRAINER, code=None)
        for person in PROTECTED:
            self.console("POST", sheet + "/sign", "trainer", {"person": person, "form": "drawn", "actor": TRAINER,
                                                                "aspect": 3, "strokes": [[[0, 0], [1, 1]]]})
            self.rollcall("sheets", "not-signed", SESSION, str(day), person, "--why", "left_early", "--reason",
                          "Had to catch the bus.", "--actor", TRAINER, code=None)
        self.rollcall("sheets", "close", SESSION, str(day), "--actor", TRAINER, code=None)
        for language in ("fr", "en"):
            self.console("GET", f"{sheet}/pdf?language={language}")

    # What staff do beside ------------------------------------------------------------------------

    def staff(self) -> None:
        for name in ["Xanth", "Quorvald", "p-hid1", "Philomeena"]:
            self.rollcall("person", "find", name)
            self.console("GET", f"/api/v1/people?find={name}", "desk")
        token = self.site.query("SELECT subject FROM inbox WHERE kind = 'unknown-card'")[0][0]
        self.rollcall("card", "attach", token, "p-hid2", "--reason", "first card")
        self.rollcall("code", "issue", "p-hid1", "--reason", "The card is at home.", "--actor", "desk-1")
        self.rollcall("attendance", "assist", "p-hid2", "--cause", "no_card", "--actor", "desk-1", code=None)
        self.rollcall("roster", "correct-day", SESSION, str(FIRST + timedelta(days=4)), "--start", "09:30", "--end", "12:30")
        self.rollcall("attendance", "check", "--from", str(FIRST), "--until", str(WORKING_DAYS[-1]))
        self.rollcall("sheets", "check", "--month", "2026-03")
        self.look_at_people()
        self.import_bad_rosters()
        for path in ["overview", "status", "inbox", "delivery/rejected", "roster", "sheets", "sheets/check?month=2026-03",
                     "terminals", "accounts", "audit", "cards?person=p-hid1", "people?find=a"]:
            self.console("GET", f"/api/v1/{path}")
        for words in [("status",), ("inbox",), ("roster", "status"), ("terminal", "list"), ("sheets", "list", "--day", str(FIRST)),
                      ("sheets", "show", SESSION, str(FIRST)), ("account", "audit"), ("delivery", "rejected")]:
            self.rollcall(*words, code=None)
        for page in ["/", "/metrics"]:
            self.seen.add(f"page {page}", ask(self.site.ports.console, "GET", page)[2])

    def look_at_people(self) -> None:
        """Each person's day and certificate, as staff open them and print them."""
        month = ("--from", str(FIRST), "--to", str(WORKING_DAYS[-1]))
        for person in [*PROTECTED, *CONTROL]:
            self.console("GET", f"/api/v1/attendance/{person}/{FIRST}", "desk")
            self.rollcall("attendance", "show", person, "--day", str(FIRST))
            self.rollcall("sheets", "certificate", person, *month)
            self.console("GET", f"/api/v1/people/{person}/certificates?from={month[1]}&to={month[3]}")
            for language in ("fr", "en"):
                paper = self.console("GET", f"/api/v1/people/{person}/certificates/pdf?from={month[1]}&to={month[3]}"
                                            f"&course={COURSE}&language={language}")
                assert paper.startswith(b"%PDF"), paper[:300]
        self.rollcall("now", "--evacuation")
        self.rollcall("sheets", "month", "2026-03")
        self.console("GET", "/api/v1/months/2026-03")

    def import_bad_rosters(self) -> None:
        """The rows that fail are those of the protected people."""
        good = (self.roster / "people.csv").read_text()
        hidden = PROTECTED["p-hid1"][0]
        for name, text in {
            "role": good.replace("p-hid1,participant", "p-hid1,wizard"),
            "flag": good.replace("yes", "perhaps"),
            "quote": good.replace(hidden, f'"{hidden}'),
            "control": good.replace(hidden, f"{hidden}\x07"),
            "latin": good,
            "long": good.replace(hidden, hidden * 20),
            "column": good.replace("display_name", hidden),
        }.items():
            folder = self.roster / f"bad-{name}"
            folder.mkdir()
            (folder / "people.csv").write_bytes(text.encode("latin-1" if name == "latin" else "utf-8"))
            self.rollcall("roster", "import", str(folder), code=None)
            self.rollcall("--json", "roster", "import", str(folder), "--dry-run", code=None)
        write(self.roster / "people.csv", [p for p in csv.DictReader(good.splitlines()) if p["person"] != "p-hid2"])
        self.rollcall("roster", "import", code=None)
        (self.roster / "people.csv").write_text(good)
        self.rollcall("roster", "import")

    def run(self) -> None:
        site = self.site
        site.start_case_system()
        site.daemon_wrapper = ["/bin/sh", "-c", 'ulimit -c unlimited; exec "$0" "$@"']
        site.start_daemon()
        self.watch_stream()
        self.door = HeldTerminal(site, DOOR).wait_connected()
        for number, day in enumerate(WORKING_DAYS):
            self.play(number, day)
        self.clock.set(WORKING_DAYS[-1], clock_time(16, 0))
        self.staff()
        self.door.wait_empty()
        self.seen.add("terminal page", json.dumps(self.door.state()))
        wait_until(lambda: site.received.count() >= site.query("SELECT count(*) FROM log")[0][0] - 5, 30, "events arrive")
        with open(site.folder / "backup.db", "wb") as copy:  # with its WAL this is what a backup holds
            copy.write(subprocess.run(["sqlite3", str(site.database), ".dump"], capture_output=True, check=True).stdout)
        self.crash()
        site.stop()
        self.seen.add_files(site.folder)

    def crash(self) -> None:
        """What a daemon that is killed by a bug leaves: its log, and no picture of its memory."""
        process = self.site.daemon
        limits = open(f"/proc/{process.pid}/limits").read()
        assert next(line for line in limits.splitlines() if line.startswith("Max core file size")).split()[4:6] == ["0", "0"]
        os.kill(process.pid, signal.SIGABRT)
        wait_until(lambda: not process.running(), 10, "the daemon has crashed")
        self.site.daemon = None


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    played = Month(tmp_path_factory.mktemp("month"))
    with played.site:
        played.run()
    return played


def parts(name: str) -> list[str]:
    return [name, *name.split()]


def test_the_search_finds_a_name_in_every_way_it_may_be_written():
    for name in [*parts(PROTECTED["p-hid1"][0]), *parts(CONTROL["p-seen"][0]), NUMBERS["p-hid1"]]:
        for how, data in packed(name):
            haystack = Haystack()
            haystack.add(how, data)
            assert haystack.find(name) == [how], f"{name}, {how}"


def test_a_month_was_played(month):
    received = month.site.received
    people = {e["subject"] for e in received.events("attendance.arrived") if "subject" in e}
    assert people >= {*PROTECTED, *CONTROL}
    kinds = received.kinds()
    for kind in ("tap.recorded", "attendance.left", "assessment.offered", "card.attached", "code.issued",
                 "halfday.confirmed", "halfday.signed", "attendance.corrected"):
        assert kinds[kind] > 0, kind
    assert kinds["tap.recorded"] > 4 * len(WORKING_DAYS)


def test_somebody_who_is_not_protected_is_found_where_names_may_be(month):
    found = month.seen.find(CONTROL["p-seen"][0])
    assert "rollcall person find Philomeena" in found
    assert "console GET /api/v1/people?find=Philomeena" in found
    assert any(name.startswith(f"console GET /api/v1/sheets/{SESSION}/{FIRST}/pdf") for name in found), "in a PDF"
    assert any("/certificates/pdf" in name for name in found), "on a certificate"
    assert "data/rollcall.db" in found or "data/rollcall.db-wal" in found
    assert "backup.db" in found
    for name in found:
        assert name.startswith(("rollcall person find", "rollcall sheets", "console GET /api/v1/people", "console GET /api/v1/sheets",
                                "console GET /api/v1/overview", "console stream", "data/rollcall.db", "backup.db",
                                "console GET /api/v1/attendance", "rollcall attendance show", "rollcall now")), name


def test_the_names_of_protected_people_are_nowhere(month):
    for name, _ in PROTECTED.values():
        for part in parts(name):
            asked_for = {"rollcall person find Xanth", "rollcall person find Quorvald"}
            assert [where for where in month.seen.find(part) if where not in asked_for] == [], part


def test_national_numbers_are_nowhere(month):
    for number in NUMBERS.values():
        assert month.seen.find(number) == []
