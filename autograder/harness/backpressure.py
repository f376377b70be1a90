"""A server that must wait for one who does not read, and what becomes of the others then."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from autograder.harness.backend import PROOFS, State
from autograder.harness.deadline import Deadline
from autograder.harness.history import Message
from autograder.harness.lines import one_at_a_time
from autograder.harness.patience import GOING
from autograder.harness.person import HEAR_S, Person
from autograder.harness.room import Room, hear_each_other
from autograder.harness.unmet import Unmet
from autograder.i18n import _

# A line fits into one recv(1024) with its label: who takes a recv for a message is told so by
# the checks about framing.
LINE_BYTES = 900
PAST_LINES = 40  # of each author
MOST_USUAL_S = 10.0  # for all lines, of a server that keeps each back for a while
HELD_UP_S = 4.0  # a second is granted, for each of the authors; the rest is for saying it
HELD_S = 0.2  # a line that takes so long is held back
LOOK_EVERY_S = 0.01
FLOOD_LINES = 80
# While somebody waits in send() another may still get in whole lines: who waits is woken when a
# third of the buffer is free, who comes needs but a byte. More than fits into that third.
SLIP_LINES = 16


def hold_in_send(room: Room) -> Sequence[Person]:
    """Hold the server in the midst of going through its clients; let others speak and leave then.

    Join order: one who will leave, one who does not read, those who stay, the author. A
    server that sends to one after the other waits at the second; what it goes through
    changes under it when the first leaves. The others speak until they are not heard: where
    no lock keeps their threads apart, these wait in send() as well, and who is woken first
    writes, whosever line is half written. Where threads cannot be seen, only a torn line
    shows it, and that is chance; so they are held once more.

    Returns:
        Those who stay.

    Raises:
        Unmet: somebody who stays did not hear something, or threads write to one at once.
    """
    (leaver,) = room.enter("egor")
    (slow,) = room.enter("dasha", frozen=True, receive_buffer=4096)
    stay = room.enter("anna", "boris", "vera")
    if _hold(stay, slow, leaver):
        (slow,) = room.enter("gleb", frozen=True, receive_buffer=4096)
        _hold(stay, slow)
    return stay


def break_off_in_send(room: Room) -> None:
    """Hold the server in a send to one who does not read, and reset that connection.

    The send fails in the midst of going through the clients, and in the thread that serves
    somebody else: whoever forgets that loses the line for those who come after, the author, or
    a lock that nobody releases.

    Raises:
        Unmet: somebody who stayed, or came later, did not hear something.
    """
    (slow,) = room.enter("egor", frozen=True, receive_buffer=4096)
    stay = room.enter("anna", "boris", "vera")
    *others, author = stay
    messages, _held = _speak_until_held(author, others, slow)
    slow.crashes()
    for listener in others:
        listener.hears_all(messages)
    hear_each_other([*stay, *room.enter("gleb")], rounds=1)


def _speak_until_held(
    author: Person, listeners: Sequence[Person], slow: Person
) -> tuple[list[Message], bool]:
    """Let `author` speak until the server waits for `slow`; return what, and whether it waits.

    All `listeners` have heard a line before the next is said: how many lines a server can
    keep for one of them is another check.
    """
    speaks = _("{author} speaks until the server waits for {slow}, who does not read.")
    author.room.story.step(speaks.format(author=author, slow=slow))
    messages: list[Message] = []
    for _number in range(FLOOD_LINES):
        messages.append(_says_long(author))
        if any(_held_back(listener, messages[-1], slow) for listener in listeners):
            return messages, True
    return messages, False


def _hold(stay: Sequence[Person], slow: Person, leaver: Person | None = None) -> bool:
    """Hold the server once at `slow`; return whether it could be held."""
    *others, author = stay
    room = author.room
    names = {"slow": slow, "who": leaver}
    messages, held = _speak_until_held(author, others, slow)
    if leaver:
        reads = _("{who} leaves, the others speak, too; then {slow} reads again.")
        leaver.present = False
        leaver.line.half_close()
    else:
        reads = _("The others speak, too; then {slow} reads again.")
    room.story.step(reads.format(**names))
    for person in others:
        for _line in range(SLIP_LINES):
            messages.append(_says_long(person))
            room.settle(GOING)
            if not held or author.lacks(messages[-1:], 0):
                break
    at_once = _written_to_at_once(slow)
    slow.line.thaw()
    for listener in stay:
        listener.hears_all([message for message in messages if message.author is not listener])
    if at_once:
        room.audit()  # a line that was torn tells it better
        raise at_once
    if leaver:
        leaver.line.close()
    return held


def _says_long(author: Person) -> Message:
    message = _long(author)
    author.line.send(message.data + b"\n")
    return message


def _long(author: Person) -> Message:
    return author.compose("{}" + "x" * LINE_BYTES)


def _written_to_at_once(who: Person) -> Unmet | None:
    """Return the failure if threads of the server wait at this moment to write to one socket."""
    backend = who.room.backend
    if backend.senders(who.line) < 2:
        return None
    return who.room.unmet(
        _("one thread at a time writes to {who}").format(who=who),
        _("several threads of the server wait in send() to {who} at once").format(who=who),
        cause=_("a thread writes while only half the line of another is sent"),
        hint=one_at_a_time(),
        stacks=backend.stacks(),
    )


def _held_back(listener: Person, message: Message, slow: Person) -> bool:
    """Wait until a message comes, or the server waits for `slow`; return whether it waits.

    On a busy machine a line may be late although nobody waits, so where the system can tell,
    it is asked, and at once: a server may have patience with `slow` for half a second only.
    """
    room, held, whole = listener.room, Deadline(HELD_S), Deadline(HEAR_S)
    if not room.backend.observed:
        return bool(listener.lacks([message], HELD_S))
    while listener.lacks([message], LOOK_EVERY_S):
        state = room.state()
        waits = state is not State.BUSY or room.backend.senders(slow.line) > 0
        if (waits and room.backend.stalled(slow.line)) or state in PROOFS or whole.passed():
            break
        if held.passed() and (waits or room.backend.restless):
            break
    return bool(listener.lacks([message], 0))


def flood_past(slow: Person, authors: Sequence[Person], listeners: Sequence[Person]) -> None:
    """Say far more than fits into the buffers of one who does not read.

    Raises:
        Unmet: a listener did not hear something, or all of them had to wait too long.
    """
    room = slow.room
    step = _("{slow} does not read; {names} say {size} KB: the others must hear it all.")
    names = ", ".join(str(author) for author in authors)
    size = PAST_LINES * len(authors) * LINE_BYTES // 1000
    room.story.step(step.format(slow=slow, names=names, size=size))
    began, usual_s, held_up_s = time.monotonic(), 0.0, Deadline(HELD_UP_S).timeout_s
    said, rounds, at_once = 0, 0, 1
    while said < PAST_LINES:
        for author in authors:
            messages = [_long(author) for _line in range(at_once)]
            author.line.send(b"".join([message.data + b"\n" for message in messages]))
            for listener in listeners:
                if listener is not author:
                    listener.hears_all(messages)
            if time.monotonic() - began > max(held_up_s, 3 * usual_s * (rounds + 1)):
                raise room.unmet(
                    _("one who does not read holds up the others for a second at most"),
                    _("they still wait after {seconds:.0f} seconds").format(seconds=held_up_s),
                    cause=_("each send to {slow} is waited for").format(slow=slow),
                )
        if rounds == 0:  # these fit into the buffers: so long it takes when nobody waits
            usual_s = time.monotonic() - began
            at_once = max(1, math.ceil(PAST_LINES * usual_s / MOST_USUAL_S))
        said, rounds = said + len(messages), rounds + 1
