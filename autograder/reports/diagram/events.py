"""Reads the events of a transcript, which is not trusted: what is missing or odd is empty."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from autograder.grading.result import CheckResult
from autograder.harness.story import named
from autograder.reports.harmless import clip, line

MOST_EVENTS = 2_000
MOST_TEXT = 4_000  # characters of one event that are looked at; a transcript keeps half of that
DROP = 4  # bytes: so little at a time is read only if somebody pours it so
MOST_SHOWN = 500  # characters, of which a row has room for a part
MOST_NAME = 40
MOST_MARKS = 2  # combining marks on one letter: more would cover the rows above
CUT = re.compile(r" … \((\d{1,12}) bytes\)$")  # as the transcript counts what it cut off
RUN = re.compile(r"(\S)\1{19,}")  # filling, which says nothing
KIT = "lab4"  # who tells of events that were left out


class Lane(NamedTuple):
    """A lifeline.

    Attributes:
        kind: `program` (under test, as a whole), `thread` (of it), `client`, or `screen`.
        name: As the transcript calls it.
    """

    kind: str
    name: str


@dataclass(frozen=True)
class Event:
    """One event of a transcript; `autograder.transcript` says what the first four mean.

    Attributes:
        thread: The thread that made a call on a socket; empty for other events.
        call: Which call: `recv`, `sendall`.
        peer: The client at the other end of that socket, or empty.
        size: How many bytes, -errno of a call that failed, None if that is unknown; a recv of 0
            bytes is the end of a connection.
        line: Where in the program, as `server.py:31`.
    """

    t: float | None
    who: str
    kind: str
    text: str
    thread: str
    call: str
    peer: str
    size: int | None
    line: str


def read(check: CheckResult) -> list[Event]:
    """Return the events of a check in their order.

    What is printed in one go is one event, and so is what a thread reads drop by drop.
    """
    events: list[Event] = []
    for fields in check.transcript[-MOST_EVENTS:]:
        event = _event(fields)
        before = events[-1] if events else None
        if before and _continues(before, event):
            text = (before.text + event.text)[:MOST_TEXT]
            size = (before.size or 0) + (event.size or 0)
            events[-1] = replace(before, text=text, size=size)
        else:
            events.append(event)
    return events


def _continues(before: Event, event: Event) -> bool:
    same = replace(event, t=before.t, text=before.text, size=before.size) == before
    drop = before.call == "recv" and 0 < (event.size or 0) <= DROP
    return same and (event.kind == "console" or (drop and not before.text.endswith("\n")))


def _event(fields: Mapping[str, object]) -> Event:
    text, size = _text(fields.get("text")), fields.get("size")
    if not isinstance(size, int):
        cut = CUT.search(text)
        size = int(cut[1]) if cut else len(text.encode(errors="replace")) or None
    return Event(
        _time(fields.get("t")),
        _text(fields.get("who")),
        _text(fields.get("dir")),
        CUT.sub("", text),
        _text(fields.get("thread")),
        _text(fields.get("call")),
        _text(fields.get("peer")),
        size,
        _text(fields.get("line")),
    )


def program_of(events: Sequence[Event]) -> str:
    """Return the name of the program under test: who calls, prints, or is a file; else empty."""
    for kinds in (("thread",), ("console",)):
        if name := next((e.who for e in events if e.kind in kinds and e.who), ""):
            return name
    return next((e.who for e in events if e.kind == "event" and e.who.endswith(".py")), "")


def shown(text: str) -> str:
    """Return text as a row of the diagram has it: line ends visible, nothing piled up."""
    text = RUN.sub(r"\1\1\1…", text)[:MOST_SHOWN]
    text = text.replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t")
    letters: list[str] = []
    marks = 0
    for letter in unicodedata.normalize("NFC", line(text)):
        marks = marks + 1 if unicodedata.category(letter) in ("Mn", "Me") else 0
        if marks <= MOST_MARKS:
            letters.append(letter)
    return "".join(letters)


def called(lane: Lane) -> str:
    """Return how a lifeline is called in the language in force."""
    name = named(lane.name) if lane.kind == "client" else lane.name
    return clip(shown(name), MOST_NAME) or "?"


def around(text: str, focus: str) -> tuple[str, int]:
    """Return the line of `text` that contains `focus`, the first where none does.

    Also return how many lines there are besides.
    """
    at = max(0, text.find(focus))
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at + len(focus)) + 1
    end = end or len(text)
    others = (text[:start] + text[end:]).splitlines()
    return text[start:end], sum(1 for line in others if line.strip())


def _text(value: object) -> str:
    return value[:MOST_TEXT] if isinstance(value, str) else ""


def _time(value: object) -> float | None:
    if isinstance(value, (int, float)) and math.isfinite(value):
        return float(value)
    return None
