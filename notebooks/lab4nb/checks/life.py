"""Notebook 3: is the end of a connection understood, and does the student's server outlive it?"""

from __future__ import annotations

import socket
from collections.abc import Callable

from autograder.harness import lifecycle
from autograder.harness.person import Person
from autograder.harness.room import hear_each_other
from autograder.harness.trouble import outlive
from lab4nb import work
from lab4nb.boxes import Box, right, todo, wrong
from lab4nb.lab import Lab, reset, wait_until_arrived

WAIT_S = 1.0
TEXT = "пока".encode()


def how_it_ended(solution: Callable[[socket.socket], object]) -> Box:
    """Let Boris leave in three ways, and ask the function for each."""
    for way, wanted in (("politely", "left"), ("with_words", "left"), ("crash", "broke")):
        returned, lab, ended = _ask(solution, way)
        if returned == [...]:
            return todo("boxes.exercise_not_done")
        if not ended:
            return wrong("life.goes_on")
        if lab.errors:
            name = "life.not_caught" if isinstance(lab.errors[0], OSError) else "boxes.raised"
            return wrong(name, error=repr(lab.errors[0]))
        if returned != [wanted]:
            return wrong(f"life.wrong_{way}", got=repr(returned[0]))
    return right("life.right")


def _ask(solution: Callable[[socket.socket], object], way: str) -> tuple[list[object], Lab, bool]:
    """Let Boris leave; return what the function returned, the lab, and whether it ended in time."""
    returned: list[object] = []
    with Lab() as lab:
        anna, boris = lab.pair()
        if way == "with_words":
            boris.sendall(TEXT)
            wait_until_arrived(anna, len(TEXT))
        if way == "crash":
            reset(boris)
        else:
            boris.shutdown(socket.SHUT_WR)
        asked = lab.thread(lambda: returned.append(solution(anna)))
        asked.join(WAIT_S)
        ended = not asked.is_alive()
    return returned, lab, ended


@work.in_words
def leavers() -> Box:
    """Let people leave the student's server, politely and by a crash; the others talk on."""
    for go in (Person.leaves, Person.crashes):
        with work.chat() as chat:
            outlive(chat.room(chat.servers[-1]), go)
            lifecycle.rests(chat.servers[-1], chat.rooms[-1])
    return right("life.outlived")


@work.in_words
def restart() -> Box:
    """Stop the student's server among its clients, and start it again on the same port."""
    with work.chat() as chat:
        server = chat.servers[-1]
        room = chat.room(server)
        people = room.enter("anna", "boris")
        hear_each_other(people, rounds=1)
        lifecycle.stops(server, room, by_ctrl_c=True)
        room.close()
        again = chat.start(port=server.address[1])
        hear_each_other(chat.room(again).enter("vera", "gleb"), rounds=1)
    return right("life.restarted", port=server.address[1])
