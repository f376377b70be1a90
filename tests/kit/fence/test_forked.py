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


def test_its_pipe_stays_open_for_one_who_is_about_to_wait(ended, monkeypatch):
    look = forked.ready

    def ready(pipes, timeout_s):
        monkeypatch.setattr(forked, "ready", look)
        ended.wait_for_cell()  # another thread is faster
        os.fstat(pipes[0])
        return look(pipes, timeout_s)

    monkeypatch.setattr(forked, "ready", ready)
    assert ended.wait(10) == 7


def test_its_pipe_is_closed_when_nobody_knows_it_any_more():
    reading, writing = os.pipe()
    os.close(writing)
    forked.Forked(1, reading).wait_for_cell()
    with pytest.raises(OSError):
        os.fstat(reading)
