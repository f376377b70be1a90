"""Whether threads that get into each other's way are caught at it, whoever is woken first."""

from __future__ import annotations

import contextlib

import pytest

from autograder.harness import quiescence
from autograder.harness.backpressure import break_off_in_send, hold_in_send
from autograder.harness.program import Chaos
from autograder.harness.room import Room
from autograder.harness.story import Story
from autograder.harness.unmet import Unmet

SMALL_BUFFERS = Chaos(send_buffer=16384)
WRITERS = """
import contextlib, socket, threading
lock = contextlib.nullcontext()
server = socket.create_server(("127.0.0.1", 0))
person, _address = server.accept()

def write():
    while True:
        with lock:
            person.sendall(b"x" * 900)

threading.Thread(target=write, daemon=True).start()
write()
"""
CHAT = """
import contextlib, socket, threading
people, lock, server = [], threading.Lock(), socket.create_server(("127.0.0.1", 0))
sending = contextlib.nullcontext()

def serve(person):
    with person.makefile("rb") as lines:
        for line in lines:
            with lock:
                others = [other for other in people if other is not person]
            for other in others:
                with sending:
                    other.sendall(line)
    with lock:
        people.remove(person)

while True:
    person, _address = server.accept()
    with lock:
        people.append(person)
    threading.Thread(target=serve, args=(person,), daemon=True).start()
"""


GUARDED = CHAT.replace("with sending:", "with sending, contextlib.suppress(OSError):")


def with_a_lock(source: str) -> str:
    return source.replace("contextlib.nullcontext()", "threading.Lock()")


@pytest.fixture
def room(serve):
    with contextlib.ExitStack() as stack:

        def enter(source: str) -> Room:
            chat = Room(serve(source, chaos=SMALL_BUFFERS), Story(), seed=1)
            stack.callback(chat.close)
            return chat

        yield enter


@pytest.mark.skipif(not quiescence.available(), reason="nothing is seen of threads here")
@pytest.mark.parametrize(("source", "number"), [(WRITERS, 2), (with_a_lock(WRITERS), 1)])
def test_those_who_wait_to_write_to_one_socket_are_counted(serve, eventually, source, number):
    server = serve(source, chaos=SMALL_BUFFERS)
    with contextlib.closing(server.connect("dasha", frozen=True, receive_buffer=4096)) as line:
        eventually(lambda: server.senders(line) == number)


def test_two_who_write_to_one_socket_are_told_so(room):
    chat = room(CHAT)
    with pytest.raises(Unmet) as failure:
        hold_in_send(chat)
        chat.audit()
    assert failure.value.hint.startswith("Let one thread at a time write to a client")


@pytest.mark.skipif(not quiescence.available(), reason="nothing is seen of threads here")
def test_two_who_wait_in_send_are_a_proof_though_no_line_was_torn(room, monkeypatch):
    chat = room(CHAT)
    monkeypatch.setattr(chat, "audit", lambda: None)  # which threads are woken first is chance
    with pytest.raises(Unmet, match=r"wait in send\(\) to Dasha at once") as failure:
        hold_in_send(chat)
    sends = CHAT[: CHAT.index("other.sendall(line)")].count("\n") + 1
    assert failure.value.stacks.count(f"line {sends} in serve") > 1


def test_who_writes_under_a_lock_may_be_held_up(room):
    chat = room(with_a_lock(CHAT))
    hold_in_send(chat)
    chat.audit()


def test_a_send_that_fails_may_not_end_the_thread_of_who_spoke(room):
    with pytest.raises(Unmet):
        break_off_in_send(room(with_a_lock(CHAT)))


def test_a_send_that_fails_may_be_caught(room):
    assert GUARDED != CHAT
    break_off_in_send(room(with_a_lock(GUARDED)))
