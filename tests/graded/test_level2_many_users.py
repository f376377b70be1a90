"""Level 2: a chat of many."""

import pytest

from autograder.harness import labels, notices
from autograder.harness.crowd import talk_at_once
from autograder.harness.person import Person
from autograder.harness.program import Chaos
from autograder.harness.room import hear_each_other
from autograder.harness.story import one_of_many
from autograder.harness.trouble import outlive


@pytest.mark.check("broadcast", needs=["relay"])
def test_broadcast(chat):
    """Each of four speaks; all the others hear."""
    people = chat.room().enter("anna", "boris", "vera", "gleb")
    hear_each_other(people, rounds=1)


@pytest.mark.check("sender_excluded", needs=["broadcast"], echo=True)
def test_sender_excluded(chat):
    """Nobody of three gets back their own words."""
    people = chat.room().enter("anna", "boris", "vera")
    for author in people:
        message = author.says()
        for listener in people:
            if listener is not author:
                listener.hears(message)
        author.does_not_hear(message)


@pytest.mark.check("join_notice", needs=["broadcast"])
def test_join_notice(chat):
    """Those who are there are told of a newcomer, and not of another; the newcomer is not."""
    room = chat.room()
    anna, boris = people = room.enter("anna", "boris")
    hear_each_other(people, rounds=1)
    before = {person: person.mark() for person in people}
    (vera,) = room.enter("vera")
    for person in people:
        notices.is_told(person, since=before[person], about=vera)
    notices.is_not_told_the_same(vera, anna, since=before[anna])
    notices.names_nobody_else(vera, boris, anna, since=before[anna])


@pytest.mark.check("sender_named", needs=["broadcast"])
def test_sender_named(chat):
    """What two people say can be told apart by what stands around it."""
    anna, boris, vera = people = chat.room().enter("anna", "boris", "vera")
    hear_each_other(people, rounds=1)
    called = {author: labels.label_heard_from(vera, author) for author in (anna, boris)}
    labels.can_tell_apart(vera, called)


@pytest.mark.check("leave_survived", needs=["broadcast"])
def test_leave_survived(chat):
    """The first-joined leaves, then the last-joined; each time the others talk on."""
    outlive(chat.room(), Person.leaves)


@pytest.mark.check("silent_client", needs=["broadcast"])
def test_silent_client(chat):
    """Somebody connects and says nothing at all, not even a name; the others come and talk."""
    room = chat.room()
    room.somebody_silent("egor")
    people = room.enter("anna", "boris")
    hear_each_other(people, rounds=2)


@pytest.mark.check("crowd", needs=["broadcast"], order=True)
def test_crowd(chat):
    """Twenty people say twenty lines each, all at once in every round; then a few, with pauses."""
    room = chat.room()
    people = room.enter(*[one_of_many("user", number) for number in range(1, 21)])
    talk_at_once(people, rounds=20)
    chat.finish(order=True)
    if room.backend.restless:  # its threads get in each other's way as it is
        return
    # Threads that overtake each other do so by chance: pauses at recv() and send() see to it.
    # Where nothing tells that a line has been read, fewer lines are on their way at once.
    if room.backend.observed:
        names, rounds, pause_s = ("anna", "boris", "vera"), 24, 0.004
    else:
        names, rounds, pause_s = ("anna", "boris", "vera", "gleb", "dasha"), 30, 0.01
    server = chat.start(chaos=Chaos(seed=chat.seed, pause_s=pause_s))
    talk_at_once(chat.room(server).enter(*names), rounds)
