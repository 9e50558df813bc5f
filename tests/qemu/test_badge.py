"""The badge terminal's image on the emulated board: it starts, shows, greets, sleeps, and survives."""

import time
from pathlib import Path

import pytest

from tests.harness.program import wait_until
from tests.harness.wire.host import WireHost
from tests.harness.wire.messages import Capability, Op
from tests.qemu import card_image
from tests.qemu.badge import KEYS, Badge
from tests.qemu.conftest import SERIAL
from tests.qemu.debugger import LINK_REGISTER, PROGRAM_COUNTER, STACK_POINTER
from tests.qemu.factory import FactoryConsole
from tests.qemu.picture import Picture
from tests.qemu.terminal import A_TURN_OF_THE_LOOP

PICTURES = Path(__file__).with_name("pictures")
TOLERANCE = 0.01  # share of pixels: nothing but the firmware draws, so none should differ
BOOT_LIMIT = 0.150  # seconds of a processor from power-on to HELLO
IDLE_LIMIT = 0.25  # of a host's processor
WATCHDOG_LIMIT = 2 * 8.0 + 10.0  # seconds: both of its periods, and the start after that

WAIT_FOR_EVER = b"\x30\xbf\xfd\xe7"  # wfi, and back to it
WATCHDOG_INTERRUPT = 18
INTERRUPT_DISABLE = 0xE000E180
NOWHERE = 0xFFFFFFF0
SWITCHING_ON = 24  # instructions at the end of Pl011::start: from before the FIFOs are there
SYNCED = 2
ACCESS, INSTRUCTION, WATCHDOG = 1, 2, 6  # hal/crash.hpp


def loop_without_end(badge: Badge) -> int:
    """Where in the image the processor only waits. Text begins at address 0, as the image's first segment."""
    image = badge.image.read_bytes()
    vectors = image.index(badge.symbol("stack_top").to_bytes(4, "little"))
    return image.index(WAIT_FOR_EVER, vectors) - vectors


def welcomed(badge: Badge, link_key: bytes, site_key: bytes) -> WireHost:
    """A host that has brought the link up and told the time."""
    host = badge.host({SERIAL: link_key})
    host.receive(Op.TERMINAL_STATE, seconds=20)
    host.send([Op.WELCOME, 1_700_000_000_000, SYNCED, 1, site_key, 0])
    return host


def shows(badge: Badge, name: str) -> None:
    """The picture of this name, after a moment to draw it; what it shows instead is left beside it."""
    wanted = Picture.load(PICTURES / f"{name}.png")
    for _ in range(40):
        shown = badge.panel()
        if shown.difference(wanted) <= TOLERANCE:
            return
        time.sleep(0.1)
    other = badge.image.parent / f"{name}-instead.png"
    shown.save(other)
    pytest.fail(f"{shown.difference(wanted):.1%} of the pixels differ from pictures/{name}.png; see {other}")


def test_greets_with_its_name_and_what_it_can(fresh_badge):
    hello = fresh_badge.hello()
    assert hello.serial == SERIAL
    assert hello.firmware.startswith("badge ")
    assert hello.max_frame == 192
    assert hello.reset == "power_on"
    assert hello.capabilities == Capability.DISPLAY | Capability.INDICATOR | Capability.QUEUE | Capability.APDU


def test_greets_within_its_time_after_power_on(fresh_card):
    took, by_clock = Badge.seconds_to_hello(10, fresh_card, real_time=True)
    print(f"from power-on to HELLO, median of 10: {took * 1000:.0f} ms of a processor, {by_clock * 1000:.0f} ms by the "
          "clock")
    assert took < BOOT_LIMIT


def test_shakes_hands_with_its_site(badge, link_key):
    host = badge.host({SERIAL: link_key})
    state = host.receive(Op.TERMINAL_STATE, seconds=20)
    waiting, capacity, *panel = state[3:]
    assert waiting == 0
    assert capacity >= 20_000
    assert panel == [128, 64]


def test_shows_that_it_belongs_to_no_site(fresh_badge):
    shows(fresh_badge, "badge-out-of-service")


def test_shows_that_it_waits_for_cards(badge_with_reader):
    shows(badge_with_reader, "badge-idle-offline")


def test_shows_that_its_reader_is_silent(badge):
    shows(badge, "badge-out-of-service")


def test_hears_its_host_whatever_came_while_its_line_was_switched_on(badge):
    """A host may say something at any moment of a start; the line is not deaf for it."""
    start = badge.symbol("rollcall::hal::Pl011::start(unsigned long, unsigned long)")  # first of the link's line
    badge.hello()
    with badge.debugger() as debugger:
        badge.qmp("system_reset")
        debugger.run_to(start)
        caller, steps = debugger.register(LINK_REGISTER) & ~1, 0
        while debugger.register(PROGRAM_COUNTER) != caller:
            debugger.step()
            steps += 1
    for moment in range(steps - SWITCHING_ON, steps + 1):
        badge.hello()
        with badge.debugger() as debugger:
            badge.qmp("system_reset")
            debugger.run_to(start)
            for _ in range(moment):
                debugger.step()
            badge.lines["link"].send(b"\x11")
            badge.lines["link"].forget()
        badge.hello()
        before = FactoryConsole(badge.lines["console"]).stats()["bad_frames"]
        badge.lines["link"].send(b"\x11\x22\0" * 20)
        wait_until(lambda: FactoryConsole(badge.lines["console"]).stats()["bad_frames"] > before, 10,
                   f"it hears its host after a byte at instruction {moment} of {steps}")


