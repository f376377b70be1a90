"""Situations in which threads get into each other's way, brought about on purpose."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from autograder.harness.backend import State
from autograder.harness.crowd import talk_at_once
from autograder.harness.deadline import Deadline
from autograder.harness.patience import GOING
from autograder.harness.person import Person
from autograder.harness.room import Room, hear_each_other
from autograder.harness.story import one_of_many
from autograder.harness.unmet import Unmet
from autograder.i18n import _

MOST_PAIRS_OF_RESTLESS = 3


def outlive(room: Room, go: Callable[[Person], None]) -> None:
    """Let the first-joined go, then the last-joined; each time the others talk on.

    Four rounds: the first line after somebody went often succeeds and provokes a reset, the
    second raises, the third is lost.

    Args:
        room: Nobody is in it yet.
        go: How somebody goes.

    Raises:
        Unmet: somebody who stayed did not hear something.
    """
    first, *others = room.enter("anna", "boris", "vera", "gleb")
    hear_each_other([first, *others], rounds=1)
    go(first)
    hear_each_other(others, rounds=4)
    go(others.pop())
    hear_each_other(others, rounds=4)


def churn(room: Room, stay: int, pairs: int, rounds: int) -> list[Person]:
    """Let pairs of visitors come and leave at once while those who stay talk at once.

    Returns:
        Those who stay.

    Raises:
        Unmet: somebody who stays did not hear something.
    """
    people = room.enter(*[one_of_many("user", number) for number in range(1, stay + 1)])
    room.story.step(_("While they talk, others come and leave, two at a time."))
    stop = threading.Event()

    def visit(which: int) -> None:
        for number in range(pairs):
            if stop.is_set():
                return
            visitor = room.connect(one_of_many(one_of_many("guest", which), number + 1))
            visitor.line.send(f"{visitor.name}\n".encode())
            together.wait()
            visitor.says_goodbye()

    together = threading.Barrier(2, timeout=Deadline(10).timeout_s)
    with ThreadPoolExecutor(2) as visitors:
        visits = [visitors.submit(visit, which) for which in (1, 2)]
        try:
            talk_at_once(people, rounds)
        finally:
            stop.set()
            together.abort()
        for done in visits:
            with contextlib.suppress(threading.BrokenBarrierError):  # how we stopped them
                done.result()
    return people


def leave_in_pairs(room: Room, pairs: int) -> None:
    """Let two leave in the same moment while a third speaks, again and again.

    What is lost meanwhile is another check's business; this one asks whether it goes on. Once
    an exception has ended a thread of the server, input may lie unread without a deadlock, and
    the question is no longer asked.

    Raises:
        Unmet: the server is stuck.
    """
    people = room.enter("anna", "boris")
    room.story.step(_("Again and again two others come, and leave in the same moment."))
    together = threading.Barrier(3, timeout=Deadline(10).timeout_s)

    def leave(person: Person) -> None:
        together.wait()
        person.says_goodbye()

    with ThreadPoolExecutor(2) as goers:
        for number in range(pairs):
            if room.backend.restless and number == MOST_PAIRS_OF_RESTLESS:
                break  # it answers no goodbye, and each pair would wait for that
            if room.backend.failures():
                return
            try:
                pair = [room.connect(one_of_many(f"guest{side}", number + 1)) for side in "xy"]
            except Unmet:
                room.settle(GOING)
                if room.backend.failures():
                    return
                raise
            for person in pair:
                person.line.send(f"{person.name}\n".encode())
            room.settle(GOING)
            gone = [goers.submit(leave, person) for person in pair]
            together.wait()
            people[number % 2].whispers()
            for done in gone:
                done.result()
            room.settle(GOING)
            state = room.state()
            if state is State.STUCK and not room.backend.failures():
                raise room.unmet(
                    _("the server goes on when two leave at once"), _("it is stuck"), state=state
                )
    newcomers = room.enter("vera", "gleb")
    hear_each_other(newcomers, rounds=1)
