"""What stands around a message, and lines that are nobody's message: labels and notices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from autograder.harness.history import Message
from autograder.harness.person import Person
from autograder.harness.unmet import Unmet
from autograder.i18n import _

TIME = re.compile(r"\d{1,2}:\d{1,2}(:\d{1,2})?")


def news(person: Person, since: int) -> list[str]:
    """Return the non-empty lines that came since a mark and are nobody's message."""
    text = person.line.inbox.data(since).decode("utf-8", "replace")
    lines = [line.strip() for line in text.split("\n")]
    return [line for line in lines if line and person.room.nonce not in line]


def is_told(person: Person, since: int, about: Person) -> None:
    """Make sure that a notice came since a mark, once.

    Raises:
        Unmet: none came, or more than one about the same.
    """
    room = person.room
    room.story.step(_("{who} must be told of {other}.").format(who=person, other=about))
    room.evidence = room.settle()
    lines = [TIME.sub("", line) for line in news(person, since)]
    expected = _("{who} is told once that {other} came or left").format(who=person, other=about)
    if not lines:
        raise room.unmet(expected, _("nothing came"), state=room.state())
    text = lines[0]
    repeated = lines.count(text) > 1 or re.fullmatch(r"(.+)\1+", text)
    if repeated:
        raise room.unmet(expected, _("“{text}” came more than once").format(text=text[:80]))


def is_not_told_the_same(newcomer: Person, other: Person, since: int) -> None:
    """Make sure that a newcomer did not get the notice that `other` got since a mark.

    Raises:
        Unmet: it did.
    """
    newcomer.room.story.step(_("{who} must not get the notice about {who}.").format(who=newcomer))
    received = newcomer.line.inbox.data().decode("utf-8", "replace")
    for line in news(other, since):
        notice = TIME.sub("", line).strip()
        if notice and notice in received:
            raise newcomer.room.unmet(
                _("a newcomer does not get the notice about itself"),
                _("{who} received “{text}”").format(who=newcomer, text=notice[:80]),
            )


def label(listener: Person, message: Message) -> str:
    """Return what stands around a message on its line, without the time of day.

    A server without framing glues texts together, so the end of the message before
    counts as the beginning of a line.
    """
    data = listener.line.inbox.data().decode("utf-8", "replace")
    before, _found, after = data.partition(message.text)
    before = re.split(rf"\n|{listener.room.nonce}", before)[-1]
    around = f"{before}…{after.partition(chr(10))[0]}"
    return TIME.sub("", around).strip()


def label_heard_from(listener: Person, author: Person) -> str:
    """Let `author` speak twice; return the label of the second, which nothing precedes.

    Raises:
        Unmet: `listener` did not hear it, or the two have different labels.
    """
    labels = []
    for _time in range(3):
        message = author.says()
        listener.hears(message)
        labels.append(label(listener, message))
    if labels[1] != labels[2]:
        raise listener.room.unmet(
            _("what {who} says is always marked the same").format(who=author),
            _("once it was “{one}”, then “{two}”").format(one=labels[1], two=labels[2]),
        )
    return labels[2]


def can_tell_apart(listener: Person, labels: Mapping[Person, str]) -> None:
    """Make sure that each author has a label of its own.

    Raises:
        Unmet: two have the same.
    """
    names = " / ".join(str(author) for author in labels)
    listener.room.story.step(
        _("{who} must see who speaks: {names}.").format(who=listener, names=names)
    )
    if len(set(labels.values())) < len(labels):
        raise listener.room.unmet(
            _("something in the line says whose it is"),
            _("the lines look the same: “{text}”").format(text=next(iter(labels.values()))),
        )


def is_still_called(author: Person, listener: Person, before: str) -> None:
    """Make sure that an author's label has not changed.

    Raises:
        Unmet: it has.
    """
    now = label_heard_from(listener, author)
    if now != before:
        raise _renamed(author, before, now)


def has_a_name_of_its_own(author: Person, listener: Person, others: Iterable[str]) -> None:
    """Make sure that a newcomer's label is none that was used before.

    Raises:
        Unmet: it is.
    """
    now = label_heard_from(listener, author)
    if now in others:
        raise author.room.unmet(
            _("a number is never given twice"),
            _("{who} is called “{text}”, like somebody before").format(who=author, text=now),
            cause=_("the number is the place in a list, or the list's length"),
        )


def _renamed(author: Person, before: str, now: str) -> Unmet:
    return author.room.unmet(
        _("{who} is called “{text}” as before").format(who=author, text=before),
        _("now it is “{text}”").format(text=now),
        cause=_("the number is the place in a list: it shifts when somebody leaves"),
    )


def each_is_marked_as(listener: Person, single: Message, messages: Iterable[Message]) -> None:
    """Make sure that lines sent in one piece are marked like one that was sent alone.

    Raises:
        Unmet: one of them is not.
    """
    usual = label(listener, single)
    listener.room.story.step(
        _("Each line must be marked like a line that came alone: “{text}”.").format(text=usual)
    )
    for message in messages:
        marked = label(listener, message)
        if marked != usual:
            raise listener.room.unmet(
                _("“{text}” is a message of its own, marked “{usual}”").format(
                    text=message, usual=usual
                ),
                _("it is marked “{marked}”").format(marked=marked),
                cause=_("one recv() was taken for one message"),
            )
