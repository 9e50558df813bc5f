"""Each way in which a tap, its answer or somebody's memory can go missing (the cases of "one tap,
one record"): afterwards every tap is at the case system exactly once."""

import shutil
import sqlite3
import time
from datetime import datetime

from conftest import DOOR, TAKEN

from tests.harness.program import wait_until
from tests.harness.terminal import HeldTerminal, recorded_numbers


def wait_delivered(site, *taps, seconds=20):
    """Every one of these taps is at the case system exactly once, and no number is missing."""
    wanted = {tuple(tap) for tap in taps}
    wait_until(lambda: wanted <= set(site.received.taps()), seconds, f"{len(wanted)} taps arrive at the case system")
    assert {tap: times for tap, times in site.received.taps().items() if times != 1} == {}
    assert site.received.tap_number_holes() == {}
    assert site.received.sequence_holes() == {}


def wait_committed(site, count):
    wait_until(lambda: len(recorded_numbers(site, DOOR)) >= count, 10, f"the daemon has committed {count} taps")


def only_delivered(site, *taps):
    wait_delivered(site, *taps)
    assert set(site.received.taps()) == {tuple(tap) for tap in taps}


def test_a_tap_is_green_and_delivered_once(site, cards):
    door = HeldTerminal(site, DOOR).wait_connected()
    shown = door.tap(cards["participant"][0])
    assert shown["light"] == "green"
    only_delivered(site, door.identity(shown))


def test_answer_lost(site, proxy, cards):
    door = HeldTerminal(site, DOOR, port=proxy.port).wait_connected()
    proxy.drop_answers()
    shown = door.tap(cards["participant"][0])
    assert (shown["light"], shown["outcome"]) == ("amber", "recorded_offline")
    assert 1400 <= shown["shown_ms"] <= 2500
    proxy.cut()
    proxy.drop_answers(False)
    door.wait_empty()
    only_delivered(site, door.identity(shown))


def test_answer_late(site, proxy, cards):
    door = HeldTerminal(site, DOOR, port=proxy.port).wait_connected()
    proxy.wait_quiet()  # else what is on its way waits for its ACK, and the tap behind it
    proxy.hold_answers()
    shown = door.tap(cards["participant"][0])
    assert shown["light"] == "amber"
    proxy.release_answers()
    door.wait_empty()
    wait_until(lambda: len(door.late_answers()) == 1, 10, "the late answer is reported")
    assert len(door.shown()) == 1, "a late answer changes no light"
    only_delivered(site, door.identity(shown))


def test_gave_up_lost(site, proxy, cards):
    door = HeldTerminal(site, DOOR, port=proxy.port).wait_connected()
    proxy.wait_quiet()  # else what is on its way waits for its ACK, and the tap behind it
    proxy.hold_answers()
    door.tap_only(cards["participant"][0])
    wait_committed(site, 1)
    proxy.drop_taps()  # from here on the terminal is not heard: `gave_up` is lost
    wait_until(lambda: door.shown(), 5, "the terminal gives up")
    assert door.shown()[0]["light"] == "amber"
    proxy.cut()
    proxy.drop_taps(False)
    proxy.release_answers()
    door.wait_empty()
    only_delivered(site, door.identity(door.shown()[0]))
    kinds = site.received.kinds()
    assert not any(kind.startswith("assessment.") for kind in kinds), "no flow opens for a tap that was given up"


def test_no_assessment_is_offered_for_a_tap_that_was_given_up(site, proxy):
    """The holder of this card is due; the answer comes after the deadline."""
    import csv

    from tests.harness.site import EXAMPLE

    with open(EXAMPLE / "assignments.csv", newline="") as file:
        due = next(csv.DictReader(file))["person"]
    with open(EXAMPLE / "cards.csv", newline="") as file:
        card = next(row["card"] for row in csv.DictReader(file) if row["person"] == due)
    door = HeldTerminal(site, DOOR, port=proxy.port).wait_connected()
    proxy.hold_taps()
    shown = door.tap(card)
    assert shown["light"] == "amber"
    proxy.release_taps()
    door.wait_empty()
    only_delivered(site, door.identity(shown))
    assert not any(kind.startswith("assessment.") for kind in site.received.kinds())


def test_power_cut_between_append_and_send(site, proxy, cards):
    door = HeldTerminal(site, DOOR, port=proxy.port).wait_connected()
    proxy.hold_taps()
    door.tap_only(cards["participant"][0])
    wait_until(lambda: door.state()["queue"]["waiting"] == 1, 2, "the tap is in the queue", every=0.005)
    door.power_cut()
    proxy.cut()
    proxy.release_taps()
    door.wait_connected().wait_empty()
    only_delivered(site, door.identity(door.shown()[0]))


