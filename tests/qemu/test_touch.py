"""The touch terminal's image on the emulated board: it starts, shows, feels, sleeps, and survives."""

import os
import time
from pathlib import Path

import pytest

from tests.harness.wire.end import Closed
from tests.harness.wire.host import WireHost
from tests.harness.wire.messages import Capability, Op, ReplyStatus
from tests.qemu import flash_image
from tests.qemu.conftest import TOUCH_SERIAL
from tests.qemu.debugger import PROGRAM_COUNTER, STACK_POINTER
from tests.qemu.machine import PATIENCE
from tests.qemu.picture import Picture
from tests.qemu.terminal import A_TURN_OF_THE_LOOP, Hello
from tests.qemu.touch import Touch

PICTURES = Path(__file__).with_name("pictures")
TOLERANCE = 0.01  # share of pixels: nothing but the firmware draws, so none should differ
BOOT_LIMIT = 0.150  # seconds of a processor from power-on to HELLO
IDLE_LIMIT = 0.10  # of a host's processor
SYNCED = 2
ACCESS, INSTRUCTION = 1, 2  # hal/crash.hpp


@pytest.fixture
def site(touch: Touch, link_key: bytes, site_key: bytes) -> "PlayedSite":
    return PlayedSite(touch, link_key, site_key)


class PlayedSite:
    """A host that speaks with the terminal, start after start."""

    def __init__(self, touch: Touch, link_key: bytes, site_key: bytes) -> None:
        self.touch, self.keys, self.site_key = touch, {TOUCH_SERIAL: link_key}, site_key

    def host(self) -> WireHost:
        return self.touch.host(self.keys)

    def welcome(self, host: WireHost) -> list:
        """Brings the link up; what the terminal says of its state."""
        greeting(host)
        state = host.take(Op.TERMINAL_STATE, seconds=PATIENCE)
        host.send([Op.WELCOME, 1_700_000_000_000, SYNCED, 1, self.site_key, 0])
        return state

    def welcomed(self) -> WireHost:
        host = self.host()
        self.welcome(host)
        return host

    def after_reset(self, host: WireHost) -> Hello:
        """What the terminal says of itself when it greets anew."""
        with pytest.raises(Closed):
            host.until(lambda: False, PATIENCE)
        return greeting(self.host())


def greeting(host: WireHost) -> Hello:
    host.until(lambda: host.greeted, PATIENCE)
    return Hello(host.peer_hello)


def shows(touch: Touch, name: str) -> None:
    """The picture of this name, after a moment to draw it; what it shows instead is left beside the image."""
    wanted = Picture.load(PICTURES / f"{name}.png")
    latest = time.monotonic() + PATIENCE
    while (shown := touch.picture()).difference(wanted) > TOLERANCE and time.monotonic() < latest:
        time.sleep(0.2)
    if shown.difference(wanted) <= TOLERANCE:
        return
    other = touch.image.parent / f"{name}-instead.png"
    shown.save(other)
    pytest.fail(f"{shown.difference(wanted):.1%} of the pixels differ from pictures/{name}.png; see {other}")


def test_greets_with_its_name_and_what_it_can(fresh_bank):
    with Touch(fresh_bank) as touch:
        hello = touch.hello()
    assert hello.serial == TOUCH_SERIAL
    assert hello.firmware.startswith("touch ")
    assert hello.max_frame == 192
    assert hello.reset == "power_on"
    wanted = Capability.DISPLAY | Capability.TOUCH | Capability.INDICATOR | Capability.QUEUE | Capability.UPDATE
    assert hello.capabilities & wanted == wanted


def test_says_that_no_factory_gave_it_a_serial_number(tmp_path):
    with Touch(flash_image.write(tmp_path / "bank.img", {})) as touch:
        assert touch.hello().serial == "TOUCH-WITHOUT-SERIAL"


def test_answers_the_factory(fresh_bank):
    with Touch(fresh_bank) as touch:
        touch.hello()
        console = touch.lines["console"]
        console.send(b"id\n")
        said = console.read_until(b"\n")
        assert said.startswith(f"OK serial={TOUCH_SERIAL} version=".encode())
        assert b" seeded=yes " in said
        console.send(b"restart\n")
        assert touch.hello_after_reset().reset == "software"


