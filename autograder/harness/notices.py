"""What stands around a message, and lines that are nobody's message: labels and notices."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping

from autograder.harness import settling
from autograder.harness.backend import PROOFS
from autograder.harness.deadline import Deadline
from autograder.harness.history import Message
from autograder.harness.lines import TIME, without_numbers
from autograder.harness.passage import Passage
from autograder.harness.person import Person
from autograder.harness.unmet import Unmet
from autograder.i18n import _

NOTICE_S = 1.0
BARE = "…"  # the label of a line that is nothing but a message


def news(person: Person, since: int) -> list[str]:
    """Return the non-empty lines that came since a mark and are nobody's message.

    Nor are they what came while all just talked: there are servers that answer each line.
    """
    begin, end = person.talk
    data = person.line.inbox.data()
    answers = {TIME.sub("", line) for line in _no_messages(person, data[begin:end])}
    lines = _no_messages(person, data[since:])
    return [line for line in lines if TIME.sub("", line) not in answers]


def _no_messages(person: Person, data: bytes) -> list[str]:
    lines = data.decode("utf-8", "replace").split("\n")
    pieces = [piece.strip() for line in lines for piece in _unglued(line, person)]
    return [piece for piece in pieces if re.search(r"\w", TIME.sub("", piece))]  # no ornament


def _unglued(line: str, person: Person) -> list[str]:
    """Return what in a line is nobody's message.

    A server without framing glues notices to messages; the time of day parts them again.
    """
    nonce = person.room.nonce
    if nonce not in line:
        return [line]
    pieces = re.split(rf"(?<![\d:])(?={TIME.pattern})", line)[1:]
    return [piece for piece in pieces if nonce not in piece]


def wait_for_news(person: Person, since: int) -> None:
    """Wait until something came since a mark, or nothing more can come."""
    deadline, tick = Deadline(NOTICE_S), threading.Event()
    while not news(person, since) and not deadline.passed():
        if person.room.state() in PROOFS:
            return
        tick.wait(0.005)


def name_in_notices(author: Person, listener: Person) -> str:
    """Return what `author` is called both in messages and in notices; empty if that differs.

    Raises:
        Unmet: `listener` does not hear `author`.
    """
    name = _name(label_heard_from(listener, author))
    return name if any(name in line for line in news(listener, 0)) else ""


def _name(text: str) -> str:
    """Return a label, or a notice, without ornaments."""
    return re.sub(r"[^\w#№]+", " ", text).strip()


def is_told(person: Person, since: int, about: Person, called: str = "") -> None:
    """Make sure that a notice came since a mark, once.

    Args:
        person: Who must be told.
        since: The mark.
        about: Who came or left.
        called: What must stand in the notice.

    Raises:
        Unmet: none came, it is about somebody else, or more than one about the same.
    """
    room = person.room
    room.story.step(_("{who} must be told of {other}.").format(who=person, other=about))
    wait_for_news(person, since)
    told = (
        _("{who} is told once that {other} came")
        if about.present
        else _("{who} is told once that {other} left")
    )
    expected = told.format(who=person, other=about)
    missing = Passage("", person.name, "")
    if settling.unobserved(room) and not news(person, since):
        # A whisper could bring what the next word brings; but it must come by itself.
        raise room.unmet(expected, _("nothing came"), state=room.state(), missing=missing)
    room.evidence = room.calm()
    lines = [TIME.sub("", line) for line in news(person, since)]
    if not lines:
        raise room.unmet(expected, _("nothing came"), state=room.state(), missing=missing)
    text = lines[0]
    offending = Passage("", person.name, text.strip())
    if not any(called in line for line in lines):
        raise room.unmet(
            _("{who} is told that “{name}” left").format(who=person, name=called),
            _("the notice says “{text}”").format(text=text[:80]),
            cause=_("the number is looked up after somebody was removed, or shared by all"),
            offending=offending,
        )
    if lines.count(text) > 1 or _repeats_itself(text):
        actual = _("“{text}” came more than once").format(text=text[:80])
        raise room.unmet(expected, actual, offending=offending)


def _repeats_itself(text: str) -> bool:
    """Return whether a text is another one, twice or more: it stands inside its double."""
    return text in (text + text)[1:-1]


def is_not_told_the_same(newcomer: Person, other: Person, since: int) -> None:
    """Make sure that a newcomer did not get the notice that `other` got since a mark.

    Raises:
        Unmet: it did.
    """
    newcomer.room.story.step(_("{who} must not get the notice about {who}.").format(who=newcomer))
    received = newcomer.line.inbox.data().decode("utf-8", "replace")
    told = [TIME.sub("", line).strip() for line in news(other, since)]
    if told and all(notice in received for notice in told):
        raise newcomer.room.unmet(
            _("a newcomer does not get the notice about itself"),
            _("{who} received “{text}”").format(who=newcomer, text=told[0][:80]),
            offending=Passage("", newcomer.name, told[0]),
        )


def names_nobody_else(newcomer: Person, other: Person, listener: Person, since: int) -> None:
    """Make sure that what `listener` was told of a newcomer since a mark does not name `other`.

    Names are what people are called in messages. What names nobody is right, and so is whatever
    comes beside what names the newcomer: a late notice of `other`.

    Raises:
        Unmet: it does; or `listener` does not hear one of them.
    """
    told = news(listener, since)
    own, others = (_name(_labels(listener, person)[-1]) for person in (newcomer, other))
    if own == others or not re.search(r"[^\W\d_]", others):
        return
    listener.room.story.step(
        _("The notice about {who} must not name {other}.").format(who=newcomer, other=other)
    )
    lines = {f" {_name(line)} ": line for line in told}
    if any(f" {own} " in words for words in lines):
        return
    for words, line in lines.items():
        if f" {others} " in words:
            raise listener.room.unmet(
                _("the notice names “{name}”, who came").format(name=own),
                _("it says “{text}”, and that is how {who} is called").format(
                    text=line[:80], who=other
                ),
                cause=_("the number in the notice is counted in another way than in messages"),
                hint=_("Keep the name with the socket, and take it from there every time."),
                offending=Passage("", listener.name, line.strip()),
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
    """Let `author` speak three times; return the label of the last two, which nothing precedes.

    Raises:
        Unmet: `listener` did not hear it, or the two have different labels.
    """
    _first, one, two = _labels(listener, author)
    if without_numbers(one) != without_numbers(two):
        raise listener.room.unmet(
            _("what {who} says is always marked the same").format(who=author),
            _("once it was “{one}”, then “{two}”").format(one=one, two=two),
            offending=author.room.messages[-1].to(listener),
        )
    return _what_stays(one, two)


def _labels(listener: Person, author: Person) -> list[str]:
    labels = []
    for _time in range(3):
        message = author.says()
        listener.hears(message)
        labels.append(label(listener, message))
    return labels


def _what_stays(one: str, two: str) -> str:
    """Return a label without the numbers that change from message to message: a count of them."""
    words = zip(re.split(r"(\d+)", one), re.split(r"(\d+)", two), strict=True)
    return "".join(word if word == other else "0" for word, other in words)


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
        same = next(iter(labels.values()))
        alike = _("the lines look the same: “{text}”").format(text=same)
        raise listener.room.unmet(
            _("something in the line says whose it is"),
            alike if same != BARE else _("nothing but what was said stands in the line"),
            offending=listener.room.messages[-1].to(listener),
        )


def is_still_called(author: Person, listener: Person, before: str) -> None:
    """Make sure that an author's label has not changed.

    Raises:
        Unmet: it has.
    """
    now = label_heard_from(listener, author)
    if now != before:
        raise _renamed(author, listener, before, now)


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
            cause=_("the number is the place in a list, the list's length, or was free again"),
            offending=author.room.messages[-1].to(listener),
        )


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
    listener.room.story.step(
        _("Each line must be marked like a line that came alone: “{text}”.").format(text=usual)
    )
    for message in messages:
        marked = label(listener, message)
        if without_numbers(marked) != without_numbers(usual):
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
