"""What stands around a message on its line, and tells whose it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping

from autograder.harness.history import Message
from autograder.harness.lines import plain, without_numbers
from autograder.harness.person import Person
from autograder.harness.unmet import Unmet
from autograder.i18n import _

MOST_SHOWN = 80  # characters of a label; what is longer holds other messages
WORDS = re.compile(r"\d+|[^\W\d_]+|[\W_]+")
BARE = "…"  # the label of a line that is nothing but a message


def label(listener: Person, message: Message) -> str:
    """Return what stands around a message on its line, without the time of day.

    A server without framing glues texts together, so the end of the message before
    counts as the beginning of a line.
    """
    data = listener.line.inbox.data().decode("utf-8", "replace")
    before, _found, after = data.partition(message.text)
    before = re.split(rf"\n|{listener.room.nonce}", before)[-1]
    around = f"{before}…{after.partition(chr(10))[0]}"
    return plain(around)


def label_heard_from(listener: Person, author: Person) -> str:
    """Let `author` speak three times; return the label of the last two, which nothing precedes.

    Raises:
        Unmet: `listener` did not hear it, or the two have different labels.
    """
    _first, one, two = of_three_messages(listener, author)
    if without_numbers(one) != without_numbers(two):
        raise listener.room.unmet(
            _("what {who} says is always marked the same").format(who=author),
            _("once it was “{one}”, then “{two}”").format(one=one, two=two),
            offending=author.room.messages[-1].to(listener),
        )
    return _what_stays(one, two)


def of_three_messages(listener: Person, author: Person) -> list[str]:
    """Let `author` speak three times; return the labels.

    Raises:
        Unmet: `listener` did not hear it.
    """
    found = []
    for _time in range(3):
        message = author.says()
        listener.hears(message)
        found.append(label(listener, message))
    return found


def _what_stays(one: str, two: str) -> str:
    """Return a label without the numbers that change from message to message: a count of them."""
    words = zip(re.split(r"(\d+)", one), re.split(r"(\d+)", two), strict=True)
    return "".join(word if word == other else "0" for word, other in words)


def can_tell_apart(listener: Person, called: Mapping[Person, str]) -> None:
    """Make sure that each author has a label of its own.

    Raises:
        Unmet: two have the same.
    """
    names = " / ".join(str(author) for author in called)
    listener.room.story.step(
        _("{who} must see who speaks: {names}.").format(who=listener, names=names)
    )
    if len(set(called.values())) < len(called):
        same = next(iter(called.values()))
        alike = _("the lines look the same: “{text}”").format(text=same)
        raise listener.room.unmet(
            _("something in the line says whose it is"),
            alike if same != BARE else _("nothing but what was said stands in the line"),
            offending=listener.room.messages[-1].to(listener),
        )


def _name_in(before: Collection[str]) -> Callable[[str], tuple[str, ...]]:
    """Return what finds the name in a label, given labels of several people.

    It is what each has for itself: beside it there may stand how many are there, or who rules.
    """
    parted = [WORDS.findall(label) for label in before]
    columns = enumerate(zip(*parted, strict=False))
    places = [n for n, words in columns if len({*words}) == len(words)]

    def name(label: str) -> tuple[str, ...]:
        words = WORDS.findall(label)
        whole = not places or places[-1] >= len(words)
        return (label,) if whole else tuple([words[n] for n in places])

    return name


def is_still_called(author: Person, listener: Person, before: Mapping[Person, str]) -> None:
    """Make sure that an author's name has not changed.

    Args:
        before: The labels of all, as they were.

    Raises:
        Unmet: it has.
    """
    now, name = label_heard_from(listener, author), _name_in(before.values())
    if name(now) != name(before[author]):
        raise _renamed(author, listener, before[author], now)


def has_a_name_of_its_own(
    author: Person, listener: Person, before: Mapping[Person, str]
) -> dict[Person, str]:
    """Make sure that a newcomer's name is none that was used before; return all labels.

    Raises:
        Unmet: it is.
    """
    now, name = label_heard_from(listener, author), _name_in(before.values())
    if name(now) in map(name, before.values()):
        raise author.room.unmet(
            _("a number is never given twice"),
            _("{who} is called “{text}”, like somebody before").format(who=author, text=now),
            cause=_("the number is the place in a list, the list's length, or was free again"),
            offending=author.room.messages[-1].to(listener),
        )
    return {**before, author: now}


def _renamed(author: Person, listener: Person, before: str, now: str) -> Unmet:
    return author.room.unmet(
        _("{who} is called “{text}” as before").format(who=author, text=before),
        _("now it is “{text}”").format(text=now),
        cause=_("the number is the place in a list: it shifts when somebody leaves"),
        offending=author.room.messages[-1].to(listener),
    )


def each_is_marked_as(listener: Person, single: Message, messages: Iterable[Message]) -> None:
    """Make sure that lines sent in one piece are marked like one that was sent alone.

    Raises:
        Unmet: one of them is not.
    """
    usual = label(listener, single)
    step = _("Each line must be marked like a line that came alone: “{text}”.")
    listener.room.story.step(step.format(text=usual if len(usual) <= MOST_SHOWN else BARE))
    for message in messages:
        marked = label(listener, message)
        if without_numbers(marked) == without_numbers(usual):
            continue
        if not listener.room.dialect.ends_lines:
            raise listener.room.unmet(
                _("a newline ends “{text}”").format(text=message),
                _("the next message follows at once"),
                cause=_("the server takes lines apart, and sends them without their newlines"),
                hint=_("Add the newline again to each line that you send."),
                offending=message.to(listener),
            )
        raise listener.room.unmet(
            _("“{text}” is a message of its own, marked “{usual}”").format(
                text=message, usual=usual
            ),
            _("it is marked “{marked}”").format(marked=marked)
            if marked != BARE
            else _("nothing but what was said stands in the line"),
            cause=_("one recv() was taken for one message"),
            offending=message.to(listener),
        )
