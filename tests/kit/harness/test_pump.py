"""What a program wrote and its inbox does not have yet is known, wherever it lies."""

from __future__ import annotations

import os
import pty
import sys
import threading

import pytest

from autograder.harness.inbox import Inbox
from autograder.harness.program import Program
from autograder.harness.pump import Pump
from autograder.harness.terminal import TerminalProgram

LONG_S = 20.0
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs poll() of pipes")


class Slow(Inbox):
    """Takes in nothing until it is let to."""

    def __init__(self) -> None:
        super().__init__()
        self.fed, self.gate = threading.Event(), threading.Event()

    def feed(self, data: bytes) -> None:
        self.fed.set()
        assert self.gate.wait(LONG_S)
        super().feed(data)


@pytest.fixture(params=["pipe", "terminal"])
def ends(request):
    """The end that is read and the one that is written to."""
    return os.pipe() if request.param == "pipe" else pty.openpty()


def test_what_is_between_the_stream_and_the_inbox_is_unread(ends):
    reading, writing = ends
    inbox = Slow()
    pump = Pump(reading, inbox, lambda data: None, "pump")
    os.write(writing, b"word")
    assert inbox.fed.wait(LONG_S)
    assert pump.unread()
    inbox.gate.set()
    assert inbox.wait(lambda data: data == b"word", LONG_S)
    os.close(writing)
    pump.thread.join(LONG_S)
    assert not pump.unread()


def test_what_is_still_in_the_stream_is_unread(ends):
    reading, writing = ends
    inbox, noting, gate = Inbox(), threading.Event(), threading.Event()

    def note(data: bytes) -> None:
        noting.set()
        assert gate.wait(LONG_S)

    pump = Pump(reading, inbox, note, "pump")
    os.write(writing, b"one")
    assert noting.wait(LONG_S)
    assert not pump.unread()
    os.write(writing, b"two")
    assert pump.unread()
    gate.set()
    assert inbox.wait(lambda data: data == b"onetwo", LONG_S)
    os.close(writing)
    assert inbox.wait_end(LONG_S)
    pump.thread.join(LONG_S)


def test_an_end_is_unread_until_the_inbox_knows_it(ends):
    reading, writing = ends
    noting, gate = threading.Event(), threading.Event()

    def note(data: bytes) -> None:
        noting.set()
        assert gate.wait(LONG_S)

    inbox = Inbox()
    pump = Pump(reading, inbox, note, "pump")
    os.write(writing, b"word")
    assert noting.wait(LONG_S)
    os.close(writing)
    assert pump.unread()
    gate.set()
    pump.thread.join(LONG_S)
    assert inbox.ended
    assert not pump.unread()


@pytest.mark.parametrize("kind", [Program, TerminalProgram])
def test_a_program_that_was_read_to_its_end_has_nothing_unread(kind, launch):
    program = launch("print('word')", kind=kind)
    assert program.stdout.wait_end(LONG_S)
    assert program.stderr.wait_end(LONG_S)
    assert b"word" in program.stdout.data()
    assert not program.unread()
