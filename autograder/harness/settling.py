"""Waits until a server has nothing more to say: by proof, by a causal fence, or by silence."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from autograder.harness.backend import PROOFS, State
from autograder.harness.deadline import Deadline
from autograder.harness.patience import FENCED, GOING, POLLING_S, PROVING, Patience
from autograder.harness.unmet import Evidence

if TYPE_CHECKING:
    from autograder.harness.history import Message
    from autograder.harness.person import Person
    from autograder.harness.room import Room

FENCE_S = 1.0  # for a word that goes round; who relays nothing is judged by a check of its own
WHISPER_EVERY_S = 0.02, 0.1  # at first, at last
MOST_FENCED = 20  # members; each fence is heard by all
SPIN_S = 0.25  # of processor time, without a word: the server goes round in circles
NAP_S = 1.2  # longer than the second that servers like to sleep
DEAR_LOOK_S = 0.005  # so long a look, at hundreds of threads, takes time the server could use


def settle(room: Room, patience: Patience) -> Evidence:
    """Wait until the server has nothing more to say; return how that is known."""
    whole, pause_s, heard, tick = Deadline(patience.most_s), 0.0005, -1, threading.Event()
    timed: Deadline | None = None
    used_s: float | None = None  # of the processor, when it was first seen busy
    while True:
        began = time.monotonic()
        state = room.state()
        looked_s = time.monotonic() - began
        if state in PROOFS:
            return "quiescent"
        if room.heard() != heard:
            heard, timed, used_s = room.heard(), None, None
            busy, unknown = Deadline(patience.busy_s), Deadline(patience.unknown_s)
        if state in (State.TIMED, State.POLLING) and timed is None:
            # All it was sent is handled. That it stirs from now on and says nothing is
            # no news: so does a loop with a time-out.
            timed = Deadline(patience.timed_s if state is State.TIMED else POLLING_S)
        ends = [timed] if timed else []
        ends += [unknown] if state is State.UNKNOWN or room.backend.restless else []
        if any(end.passed() for end in ends):
            return "silence"
        if state is State.BUSY:
            now_s = room.backend.cpu_s()
            used_s = now_s if used_s is None else used_s
            room.backend.restless |= now_s - used_s > SPIN_S
        if busy.passed() or whole.passed() or room.flooded():
            room.backend.restless |= patience.final and state is State.BUSY
            return "silence"
        # Who was seen to sleep needs no close watch: if he wakes and speaks, that is heard.
        most_s = 0.02 if timed is None else 0.06
        left_s = min(end.left_s() for end in (*ends, busy, whole))
        tick.wait(max(min(pause_s, left_s), 3 * looked_s))
        if looked_s > DEAR_LOOK_S:
            _wait_while_it_writes(room, whole, tick)
        pause_s = min(pause_s * 2, most_s)


def _wait_while_it_writes(room: Room, whole: Deadline, tick: threading.Event) -> None:
    before = -1
    while (now := room.heard()) != before and not (whole.passed() or room.flooded()):
        before = now
        tick.wait(0.02)


def calm(room: Room, patience: Patience) -> Evidence:
    """Wait as `settle` does; where no rest can be proved, a fence takes the place of silence.

    It tells of what the members have said. What others set in motion, or a timer, has only a
    moment's silence.
    """
    most = MOST_FENCED if patience is PROVING else 1
    if unobserved(room) and _pass_fences(room, room.members[:most]):
        return "fence"
    return settle(room, patience)


def hear_out(room: Room) -> Evidence:
    """Wait until all that the members have said has gone round; return how that is known.

    As `calm`, but a fence is enough, too, where only threads wait with a time-out that serve all,
    or one of those who are there: a watchdog, a main thread that sleeps. They may speak of
    themselves, but if they pass on what is said they pass on the fence as well, and after it.
    """
    if not unobserved(room) and settle(room, GOING) == "quiescent":
        return "quiescent"
    heard = {message.author for message in room.messages}
    spoke = [person for person in room.members if person in heard]
    if fence_is_enough(room) and _pass_fences(room, spoke[:MOST_FENCED]):
        return "fence"
    return settle(room, PROVING)


def fence_is_enough(room: Room) -> bool:
    """Return whether there is no better proof than a fence, or no timer of a message runs.

    After a look at the server that did not find it busy.
    """
    return unobserved(room) or (room.whispering and room.backend.only_residents_wait())


def _pass_fences(room: Room, authors: Sequence[Person]) -> bool:
    if len(room.members) < 2 or not all(pass_fence(room, author) for author in authors):
        return False
    settle(room, FENCED)
    return True


def unobserved(room: Room) -> bool:
    """Return whether members have to whisper, because it cannot be proved that the server rests."""
    return room.whispering and (room.backend.restless or not room.backend.observed)


def pass_fence(room: Room, author: Person) -> bool:
    """Let a message of `author` go out and an answer come back; return whether it did.

    What the server wrote to `author` for anything `author` had sent before has then
    arrived, if the server handles one connection's input in order and writes to each
    connection in order: the first message was handled after it, heard by the other
    after that, and answered after that.
    """
    others = [person for person in room.members if person is not author]
    if not others:
        return False
    passed = not others[0].lacks([author.whispers()], FENCE_S)
    passed = passed and not author.lacks([others[0].whispers()], FENCE_S)
    room.whispering &= passed
    return passed


def wait_out_naps(room: Room) -> None:
    """Let threads that went to sleep when a newcomer came wake, and do what they slept before.

    He may not be in before.
    """
    deadline, tick = Deadline(NAP_S), threading.Event()
    while _works(room) or room.backend.naps():
        if deadline.passed():
            return
        tick.wait(0.005)


def _works(room: Room) -> bool:
    """Return whether a server that comes to rest now and then is not at rest at this moment."""
    return room.state() is State.BUSY and not room.backend.restless


def wait_until_in(room: Room, newcomer: Person) -> None:
    """Where no rest can be proved, let a member whisper until the newcomer hears it.

    A while of silence may only mean that the server has not come to accept(). The second of two
    answers each: in a chat that takes turns a whisper is a turn. Others do not: in one that tells
    of a newcomer at his first word a whisper is that word.
    """
    if not (room.members and unobserved(room)):
        return
    whole, elder, two = Deadline(FENCE_S), room.members[-1], len(room.members) == 1
    pause_s, most_s = WHISPER_EVERY_S
    answers: list[Message] = []
    while newcomer.lacks([elder.whispers()], pause_s):
        if newcomer.line.inbox.ended:
            return
        if whole.passed():
            room.whispering = False
            return
        pause_s = min(2 * pause_s, most_s)
        answers += [newcomer.whispers()] if two else []
    answers += [newcomer.whispers()] if two else []
    room.whispering = not elder.lacks(answers, FENCE_S)
