"""A lock is held by the system, not by a file that is there."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from autograder.batch import lock

HOLDS = """
import sys
from pathlib import Path
from autograder.batch import lock
with lock.held(Path(sys.argv[1])):
    print("held", flush=True)
    input()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the file."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path / "lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_file_is_held_once(holder, tmp_path):
    with pytest.raises(lock.Held) as caught, lock.held(tmp_path / "lock"):
        pass
    assert caught.value.pid == str(holder.pid)


def test_who_is_killed_lets_go(holder, tmp_path):
    holder.kill()
    holder.wait()
    with lock.held(tmp_path / "lock"):
        assert (tmp_path / "lock").read_text(encoding="ascii") == str(os.getpid())


def test_a_file_that_is_there_is_not_a_lock(tmp_path):
    (tmp_path / "lock").write_text("a much longer text than a process id", encoding="ascii")
    for _time in range(2):
        with lock.held(tmp_path / "lock"):
            assert (tmp_path / "lock").read_text(encoding="ascii") == str(os.getpid())
