"""Clients that do not read, that read slowly, that flood; many of them; too few descriptors."""

from __future__ import annotations

import contextlib
import os
import shutil  # noqa: F401 - looks at sys.platform, which a test changes
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

REFERENCE = Path(__file__).resolve().parents[3] / "reference"
TEXT = "x" * 8000
LINES = 700  # 6 MB: more than the system's buffers and the allowance take together

# The ways to send without waiting: the system's own, and what stands in for it on macOS
# (poll) and on Windows (select).
SEAMS = {
    "dontwait": "",
    "poll": "server.DONT_WAIT = 0",
    "select": "server.DONT_WAIT = 0; sys.platform = 'win32'",
}
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals and limits")


@pytest.fixture
def any_server(request: pytest.FixtureRequest, serve: Any) -> Any:
    """Start the two-user server, or the other one with a way of sending."""
    if request.param == "two users":
        return serve("two_user_server.py")
    program = f"""
import shutil, sys  # shutil, which argparse takes, first: it looks for Windows' own modules
sys.path.insert(0, {str(REFERENCE)!r})
import server
{SEAMS[request.param]}
sys.exit(server.run(server.Chat))
"""
    return serve(sys.executable, "-c", program)


def on(*names: str) -> pytest.MarkDecorator:
    """Run a test with these servers."""
    return pytest.mark.parametrize("any_server", names, indirect=True)


class Flood(threading.Thread):
    """Says LINES lines as fast as the server takes them."""

    def __init__(self, peer: Any, lines: int = LINES) -> None:
        super().__init__(daemon=True)
        self._peer = peer
        self._lines = lines
        self.start()

    def run(self) -> None:
        with contextlib.suppress(OSError):  # the server was stopped
            for number in range(self._lines):
                self._peer.says(f"{number} {TEXT}")

    def is_over(self) -> None:
        self.join(20)
        assert not self.is_alive()


def number_in(line: str) -> int:
    """Return which line of the flood this is."""
    *_, number, text = line.split()
    assert text == TEXT
    return int(number)


@on("two users")
def test_who_never_reads_is_dropped_with_a_notice(any_server: Any, join: Any) -> None:
    anna, stuck = join(any_server), join(any_server, receive_buffer=4096)
    began = time.monotonic()
    flood = Flood(anna)
    anna.hears("Пользователь #2 присоединился к чату!")
    anna.hears("Пользователь #2 покинул чат.")
    assert time.monotonic() - began > 0.5  # it had its chance
    flood.is_over()
    clara = join(any_server)
    clara.says("есть кто?")
    anna.hears("Пользователь #3 присоединился к чату!")
    anna.hears("Пользователь #3 - есть кто?")
    stuck.close()


@on(*SEAMS)
def test_who_never_reads_costs_the_others_one_pause(any_server: Any, join: Any) -> None:
    server = psutil.Process(any_server.process.pid)
    anna, boris = join(any_server), join(any_server)
    memory = server.memory_info().rss
    join(any_server, receive_buffer=4096)
    boris.hears("Пользователь #3 присоединился к чату!")
    flood = Flood(anna)
    gaps, expected, notices, at = [], 0, 0, time.monotonic()
    while expected < LINES or not notices:
        if (line := boris.line()).endswith("Пользователь #3 покинул чат."):
            notices += 1
        else:
            assert number_in(line) == expected
            expected += 1
        gaps.append(time.monotonic() - at)
        at = time.monotonic()
    flood.is_over()
    assert max(gaps) < 1.5  # it is less than 1 s; a busy machine may add to that
    assert sorted(gaps)[-2] < 0.5
    assert server.memory_info().rss - memory < 12 << 20


@on("two users", "dontwait", "poll")
def test_who_is_slow_is_not_dropped(any_server: Any, join: Any) -> None:
    anna, slow = join(any_server), join(any_server, receive_buffer=65536)
    flood = Flood(anna)
    pace, began = threading.Event(), time.monotonic()
    for expected in range(LINES):
        if expected % 8 == 0:  # at most 5 MB a second: longer in all than anybody's patience
            pace.wait(0.012)
        assert number_in(slow.line()) == expected
    assert time.monotonic() - began > 1
    flood.is_over()
    slow.says("всё прочёл")
    anna.hears("Пользователь #2 присоединился к чату!")
    anna.hears("Пользователь #2 - всё прочёл")


@posix
@on("two users", "dontwait")
def test_it_stops_while_somebody_holds_everybody_up(any_server: Any, join: Any) -> None:
    anna, slow = join(any_server), join(any_server, receive_buffer=4096)
    anna.hears("Пользователь #2 присоединился к чату!")
    flood = Flood(anna, 100_000)
    assert number_in(slow.line()) == 0  # it is under way
    began = time.monotonic()
    assert any_server.stop(signal.SIGTERM) == 0
    assert time.monotonic() - began < 2
    # The server left what Anna still sent unread, so the end may come as a reset.
    with contextlib.suppress(ConnectionResetError):
        assert anna.sock.recv(1) == b""
    with contextlib.suppress(OSError):  # her send may wait for a window that stays shut
        anna.sock.shutdown(socket.SHUT_RDWR)
    flood.is_over()


def test_a_flood_to_many_readers_drops_nobody_and_costs_little_memory(
    serve: Any, join: Any
) -> None:
    server = serve("server.py")
    process = psutil.Process(server.process.pid)
    anna, *readers = [join(server, receive_buffer=65536) for _ in range(41)]
    before = process.memory_info().rss
    done: list[Any] = []

    def read(reader: Any) -> None:
        expected = 0
        while expected < LINES:
            if (line := reader.line()).endswith(TEXT):
                assert number_in(line) == expected
                expected += 1
        done.append(reader)

    threads = [threading.Thread(target=read, args=(reader,)) for reader in readers]
    for thread in threads:
        thread.start()
    Flood(anna).is_over()
    for thread in threads:
        thread.join(20)
    assert len(done) == len(readers)
    assert "покинул" not in server.out.text
    assert process.memory_info().rss - before < 16 << 20


def test_a_crowd_hears_of_every_join_and_costs_little_memory(serve: Any, join: Any) -> None:
    server, count = serve("server.py"), 300
    process = psutil.Process(server.process.pid)
    before = process.memory_info().rss
    peers = [join(server.port) for _ in range(count)]
    server.out.wait_for(rf"#{count} присоединился")
    for number, peer in enumerate(peers, 1):
        for other in range(number + 1, count + 1):
            peer.hears(f"Пользователь #{other} присоединился к чату!")
    if sys.platform == "linux":
        assert (process.memory_info().rss - before) / count < 28 << 10  # 22 KiB, measured alone
    for peer in peers[:-1]:
        peer.close()
    for number in range(1, count):  # each is told once, in whatever order
        server.out.wait_for(rf"#{number} покинул")
    peers[-1].says("никого?")
    server.out.wait_for("никого")
    left = sorted(int(peers[-1].line().split("#")[1].split()[0]) for _ in range(count - 1))
    assert left == list(range(1, count))
    assert process.num_threads() == 4


@posix
def test_when_descriptors_run_out_newcomers_wait(start: Any, serve: Any, join: Any) -> None:
    server = serve(
        "sh", "-c", 'ulimit -n 24; exec "$@"', "", sys.executable, str(REFERENCE / "server.py")
    )
    peers = [join(server.port) for _ in range(40)]
    server.out.wait_for("#12 присоединился")
    assert "#30 " not in server.out.text
    for peer in peers[:30]:
        peer.close()
    server.out.wait_for("#40 присоединился")
    peers[38].says("дождались")
    server.out.wait_for("#39 - дождались")