def test_terminal_loses_power_between_commit_and_answer(site, proxy, cards):
    door = HeldTerminal(site, DOOR, port=proxy.port).wait_connected()
    proxy.wait_quiet()  # else what is on its way waits for its ACK, and the tap behind it
    proxy.hold_answers()
    door.tap_only(cards["participant"][0])
    wait_committed(site, 1)
    door.power_cut()
    proxy.cut()
    proxy.release_answers()
    door.wait_connected().wait_empty()
    only_delivered(site, door.identity(door.shown()[0]))


def test_daemon_dies_between_commit_and_answer(site, proxy, cards):
    door = HeldTerminal(site, DOOR, port=proxy.port).wait_connected()
    proxy.wait_quiet()  # else what is on its way waits for its ACK, and the tap behind it
    proxy.hold_answers()
    door.tap_only(cards["participant"][0])
    wait_committed(site, 1)
    site.daemon.kill()
    wait_until(lambda: door.shown(), 5, "the terminal shows amber")
    assert door.shown()[0]["light"] == "amber"
    proxy.release_answers()
    site.start_daemon()
    door.wait_connected().wait_empty()
    only_delivered(site, door.identity(door.shown()[0]))


def times(site, *taps):
    """The time blocks of these taps, as delivered."""
    when = {(e["data"]["terminal"], e["data"]["tap"]["epoch"], e["data"]["tap"]["number"]): e["data"]["time"]
            for e in site.received.events("tap.recorded")}
    return [when[tuple(tap)] for tap in taps]


def bracket(when):
    return tuple(datetime.fromisoformat(when[side]).timestamp() for side in ("not_before", "not_after"))


def test_a_tap_of_a_start_without_a_host_lies_between_the_starts_around_it(site, cards):
    door = HeldTerminal(site, DOOR).wait_connected()
    proven = door.tap(cards["participant"][0])
    site.daemon.stop()
    door.wait_connected(False)
    door.power_cut()
    before = time.time()
    shown = door.tap(cards["participant"][1])
    after = time.time()
    assert shown["light"] == "amber"
    door.power_cut()
    site.start_daemon()
    door.wait_connected().wait_empty()
    only_delivered(site, door.identity(proven), door.identity(shown))
    known, when = times(site, door.identity(proven), door.identity(shown))
    assert (known["not_before"], known["not_after"]) == (None, None)
    assert when["trust"] == "unproven" and when["boot"] == known["boot"] + 1
    not_before, not_after = bracket(when)
    assert not_before <= before and after <= not_after
    assert site.received.events("terminal.clock_set") == []


def test_a_tap_of_a_start_that_meets_its_host_later_is_bracketed_closely(site, cards):
    door = HeldTerminal(site, DOOR).wait_connected()
    site.daemon.stop()
    door.wait_connected(False)
    door.power_cut()
    before = time.time()
    shown = door.tap(cards["participant"][0])
    after = time.time()
    assert shown["light"] == "amber"
    site.start_daemon()
    door.wait_connected().wait_empty()
    only_delivered(site, door.identity(shown))
    [when] = times(site, door.identity(shown))
    assert when["trust"] == "unproven"
    not_before, not_after = bracket(when)
    assert not_before <= before and after <= not_after
    assert not_after - not_before < 2 * 60 + 3, "an undisciplined host's two errors, and the way of three messages"
    wait_until(lambda: site.received.events("terminal.clock_set"), 10, "that its clock was set is delivered")
    [clock_set] = site.received.events("terminal.clock_set")
    assert clock_set["data"]["time"]["boot"] == when["boot"]


def test_power_cut_between_acknowledgement_and_its_record(site, proxy, cards, tmp_path):
    door = HeldTerminal(site, DOOR, port=proxy.port).wait_connected()
    proxy.wait_quiet()  # else what is on its way waits for its ACK, and the tap behind it
    proxy.hold_answers()
    door.tap_only(cards["participant"][0])
    wait_committed(site, 1)
    before_the_record = shutil.copy(site.queue(DOOR), tmp_path / "queue-before")
    proxy.release_answers()
    door.wait_empty()
    first = door.shown()[0]
    door.kill()
    shutil.copy(before_the_record, site.queue(DOOR))  # what the storage held when the power went

    door = HeldTerminal(site, DOOR).wait_connected().wait_empty()
    second = door.tap(cards["participant"][1])
    assert second["light"] == "green"
    assert second["epoch"] == first["epoch"], "nothing was lost or reused: no reason for a new epoch"
    only_delivered(site, door.identity(first), door.identity(second))


def test_an_old_queue_file_is_copied_back(site, cards, tmp_path):
    door = HeldTerminal(site, DOOR).wait_connected()
    first = door.tap(cards["participant"][0])
    door.wait_empty().stop()
    old = shutil.copy(site.queue(DOOR), tmp_path / "old-queue")
    door = HeldTerminal(site, DOOR).wait_connected()
    later = [door.tap(card) for card in cards["participant"][1:4]]
    door.wait_empty().stop()

    shutil.copy(old, site.queue(DOOR))
    door = HeldTerminal(site, DOOR).wait_connected()
    fresh = door.tap(cards["participant"][4])
    assert fresh["light"] == "green"
    assert fresh["epoch"] != first["epoch"], "the host knows higher numbers: a new epoch begins"
    only_delivered(site, *map(door.identity, [first, *later, fresh]))


