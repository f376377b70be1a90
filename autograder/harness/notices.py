"""Lines that are nobody's message: notices of who came and who left."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable

from autograder.harness import labels, settling
from autograder.harness.backend import PROOFS
from autograder.harness.deadline import Deadline
from autograder.harness.lines import TIME
from autograder.harness.passage import Passage
from autograder.harness.person import Person
from autograder.harness.unmet import Unmet
from autograder.i18n import _

NOTICE_S = 1.0


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
    name = _name(labels.label_heard_from(listener, author))
    return name if any(name in _name(line) for line in news(listener, 0)) else ""


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
    if not any(called in _name(line) for line in lines):
        raise room.unmet(
            _("{who} is told that “{name}” left").format(who=person, name=called),
            _("the notice says “{text}”").format(text=text[:80]),
            cause=_("the number is looked up after somebody was removed, or shared by all")
            if re.search(r"\d", text)
            else _("the notice does not say who left"),
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
    """Make sure that notices do not confuse a newcomer with `other`, who came before.

    What `listener` was told since a mark must not name `other`, and nothing before it the
    newcomer. Names are what people are called in messages. What names nobody is right, and so is
    whatever comes beside what names the newcomer: a late notice of `other`.

    Raises:
        Unmet: it does; or `listener` does not hear one of them.
    """
    told = news(listener, since)
    earlier = news(listener, 0)[: -len(told) or None]
    own, others = (
        _name(labels.of_three_messages(listener, person)[-1]) for person in (newcomer, other)
    )
    if own == others or not re.search(r"[^\W\d_]", others):
        return
    listener.room.story.step(
        _("Notices must not take {who} for {other}, nor {other} for {who}.").format(
            who=newcomer, other=other
        )
    )
    if not _about(own, told) and (wrong := _about(others, told)):
        raise _confused(listener, wrong, own, other)
    if not _about(others, earlier) and (wrong := _about(own, earlier)):
        raise _confused(listener, wrong, others, newcomer)


def _about(name: str, lines: Iterable[str]) -> str:
    """Return the first line that names somebody; "" if none does."""
    return next((line for line in lines if f" {name} " in f" {_name(line)} "), "")


def _confused(listener: Person, line: str, right: str, named: Person) -> Unmet:
    return listener.room.unmet(
        _("the notice names “{name}”, who came").format(name=right),
        _("it says “{text}”, and that is how {who} is called").format(text=line[:80], who=named),
        cause=_("the number in the notice is counted in another way than in messages"),
        hint=_("Keep the name with the socket, and take it from there every time."),
        offending=Passage("", listener.name, line.strip()),
    )
