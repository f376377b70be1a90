"""Who waits for which lock, told from real stacks of real programs."""

from __future__ import annotations

import pytest

from autograder.harness import locks

SOURCE = """\
def listen(sock):
    with lock:
        other.acquire()
        send(sock)

def send(sock):
    with lock:
        sock.sendall(b"x")

def wait(sock):
    with self.lock:
        with self.lock:
            sock.recv(1)

def talk(sock):
    with sock, contextlib.suppress(OSError):
        sock.sendall(b"x")
"""


def stack(ident: int, *frames: tuple[int, str]) -> str:
    lines = [f"Thread, 0x{ident:x}:"]
    lines += [f'  File "server.py", line {line} in {function}' for line, function in frames]
    return "\n".join([*lines, ""])


def told(*stacks: str) -> list[str]:
    read = {"server.py": SOURCE}.get
    return locks.tell("\n".join(stacks), read, {1: "Thread-1", 2: "Thread-2"})


def test_a_lock_that_is_wanted_twice():
    assert told(stack(1, (7, "send"), (4, "listen"))) == [
        "server.py:7: Thread-1 waits for `lock`",
        "server.py:4: Thread-1 is inside `with lock` already (line 2): a Lock does not let "
        "even its own thread in twice",
    ]


def test_who_is_inside_is_told_last():
    assert told(stack(2, (7, "send")), stack(1, (8, "send"))) == [
        "server.py:7: Thread-2 waits for `lock`",
        "server.py:8: Thread-1 waits in a send for one who does not read",
        "server.py:8: Thread-1 is meanwhile inside `with lock` (line 7)",
    ]


def test_acquire_is_a_way_to_wait_and_a_nameless_thread_has_its_function():
    assert told(stack(9, (3, "listen"))) == [
        "server.py:3: the thread in listen() waits for `other`",
        "server.py:3: the thread in listen() is meanwhile inside `with lock` (line 2)",
    ]


def test_locks_of_objects_may_be_different_ones():
    assert told(stack(1, (12, "wait")))[1] == (
        "server.py:12: Thread-1 is meanwhile inside `with self.lock` (line 11)"
    )


@pytest.mark.parametrize("source", [None, "def (", "x = 1\n" * 20])
def test_without_a_readable_source_nothing_is_told(source):
    assert locks.tell(stack(1, (7, "send")), lambda _file: source, {}) == []


def test_sockets_and_calls_are_no_locks():
    assert told(stack(1, (17, "talk"))) == [
        "server.py:17: Thread-1 waits in a send for one who does not read"
    ]


def test_threads_that_wait_for_input_are_no_news():
    assert told(stack(1, (13, "wait"))) == []
