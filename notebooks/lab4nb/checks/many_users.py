"""Notebook 7: a broadcast in an exercise, and the student's server among many."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

from autograder.harness.backpressure import flood_past
from autograder.harness.program import Chaos
from autograder.harness.room import hear_each_other
from lab4nb import sequence, work
from lab4nb.boxes import Box, right, todo, wrong
from lab4nb.conversation import from_transcript
from lab4nb.paper import Drawing

WAIT_S = 2.0
LINE = "привет\n".encode()


class Spy:
    """Stands in for a client's socket; notes what it is sent, and whether the lock is held then."""

    def __init__(self, lock: threading.Lock) -> None:
        self.got: list[bytes] = []
        self.locked_while_sending = False
        self.leaves: Callable[[], None] = lambda: None  # what it does when it is sent something
        self._lock = lock

    def sendall(self, data: bytes) -> None:
        """Take the data, as a socket does."""
        self.got.append(data)
        self.locked_while_sending |= self._lock.locked()
        self.leaves()


class Gone(Spy):
    """A client that has gone: sending fails."""

    def sendall(self, data: bytes) -> None:
        """Fail as a socket does whose peer has gone."""
        super().sendall(data)
        raise BrokenPipeError(32, "Broken pipe")


Broadcast = Callable[[list[Spy], threading.Lock, Spy, bytes], object]


def broadcast(solution: Broadcast) -> Box:
    """Call the function in a room where one has gone and one leaves in the middle of it."""
    lock = threading.Lock()
    author, gone, leaver, last = Spy(lock), Gone(lock), Spy(lock), Spy(lock)
    members = [author, gone, leaver, last]

    def leave() -> None:  # at that moment its reader takes it out
        if not lock.locked() and leaver in members:
            members.remove(leaver)

    leaver.leaves = leave
    returned: list[object] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            returned.append(solution(members, lock, author, LINE))
        except Exception as error:  # whatever a student's code raises is told in words
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(WAIT_S)
    if returned == [...]:
        return todo("boxes.exercise_not_done")
    if thread.is_alive():
        return wrong("many_users.hangs")
    if errors and isinstance(errors[0], BrokenPipeError):
        return wrong("many_users.one_dead")
    if errors:
        return wrong("boxes.raised", error=repr(errors[0]))
    if any(spy.locked_while_sending for spy in (gone, leaver, last)):
        return wrong("many_users.locked")
    if author.got:
        return wrong("many_users.echo")
    if last.got != [LINE]:
        return wrong("many_users.skipped", times=len(last.got))
    if not gone.got or leaver.got != [LINE]:
        return wrong("many_users.not_all")
    return right("many_users.right")


@work.in_words
def transcript() -> Drawing:
    """Let three talk on the student's server and one leave; draw what was on the wire."""
    with work.chat() as chat:
        room = chat.room(chat.servers[-1])
        people = anna, boris, vera = room.enter("anna", "boris", "vera")
        since = len(chat.transcript.events())
        boris.hears(said := anna.says(text="привет, все! {}"))
        vera.hears(said)
        vera.leaves()
        anna.hears(boris.says(text="Вера ушла? {}"))
        lanes = [person.name for person in people]
        messages = from_transcript(chat.transcript)
        shown = [m for m in messages if m.sent >= chat.transcript.events()[since].t]
        for message in shown:  # by these marks the harness knows them; nobody said them
            message.text = re.sub(rf" \w+-\d+-{room.nonce}", "", message.text)
    return sequence.draw([lanes[0], "server", *lanes[1:]], shown)


@work.in_words
def server() -> Box:
    """Let four talk on the student's server, then two of them go."""
    with work.chat() as chat:
        room = chat.room(chat.servers[-1])
        first, *others = room.enter("anna", "boris", "vera", "gleb")
        hear_each_other([first, *others], rounds=1)
        first.leaves()
        hear_each_other(others, rounds=3)
    return right("many_users.server_right")


@work.in_words
def slow_reader() -> Box:
    """Let one not read while the others say far more than fits into its buffers."""
    with work.chat() as chat:
        room = chat.room(chat.start(chaos=Chaos(send_buffer=16384)))
        (anna,) = room.enter("anna")
        (egor,) = room.enter("egor", frozen=True, receive_buffer=4096)
        boris, vera = room.enter("boris", "vera")
        flood_past(egor, authors=[anna, vera], listeners=[anna, boris, vera])
    return right("many_users.slow_right")
