"""The proxy: rate, small buffers, records, and faults of single frames."""

import contextlib
import fcntl
import socket
import struct
import termios
import threading
import time

import pytest

from tests.harness.line import any_frame, baud, of_type
from tests.harness.proxy import Proxy
from tests.harness.wire import FrameType, frame, parse
from tests.harness.wire.frames import MAX_BODY

BADGE, TOUCH = baud(115_200), baud(921_600)


class Pair:
    """Two sockets with the proxy between them."""

    def __init__(self, tmp_path, unix: bool = False, **settings) -> None:
        if unix:
            self._server = socket.socket(socket.AF_UNIX)
            self._server.bind(str(tmp_path / "d"))
            self._server.listen()
            self.proxy = Proxy(tmp_path / "d", path=tmp_path / "p", **settings)
            self.terminal = socket.socket(socket.AF_UNIX)
            self.terminal.connect(str(tmp_path / "p"))
        else:
            self._server = socket.create_server(("127.0.0.1", 0))
            self.proxy = Proxy(self._server.getsockname()[1], **settings)
            self.terminal = socket.create_connection(("127.0.0.1", self.proxy.port))
        self._server.settimeout(5)
        self.daemon, _ = self._server.accept()
        self.terminal.settimeout(10)
        self.daemon.settimeout(10)

    def __enter__(self) -> "Pair":
        return self

    def __exit__(self, *_) -> None:
        self.proxy.close()
        for one in (self.terminal, self.daemon, self._server):
            one.close()


