"""What a real program's calls on sockets leave in the ring."""

from __future__ import annotations

import errno
import sys

import pytest

from autograder.harness import calls
from autograder.harness.deadline import Deadline
from autograder.harness.recorder import RECORD, SLOTS

LONG_S = 20.0
TALK = """
import errno, socket, threading

def serve():
    client, address = listener.accept()
    with client:
        print(client.recv(100))
        client.sendall(b"to you\\n")
        client.recv_into(bytearray(8))
        try:
            client.shutdown(socket.SHUT_RDWR)
            client.send(b"too late")
        except OSError:
            pass

listener = socket.create_server(("127.0.0.1", 0))
thread = threading.Thread(target=serve, name="ears")
thread.start()
with socket.create_connection(listener.getsockname()) as other:
    other.sendall("от меня\\n".encode())
    other.recv(100)
    other.send(memoryview(b"12345678"))
    thread.join()
print("done", other is not None)
"""


def test_each_call_is_noted_with_its_thread_line_and_bytes(way, launch):
    program = launch(TALK)
    assert program.wait(Deadline(LONG_S)) == 0, program.stderr.data()
    found = program.calls()
    ears = [call for call in found if call.thread == "ears"]
    assert [(c.call, c.size, c.line, c.data) for c in ears] == [
        ("accept", 0, 5, b""),
        ("recv", 14, 7, "от меня\n".encode()),
        ("sendall", 7, 8, b"to you\n"),
        ("recv", 8, 9, b"12345678"),
        ("shutdown", 0, 11, b""),
        ("send", -errno.EPIPE, 12, b""),
        ("close", 0, 6, b""),
    ]
    assert len({call.peer for call in ears}) == 1
    assert ears[0].peer > 0
    assert {call.file for call in ears} == {program.script.name}
    main = [call for call in found if call.thread == "MainThread"]
    assert [call.call for call in main] == ["sendall", "recv", "send"]
    assert [call.t for call in found] == sorted(call.t for call in found)


def test_a_loop_that_never_waits_does_not_push_out_the_rest(launch):
    program = launch(
        """
import socket
one, other = socket.socketpair()
one.sendall(b"first")
other.recv(5)
other.setblocking(False)
for _number in range(10_000):
    try:
        other.recv(5)
    except BlockingIOError:
        pass
"""
    )
    assert program.wait(Deadline(LONG_S)) == 0, program.stderr.data()
    assert [call.call for call in program.calls()] == ["sendall", "recv"]


def test_the_ring_keeps_the_latest(launch):
    program = launch(
        f"import socket\none, other = socket.socketpair()\n"
        f"for _number in range({SLOTS} + 10):\n    one.send(b'x')\n    other.recv(1)\n"
    )
    assert program.wait(Deadline(LONG_S)) == 0, program.stderr.data()
    found = program.calls()
    assert len(found) == SLOTS
    assert found[-1].number == 2 * (SLOTS + 10)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_child_notes_nothing_and_that_there_is_one_is_noted(launch):
    program = launch(
        """
import os, socket
one, other = socket.socketpair()
if os.fork() == 0:
    one.send(b"from the child")
    os._exit(0)
os.wait()
other.recv(100)
"""
    )
    assert program.wait(Deadline(LONG_S)) == 0, program.stderr.data()
    assert [call.call for call in program.calls()] == ["fork", "recv"]


def test_a_traceback_shows_no_line_of_the_kit(launch):
    program = launch(
        """
import socket, threading
one, other = socket.socketpair()
other.close()

def speak():
    one.sendall(b"x" * 10)

thread = threading.Thread(target=speak)
thread.start()
thread.join()
speak()
"""
    )
    assert program.wait(Deadline(LONG_S)) == 1
    shown = program.stderr.data().decode()
    assert shown.count("BrokenPipeError") == 2
    assert "recorder" not in shown
    assert "launcher" not in shown
    assert [failure.line for failure in program.told.failures()] == [7, 7]


def test_a_broken_ring_is_read_as_far_as_it_goes(tmp_path):
    path = tmp_path / "calls"
    assert calls.read(path) == []
    path.write_bytes(RECORD.pack(1, 0.0, 1, 2, 3, 4, b"recv", b"T", b"a.py", b"xyz") + b"rest")
    (call,) = calls.read(path)
    assert (call.call, call.place, call.data) == ("recv", "a.py:4", b"xyz")
    path.write_bytes(b"\xff" * RECORD.size)
    assert len(calls.read(path)) == 1
