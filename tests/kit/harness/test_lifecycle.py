"""The end of a server: when it is asked for."""

from __future__ import annotations

import pytest

from autograder.harness import lifecycle, quiescence
from autograder.harness.room import Room, hear_each_other
from autograder.harness.story import Story

pytestmark = pytest.mark.skipif(not quiescence.available(), reason="no rest is seen here")

LOSES_A_CTRL_C_WHILE_IT_WORKS = """
import signal, socket, threading
people, server = [], socket.create_server(("127.0.0.1", 0))
works = threading.Event()

def serve(person):
    for line in person.makefile("rb"):
        works.set()
        for other in people:
            if other is not person:
                other.sendall(line)
        for _step in range(3_000_000):
            pass
        works.clear()

def interrupt(number, frame):
    if not works.is_set():
        raise SystemExit

signal.signal(signal.SIGINT, interrupt)
while True:
    person, _address = server.accept()
    people.append(person)
    threading.Thread(target=serve, args=(person,), daemon=True).start()
"""


def test_ctrl_c_is_pressed_when_the_server_rests(serve):
    server = serve(LOSES_A_CTRL_C_WHILE_IT_WORKS)
    room = Room(server, Story(), seed=1)
    hear_each_other(room.enter("anna", "boris"), rounds=1)
    lifecycle.stops(server, room, by_ctrl_c=True)
    room.close()
    assert server.program.exit_status == 0