def test_takes_its_serial_number_and_seed_from_the_factory(tmp_path):
    with Touch(flash_image.write(tmp_path / "bank.img", {})) as touch:
        touch.hello()
        console = touch.lines["console"]
        for order in ("serial TOUCH-NEW-7", f"seed {os.urandom(32).hex()}"):
            console.send(f"{order}\n".encode())
            assert console.read_until(b"\n").startswith(b"OK")
        touch.kill()
        touch.start()
        assert touch.hello().serial == "TOUCH-NEW-7"
        touch.lines["console"].send(b"id\n")
        assert b" seeded=yes " in touch.lines["console"].read_until(b"\n")


def test_greets_within_its_time_after_power_on(fresh_bank):
    took, by_clock = Touch.seconds_to_hello(10, fresh_bank)
    print(f"from power-on to HELLO, median of 10: {took * 1000:.0f} ms of a processor, {by_clock * 1000:.0f} ms by the "
          "clock")
    assert took < BOOT_LIMIT


def test_shakes_hands_with_its_site(site):
    state = site.welcome(site.host())
    waiting, capacity, *panel = state[3:]
    assert waiting == 0
    assert capacity >= 20_000
    assert panel == [800, 480]


def test_shows_that_it_belongs_to_no_site(fresh_bank):
    with Touch(fresh_bank) as touch:
        touch.hello()
        shows(touch, "touch-out-of-service")


def test_is_out_of_service_while_its_reader_is_silent(touch, site):
    host = site.welcomed()
    host.closed_within(0.5)  # hears on, so that QEMU goes on
    shows(touch, "touch-out-of-service")


def test_sleeps_while_nothing_happens(touch, site):
    host = site.welcomed()
    host.closed_within(1)  # whatever is left to do
    before = touch.processor_seconds()
    assert not host.closed_within(3)
    share = (touch.processor_seconds() - before) / 3
    print(f"idle: {share:.1%} of a processor")
    assert share < IDLE_LIMIT


def test_tells_a_press_once_and_where(touch, site):
    host = site.welcomed()
    for x, y in ((0, 0), (200, 360), (799, 479)):
        touch.press(x, y)
        assert host.receive(Op.TOUCH)[1:4] == [0, x, y]
        time.sleep(0.1)  # what comes sooner counts as bouncing
    touch.pointer(100, 100, True)
    for x in range(110, 300, 10):
        touch.pointer(x, 100)
    touch.pointer(down=False)
    assert host.receive(Op.TOUCH)[1:4] == [0, 100, 100]
    assert not host.closed_within(0.5)
    assert not host.has(Op.TOUCH, lambda _: True)


def test_goes_on_where_it_was_after_each_of_three_power_cuts(touch, site):
    resets, boots, epochs = [], [], []
    for _ in range(3):
        host = site.host()
        hello, state = greeting(host), site.welcome(host)
        resets.append(hello.reset)
        boots.append(hello.boot)
        epochs.append(state[1])
        touch.kill()
        touch.start()
    assert set(resets) == {"power_on"}
    assert boots == [boots[0], boots[0] + 1, boots[0] + 2]
    assert len(set(epochs)) == 1


def test_says_that_its_site_asked_for_the_restart(touch, site):
    host = site.host()
    before = greeting(host)
    site.welcome(host)
    host.send([Op.REBOOT, 0])
    assert host.receive(Op.REPLY)[1:3] == [Op.REBOOT, ReplyStatus.DONE]
    after = site.after_reset(host)
    assert (after.reset, after.boot) == ("software", before.boot + 1)
    touch.kill()
    touch.start()
    assert touch.hello().reset == "power_on"


@pytest.mark.parametrize("place", [0x0000_1000, 0x8010_0000], ids=["nothing is there", "data"])
def test_a_crash_is_told_with_its_place(touch, site, place):
    host = site.welcomed()
    with touch.debugger() as debugger:
        debugger.set_register(PROGRAM_COUNTER, place)
    assert site.after_reset(host).reset == "crash"
    cause, _, pc = touch.crash_words()[:3]
    assert (cause, pc) == (INSTRUCTION, place)


def test_a_stack_that_runs_out_is_a_crash_and_harms_nobody(touch, site):
    host = site.welcomed()
    with touch.debugger() as debugger:
        debugger.run_to(touch.symbol(A_TURN_OF_THE_LOOP))  # a call, whose first store runs out of stack
        debugger.set_register(STACK_POINTER, 0x8050_0010)
    assert site.after_reset(host).reset == "crash"
    assert touch.crash_words()[0] == ACCESS
