"""Notebook 0: is everybody served at once, and does the student's server let people in?"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

from lab4nb import work
from lab4nb.boxes import Box, right, todo, wrong
from lab4nb.lab import Lab

ANSWER_S = 1.0
PEOPLE = 20


def welcome(solution: Callable[[socket.socket], object]) -> Box:
    """Let three come to a server that hands each new client to the function."""
    before = set(threading.enumerate())
    returned: list[object] = []
    accepted: list[socket.socket] = []
    with Lab() as lab:
        listener = lab.listen()

        def accept() -> None:
            while True:
                accepted.append(listener.accept()[0])
                returned.append(solution(accepted[-1]))

        lab.thread(accept)
        clients = [lab.connect(listener, ANSWER_S) for _number in range(3)]
        answered = [_is_answered(client) for client in clients]
        for client in clients:
            client.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(ANSWER_S)
    for sock in accepted:
        sock.close()
    if lab.errors:
        return wrong("boxes.raised", error=repr(lab.errors[0]))
    if returned and returned[0] is ...:
        return todo("boxes.exercise_not_done")
    if not answered[0]:
        return wrong("blocked.nobody")
    if not all(answered):
        return wrong("blocked.first_only")
    return right("blocked.all_served")


def _is_answered(client: socket.socket) -> bool:
    client.settimeout(ANSWER_S)
    with contextlib.suppress(OSError):
        client.sendall(b"?")
        return client.recv(1) == b"?"
    return False


@work.in_words
def server_starts() -> Box:
    """Start the student's server and let twenty people in before anybody says a word."""
    with work.chat() as chat, contextlib.ExitStack() as stack:
        address = chat.servers[-1].address
        for _number in range(PEOPLE):
            try:
                stack.enter_context(socket.create_connection(address, ANSWER_S))
            except OSError as error:
                return wrong("blocked.not_all_in", count=_number, error=error)
        return right("blocked.starts", count=PEOPLE, port=address[1])


def who_shook_hands(answer: object) -> Box:
    """Judge the answer to the question who had let the second client in."""
    if answer is ...:
        return todo("boxes.choose", letters="a, b, c")
    verdicts = {"a": "blocked.not_accept", "b": "blocked.kernel", "c": "blocked.not_nobody"}
    if answer not in verdicts:
        return todo("boxes.choose", letters="a, b, c")
    return (right if answer == "b" else wrong)(verdicts[str(answer)])
