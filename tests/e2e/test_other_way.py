"""Who was understood the wrong way says so where they tapped, and the day is what they said."""

import time
from datetime import time as time_of_day

import pytest
from conftest import DOOR, wire

from tests.harness.clock import FIRST_DAY, PlayedClock
from tests.harness.program import wait_until
from tests.harness.site import Programs, Site
from tests.harness.terminal import HeldTerminal
from tests.harness.wire.messages import Op, Outcome

BUTTON, ELSEWHERE = (400, 400), (400, 100)  # of the 800 x 480 pixels of an answer
MIDDLE_KEY = 2
YASMINA, ELIF = ("p-bbzm", "0407E1214324D1"), ("p-nqgj", "04039F2F817FE1")  # of the morning group, due for nothing


@pytest.fixture
def noon(tmp_path):
    """The last quarter of an hour of the morning: a tap of somebody whom nobody saw come is an exit."""
    clock = PlayedClock(tmp_path / "clock", "Europe/Brussels")
    clock.set(FIRST_DAY, time_of_day(12, 20))
    site = Site(tmp_path, Programs("release"), clock=clock)
    site.settings["delivery"] |= {"batch_age": "50ms", "retry_first": "50ms", "retry_max": "500ms", "timeout": "3s"}
    with site:
        site.start_case_system()
        site.start_daemon()
        yield site


def stated(site) -> list[tuple]:
    return site.query("SELECT person, stated FROM tap ORDER BY position")


def is_here(site, person: str) -> bool:
    return site.query("SELECT direction FROM presence WHERE person = ?", person) == [("in",)]


def held(site, person: str) -> list[tuple]:
    """The day as a receiver has it who applies every correction: direction and time of each conclusion."""
    conclusions = {}
    for event in site.received.events():
        kind, data = event["type"].removeprefix("org.rollcall.").removesuffix(".v1"), event["data"]
        if event.get("subject") != person or not kind.startswith("attendance."):
            continue
        name = data.get("corrects") or event["id"] if kind == "attendance.corrected" else event["id"]
        if kind == "attendance.corrected" and data["new"] is None:
            conclusions.pop(name)
        else:
            conclusions[name] = (data["direction"], data["time"]["wall"])
    return sorted(conclusions.values())


def test_a_finger_turns_it_round_and_the_next_person_has_the_place_at_once(noon):
    door = HeldTerminal(noon, DOOR).wait_connected()
    assert door.tap(YASMINA[1])["outcome"] == "left"
    assert not is_here(noon, YASMINA[0])
    door.wait_slot("live")
    door.touch(*BUTTON)
    door.wait_slot("arrived")
    assert is_here(noon, YASMINA[0]), "durable before it is shown"

    assert door.tap(ELIF[1])["outcome"] == "left"
    door.touch(*BUTTON)  # on the terminal's own answer: nothing to touch there yet
    door.wait_slot("live")
    door.touch(*ELSEWHERE)
    door.wait_slot("idle")
    door.touch(*BUTTON)
    assert stated(noon) == [(YASMINA[0], "in"), (ELIF[0], None)]

    wait_until(lambda: noon.received.events("attendance.corrected"), 10, "the case system has the correction")
    [corrected] = noon.received.events("attendance.corrected")
    assert corrected["subject"] == corrected["data"]["actor"] == YASMINA[0]
    assert corrected["data"]["cause"]["kind"] == "person"
    assert (corrected["data"]["old"]["direction"], corrected["data"]["new"]["direction"]) == ("out", "in")
    for person, _ in YASMINA, ELIF:
        here = noon.query("SELECT direction, time_ms FROM movement WHERE person = ? ORDER BY 1", person)
        assert [direction for direction, _ in held(noon, person)] == [direction for direction, _ in here]


def test_a_key_turns_it_round_while_there_is_time_and_only_ones_own(noon):
    now = int(noon.clock.now().timestamp() * 1000)

    def tap(number: int, card: str, monotonic_ms: int) -> Outcome:
        door.tap(number, bytes.fromhex(card), wall_ms=now + monotonic_ms, monotonic_ms=monotonic_ms)
        return door.answer(number)

    def press(monotonic_ms: int) -> None:
        door.send([Op.KEY, MIDDLE_KEY, monotonic_ms])

    with wire(noon, panel=(128, 64)) as door:
        door.open()
        assert tap(1, YASMINA[1], 1000) == Outcome.LEFT
        assert tap(2, ELIF[1], 3000) == Outcome.LEFT
        press(2900)  # of the first, and late: not the second's
        press(3500)
        assert door.receive(Op.FEEDBACK)[1] == Outcome.ARRIVED
        assert stated(noon) == [(YASMINA[0], None), (ELIF[0], "in")]
        press(3900)  # without patience
        assert tap(3, YASMINA[1], 70_000) == Outcome.LEFT, "she is not known to be here"
        time.sleep(6.5)
        press(76_500)
        door.gave_up(99)  # the daemon has read the key when it has this
        time.sleep(0.3)
        assert [word for _, word in stated(noon)] == [None, "in", None]
    wait_until(lambda: len(noon.received.events("attendance.corrected")) == 1, 10, "the case system has the correction")
