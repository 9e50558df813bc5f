"""A new roster while people come: 8:00 it replaces most of the participants, 8:05 the newcomers tap, six with cards that
nobody knows yet. And what is wrong in a roster is named by its line and changes nothing."""

import json
import sqlite3
import zipfile
from pathlib import Path

from conftest import DOOR, wire

from tests.harness.program import wait_until
from tests.harness.new_roster import (
    GONE, NEWCOMERS, WITHOUT_CARD, newcomer, own_roster, replace_most, rows, write,
)
from tests.harness.wire import Outcome

SECOND = 1000


def imported(site, *arguments, code: int = 0) -> dict:
    done = site.rollcall("--json", "roster", "import", *arguments)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def test_newcomers_tap_five_minutes_after_a_roster_that_replaces_most_people(idle_site, tmp_path):
    site = idle_site
    folder = own_roster(site, tmp_path / "roster")
    site.start_case_system()
    site.start_daemon()
    before = site.query("SELECT count(*) FROM person WHERE active = 1")[0][0]

    replace_most(folder)
    counted = imported(site, "--dry-run")
    assert counted["counts"]["person"]["added"] == NEWCOMERS
    assert site.query("SELECT count(*) FROM person")[0][0] == before, "a dry run changes nothing"

    done = imported(site)
    assert done["counts"] == counted["counts"]
    assert done["counts"]["person"]["held"] == GONE
    assert done["skipped"] == 0
    assert site.query("SELECT count(*) FROM person WHERE active = 1")[0][0] == before + NEWCOMERS
    assert "roster-removals" in site.inbox_kinds()

    with wire(site) as door:
        door.open()
        for i in range(NEWCOMERS):
            door.tap(i + 1, newcomer(i)[1], monotonic_ms=(i + 1) * SECOND)
            assert (door.answer(i + 1) == Outcome.SEE_STAFF) == (i < WITHOUT_CARD), f"newcomer {i}"
    taps = {row[0]: row[1] for row in site.query("SELECT number, time_ms FROM tap")}
    assert len(taps) == NEWCOMERS

    # Half an hour later the desk says whose the six cards are: they came when they tapped.
    epoch = site.query("SELECT lower(hex(epoch)) FROM tap LIMIT 1")[0][0]
    for i in range(WITHOUT_CARD):
        token = site.query("SELECT lower(hex(card)) FROM tap WHERE number = ?", i + 1)[0][0]
        attached = site.rollcall("card", "attach", token, newcomer(i)[0], "--reason", "first card")
        assert attached.returncode == 0, (attached.stderr, epoch)
    moved = dict(site.query("SELECT person, time_ms FROM movement"))
    assert {newcomer(i)[0]: taps[i + 1] for i in range(NEWCOMERS)} == moved

    # Then somebody agrees to what waits.
    agreed = json.loads(site.rollcall("--json", "roster", "apply-removals", "--actor", "desk-1").stdout)
    assert agreed["removed"]["person"] == GONE
    assert site.query("SELECT count(*) FROM person WHERE active = 1")[0][0] == before + NEWCOMERS - GONE
    assert "roster-removals" not in site.inbox_kinds()
    status = json.loads(site.rollcall("--json", "roster", "status").stdout)
    assert [source["source"] for source in status["sources"]] == ["files"]
    assert status["sources"][0]["held"] == {}


