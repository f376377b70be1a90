"""The kit's own server: who knocks is not overlooked, and what has come is counted."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading

import pytest

from autograder.harness.counterpart import Counterpart
from autograder.harness.deadline import Deadline
from autograder.transcript import Transcript

LONG_S = 20.0
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs TCP_INFO")


@pytest.fixture
def counterpart():
    """A kit server that nobody has come to."""
    with contextlib.closing(Counterpart((), b"", b"", Transcript())) as server:
        yield server


@LINUX
def test_what_our_thread_has_not_taken_in_is_unread(counterpart, monkeypatch, eventually):
    feed, gate = counterpart.inbox.feed, threading.Event()

    def late(data: bytes) -> None:
        assert gate.wait(LONG_S)
        feed(data)

    monkeypatch.setattr(counterpart.inbox, "feed", late)
    assert counterpart.unread() == 0
    with socket.create_connection(("127.0.0.1", counterpart.port)) as client:
        assert counterpart.wait_for_client(Deadline(LONG_S))
        assert counterpart.unread() == 0
        client.sendall(b"four")
        eventually(lambda: counterpart.unread() == 4)
        gate.set()
        assert counterpart.inbox.wait(lambda data: data == b"four", LONG_S)
        assert counterpart.unread() == 0
    assert counterpart.inbox.wait_end(LONG_S)
    assert counterpart.unread() == 0


def test_who_has_connected_and_was_not_let_in_counts(monkeypatch):
    accept, knocked, gate = socket.socket.accept, threading.Event(), threading.Event()

    def late(listener: socket.socket):
        knocked.set()
        assert gate.wait(LONG_S)
        return accept(listener)

    monkeypatch.setattr(socket.socket, "accept", late)
    with (
        contextlib.closing(Counterpart((), b"", b"", Transcript())) as counterpart,
        socket.create_connection(("127.0.0.1", counterpart.port)),
    ):
        assert counterpart.unread() == 1
        assert knocked.wait(LONG_S)
        assert counterpart.unread() == 1
        gate.set()
        assert counterpart.wait_for_client(Deadline(LONG_S))
        assert counterpart.unread() == 0


def test_a_port_that_somebody_has_is_known():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with contextlib.closing(Counterpart({port}, b"", b"", Transcript())) as counterpart:
            assert counterpart.taken == {port}
