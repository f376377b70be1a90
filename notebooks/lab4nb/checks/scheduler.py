"""Notebook 5: does a function survive every schedule, and a server a rush at the door?"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence

from lab4nb import work
from lab4nb.boxes import Box, right, todo, wrong
from lab4nb.puppet import Stalled
from lab4nb.scheduler import Run, World

PEOPLE = 20
WAIT_S = 5.0


def every_schedule(world: World, wanted: object) -> Box:
    """Run all schedules of a world; tell the first that goes wrong, step by step."""
    try:
        runs = world.explore()
    except Stalled:
        return wrong("scheduler.other_lock")
    except Exception as error:  # whatever a student's code raises is told in words
        return wrong("boxes.raised", error=repr(error))
    for run in runs:
        if any(puppet.returned is ... for puppet in run.puppets):
            return todo("boxes.exercise_not_done")
        if failed := [puppet.error for puppet in run.puppets if puppet.error]:
            return wrong("boxes.raised", error=repr(failed[0]))
        if run.deadlock:
            return wrong("scheduler.stuck", steps=_steps(run))
        if run.result != wanted:
            return wrong("scheduler.sold_twice", result=run.result, right=wanted, steps=_steps(run))
    return right("scheduler.safe", count=len(runs))


def _steps(run: Run) -> str:
    return "\n".join(f"{who}: `{text}`" for who, text in run.steps)


@work.in_words
def numbers() -> Box:
    """Let many people come to the student's server at the same moment, and compare their names."""
    with work.chat() as chat:
        address = chat.servers[-1].address
        with socket.create_connection(address, WAIT_S) as first:
            first.settimeout(WAIT_S)
            door, end = threading.Barrier(PEOPLE), threading.Event()
            crowd = [
                threading.Thread(target=_come_and_speak, args=(address, number, door, end))
                for number in range(PEOPLE)
            ]
            for person in crowd:
                person.start()
            try:
                said = _lines_with([f"слово-{number}." for number in range(PEOPLE)], first)
            finally:
                end.set()
                for person in crowd:
                    person.join()
    if len(said) < PEOPLE:
        return wrong("scheduler.silent", count=len(said), people=PEOPLE)
    names = [line.partition(word)[0].strip(" -:") for word, line in said.items()]
    if len(set(names)) == 1:
        return wrong("scheduler.no_numbers", line=next(iter(said.values())))
    if twice := [name for name in names if names.count(name) > 1]:
        return wrong("scheduler.same_number", who=twice[0])
    return right("scheduler.numbers", people=PEOPLE)


def _come_and_speak(
    address: tuple[str, int], number: int, door: threading.Barrier, end: threading.Event
) -> None:
    door.wait()
    with socket.create_connection(address, WAIT_S) as person:
        person.sendall(f"слово-{number}.\n".encode())
        end.wait(WAIT_S)


def _lines_with(words: Sequence[str], sock: socket.socket) -> dict[str, str]:
    """Read until a line with each of `words` has come, or no more does; return word → line."""
    found: dict[str, str] = {}
    data, end = b"", time.monotonic() + WAIT_S
    while len(found) < len(words) and time.monotonic() < end:
        try:
            new = sock.recv(65536)
        except OSError:
            break
        if not new:
            break
        data += new
        for line in data.decode("utf-8", "replace").split("\n"):
            found |= {word: line for word in words if word in line}
    return found