def test_an_old_queue_file_is_copied_back_and_numbers_are_used_again_offline(site, cards, tmp_path):
    door = HeldTerminal(site, DOOR).wait_connected()
    first = door.tap(cards["participant"][0])
    door.wait_empty().stop()
    old = shutil.copy(site.queue(DOOR), tmp_path / "old-queue")
    door = HeldTerminal(site, DOOR).wait_connected()
    original = door.tap(cards["participant"][1])
    door.wait_empty().stop()

    shutil.copy(old, site.queue(DOOR))
    site.daemon.stop()
    door = HeldTerminal(site, DOOR)
    reused = door.tap(cards["participant"][2])
    assert reused["light"] == "amber"
    assert door.identity(reused) == door.identity(original), "the same identity for another tap"
    site.start_daemon()
    door.wait_connected().wait_empty()

    wait_until(lambda: site.received.events("security.identity_reused"), 10, "the reused identity is reported")
    after = door.tap(cards["participant"][3])
    assert after["epoch"] != first["epoch"]
    # Both taps of that identity are kept: two facts that differ in their digest.
    wait_until(lambda: door.identity(after) in site.received.taps(), 10, "the next tap arrives")
    same = [e["data"]["tap"] for e in site.received.events("tap.recorded")
            if (e["data"]["tap"]["epoch"], e["data"]["tap"]["number"]) == (original["epoch"], original["number"])]
    assert len({tap["digest"] for tap in same}) == len(same) == 2
    assert "identity-reused" in site.inbox_kinds()


def test_a_wiped_queue(site, cards):
    door = HeldTerminal(site, DOOR).wait_connected()
    first = door.tap(cards["participant"][0])
    door.wait_empty().stop()
    site.queue(DOOR).unlink()
    door = HeldTerminal(site, DOOR).wait_connected()
    second = door.tap(cards["participant"][1])
    assert second["light"] == "green"
    assert second["epoch"] != first["epoch"] and second["number"] == 1
    only_delivered(site, door.identity(first), door.identity(second))


def test_the_daemons_database_is_restored_from_an_older_copy(site, cards, tmp_path):
    door = HeldTerminal(site, DOOR).wait_connected()
    before = [door.tap(card) for card in cards["participant"][:3]]
    wait_delivered(site, *map(door.identity, before))
    with sqlite3.connect(site.database) as live, sqlite3.connect(tmp_path / "backup.db") as copy:
        live.backup(copy)
    after = [door.tap(card) for card in cards["participant"][3:6]]
    wait_delivered(site, *map(door.identity, before + after))
    site.daemon.stop()

    for leftover in site.database.parent.glob(f"{site.database.name}*"):
        leftover.unlink()
    shutil.copy(tmp_path / "backup.db", site.database)
    site.start_daemon()
    door.wait_connected()
    fresh = door.tap(cards["participant"][6])
    door.wait_empty()
    # Everything the case system had, the new tap, and nothing twice; the daemon knows them all again.
    only_delivered(site, *map(door.identity, [*before, *after, fresh]))
    wait_until(lambda: len(recorded_numbers(site, DOOR)) == 7, 10, "the daemon has all seven taps again")
    assert "restored" in site.inbox_kinds()


def test_live_taps_overtake_the_queue_and_the_queue_keeps_its_order(site, cards):
    door = HeldTerminal(site, DOOR).wait_connected()
    door.plug(False)
    door.wait_connected(False)
    queued = [door.tap(card) for card in cards["participant"][:12]]
    assert {tap["light"] for tap in queued} == {"amber"}
    door.plug(True)
    door.wait_connected()
    live = door.tap(cards["participant"][12])
    assert live["light"] == "green", "nobody waits for old taps"
    door.wait_empty()
    only_delivered(site, *map(door.identity, [*queued, live]))
    events = {(e["data"]["tap"]["number"]): e for e in site.received.events("tap.recorded")}
    for tap in queued:
        event = events[tap["number"]]
        assert event["data"]["live"] is False
        assert event["data"]["time"]["wall"] is not None
    order = [e["data"]["tap"]["number"] for e in site.received.events("tap.recorded") if not e["data"]["live"]]
    assert order == sorted(order)


def test_a_double_tap_is_a_repeat(site, cards):
    door = HeldTerminal(site, DOOR).wait_connected()
    first, second = door.tap(cards["participant"][0]), door.tap(cards["participant"][0])
    assert first["outcome"] in TAKEN and second["outcome"] == "repeat"
    assert second["light"] == "green"
    only_delivered(site, door.identity(first), door.identity(second))
    kinds = site.received.kinds()
    assert kinds.get("attendance.arrived", 0) + kinds.get("attendance.left", 0) == 1
