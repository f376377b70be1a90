"""Many people at once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor

from autograder.harness.deadline import Deadline
from autograder.harness.history import Message
from autograder.harness.patience import CROWDING
from autograder.harness.person import Person
from autograder.harness.room import Room
from autograder.harness.story import one_of_many
from autograder.i18n import _, ngettext

MOST_SENDERS = 32
ENTER_ALL_S = 10.0
RETRY_S = 0.7  # a connection that found the backlog full is tried again by the system after 1 s
ADMITTED_S = 1.0


def talk_at_once(people: list[Person], rounds: int) -> None:
    """In each round let everybody say a line at the same moment; at the end all must have all.

    The next round begins when the server has read the lines of this one: no two lines of
    one author come in one recv (how a server takes those is a check of its own), but many
    are handled at the same time.

    Raises:
        Unmet: somebody did not hear something.
    """
    room = people[0].room
    talk = _talk_in_rounds if room.backend.observed else _talk_each_for_himself
    with ThreadPoolExecutor(min(len(people), MOST_SENDERS)) as senders:
        said = talk(people, rounds, senders)
    room.story.step(_("Everybody must have heard everybody else."))
    _all_hear(people, said)


def _talk_in_rounds(people: list[Person], rounds: int, senders: Executor) -> list[Message]:
    """Let all say a line, as often as asked, each time when the server has read the last ones."""
    room = people[0].room
    said: list[Message] = []
    for number in range(1, rounds + 1):
        messages = [person.compose() for person in people]
        said += messages
        step = _("Round {number}: all {count} speak at once.")
        room.story.step(step.format(number=number, count=len(people)))
        list(senders.map(lambda m: m.author.line.send(m.data + b"\n"), messages))
        if not room.backend.wait_until_read([person.line for person in people]):
            _all_hear(people, messages)
    return said


def _talk_each_for_himself(people: list[Person], rounds: int, senders: Executor) -> list[Message]:
    """Let everybody go on as soon as one other has heard him: his line has been read then.

    For where nothing else tells that. Who came first is most often the first to hear.
    """
    step = _("All {count} speak at once, {rounds} lines each.")
    people[0].room.story.step(step.format(count=len(people), rounds=rounds))
    speeches = [[person.compose() for _number in range(rounds)] for person in people]

    def talk(messages: list[Message]) -> None:
        author = messages[0].author
        listener = people[1] if author is people[0] else people[0]
        for message in messages:
            author.line.send(message.data + b"\n")
            if listener.lacks([message]):
                return  # the story goes on to say so

    list(senders.map(talk, speeches))
    return [message for speech in speeches for message in speech]


def _all_hear(people: Sequence[Person], messages: Sequence[Message]) -> None:
    for listener in people:
        listener.hears_all([m for m in messages if m.author is not listener])


def enter_at_once(room: Room, count: int) -> list[Person]:
    """Let many people in one after the other without waiting for each handshake.

    But for the first they read only when all are there: notices of all joins lie in the system's
    buffers. Where the system does not tell how full the backlog is, a connection that took long
    does, and from then on no more come at once than it can hold.

    Raises:
        Unmet: somebody could not connect.
    """
    room.story.step(
        ngettext("{count} person connects.", "{count} people connect.", count).format(count=count)
    )
    people: list[Person] = []
    deadline = Deadline(ENTER_ALL_S)
    at_once, waiting = count, 0  # how many the backlog holds, as far as is known; and now has
    for number in range(1, count + 1):
        if deadline.passed():
            raise room.unmet(
                _("{count} people can connect").format(count=count),
                _("after {seconds:.0f} seconds only {number} could").format(
                    seconds=deadline.timeout_s, number=len(people)
                ),
            )
        began = time.monotonic()
        person = room.connect(one_of_many("user", number), frozen=bool(people))
        if time.monotonic() - began > RETRY_S:
            at_once, waiting = max(1, waiting), 0
        room.backend.wait_until_admitted()
        if room.dialect.hello != "none":
            person.line.send(f"{person.name}\n".encode())
        people.append(person)
        waiting += 1
        if waiting >= at_once and not room.backend.observed:
            # Heard means accepted, and so are all who came before.
            people[0].lacks([person.whispers()], ADMITTED_S)
            waiting = 0
    if room.backend.observed and not room.backend.restless:
        room.settle(CROWDING)  # to read all notices at once is cheaper than one by one
    for person in people:
        person.present = True
    for person in people[1:]:
        person.line.thaw()
    room.settle(CROWDING)
    room.backend.all_came_in()
    return people


def everybody_hears(people: Sequence[Person], authors: Sequence[Person]) -> None:
    """Let each author say a line; everybody else must hear it.

    Raises:
        Unmet: somebody did not.
    """
    for author in authors:
        message = author.says()
        author.room.story.step(_("All the others must hear it."))
        for listener in people:
            if listener is not author:
                listener.hears_all([message])
