"""What is known of a forked process, whoever asks first."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

forked = pytest.importorskip("autograder.fence.forked", reason="there is no poll() here")


@pytest.fixture
def ended():
    """Return a process whose exit status is 7, and nothing of which is left."""
    reading, writing = os.pipe()
    os.write(writing, b"7")
    os.close(writing)
    process = forked.Forked(1, reading)
    yield process
    process.wait_for_cell()


def test_all_who_ask_at_once_are_told_the_same_status(ended, monkeypatch):
    together = threading.Barrier(2)

    def ready(*_):
        together.wait(10)  # each has seen that there is something to read
        return True

    with ThreadPoolExecutor(2) as threads, monkeypatch.context() as patched:
        patched.setattr(forked, "ready", ready)
        asked = [threads.submit(ended.wait) for _ in range(2)]
        assert [one.result() for one in asked] == [7, 7]


def test_the_status_is_known_when_all_is_over(ended):
    ended.wait_for_cell()
    assert ended.poll() == 7
