"""Eight terminals on USB tap without pause while they are unplugged again and again: nothing is lost, nothing doubled,
and the daemon keeps nothing of the devices that were there. 15 s; ROLLCALL_USB_SECONDS or --full make it longer."""

import contextlib
import os
import random
import re
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.chaos.judge import Shown, problems
from tests.harness.program import wait_until
from tests.harness.site import EXAMPLE
from tests.harness.usb import UsbBus

SEED = int(os.environ.get("ROLLCALL_SEED") or random.SystemRandom().randrange(1 << 31))
SECONDS = float(os.environ.get("ROLLCALL_USB_SECONDS") or (60 if os.environ.get("ROLLCALL_FULL") else 15))
SERIALS = [f"USB-{number}-001" for number in range(1, 9)]
RATE = 2  # taps a second of each terminal
MORE_MEMORY = 4 << 20  # bytes that the daemon may grow by from the middle to the end, whatever SECONDS is


@pytest.fixture
def bus(idle_site):
    idle_site.places = [{"serial": serial, "room": "Room Senne", "mode": "training"} for serial in SERIALS]
    idle_site.start_case_system()
    made = UsbBus(idle_site, SERIALS)
    idle_site.start_daemon()
    yield made
    idle_site.stop()
    made.close()


class Terminals:
    def __init__(self, site, bus) -> None:
        taps = int(RATE * (SECONDS + 5))
        self.reports = [site.folder / f"{serial}.jsonl" for serial in SERIALS]
        self.programs = [
            site.start_crowd(serial.removesuffix("-001"), "--count", "1", "--rate", str(RATE), "--taps", str(taps),
                             "--seed", str(SEED + number), "--drain", "120", "--cards", EXAMPLE / "cards.csv",
                             "--report-file", report, connect=bus.address(serial))
            for number, (serial, report) in enumerate(zip(SERIALS, self.reports))]

    def wait(self) -> None:
        """Until they have tapped, handed over what they queued, and left."""
        for program in self.programs:
            assert program.wait(SECONDS + 180) == 0, program.last_words()

    def shown(self) -> Shown:
        whole = self.reports[0].with_name("all.jsonl")
        whole.write_text("".join(report.read_text() for report in self.reports))
        return Shown.read(whole)


class Kept:
    """What the daemon has open and in memory."""

    def __init__(self, site) -> None:
        process = Path(f"/proc/{site.daemon.pid}")
        targets = []
        for one in (process / "fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                targets.append(os.readlink(one))
        self.nodes = sum(target.startswith("/dev/pts/") for target in targets)  # as umockdev makes them
        self.descriptors = len(targets)
        self.memory = int(re.search(r"VmRSS:\s+(\d+) kB", (process / "status").read_text())[1]) << 10

    def __str__(self) -> str:
        return f"{self.descriptors} descriptors, {self.memory / (1 << 20):.1f} MB"


def all_unplugged(site, bus) -> Kept:
    for serial in SERIALS:
        bus.unplug(serial)

    def kept() -> Kept | None:
        now = Kept(site)
        return now if now.nodes == 0 else None

    return wait_until(kept, 60, "the daemon has closed what was unplugged", every=0.2)


def plug_all(bus) -> None:
    for serial in SERIALS:
        bus.plug(serial)


def storm(bus, chance: random.Random, seconds: float) -> Counter:
    done = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        serial = chance.choice(SERIALS)
        how = chance.choice(["unplug", "unplug in the middle", "stall"]) if bus.plugged(serial) else "plug"
        if how == "plug":
            bus.plug(serial)
        elif how == "unplug":
            bus.unplug(serial)
        elif how == "stall":
            bus.stall(serial, chance.choice(["in", "out"]))
        else:
            bus.unplug_in(serial, chance.randrange(1, 5000))
        done[how] += 1
        time.sleep(chance.uniform(0, 0.1))
    return done


def test_eight_terminals_that_are_unplugged_again_and_again(bus, idle_site):
    print(f"\nseed {SEED} (ROLLCALL_SEED={SEED} plays the same again), {SECONDS:g} s")
    chance = random.Random(SEED)
    terminals = Terminals(idle_site, bus)
    plug_all(bus)
    done = storm(bus, chance, SECONDS / 2)
    middle = all_unplugged(idle_site, bus)
    done += storm(bus, chance, SECONDS / 2)
    all_unplugged(idle_site, bus)  # also what was to be unplugged a little later
    plug_all(bus)
    terminals.wait()
    after = all_unplugged(idle_site, bus)

    shown = terminals.shown()
    taps = {tap for tap in shown.lights if tap in shown.promised()}
    wait_until(lambda: taps <= set(idle_site.received.taps()), 60, f"{len(taps)} taps arrive at the case system")
    lights = Counter(shown.lights.values())
    print(f"{dict(done)}; {dict(lights)}; middle: {middle}; after: {after}")
    assert problems(shown, idle_site.received.taps()) == []
    assert lights["green"] > 0 and min(done.values()) > 0 and done["plug"] >= 5  # also on a busy machine
    assert after.descriptors <= middle.descriptors + 2  # a connection to the case system comes and goes
    assert after.memory <= middle.memory + MORE_MEMORY
