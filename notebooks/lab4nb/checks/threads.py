"""Notebook 4: does each client get a thread of its own, and does the student's server do so?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from autograder.harness.lifecycle import has_threads
from lab4nb import work
from lab4nb.boxes import Box, right, todo, wrong

CLIENTS = ("anna", "boris", "vera", "gleb")
MEET_S = 1.0

Serve = Callable[[str], None]


def serve_each(solution: Callable[[Sequence[str], Serve], object]) -> Box:
    """Call the function with four clients whose conversations must go on at the same time."""
    meeting = threading.Barrier(len(CLIENTS))
    served: list[tuple[str, int]] = []

    def talk(client: str) -> None:
        served.append((client, threading.get_ident()))
        try:
            meeting.wait(MEET_S)  # all four are here at once, or nobody goes on
        except threading.BrokenBarrierError:
            return

    before = set(threading.enumerate())
    try:
        threads = solution(CLIENTS, talk)
    except Exception as error:  # whatever a student's code raises is told in words
        return wrong("boxes.raised", error=repr(error))
    finally:
        for thread in set(threading.enumerate()) - before:
            thread.join(2 * MEET_S)
    if threads is ...:
        return todo("boxes.exercise_not_done")
    if not served:
        return wrong("threads.nobody_talks")
    names = [client for client, _thread in served]
    if len(set(names)) == 1 and len(names) > 1:
        return wrong("threads.late_binding", client=names[0])
    if {ident for _client, ident in served} == {threading.get_ident()}:
        return wrong("threads.called")
    if meeting.broken:
        return wrong("threads.in_turn")
    if sorted(names) != sorted(CLIENTS):
        return wrong("threads.not_each", names=", ".join(names))
    if not _are_threads(threads):
        return wrong("threads.no_list", got=repr(threads))
    return right("threads.each")


def _are_threads(threads: object) -> bool:
    return (
        isinstance(threads, list)
        and len(threads) == len(CLIENTS)
        and all(isinstance(thread, threading.Thread) for thread in threads)
    )


@work.in_words
def server() -> Box:
    """Let two talk on the student's server, and count the threads that it started."""
    with work.chat() as chat:
        server = chat.servers[-1]
        anna, boris = chat.room(server).enter("anna", "boris")
        boris.hears(anna.says())
        has_threads(server)
        return right("threads.server", count=len(set(server.program.told.threads_started())))
