"""The bytes from one source: kept up to a bound, waited for, ended once."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from autograder.harness.inbox import Inbox

LONG_S = 20.0  # only a failing test waits so long


def test_what_was_fed_is_there_in_order():
    inbox = Inbox()
    inbox.feed(b"one ")
    inbox.feed(b"two")
    assert (inbox.data(), inbox.data(4), inbox.size) == (b"one two", b"two", 7)
    assert (inbox.find(b"o"), inbox.find(b"o", 1), inbox.find(b"x")) == (0, 6, -1)


@given(st.lists(st.binary(max_size=8)), st.integers(0, 20))
def test_what_is_not_kept_is_counted(chunks, keep):
    inbox = Inbox(keep)
    for chunk in chunks:
        inbox.feed(chunk)
    everything = b"".join(chunks)
    assert (inbox.data(), inbox.size) == (everything[:keep], len(everything))


def test_a_wait_ends_as_soon_as_the_condition_holds():
    inbox = Inbox()
    feeder = threading.Thread(target=lambda: [inbox.feed(b"a"), inbox.feed(b"b")])
    feeder.start()
    assert inbox.wait(lambda data: b"ab" in data, LONG_S)
    feeder.join()


def test_a_wait_ends_with_the_source():
    inbox = Inbox()
    ender = threading.Thread(target=lambda: [inbox.feed(b"a"), inbox.end("eof")])
    ender.start()
    assert not inbox.wait(lambda data: b"b" in data, LONG_S)
    assert inbox.wait_end(0)
    ender.join()


def test_what_came_before_the_end_still_counts():
    inbox = Inbox()
    inbox.feed(b"last words")
    inbox.end("reset")
    assert inbox.wait(lambda data: b"words" in data, 0)


def test_a_wait_without_time_only_looks():
    inbox = Inbox()
    assert not inbox.wait(bool, 0)
    assert not inbox.wait_end(0)


def test_the_first_end_counts():
    inbox = Inbox()
    assert inbox.ended is None
    inbox.end("reset")
    inbox.end("closed")
    assert inbox.ended == "reset"
