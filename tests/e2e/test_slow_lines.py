"""A terminal on a serial line: what is large never holds up a tap, and is not begun again when it was cut."""

import statistics
import time
import zlib

import pytest
from conftest import DESK, DOOR

from tests.harness.enrol import TerminalDialogue
from tests.harness.line import Way, baud, of_type
from tests.harness.program import wait_until
from tests.harness.proxy import Proxy
from tests.harness.site import Site
from tests.harness.terminal import HeldTerminal
from tests.harness.wire import BulkKind, BulkResult, Closed, FrameType, Grant, Listener, Op, WireHost, WireTerminal, bulk


LIMIT = 0.020     # seconds by which a transfer may hold up a tap: one BULK frame of 192 bytes takes 17 ms
TAP_BYTES = 60    # a sealed tap is longer, what else a terminal says now and then is shorter
DATA, BULK = of_type(FrameType.DATA), of_type(FrameType.BULK)


@pytest.fixture
def line(idle_site, tmp_path):
    """115 200 baud between a terminal and the daemon, over Unix sockets: these let a sender feel the line."""
    daemon = tmp_path / "links.sock"
    idle_site.settings["links"]["listen"].append(f"unix:{daemon}")
    idle_site.start_case_system()
    idle_site.start_daemon()
    with Proxy(daemon, rate=baud(115_200), path=tmp_path / "line.sock") as made:
        yield made


def to_the_line(door: HeldTerminal, line: Proxy, card: str) -> float:
    """Seconds from a tap until its frame is on the line; none when the line's clock, right to `SLACK`, has it earlier."""
    moment = time.monotonic()
    door.tap_only(card)
    passed = line.to_daemon.wait_frame(lambda f: DATA(f) and f.bytes > TAP_BYTES, after=moment)
    return max(0, passed.began - moment)


def pours(way: Way, after: float) -> bool:
    """A transfer runs: more of it has passed since."""
    return any(BULK(f) and f.began > after for f in list(way.frames))


def wait_quiet(line: Proxy) -> None:
    """No transfer runs in either direction for two seconds."""
    def quiet() -> bool:
        last = [f.ended for way in (line.to_daemon, line.to_terminal) for f in list(way.frames) if BULK(f)]
        return time.monotonic() - max(last, default=0) > 2

    wait_until(quiet, 120, "every transfer has come to its end")


def quiet_delay(door: HeldTerminal, line: Proxy, cards: list[str]) -> float:
    wait_quiet(line)
    delays = []
    for card in cards:
        delays.append(to_the_line(door, line, card))
        time.sleep(0.5)
    return statistics.median(delays)


def test_screens_on_their_way_do_not_hold_up_a_tap(line, idle_site, cards):
    """The terminal is new and gets its kept screens."""
    door = HeldTerminal(idle_site, DOOR, connect=line.address, options=("--line", "115200"))
    line.to_terminal.wait_frame(BULK, seconds=20)
    delays = []
    for card in cards["participant"][:5]:
        before = time.monotonic()
        delays.append(to_the_line(door, line, card))
        wait_until(lambda: pours(line.to_terminal, before), 1, "the screens still come")
        time.sleep(0.3)
    quiet = quiet_delay(door, line, cards["participant"][5:10])
    print(f"to the line, ms: quiet {quiet * 1000:.1f}, with a transfer {[round(d * 1000, 1) for d in delays]}")
    assert max(delays) <= quiet + LIMIT


def test_answers_overtake_screens(line, idle_site, cards):
    """A tap is green in time although its answer goes the way of the screens."""
    door = HeldTerminal(idle_site, DOOR, connect=line.address, options=("--line", "115200"))
    line.to_terminal.wait_frame(BULK, seconds=20)
    for card in cards["participant"][:3]:
        before = time.monotonic()
        shown = door.tap(card)
        assert shown["light"] == "green" and shown["shown_ms"] < 300
        wait_until(lambda: pours(line.to_terminal, before), 1, "the screens still come")


def test_a_queue_on_its_way_does_not_hold_up_a_tap(line, idle_site, cards):
    door = HeldTerminal(idle_site, DOOR, connect=line.address, options=("--line", "115200")).wait_connected()
    quiet = quiet_delay(door, line, cards["participant"][:5])
    delays = []
    for live in cards["participant"][5:8]:
        door.plug(False)
        for card in (cards["participant"] * 40)[:40]:
            door.tap(card)
        begin = time.monotonic()
        door.plug(True)
        line.to_daemon.wait_frame(BULK, after=begin, seconds=20)
        before = time.monotonic()
        delays.append(to_the_line(door, line, live))
        wait_until(lambda: pours(line.to_daemon, before), 1, "the queue still goes")
        door.wait_empty(60)
    print(f"to the line, ms: quiet {quiet * 1000:.1f}, with a transfer {[round(d * 1000, 1) for d in delays]}")
    assert max(delays) <= quiet + LIMIT


# Transfers that were cut ------------------------------------------------------------------------------