def test_wrong_rows_are_named_by_line_and_change_nothing(idle_site, tmp_path):
    site = idle_site
    own_roster(site, tmp_path / "roster")
    site.start_case_system()
    site.start_daemon()

    def content() -> list[str]:
        """What the tables of the roster hold, but for when which source was read."""
        with sqlite3.connect(f"file:{site.database}?mode=ro", uri=True) as db:
            return [str(row) for table in ("person", "card", "session", "session_day", "enrolment", "guardianship", "merged")
                    for row in db.execute(f"SELECT * FROM {table}")]

    unchanged = content()
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    head = ",".join(rows("people.csv")[0])
    (wrong / "people.csv").write_bytes(
        head.encode() + b"\n=cmd|' /C calc'!A0,participant,N,fr,,,,no\n" + b"p-x1,participant,\xff\xfe,fr,,,,no\n"
        + b"p-x2,participant," + b"y" * 10_000_000 + b",fr,,,,no\n" + b"p-x3,wizard,Secret Name,fr,,,,no\n")
    (wrong / "sessions.csv").write_text(
        ",".join(rows("sessions.csv")[0]) + "\nS-X,C,T,R,,mon,2026-02-30,2026-12-31,09:00,10:00,am,,,\n")
    (wrong / "enrolments.csv").write_text("course,person\nC,nobody\n")
    done = imported(site, wrong)
    assert done["skipped"] == 6
    text = "\n".join(done["messages"])
    for line in ("people.csv:2:", "people.csv:3:", "people.csv:4:", "people.csv:5:", "sessions.csv:2:", "enrolments.csv:2:"):
        assert line in text
    assert "Secret Name" not in text and "Secret Name" not in site.daemon.output()
    assert content() == unchanged

    # What cannot be used at all is refused with a sentence.
    (wrong / "people.csv").write_text("person\np-1\n")
    refused = site.rollcall("roster", "import", wrong)
    assert refused.returncode == 1
    assert "is missing" in refused.stderr and "nothing was changed" in refused.stderr
    (tmp_path / "no.zip").write_bytes(b"this is no archive")
    assert site.rollcall("roster", "import", tmp_path / "no.zip").returncode == 1
    assert content() == unchanged

    # Markup and formulas in names are names.
    (wrong / "people.csv").write_text(head + "\np-x4,participant,=1+1 <script>alert(1)</script>,fr,,,,no\n")
    for other in ("sessions.csv", "enrolments.csv"):
        (wrong / other).unlink()
    assert imported(site, wrong)["counts"]["person"]["added"] == 1
    found = json.loads(site.rollcall("--json", "person", "find", "p-x4").stdout)["people"]
    assert found[0]["name"] == "=1+1 <script>alert(1)</script>"


def test_an_export_of_a_school_and_a_calendar_stand_beside_the_files(idle_site, tmp_path):
    site = idle_site
    site.start_case_system()
    site.start_daemon()
    export = tmp_path / "export.zip"
    with zipfile.ZipFile(export, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("users.csv", "\ufeffsourcedId,status,enabledUser,givenName,familyName,role\n"
                                      "u-1,,true,Ann,Doe,student\nu-2,,true,Bob,Roe,teacher\n")
        archive.writestr("classes.csv", "sourcedId,status,title,courseSourcedId,location\nc-1,,French,k-1,Room 1\n")
        archive.writestr("enrollments.csv", "sourcedId,status,classSourcedId,userSourcedId,role\n"
                                            "e-1,,c-1,u-1,student\ne-2,,c-1,u-2,teacher\ne-3,,c-9,u-1,student\n")
    done = imported(site, export)
    assert done["source"] == "oneroster"
    assert done["messages"] == ["enrollments.csv:4: classes.csv has no such class; the row was skipped"]
    assert site.query("SELECT title, trainer FROM session WHERE id = 'c-1'") == [("French", "u-2")]

    today = site.query("SELECT strftime('%Y%m%d', 'now')")[0][0]
    calendar = tmp_path / "french.ics"
    calendar.write_text("BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:lesson-1\nSUMMARY:French lesson\n"
                        f"DTSTART:{today}T090000\nDURATION:PT2H\nRRULE:FREQ=WEEKLY;COUNT=3\nEND:VEVENT\nEND:VCALENDAR\n")
    done = imported(site, calendar, "--name", "french", "--course", "c-1")
    assert done["source"] == "calendar:french"
    assert done["counts"]["session_day"]["added"] == 3
    assert site.query("SELECT course FROM session WHERE id = 'lesson-1'") == [("c-1",)]
    assert "calendar:french" in site.rollcall("roster", "status").stdout


def test_the_case_systems_roster_is_read_with_its_cursor(idle_site, tmp_path):
    site = idle_site
    records = [{"kind": "person", "id": f"cs-{i}", "role": "participant", "display_name": None, "language": "fr",
                "programme": None, "grant": None, "contract": None, "protected": False, "active": True}
               for i in range(1200)]
    records.append({"kind": "enrolment", "course": "CS", "person": "cs-1", "removed": False})
    records.append({"kind": "person.merged", "from": "cs-2", "into": "cs-1"})
    feed = tmp_path / "roster.jsonl"
    feed.write_text("".join(json.dumps(record) + "\n" for record in records))
    site.start_case_system("--roster", str(feed))
    site.settings["roster"] |= {"case_system": "on", "interval": "1s"}
    site.start_daemon()
    wait_until(lambda: site.query("SELECT cursor FROM roster_source WHERE source = 'case-system'"), 20,
               "every page is read, and the cursor kept")
    assert site.query("SELECT count(*) FROM person WHERE id LIKE 'cs-%' AND active = 1") == [(1199,)]
    assert site.query("SELECT into_id FROM merged WHERE from_id = 'cs-2'") == [("cs-1",)]
    assert site.query("SELECT cursor FROM roster_source WHERE source = 'case-system'") == [("r-1202",)]
