"""Notebook 6: does a thread hand on all that one says, and do the student's programs chat?"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable

from autograder.grading.clientbench import ClientBench
from autograder.harness.habits import Habits
from autograder.harness.unmet import Unmet
from lab4nb import work
from lab4nb.boxes import Box, right, todo, wrong
from lab4nb.lab import Lab

SIZE = 300_000  # bytes in each direction: more than one recv takes
WAIT_S = 3.0


def relay(solution: Callable[[socket.socket, socket.socket], object]) -> Box:
    """Let two talk at once through two threads that run the function, then let one leave."""
    returned: list[object] = []
    with Lab() as lab:
        (anna, from_anna), (boris, from_boris) = lab.pair(), lab.pair()

        def run(source: socket.socket, target: socket.socket) -> None:
            returned.append(solution(source, target))

        there = lab.thread(run, from_anna, from_boris)
        lab.thread(run, from_boris, from_anna)
        speakers = [lab.thread(_speak, person) for person in (anna, boris)]
        heard = [_heard(person) for person in (anna, boris)]
        if ... not in returned:
            anna.shutdown(socket.SHUT_WR)
            there.join(WAIT_S)
        ended = not there.is_alive()
    for speaker in speakers:
        speaker.join()
    if ... in returned:
        return todo("boxes.exercise_not_done")
    if lab.errors and min(heard) < SIZE:
        return wrong("boxes.raised", error=repr(lab.errors[0]))
    if min(heard) < SIZE:
        return wrong("two_users.lost", heard=min(heard), size=SIZE)
    if not ended:
        return wrong("two_users.no_end")
    return right("two_users.relayed", size=SIZE)


def _speak(person: socket.socket) -> None:
    with contextlib.suppress(OSError):  # nobody hands it on: the lab has ended meanwhile
        person.sendall(b"x" * SIZE)


def _heard(person: socket.socket) -> int:
    person.settimeout(WAIT_S / 6)
    size = 0
    with contextlib.suppress(OSError):
        while size < SIZE and (data := person.recv(65536)):
            size += len(data)
    return size


def _server_name() -> str:
    return "two_user_server.py" if (work.folder() / "two_user_server.py").is_file() else "server.py"


@work.in_words
def server() -> Box:
    """Let two talk on the student's server, without taking turns."""
    name = _server_name()
    with work.chat(name) as chat:
        anna, boris = chat.room(chat.servers[-1]).enter("anna", "boris")
        for _number in range(3):
            anna.hears(boris.says())
        last = anna.says()
        boris.hears(last)
        anna.does_not_hear(last)
    return right("two_users.server_right", file=name)


@work.in_words
def client() -> Box:
    """Run the student's client: say something while nobody types, then type."""
    script = work.program("client.py")
    bench = ClientBench(script, Habits(work.folder() / _server_name()), work.SEED)
    with contextlib.closing(bench):
        try:
            bench.start()
            bench.server_says("Аня: привет!")
            bench.screen_shows("Аня: привет!")
            bench.types("и тебе привет\n")
            bench.must_receive("и тебе привет")
        except Unmet as unmet:
            return work.told(unmet, bench.stderr_tail())
    return right("two_users.client_right")