def test_takes_each_card_once(badge_with_reader, cards, site_key, link_key):
    host = welcomed(badge_with_reader, link_key, site_key)
    for number, (kind, card) in enumerate((("uid", "11223344"), ("ntag", "04112233445566"), ("uid", "55667788")), start=1):
        cards.place(card, kind)
        tap = host.receive(Op.TAP, seconds=20)
        assert (tap[2], tap[-1]) == (number, bytes.fromhex(card))
        assert not host.closed_within(1)
        cards.remove()
        assert not host.closed_within(1)
    assert not host.has(Op.TAP, lambda _: True)


def test_tells_each_press_of_a_key_once(badge, site_key, link_key):
    host = welcomed(badge, link_key, site_key)
    for key in KEYS:  # down since the reset, as far as QEMU's board says
        badge.press(key)
    assert not host.has(Op.KEY, lambda _: True)
    for key in KEYS:
        badge.press(key)
    assert [host.receive(Op.KEY)[1] for _ in KEYS] == [0, 1, 2, 3, 4]
    assert not host.closed_within(0.5)
    assert not host.has(Op.KEY, lambda _: True)


def test_sleeps_while_nothing_happens(badge):
    badge.hello()
    time.sleep(1)
    before = badge.processor_seconds()
    time.sleep(3)
    share = (badge.processor_seconds() - before) / 3
    print(f"idle: {share:.1%} of a processor")
    assert share < IDLE_LIMIT


def test_replaces_its_seed_at_each_start(fresh_card):
    seen = {card_image.part(fresh_card, card_image.SEED_BLOCK)}
    for _ in range(2):
        with Badge(fresh_card) as badge:
            badge.hello()
        now = card_image.part(fresh_card, card_image.SEED_BLOCK)
        assert now.count(b"RCSEED\0\0") == 1
        seen.add(now)
    assert len(seen) == 3


def test_starts_without_a_card_and_says_that_it_cannot_work():
    with Badge(None) as badge:
        assert badge.hello().serial == "BADGE-WITHOUT-SERIAL"
        shows(badge, "badge-out-of-service")


def test_a_hang_ends_in_a_watchdog_reset_that_tells_where_it_was(badge):
    badge.hello()
    place = loop_without_end(badge)
    with badge.debugger() as debugger:
        debugger.run_to(badge.symbol(A_TURN_OF_THE_LOOP))  # the loop sleeps with interrupts masked
        debugger.set_register(PROGRAM_COUNTER, place)
    assert badge.hello_after_reset().reset == "watchdog"
    cause, _, pc, _, uptime = badge.crash_words()[:5]
    assert cause == WATCHDOG
    assert pc in (place, place + 2)
    assert uptime > 0


def test_a_hang_that_lets_no_interrupt_through_ends_in_a_watchdog_reset_too(badge):
    badge.hello()
    begun = time.monotonic()
    with badge.debugger() as debugger:
        debugger.run_to(badge.symbol(A_TURN_OF_THE_LOOP))
        debugger.set_word(INTERRUPT_DISABLE, 1 << WATCHDOG_INTERRUPT)
        debugger.set_register(PROGRAM_COUNTER, loop_without_end(badge))
    assert badge.hello_after_reset().reset == "watchdog"
    assert time.monotonic() - begun < WATCHDOG_LIMIT


def test_a_crash_is_told_with_its_place(badge):
    badge.hello()
    with badge.debugger() as debugger:
        debugger.set_register(PROGRAM_COUNTER, NOWHERE)
    assert badge.hello_after_reset().reset == "crash"
    cause, _, pc = badge.crash_words()[:3]
    assert (cause, pc) == (INSTRUCTION, NOWHERE)


def test_a_stack_that_runs_out_is_a_crash_and_harms_nobody(badge):
    badge.hello()
    with badge.debugger() as debugger:
        debugger.run_to(badge.symbol(A_TURN_OF_THE_LOOP))
        debugger.set_register(STACK_POINTER, badge.symbol("stack_bottom") + 32)
    assert badge.hello_after_reset().reset == "crash"
    cause, _, pc = badge.crash_words()[:3]
    assert (cause, pc) == (ACCESS, 0)  # no frame was left to look at


def test_works_on_after_each_of_ten_power_cuts(site_card, link_key):
    for _ in range(10):
        with Badge(site_card) as badge:
            host = badge.host({SERIAL: link_key})
            assert host.receive(Op.TERMINAL_STATE, seconds=20)
