"""What an export format is, what may be told to it, and what it makes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.grading.result import Result
from autograder.i18n import _

# Characters that are told of each check, the fullest first; what is too large is told shorter.
DETAIL = (8000, 2000, 500, 100, 0)
MOST_NAME = 200  # characters of a name or a title


class ExportError(Exception):
    """An export cannot be made; the message says why and what to do. Nothing was written."""


@dataclass(frozen=True)
class Options:
    """What an instructor may tell; what a format does not take is refused, see `Format.takes`.

    Attributes:
        hidden: Checks that students must not be told of; their points count.
        worksheet: The file of the gradebook that is filled in (moodle, canvas).
        assignment: The column that is filled in: its heading, title or number (canvas).
        scaled: Whether points are brought to the maximum of the worksheet (moodle, canvas).
        problem: What the assessment calls the problem that gets the score (autolab).
        environment: Environment variables of the runner (classroom50).
    """

    hidden: frozenset[str] = frozenset()
    worksheet: Path | None = None
    assignment: str | None = None
    scaled: bool = False
    problem: str = "lab4"
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)


@dataclass(frozen=True)
class Export:
    """A file that is ready to be written.

    Attributes:
        data: The whole of it.
        notes: What an instructor has to know: whose grade was not written, and why.
    """

    data: bytes
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Format:
    """One kind of file.

    Attributes:
        name: By which it is asked for.
        about: What it is for, a sentence of the catalog.
        make: Makes the file, or raises ExportError.
        single: Whether it holds the result of one submission, and no more.
        file: What the file of a class is called; empty if results alone do not make one.
        takes: Options that have a meaning for it, besides those that have one for all.
    """

    name: str
    about: str
    make: Callable[[Sequence[Result], Options], Export]
    single: bool = False
    file: str = ""
    takes: frozenset[str] = frozenset()


def fitted(make: Callable[[int], str], most: int) -> bytes:
    """Return the fullest text that a system takes, as UTF-8.

    Args:
        make: Returns the text, given how many characters each check may be told in.
        most: Bytes that the system takes.

    Raises:
        ExportError: it is too large even without a word on any check.
    """
    size = 0
    for characters in DETAIL:
        data = make(characters).encode()
        size = len(data)
        if size <= most:
            return data
    raise ExportError(
        _("the export has {size} bytes, expected at most {most}: export fewer results").format(
            size=size, most=most
        )
    )
