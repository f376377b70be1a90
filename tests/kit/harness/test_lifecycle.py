"""A server as a process: whose work its threads do, whether it rests, when it is asked to end."""

from __future__ import annotations

import psutil
import pytest

from autograder.harness import lifecycle, quiescence
from autograder.harness.room import Room, hear_each_other
from autograder.harness.story import Story
from autograder.harness.unmet import Unmet

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


LOOP = """
import select, socket, threading, time
people, server = [], socket.create_server(("127.0.0.1", 0))

def work():
    time.sleep(1000)

def do(job):
    job()

threading.Thread(target=lambda: work(), daemon=True).start()
while True:
    for ready in select.select([server, *people], [], [])[0]:
        if ready is server:
            people.append(server.accept()[0])
        elif line := ready.recv(4096):
            others = [other for other in people if other is not ready]
            do(lambda others=others, line=line: [other.sendall(line) for other in others])
        else:
            people.remove(ready)
"""
QUEUE = LOOP.replace(
    "def work():\n    time.sleep(1000)",
    """
import queue
jobs = queue.Queue()

def work():
    while True:
        jobs.get()()
""",
).replace("    job()", "    jobs.put(job)")
MAIN_SERVES_ONE = """
import socket, threading
server = socket.create_server(("127.0.0.1", 0))
one, other = server.accept()[0], server.accept()[0]

def pass_on(source, target):
    while line := source.recv(4096):
        target.sendall(line)

threading.Thread(target=pass_on, args=(one, other), daemon=True).start()
pass_on(other, one)
"""
ACCEPTS_IN_A_THREAD = """
import os, select, socket, threading
people, server = [], socket.create_server(("127.0.0.1", 0))
waker, wake = os.pipe()

def accept():
    while True:
        people.append(server.accept()[0])
        os.write(wake, b".")

threading.Thread(target=accept, daemon=True).start()
while True:
    for ready in select.select([waker, *people], [], [])[0]:
        if ready is waker:
            os.read(waker, 1)
        elif line := ready.recv(4096):
            for other in people:
                if other is not ready:
                    other.sendall(line)
        else:
            people.remove(ready)
"""
ONE_A_LINE = LOOP.replace("    job()", "    threading.Thread(target=job).start()")


def talks(serve, source: str) -> None:
    server = serve(source)
    room = Room(server, Story(), seed=1)
    anna, boris = room.enter("anna", "boris")
    try:
        lifecycle.threads_work(server, anna, boris)
    finally:
        room.close()


@pytest.mark.parametrize(
    "source",
    [QUEUE, ONE_A_LINE, MAIN_SERVES_ONE, ACCEPTS_IN_A_THREAD],
    ids=["queue", "one a line", "main serves one", "accepts"],
)
def test_threads_that_pass_on_lines_are_at_work(serve, source):
    talks(serve, source)


def test_a_thread_that_sleeps_beside_the_work_is_none(serve):
    with pytest.raises(Unmet) as caught:
        talks(serve, LOOP)
    assert caught.value.actual.startswith("no thread but the main one did anything")


THREADS = """
import socket, threading
people, server = [], socket.create_server(("127.0.0.1", 0))
PREPARE

def serve(person):
    person.settimeout(0.05)
    while True:
        try:
            line = person.recv(4096)
        except TimeoutError:
            continue
        for other in people:
            if other is not person:
                other.sendall(line)

while True:
    try:
        person, _address = server.accept()
    except BlockingIOError:
        continue
    person.setblocking(True)
    people.append(person)
    threading.Thread(target=serve, args=(person,), daemon=True).start()
"""
SPINS = THREADS.replace("PREPARE", "server.setblocking(False)")
RESTS = THREADS.replace("PREPARE", "")


@pytest.fixture
def rests(serve, start):
    """Return a function that lets a server talk, and then asks whether it rests."""

    def ask(source, *, crowded):
        server = serve(source)
        room = Room(server, Story(), seed=1)
        hear_each_other(room.enter("anna", "boris"), rounds=1)
        if crowded:  # beside one that takes all it can get, this one gets little of a core
            last = [psutil.Process().cpu_affinity()[-1]]
            psutil.Process(start("while True: pass").pid).cpu_affinity(last)
            own = psutil.Process(server.program.pid)
            own.cpu_affinity(last)
            own.nice(19)
        try:
            lifecycle.rests(server, room)
        finally:
            room.close()

    return ask


@pytest.mark.parametrize("crowded", [False, True])
def test_a_server_that_never_sleeps_does_not_rest_however_little_it_may_run(rests, crowded):
    with pytest.raises(Unmet) as caught:
        rests(SPINS, crowded=crowded)
    assert caught.value.actual.startswith("it uses ")


@pytest.mark.parametrize("crowded", [False, True])
def test_a_server_that_looks_round_now_and_then_rests(rests, crowded):
    rests(RESTS, crowded=crowded)