def test_the_daemon_goes_on_where_a_screen_was_cut(site, proxy):
    key = site.link_key(DOOR)
    with WireTerminal(proxy.port, DOOR, panel=(800, 480), key=key) as door:
        door.open()
        door.take(Op.SCREEN, seconds=10)
        part = bulk.receive(door, window=1, stop_at=1000)
        proxy.cut()
    with WireTerminal(proxy.port, DOOR, panel=(800, 480), key=key, boot=2) as door:
        door.open()
        while True:  # screens may come in another order
            door.take(Op.SCREEN, seconds=10)
            offered = door.take(Op.BULK_OFFER)
            if offered[5] == part.digest:
                break
            door.send([Op.BULK_END, offered[1], BulkResult.REFUSED, False])
        door.send([Op.BULK_ACCEPT, offered[1], len(part.content), 4])
        door.until(lambda: door.bulk_frames)
        assert door.bulk_frames[0][1] == len(part.content)
        assert offered[4] > len(part.content)


def test_the_terminal_goes_on_where_a_screen_was_cut(idle_site):
    """The real terminal, with a host that is cut in the middle of a screen."""
    grant = Grant(bytes(range(32)), bytes([9]) + bytes(31), "elsewhere")
    with Listener() as listener:
        address = f"tcp:127.0.0.1:{listener.port}"
        enrol_with(idle_site, listener, grant, address)
        idle_site.start_terminal(DESK, "--web", f"127.0.0.1:{idle_site.ports.pages[DESK]}", connect=address)
        with listener.accept(keys={DESK: grant.key}) as host:
            size = welcome(host, grant)
            content = screen(*size)
            half = len(content) // 2
            _, transfer, offset, window = offer_screen(host, content, size)
            assert offset == 0
            bulk.pour(host, content[:half], transfer, 0, window)
        with listener.accept(keys={DESK: grant.key}) as host:
            assert welcome(host, grant) == size
            _, transfer, offset, window = offer_screen(host, content, size)
            assert offset == half
            bulk.pour(host, content, transfer, offset, window)
            assert host.take(Op.BULK_END, seconds=10)[2] == BulkResult.COMPLETE


def enrol_with(site: Site, listener: Listener, grant: Grant, address: str) -> None:
    with TerminalDialogue(site, DESK, site.settings_file(DESK), address) as called, listener.accept() as host:
        host.greet()
        secrets = host.number()
        assert called.digits() == secrets.digits
        called.confirm(True)
        assert host.grant(secrets, grant)
        called.expect_success()


def offer_screen(host: WireHost, content: bytes, size: tuple[int, int]) -> list:
    host.send([Op.SCREEN, 7, 1, *size])
    answer = bulk.offer(host, BulkKind.SCREEN, content, subject=7, transfer=5)
    assert answer[0] == Op.BULK_ACCEPT
    return answer[:4]


def welcome(host: WireHost, grant: Grant) -> tuple[int, int]:
    """Greets a terminal that is enrolled here; the size of its panel."""
    host.greet()
    state = host.take(Op.TERMINAL_STATE, seconds=10)
    host.send([Op.WELCOME, int(time.time() * 1000), 2, 1, grant.site_key, 0])
    return state[5], state[6]


def screen(width: int, height: int) -> bytes:
    """A picture that does not compress well, and fits where a screen is kept; as docs/protocol.md has it under Screens."""
    row = (width + 1) // 2
    pixels = bytes((x * x * 31 + y // 2 * 17) % 251 for y in range(height) for x in range(row))
    packer = zlib.compressobj(9, zlib.DEFLATED, 12)
    return packer.compress(bytes(range(32)) + pixels) + packer.flush()


def test_a_cut_line_ends_a_transfer_and_nothing_else(line, idle_site, cards):
    door = HeldTerminal(idle_site, DOOR, connect=line.address, options=("--line", "115200"))
    for card in cards["participant"][:3]:
        line.to_terminal.wait_frame(BULK, after=time.monotonic(), seconds=20)
        line.cut()
        assert door.tap(card)["light"] in ("amber", "green")
        door.wait_connected()
    door.wait_empty(60)
    wait_until(lambda: len(idle_site.received.taps()) == 3, 20, "every tap arrives")
    assert set(idle_site.received.taps().values()) == {1}


@pytest.mark.parametrize("size", [0, 1 << 31, 1 << 32])
def test_a_transfer_that_nobody_wants_is_refused(site, size):
    with WireTerminal(site.ports.links, DOOR, key=site.link_key(DOOR)) as door:
        door.open()
        try:
            assert bulk.send(door, BulkKind.QUEUE, b"x" * 100, size=size) != BulkResult.COMPLETE
        except (TimeoutError, Closed):
            assert size == 1 << 32, "only what is no valid message gets no answer"
        door.tap(1, bytes.fromhex("04DEADBEEF0001"))
        door.answer(1)


def test_a_transfer_with_a_wrong_digest_is_not_taken(site):
    with WireTerminal(site.ports.links, DOOR, key=site.link_key(DOOR)) as door:
        door.open()
        assert bulk.send(door, BulkKind.LOG, b"a line of the log\n" * 50, digest=bytes(32)) in (
            BulkResult.DIGEST, BulkResult.REFUSED)
        door.tap(1, bytes.fromhex("04DEADBEEF0001"))
        door.answer(1)
