"""Whether lines came whole: each holds one message, marked as its author's other messages are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from autograder.harness.fault import Fault
from autograder.i18n import _

if TYPE_CHECKING:
    from autograder.harness.history import Message
    from autograder.harness.person import Person

# Of day: 7:05, 07:05:09.123, 07.05.09; not what looks so in the address of a socket.
TIME = re.compile(
    r"(?<![\d.:])\d{1,2}(?::\d{1,2}(?::\d{1,2}(?:[.,]\d+)?)?|\.\d{2}\.\d{2}(?!\.\d))(?!\d)"
)
COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")  # and other commands to a terminal


def without_numbers(text: str) -> str:
    """Return a text with each number replaced by 0: what counts messages changes all the time."""
    return re.sub(r"\d+", "0", text)


def plain(text: str) -> str:
    """Return a text without what may change from line to line: the time of day, colours."""
    return TIME.sub("", COLOURS.sub("", text)).strip()


def is_changed(text: str, data: bytes) -> bool:
    """Return whether a text is in what came, but for capitals and what is no letter or digit."""
    came, wanted = (
        "".join(filter(str.isalnum, words.casefold()))
        for words in (data.decode("utf-8", "replace"), text)
    )
    return bool(wanted) and wanted in came


def _unprompted(line: str, prompt: str) -> str:
    """Return a line without the prompts before it, which end no line."""
    return re.sub(rf"^(?:{re.escape(prompt)}\s*)+", "", line.lstrip()) if prompt else line


def torn(listener: Person, messages: Sequence[Message]) -> Fault | None:
    """Return the first line that was written into another one, or None.

    A server that never ends a line is judged by the checks about framing, not here.
    """
    by_token = {message.token: message for message in messages if message.author is not listener}
    token = re.compile(r"\w+-\d+-" + listener.room.nonce)
    prompt = listener.room.dialect.greeting.decode("utf-8", "replace").rpartition("\n")[2].strip()
    usual: dict[Person, str] = {}
    faults, whole = [], 0
    lines = listener.line.inbox.data().decode("utf-8", "replace").split("\n")
    for place, line in enumerate(lines):
        heard = [by_token[name] for name in token.findall(line) if name in by_token]
        if len(heard) == 1:
            whole += 1
            text = _unprompted(line, prompt).replace(heard[0].text, "…")
            label = without_numbers(plain(text))
            if place == 0:
                continue  # a prompt may stand before it, which ends no line
            before = usual.setdefault(heard[0].author, label)
            if label != before:
                faults.append(_differently(listener, heard[0], before, label))
        elif heard:
            faults.append(_two(listener, heard))
    return faults[0] if faults and len(faults) < whole else None


def _two(listener: Person, heard: Sequence[Message]) -> Fault:
    expected = _("{who} hears “{one}” and “{other}” in a line each").format(
        who=listener, one=heard[0], other=heard[1]
    )
    return _mixed(listener, heard[1], expected, _("both stand in one line"))


def _differently(listener: Person, message: Message, usual: str, label: str) -> Fault:
    expected = _("“{text}” is marked like the rest of {author}'s messages: “{label}”").format(
        text=message, author=message.author, label=usual
    )
    actual = _("{who} received it marked “{label}”").format(who=listener, label=label[:80])
    return _mixed(listener, message, expected, actual)


def _mixed(listener: Person, message: Message, expected: str, actual: str) -> Fault:
    cause = _("a line is sent in several pieces, and another thread sends in between")
    return Fault(expected, actual, cause, one_at_a_time(), offending=message.to(listener))


def one_at_a_time() -> str:
    """Return the hint for lines that were written into each other."""
    return _(
        "Let one thread at a time write to a client: hold a lock of that client's around "
        "sendall(), or put the lines into a queue that one thread sends from."
    )