def read(source: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size:
        more = source.recv(65536)
        assert more, "the connection ended"
        got += more
    return got


def frames_from(source: socket.socket, count: int) -> list[bytes]:
    got = b""
    while got.count(b"\0") < count:
        got += source.recv(65536)
    return [one for one in got.split(b"\0") if one]


def pings(*numbers: int) -> list[bytes]:
    return [frame(FrameType.PING, 0, number) for number in numbers]


def test_a_proxy_without_a_rate_hands_on_both_ways_and_counts(tmp_path):
    with Pair(tmp_path) as pair:
        pair.terminal.sendall(b"x" * 100_000)
        assert read(pair.daemon, 100_000) == b"x" * 100_000
        pair.daemon.sendall(b"answer")
        assert read(pair.terminal, 6) == b"answer"
        assert (pair.proxy.bytes_to_daemon, pair.proxy.bytes_to_terminal) == (100_000, 6)


def test_holding_dropping_and_cutting(tmp_path):
    with Pair(tmp_path) as pair:
        pair.proxy.hold_taps()
        pair.terminal.sendall(b"late")
        pair.daemon.settimeout(0.1)
        with pytest.raises(TimeoutError):
            pair.daemon.recv(10)
        pair.proxy.release_taps()
        pair.daemon.settimeout(5)
        assert read(pair.daemon, 4) == b"late"
        pair.proxy.drop_answers()
        pair.daemon.sendall(b"lost")
        pair.terminal.settimeout(0.1)
        with pytest.raises(TimeoutError):
            pair.terminal.recv(10)
        pair.proxy.drop_answers(False)
        pair.proxy.cut(refuse=True)
        with pytest.raises(ConnectionResetError):
            pair.terminal.recv(1)
        with pytest.raises(ConnectionError), socket.create_connection(("127.0.0.1", pair.proxy.port)) as refused:
            refused.settimeout(5)
            if not refused.recv(1):
                raise ConnectionError
        pair.proxy.allow()
        with socket.create_connection(("127.0.0.1", pair.proxy.port)) as again:
            again.sendall(b"here")
            fresh, _ = pair._server.accept()
            assert read(fresh, 4) == b"here"
            fresh.close()


def test_the_end_of_one_side_ends_the_other_after_what_was_said(tmp_path):
    with Pair(tmp_path) as pair:
        pair.terminal.sendall(b"goodbye")
        pair.terminal.close()
        assert read(pair.daemon, 7) == b"goodbye"
        assert pair.daemon.recv(1) == b""


# Slow lines -------------------------------------------------------------------------------------------


def pour(sink: socket.socket, data: bytes) -> None:
    def push() -> None:
        with contextlib.suppress(OSError):
            sink.sendall(data)

    threading.Thread(target=push, daemon=True).start()


def pour_into_nothing(source: socket.socket) -> None:
    def drain() -> None:
        with contextlib.suppress(OSError):
            while source.recv(65536):
                pass

    threading.Thread(target=drain, daemon=True).start()


@pytest.mark.parametrize("unix", [False, True], ids=["tcp", "unix"])
@pytest.mark.parametrize("rate, size", [(BADGE, 23_040), (TOUCH, 138_240)], ids=["115200", "921600"])
def test_a_line_has_its_rate_in_both_directions_at_once(tmp_path, rate, size, unix):
    with Pair(tmp_path, unix, rate=rate) as pair:
        begin = time.monotonic()
        pour(pair.terminal, b"t" * size)
        pour(pair.daemon, b"d" * size)
        took = {}

        def drain(name: str, source: socket.socket) -> None:
            read(source, size)
            took[name] = time.monotonic() - begin

        threads = [threading.Thread(target=drain, args=one)
                   for one in (("to daemon", pair.daemon), ("to terminal", pair.terminal))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        for name, seconds in took.items():
            assert seconds == pytest.approx(size / rate, rel=0.05), name
        assert len(took) == 2


def test_a_line_that_was_idle_owes_nothing(tmp_path):
    """The rate holds for each burst, not on average."""
    with Pair(tmp_path, rate=BADGE) as pair:
        for _ in range(3):
            time.sleep(0.3)
            begin = time.monotonic()
            pair.terminal.sendall(b"x" * 1152)
            read(pair.daemon, 1152)
            assert time.monotonic() - begin >= 0.095


@pytest.mark.parametrize("unix", [False, True], ids=["tcp", "unix"])
def test_a_full_line_holds_a_few_bytes_of_its_own(tmp_path, unix):
    with Pair(tmp_path, unix, rate=BADGE) as pair:
        pour(pair.terminal, b"x" * 20_000)
        pour_into_nothing(pair.daemon)
        way, held = pair.proxy.to_daemon, []
        for _ in range(50):
            time.sleep(0.01)
            passed = sum(size for _, size in list(way.pieces))
            held.append(way.bytes - passed)
        assert passed > 3000 and max(held) <= 64


def waiting(sender: socket.socket) -> int:
    """Bytes that its peer has not taken yet, with their overhead (tty_ioctl(2), TIOCOUTQ)."""
    return struct.unpack("i", fcntl.ioctl(sender, termios.TIOCOUTQ, bytes(4)))[0]


def test_a_sender_on_a_unix_socket_sees_when_its_bytes_have_left(tmp_path):
    with Pair(tmp_path, unix=True, rate=BADGE) as pair:
        pour_into_nothing(pair.daemon)
        begin = time.monotonic()
        pair.terminal.sendall(b"x" * 576)
        while waiting(pair.terminal) and time.monotonic() < begin + 5:
            time.sleep(0.001)
        assert time.monotonic() - begin == pytest.approx(576 / BADGE, abs=0.015)


def test_a_record_says_when_each_frame_passed(tmp_path):
    with Pair(tmp_path, rate=BADGE) as pair:
        big, small = frame(FrameType.BULK, 0, 1, bytes(500)), frame(FrameType.DATA, 0, 2, b"tap")
        begin = time.monotonic()
        pair.terminal.sendall(b"\0" + big + small)
        assert len(frames_from(pair.daemon, 3)) == 2
        first, second = (pair.proxy.to_daemon.wait_frame(of_type(kind)) for kind in (FrameType.BULK, FrameType.DATA))
        assert (first.bytes, second.bytes) == (len(big), len(small))
        assert begin <= first.began + 0.002 and first.ended - first.began == pytest.approx(len(big) / BADGE, abs=0.015)
        assert first.ended <= second.began + 0.015
        assert second.ended - begin == pytest.approx((len(big) + len(small)) / BADGE, abs=0.02)
        assert pair.proxy.to_daemon.captured is None
        assert pair.proxy.to_daemon.bytes_between(begin, time.monotonic()) == 1 + len(big) + len(small)


def test_a_capture_keeps_what_passed(tmp_path):
    with Pair(tmp_path, capture=True) as pair:
        pair.terminal.sendall(b"to the daemon")
        pair.daemon.sendall(b"to the terminal")
        read(pair.daemon, 13), read(pair.terminal, 15)
        assert bytes(pair.proxy.to_daemon.captured) == b"to the daemon"
        assert bytes(pair.proxy.to_terminal.captured) == b"to the terminal"


# Single frames ----------------------------------------------------------------------------------------


def kinds_and_numbers(frames: list[bytes]) -> list[tuple[int, int]]:
    return [(parse(one).kind, parse(one).counter) for one in frames]


def test_a_byte_is_damaged_and_the_crc_tells(tmp_path):
    with Pair(tmp_path) as pair:
        fault = pair.proxy.to_daemon.damage(at=4)
        pair.terminal.sendall(frame(FrameType.DATA, 0, 1, b"abc") + frame(FrameType.DATA, 0, 2, b"abc"))
        first, second = frames_from(pair.daemon, 2)
        assert fault.happened.is_set()
        with pytest.raises(ValueError, match="CRC"):
            parse(first)
        assert parse(second).payload == b"abc", "one frame only"


def test_a_byte_is_damaged_and_the_crc_fits(tmp_path):
    with Pair(tmp_path) as pair:
        pair.proxy.to_terminal.damage(at=-1, mask=3, repair_crc=True)
        pair.daemon.sendall(frame(FrameType.DATA, 0, 1, b"abc"))
        assert parse(frames_from(pair.terminal, 1)[0]).payload == b"ab`"


def test_the_frame_that_matches_is_lost(tmp_path):
    with Pair(tmp_path) as pair:
        fault = pair.proxy.to_daemon.lose(of_type(FrameType.DATA))
        pair.terminal.sendall(b"".join([*pings(1), frame(FrameType.DATA, 0, 2), *pings(3)]))
        fault.wait()
        assert kinds_and_numbers(frames_from(pair.daemon, 2)) == [(FrameType.PING, 1), (FrameType.PING, 3)]


def test_half_of_a_frame_passes_when_it_is_broken_off(tmp_path):
    with Pair(tmp_path) as pair:
        whole = frame(FrameType.DATA, 0, 2, bytes(100))
        fault = pair.proxy.to_daemon.break_off(of_type(FrameType.DATA))
        pair.terminal.sendall(whole)
        fault.wait()
        half = (len(whole) - 1) // 2
        assert read(pair.daemon, half) == whole[:half]
        pair.daemon.settimeout(0.1)
        with pytest.raises(TimeoutError):
            pair.daemon.recv(1)


def test_a_frame_is_said_twice(tmp_path):
    with Pair(tmp_path) as pair:
        pair.proxy.to_daemon.duplicate()
        pair.terminal.sendall(b"".join(pings(1, 2)))
        assert [n for _, n in kinds_and_numbers(frames_from(pair.daemon, 3))] == [1, 1, 2]


def test_a_held_frame_comes_after_others(tmp_path):
    with Pair(tmp_path, rate=TOUCH) as pair:
        fault = pair.proxy.to_daemon.hold(lambda passed: any_frame(passed) and passed.kind == FrameType.PING)
        pair.terminal.sendall(b"".join(pings(1, 2)))
        fault.wait()
        assert kinds_and_numbers(frames_from(pair.daemon, 1)) == [(FrameType.PING, 2)]
        pair.proxy.to_daemon.release()
        assert kinds_and_numbers(frames_from(pair.daemon, 1)) == [(FrameType.PING, 1)]


def test_a_fault_may_be_armed_in_the_middle_of_a_frame(tmp_path):
    with Pair(tmp_path) as pair:
        first, second = frame(FrameType.DATA, 0, 1, bytes(100)), frame(FrameType.DATA, 0, 2, bytes(100))
        pair.terminal.sendall(first[:20])
        read(pair.daemon, 20)
        pair.proxy.to_daemon.lose()
        pair.terminal.sendall(first[20:] + second + pings(3)[0])
        rest = frames_from(pair.daemon, 2)
        assert first[:20] + rest[0] + b"\0" == first
        assert kinds_and_numbers(rest[1:]) == [(FrameType.PING, 3)]


def test_the_largest_frame_can_be_damaged(tmp_path):
    with Pair(tmp_path) as pair:
        pair.proxy.to_daemon.damage(at=1000, repair_crc=True)
        pair.terminal.sendall(frame(FrameType.BULK, 0, 1, bytes(MAX_BODY - 8)))
        assert parse(frames_from(pair.daemon, 1)[0]).payload == bytes(996) + b"\x01" + bytes(MAX_BODY - 8 - 997)
