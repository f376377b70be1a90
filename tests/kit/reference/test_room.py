"""What those who are slow are owed, looked at inside the room, and inside the chat for two."""

from __future__ import annotations

import select
import socket
import sys
import time
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a socket pair there is no pair")
CHUNK = 4096


class Stopping:
    """Stands in for the room's event: counts who waits for it, and lets nobody wait."""

    def __init__(self, *, stopped: bool) -> None:
        self.stopped = stopped
        self.waits = 0

    def wait(self, _seconds: float) -> bool:
        self.waits += 1
        return self.stopped


@pytest.fixture
def behind(server: ModuleType) -> Iterator[tuple[Any, Any, socket.socket]]:
    """A room with one member who has not read for long, and the member's end."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, CHUNK)
        theirs.settimeout(20)
        room, member = server.Room(), server.Member(ours, "anna")
        while not member.outbox:
            room._send(member, b"x" * CHUNK)
        yield room, member, theirs


def test_what_was_sent_is_owed_no_more(behind: Any) -> None:
    room, member, theirs = behind
    room._send(member, b"y" * CHUNK)
    assert list(room._behind) == [member]
    assert member.owed == sum(map(len, member.outbox)) > CHUNK
    began = time.monotonic()
    while member.outbox:
        theirs.recv(CHUNK)
        room._flush(member)
        assert member.owed == sum(map(len, member.outbox))
    assert (member.owed, room._behind) == (0, {})
    assert member.took_at >= began


def test_authors_are_held_back_only_for_who_owes_more_than_is_allowed(
    server: ModuleType, behind: Any
) -> None:
    room, member, _theirs = behind
    for owed, waits in ((server.ALLOWANCE, 0), (server.ALLOWANCE + 1, 1)):
        member.owed = owed
        room.stopping = Stopping(stopped=True)
        room._hold_back()
        assert room.stopping.waits == waits
    assert server.ALLOWANCE > 100_000


def test_a_room_that_is_to_stop_waits_for_nobody_and_drops_nobody(
    server: ModuleType, behind: Any
) -> None:
    room, member, theirs = behind
    member.owed = server.ALLOWANCE + 1
    room.stopping = Stopping(stopped=True)
    room._hold_back()
    assert member.outbox
    theirs.setblocking(False)
    while True:
        try:
            data = theirs.recv(CHUNK)
        except BlockingIOError:
            break
        assert data, "the connection was shut"


def test_who_takes_something_now_and_then_is_not_dropped(
    server: ModuleType, behind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, member, theirs = behind
    room._send(member, b"y" * 2 * server.ALLOWANCE)
    now = [1000.0]
    monkeypatch.setattr(server, "time", SimpleNamespace(monotonic=lambda: now[0]))
    room.stopping = Stopping(stopped=False)
    waits = room.stopping.wait

    def a_while_later(seconds: float) -> bool:
        while member.outbox and not select.select([], [member.sock], [], 0)[1]:
            theirs.recv(CHUNK)
        now[0] += 0.6 * server.PATIENCE
        room.stopping.stopped = room.stopping.waits == 5
        return waits(seconds)

    room.stopping.wait = a_while_later
    room._hold_back()
    assert room.stopping.waits == 6
    assert member.owed > server.ALLOWANCE
    assert member.sock.send(b"!", server.DONT_WAIT or 0) == 1


def test_a_slow_one_of_two_is_waited_for_as_long_as_he_takes_something(
    two_user_server: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = two_user_server.TwoUserChat(words=None, framing="line")
    now, waits, got = [1000.0], [0], bytearray()
    monkeypatch.setattr(two_user_server, "time", SimpleNamespace(monotonic=lambda: now[0]))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, CHUNK)

        def a_while_later(_seconds: float) -> bool:
            while not select.select([], [ours], [], 0)[1]:
                got.extend(theirs.recv(CHUNK))
            now[0] += 0.6 * two_user_server.PATIENCE
            waits[0] += 1
            return False

        monkeypatch.setattr(chat._stopping, "wait", a_while_later)
        chat._send(two_user_server.Seat(ours, "anna"), "x" * 100 * CHUNK)
        ours.shutdown(socket.SHUT_WR)
        while data := theirs.recv(CHUNK):
            got.extend(data)
    assert waits[0] > 2
    assert got == b"x" * 100 * CHUNK
