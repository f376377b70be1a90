"""When a room believes that nothing more will come, and what that rests on."""

from __future__ import annotations

import contextlib

import pytest

from autograder.harness import quiescence, settling
from autograder.harness.room import Room
from autograder.harness.story import Story
from autograder.harness.unmet import Unmet

pytestmark = pytest.mark.skipif(not quiescence.available(), reason="nothing is proved here")

CHAT = """
import queue, select, socket, threading, time
people, server = [], socket.create_server(("127.0.0.1", 0))

def later(person, line):
    pass

def serve(person):
    for line in person.makefile("rb"):
        for other in people:
            if other is not person:
                other.sendall(line)
        later(person, line)

def nap():
    pass

def accept():
    while True:
        person, _address = server.accept()
        nap()
        people.append(person)
        threading.Thread(target=serve, args=(person,), daemon=True).start()
"""
ACCEPTS = "accept()\n"
SLEEPS = """
threading.Thread(target=accept, daemon=True).start()
while True:
    time.sleep(60)
"""
ECHOES_LATE = """
def later(person, line):
    threading.Timer(0.2, person.sendall, [b"late " + line]).start()
"""
WAITS_FOR_QUEUES = """
def wait():
    while True:
        try:
            queue.Queue().get(timeout=0.05)
        except queue.Empty:
            pass

def nap():
    threading.Thread(target=wait, daemon=True).start()
"""
NAPS_IN_A_THREAD = """
def let_in(person):
    nap()
    people.append(person)
    serve(person)

def accept():
    while True:
        person, _address = server.accept()
        threading.Thread(target=let_in, args=(person,), daemon=True).start()
"""
ECHOES_MUCH_LATER = ECHOES_LATE.replace("0.2", "60")


@pytest.fixture
def room(serve):
    with contextlib.ExitStack() as stack:

        def enter(source: str) -> Room:
            chat = Room(serve(CHAT + source), Story(), seed=1)
            stack.callback(chat.close)
            return chat

        yield enter


def test_a_server_that_waits_for_input_is_proved_to_rest(room):
    chat = room(ACCEPTS)
    anna, boris = chat.enter("anna", "boris")
    boris.hears(anna.says())
    assert settling.hear_out(chat) == "quiescent"


def test_a_fence_is_enough_where_the_main_thread_sleeps(room):
    chat = room(SLEEPS)
    anna, boris = chat.enter("anna", "boris")
    boris.hears(anna.says())
    assert settling.hear_out(chat) == "fence"
    assert chat.whispering


def test_a_timer_that_a_message_has_started_is_waited_for(room):
    chat = room(ECHOES_LATE + SLEEPS)
    anna, boris = chat.enter("anna", "boris")
    boris.hears(anna.says())
    assert settling.hear_out(chat) == "silence"
    assert b"late " in anna.line.inbox.data()


def test_a_timer_of_before_a_newcomer_has_not_come_with_him(room):
    chat = room(ECHOES_MUCH_LATER + SLEEPS)
    anna, boris = chat.enter("anna", "boris")
    boris.hears(anna.says())
    chat.enter("vera")
    assert not settling.fence_is_enough(chat)


def test_an_echo_by_a_timer_is_heard_where_the_main_thread_sleeps(room):
    chat = room(ECHOES_LATE + SLEEPS)
    anna, boris = chat.enter("anna", "boris")
    message = anna.says()
    boris.hears(message)
    with pytest.raises(Unmet):
        anna.does_not_hear(message)


@pytest.mark.parametrize(
    "nap",
    [
        "time.sleep(0.2)",
        "threading.Event().wait(0.2)",
        "select.select([], [], [], 0.2)",
        "time.sleep(0.01), sum(range(2 * 10**6))",  # awake again, and not done yet
    ],
)
@pytest.mark.parametrize("who", ["", NAPS_IN_A_THREAD], ids=["the acceptor", "a thread for him"])
def test_who_naps_before_it_lets_a_newcomer_in_is_waited_for(room, nap, who):
    chat = room(f"nap = lambda: ({nap})\n" + who + SLEEPS)
    anna, boris = chat.enter("anna", "boris")
    boris.hears(anna.says())
    anna.hears(boris.says())


def test_who_waits_for_a_queue_takes_no_nap(room):
    chat = room(WAITS_FOR_QUEUES + SLEEPS)
    chat.enter("anna", "boris")
    assert chat.backend.naps() == {}
