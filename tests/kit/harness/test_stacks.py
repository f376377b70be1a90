"""Dumps of stacks as students read them."""

from __future__ import annotations

from pathlib import Path

from autograder.harness import stacks

HOME = Path("/tmp/work")
DUMP = """\
Thread 0x00007f96a37fe6c0 (most recent call first):
  File "lib/python3.11/concurrent/futures/thread.py", line 81 in _worker
  File "lib/python3.11/threading.py", line 982 in run

Thread 0x00007f96b15fd6c0 (most recent call first):
  File "/tmp/work/server.py", line 86 in listen_to
  File "lib/python3.11/concurrent/futures/thread.py", line 58 in run
  File "lib/python3.11/threading.py", line 982 in run

Current thread 0x00007f96b3c6fb80 (most recent call first):
  File "lib/python3.11/socket.py", line 294 in accept
  File "/tmp/work/server.py", line 135 in main
  File "/tmp/work/server.py", line 141 in <module>
  File "/opt/lab4/autograder/harness/launcher.py", line 9 in <module>
"""


def test_each_thread_has_its_name_its_innermost_frame_and_those_of_the_program():
    assert stacks.readable(DUMP, HOME, {0x7F96B15FD6C0: "Thread-2 (listen_to)"}) == (
        "Thread, 0x7f96a37fe6c0:\n"
        '  File "lib/python3.11/concurrent/futures/thread.py", line 81 in _worker\n'
        "\n"
        "Thread-2 (listen_to), 0x7f96b15fd6c0:\n"
        '  File "server.py", line 86 in listen_to\n'
        "\n"
        "MainThread, 0x7f96b3c6fb80:\n"
        '  File "lib/python3.11/socket.py", line 294 in accept\n'
        '  File "server.py", line 135 in main\n'
        '  File "server.py", line 141 in <module>'
    )


def test_an_empty_dump_says_nothing():
    assert stacks.readable("", HOME, {}) == ""
