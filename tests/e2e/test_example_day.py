"""The example day as `./run --once` plays it, twice, and what must have come of it."""

import json
import subprocess
import sys
from collections import Counter

import pytest

from tests.harness.case_system import CaseSystem
from tests.harness.site import ROOT

pytestmark = pytest.mark.xdist_group("example day")  # one worker plays it once for all tests here


def run_once(folder) -> subprocess.CompletedProcess:
    code = f"from pathlib import Path; from tests.harness import run; import sys; sys.exit(run.once(Path({str(folder)!r})))"
    return subprocess.run(["/usr/bin/python3", "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=400)


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    folder = tmp_path_factory.mktemp("example-day")
    done = run_once(folder)
    print(done.stdout, done.stderr, file=sys.stderr)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout, CaseSystem(folder / "casesim.db")


def test_the_table_accounts_for_every_tap(day):
    _, said, _ = day
    assert "144" in said and "Every tap is delivered" in said
    for row in ("taps delivered", "repeat taps ignored", "waiting for staff", "assessments", "events delivered",
                "tap to green"):
        assert row in said


def test_every_scripted_tap_is_one_fact(day):
    _, _, received = day
    taps = received.taps()
    assert sum(taps.values()) == len(taps) == 144
    outcomes = Counter(e["data"]["outcome"] for e in received.events("tap.recorded"))
    assert outcomes["repeat"] >= 9, "double taps are recognised"
    assert outcomes["see_staff"] >= 10, "cards nobody knows are kept for staff"
    assert outcomes["arrived"] >= 40


def test_everybody_of_the_three_sessions_has_arrived(day):
    _, _, received = day
    arrived = Counter(e["data"]["session"] for e in received.events("attendance.arrived") if e["data"]["session"])
    assert set(arrived) == {"S-START-AM", "S-WORK-PM", "S-OFFICE-EVE"}
    assert arrived["S-START-AM"] >= 16 and arrived["S-WORK-PM"] >= 14 and arrived["S-OFFICE-EVE"] >= 10


def test_the_offline_hour_keeps_its_times(day):
    _, _, received = day
    late = [e for e in received.events("tap.recorded") if not e["data"]["live"]]
    assert len(late) >= 16
    times = [e["time"] for e in late]
    assert times == sorted(times)
    assert all("T12:0" < t[10:] < "T13:06" for t in times if t[11:13] in ("12", "13")), "13:05 to 14:05 in Brussels"


def test_some_answered_some_put_it_off(day):
    _, _, received = day
    kinds = received.kinds()
    assert kinds["assessment.offered"] == 9
    assert kinds["assessment.completed"] == 5
    assert kinds["assessment.declined"] == 3
    assert kinds["assessment.abandoned"] == 1
    for event in received.events("assessment.completed"):
        assert len(event["data"]["responses"]) == 5
        assert event["data"]["instrument"]["id"] == "digital-self-check"


def test_guardians_at_the_childcare_house_are_recorded_not_interpreted(day):
    _, _, received = day
    desk = [e for e in received.events("attendance.arrived") if e["data"]["terminal"] == "CH-DESK-1"]
    assert len(desk) <= 8, "only staff are taken in there"


def test_no_name_leaves_the_site(day):
    import csv
    folder, _, received = day
    with open(ROOT / "examples/brussels/people.csv", newline="") as file:
        names = {word for row in csv.DictReader(file) for word in row["display_name"].split() if len(word) > 4}
    everything = json.dumps(received.events(), ensure_ascii=False) + (folder / "rollcalld.log").read_text()
    assert [name for name in names if name in everything] == []


def test_what_was_sent_keeps_to_the_published_schemas(day, tmp_path):
    """Ajv, which shares no code with the sender or the simulator, judges every event."""
    _, _, received = day
    events = tmp_path / "events.jsonl"
    events.write_text("".join(json.dumps(e) + "\n" for e in received.events()))
    conformance = ROOT / "tests/conformance"
    if not (conformance / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit"], cwd=conformance, check=True,
                       capture_output=True, timeout=300)
    done = subprocess.run(["node", "check-batches.mjs", events], cwd=conformance, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_next_day_follows_on_used_data(day):
    folder, _, _ = day
    done = run_once(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Tuesday 03 March 2026" in done.stdout
