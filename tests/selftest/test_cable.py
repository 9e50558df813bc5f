"""The cable of an emulated board: always there at the board, one connection after the other at the host."""

import socket
import time
from contextlib import closing

import pytest

from tests.harness.proxy import Proxy
from tests.qemu.cable import Cable


@pytest.fixture
def board():
    """The board's end, and the machine's."""
    ends = socket.socketpair()
    ends[0].settimeout(10)
    yield ends
    for end in ends:
        end.close()


@pytest.fixture
def host(tmp_path):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "d"))
        listening.listen()
        listening.settimeout(10)
        yield listening


def accepted(host: socket.socket) -> socket.socket:
    made = host.accept()[0]
    made.settimeout(10)
    return made


def test_both_ways_over_one_connection_after_the_other(board, host, tmp_path):
    with Proxy(tmp_path / "d", path=tmp_path / "p"), closing(Cable(board[1], tmp_path / "p")):
        for word in (b"first", b"again"):
            with accepted(host) as connection:
                board[0].sendall(word)
                assert connection.recv(10) == word
                connection.sendall(b"yes")
                assert board[0].recv(10) == b"yes"


def test_what_is_said_to_nobody_is_lost(board, host, tmp_path):
    with Proxy(tmp_path / "d", path=tmp_path / "p") as proxy, closing(Cable(board[1], tmp_path / "p")):
        with accepted(host):
            proxy.cut(refuse=True)
        board[0].sendall(b"x" * 100_000)  # does not wait for anybody
        time.sleep(0.2)
        proxy.allow()
        with accepted(host) as connection:
            board[0].sendall(b"heard")
            assert connection.recv(10) == b"heard"


def test_a_machine_that_ends_ends_the_cable(board, host, tmp_path):
    with Proxy(tmp_path / "d", path=tmp_path / "p"):
        cable = Cable(board[1], tmp_path / "p")
        with accepted(host) as connection:
            board[0].close()
            assert connection.recv(1) == b""
        cable.close()
