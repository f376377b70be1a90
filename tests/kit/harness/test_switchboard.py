"""One thread reads for all; who has been removed is never called again."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest

from autograder.harness.switchboard import Switchboard

LONG_S = 20.0


@pytest.fixture
def board():
    with contextlib.closing(Switchboard()) as board:
        yield board


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_what_comes_after_add_is_seen(board, pair, eventually):
    ours, theirs = pair
    came = bytearray()
    board.add(ours, lambda: came.extend(ours.recv(100)))
    theirs.send(b"one")
    eventually(lambda: came == b"one")
    theirs.send(b" two")
    eventually(lambda: came == b"one two")
    board.remove(ours)


def test_many_are_read_by_one_thread(board, eventually):
    pairs = [socket.socketpair() for _number in range(50)]
    threads, came = set(), []

    def read(ours: socket.socket) -> None:
        threads.add(threading.current_thread())
        came.append(ours.recv(100))

    for ours, _theirs in pairs:
        board.add(ours, lambda ours=ours: read(ours))
    for _ours, theirs in pairs:
        theirs.send(b"x")
    eventually(lambda: len(came) == 50)
    assert len(threads) == 1
    for ours, theirs in pairs:
        board.remove(ours)
        ours.close()
        theirs.close()


def test_remove_waits_for_a_callback_that_runs(board, pair):
    ours, theirs = pair
    entered, gate, done = threading.Event(), threading.Event(), threading.Event()

    def slow() -> None:
        entered.set()
        assert gate.wait(LONG_S)
        ours.recv(100)
        done.set()

    board.add(ours, slow)
    theirs.send(b"x")
    assert entered.wait(LONG_S)
    remover = threading.Thread(target=board.remove, args=(ours,))
    remover.start()
    remover.join(0.05)
    assert remover.is_alive()
    gate.set()
    remover.join(LONG_S)
    assert done.is_set()


def test_a_callback_may_remove_itself(board, pair, eventually):
    ours, theirs = pair
    calls = []

    def once() -> None:  # the byte stays unread: it would be called again and again
        calls.append(1)
        board.remove(ours)

    board.add(ours, once)
    theirs.send(b"x")
    eventually(lambda: calls)
    other, there = socket.socketpair()
    with other, there:
        read = threading.Event()
        board.add(other, lambda: (other.recv(10), read.set()))
        there.send(b"y")
        assert read.wait(LONG_S)
        board.remove(other)
    assert calls == [1]


def test_close_and_remove_are_idempotent(board, pair):
    board.close()
    board.close()
    board.remove(pair[0])
