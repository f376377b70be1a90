"""Whole-history accounting: every line that was said, against every byte that came."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.harness.fault import Fault
from autograder.harness.lines import one_at_a_time, plain, torn
from autograder.harness.passage import Passage
from autograder.i18n import _, ngettext

if TYPE_CHECKING:
    from autograder.harness.person import Person

# Bytes that are no message: greetings, prompts, notices. More than this is a flood.
NOTICE_BYTES = 512
NAME_BYTES = 64  # in a notice that lists all who are there
GREETING_BYTES = 4096
SHOWN = 40  # characters of a message in a story


@dataclass(frozen=True, eq=False)
class Message:
    """One line somebody said.

    Attributes:
        author: Who said it.
        number: Its place among the author's messages, from 1.
        token: The author's name, the number and the room's nonce: unique in the room.
        text: What was said; contains the token once.
        must: Who has to hear it.
    """

    author: Person
    number: int
    token: str
    text: str
    must: frozenset[Person]

    @property
    def data(self) -> bytes:
        """The text as it must arrive."""
        return self.text.encode()

    def beginning_in(self, came: bytes) -> int:
        """Return with how many bytes, from the first on, the text came; 0 if its token did not."""
        token = self.token.encode()
        place = came.find(token) - self.data.find(token)
        if token not in came or place < 0:
            return 0
        pairs = enumerate(zip(self.data, came[place:], strict=False))
        return next((n for n, (a, b) in pairs if a != b), min(len(self.data), len(came) - place))

    def to(self, listener: Person) -> Passage:
        """Return this message as `listener` gets it, or should."""
        return Passage(self.author.name, listener.name, self.token)

    def __str__(self) -> str:
        return self.text if len(self.text) <= SHOWN else self.text[: SHOWN - 1] + "…"


def account(
    everybody: Sequence[Person],
    messages: Sequence[Message],
    nonce: str,
    *,
    echo: bool,
    order: bool,
    lines: bool,
) -> Fault | None:
    """Return the first thing that is wrong, or None when everything is explained.

    Args:
        everybody: All who were ever in the room.
        messages: All that was said.
        nonce: The mark of this room in every message.
        echo: Whether a message that comes back to its author is a fault.
        order: Whether an author's messages in another order are a fault.
        lines: Whether a line that was written into another one is a fault.
    """
    by_token = {message.token.encode(): message for message in messages}
    names = "|".join(sorted({person.name for person in everybody}))
    pattern = re.compile(rf"(?:{names})-\d+-{nonce}".encode())
    for listener in everybody:
        data = listener.line.inbox.data()
        heard: Counter[Message] = Counter()
        latest: dict[Person, Message] = {}
        for match in pattern.finditer(data):
            message = by_token.get(match.group())
            if message is None:
                return _stranger(listener, match.group())
            heard[message] += 1
            before = latest.get(message.author)
            order_counts = order and message.author is not listener
            if order_counts and before and before.number > message.number and heard[message] == 1:
                return _late(listener, message, before)
            latest[message.author] = message
        fault = _counted(listener, messages, heard, data, echo)
        fault = fault or (lines and torn(listener, messages)) or None
        fault = fault or _flooded(listener, everybody, messages, data)
        if fault:
            return fault
    return None


def _stranger(listener: Person, token: bytes) -> Fault:
    text = token.decode("utf-8", "replace")
    return Fault(
        _("{who} receives only what somebody said").format(who=listener),
        _("{who} received “{text}”, which nobody said").format(who=listener, text=text),
        _("parts of two messages were mixed, or a message was cut"),
        offending=Passage("", listener.name, text),
    )


def _late(listener: Person, late: Message, early: Message) -> Fault:
    return Fault(
        _("{who} hears {author}'s messages in the order in which they were said").format(
            who=listener, author=late.author
        ),
        _("“{late}” came after “{early}”").format(late=late, early=early),
        _("several threads write to one client at the same time"),
        offending=late.to(listener),
    )


def _counted(
    listener: Person,
    messages: Sequence[Message],
    heard: Counter[Message],
    data: bytes,
    echo: bool,
) -> Fault | None:
    for message in messages:
        times = heard[message]
        if message.author is listener:
            if times and echo:
                return Fault(
                    _("{who} does not get back what {who} said").format(who=listener),
                    _("“{text}” came back").format(text=message),
                    offending=message.to(listener),
                )
        elif times == 0 and listener in message.must and listener.present:
            return Fault(
                _("{who} hears “{text}”").format(who=listener, text=message),
                _("it never came"),
                missing=message.to(listener),
            )
        elif times > 1 and message.must and not echo:  # that check is about nothing else
            return Fault(
                _("{who} hears “{text}” once").format(who=listener, text=message),
                ngettext("it came {times} time", "it came {times} times", times).format(
                    times=times
                ),
                offending=message.to(listener),
            )
        elif times == 1 and not _whole(message, data, listener):
            return _cut(listener, message, data, messages)
    return None


def _cut(listener: Person, cut: Message, data: bytes, messages: Sequence[Message]) -> Fault:
    """Tell of a message that is there and not whole."""
    expected = _("{who} hears “{text}” whole").format(who=listener, text=cut)
    offending = cut.to(listener)
    inside = _inside(cut, data, messages).decode("utf-8", "replace").strip(f"\n{cut.text[-1]}")
    label = plain(data.partition(cut.token.encode())[0].decode("utf-8", "replace").split("\n")[-1])
    others = any(message.token in inside for message in messages)
    if others or (inside and label not in plain(inside)):  # else it was taken for several
        actual = _("“{other}” stands inside it").format(other=inside.partition("\n")[0][:SHOWN])
        cause = _("two lines were written into each other by two threads")
        return Fault(expected, actual, cause, one_at_a_time(), offending=offending)
    return Fault(
        expected,
        _("something else stands inside it, or a part of it is missing"),
        _("a long message was taken for several, or two were written into each other"),
        offending=offending,
    )


def _inside(cut: Message, data: bytes, messages: Sequence[Message]) -> bytes:
    """Return what came from where a message breaks off to its end; nothing if any of it was lost.

    Its end is where its last letter, with which it is filled up, has come often enough.
    """
    begun, letter = cut.beginning_in(data), cut.data[-1:]
    came = [message.data for message in messages if message.token.encode() in data]
    if not begun or data.count(letter) < sum(text.count(letter) for text in came):
        return b""
    start = data.find(cut.data[:begun]) + begun
    ends = (found.end() for found in re.finditer(re.escape(letter), data[start:]))
    left = cut.data.count(letter, begun)
    return data[start : start + next(itertools.islice(ends, left - 1, None), 0)]


def _whole(message: Message, data: bytes, listener: Person) -> bool:
    """Return whether all of a message is there that has come, or all until the end came."""
    if message.text == message.token or message.data in data:
        return True
    start = data.rfind(message.token.encode()) - message.data.find(message.token.encode())
    cut_off = bool(listener.line.inbox.ended) and message.data.startswith(data[max(0, start) :])
    return cut_off and not listener.present


def _flooded(
    listener: Person, everybody: Sequence[Person], messages: Sequence[Message], data: bytes
) -> Fault | None:
    said = sum(len(message.data) + NOTICE_BYTES for message in messages)
    notice = NOTICE_BYTES + NAME_BYTES * len(everybody)
    allowed = said + GREETING_BYTES + 2 * notice * len(everybody)
    if listener.line.inbox.size <= allowed:
        return None
    return Fault(
        _("{who} receives what was said, and notices").format(who=listener),
        _(
            "{who} received {size} bytes although only {said} were said, for example “{sample}”"
        ).format(
            who=listener,
            size=listener.line.inbox.size,
            said=sum(len(message.data) for message in messages),
            sample=data[-60:].decode("utf-8", "replace").strip(),
        ),
        _("recv() returned b'', and the server went on as if somebody had spoken"),
    )
