"""Whether two who leave at once meet where each holds a lock that the other one wants."""

from __future__ import annotations

import contextlib

import pytest

from autograder.harness import quiescence
from autograder.harness.program import Chaos
from autograder.harness.room import Room
from autograder.harness.story import Story
from autograder.harness.trouble import leave_in_pairs
from autograder.harness.unmet import Unmet

LATE_S = 5.0  # longer than a busy machine keeps a thread waiting
CHAT = """
import contextlib, socket, threading
people, odd, even = [], threading.Lock(), threading.Lock()
server = socket.create_server(("127.0.0.1", 0))

def serve(person, number):
    with person.makefile("rb") as lines:
        for line in lines:
            for other in list(people):
                if other is not person:
                    other.sendall(line)
    one, two = (odd, even) if number % 2 else (even, odd)
    with one:
        with contextlib.suppress(OSError):
            person.sendall(b"bye\\n")
        with two:
            people.remove(person)
    person.close()

number = 0
while True:
    person, _address = server.accept()
    people.append(person)
    number += 1
    threading.Thread(target=serve, args=(person, number), daemon=True).start()
"""
ONE_ORDER = CHAT.replace("if number % 2 else (even, odd)", "if number else ()")


@pytest.fixture
def leave(serve):
    with contextlib.ExitStack() as stack:

        def leave(source: str, meet_s: float) -> None:
            room = Room(serve(source, chaos=Chaos(meet_s=meet_s)), Story(), seed=1)
            stack.callback(room.close)
            leave_in_pairs(room, pairs=1)

        yield leave


@pytest.mark.skipif(not quiescence.available(), reason="nothing is seen of threads here")
def test_locks_in_two_orders_stop_the_first_pair(leave):
    with pytest.raises(Unmet):
        leave(CHAT, LATE_S)


def test_locks_in_one_order_keep_the_others_waiting_for_a_while_only(leave):
    assert ONE_ORDER != CHAT
    leave(ONE_ORDER, 0.05)
