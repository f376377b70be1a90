"""Finds the row of a gradebook that belongs to a student, and never guesses.

1. A result that knows its participant belongs to the row with that number, or to none: a
   worksheet without the number is that of another assignment, whatever names stand in it.
2. Any other belongs to the row in which the name of the submission is the whole of an ID, an
   e-mail address, a login or a full name, where case, spaces and Unicode forms do not count.
3. A result with several such rows, and a row with several such results, are left alone.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.grading.result import Result
from autograder.i18n import _, ngettext
from autograder.reports.exports.feedback import name_of
from autograder.reports.harmless import line


@dataclass(frozen=True)
class Row:
    """Whom a row is about.

    Attributes:
        number: Of the row in its sheet.
        participant: The number by which the system itself knows the student.
        names: ID, e-mail address, login, full name; empty ones do not count.
    """

    number: int
    participant: str
    names: tuple[str, ...]


@dataclass
class Match:
    """Who was found.

    Attributes:
        found: Results and the numbers of their rows, in the order of the rows.
        notes: Why others were not, a sentence each.
    """

    found: list[tuple[Result, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def match(results: Sequence[Result], rows: Sequence[Row]) -> Match:
    """Give each result its row."""
    by_participant = _index((row.number, [row.participant]) for row in rows)
    by_name = _index((row.number, row.names) for row in rows)
    claims: dict[int, list[Result]] = defaultdict(list)
    answer = Match()
    for result in results:
        fitting = _fitting(result, by_participant, by_name)
        if len(fitting) == 1:
            claims[fitting.pop()].append(result)
        else:
            answer.notes.append(_unfound(result, len(fitting)))
    for row, claiming in sorted(claims.items()):
        if len(claiming) == 1:
            answer.found.append((claiming[0], row))
        else:
            answer.notes.append(
                _("{names} fit the same row, so its grade was not written").format(
                    names=", ".join(map(name_of, claiming))
                )
            )
    if left := len(rows) - len(claims):
        answer.notes.append(
            ngettext(
                "{count} row of the worksheet has no result, and stays as it is",
                "{count} rows of the worksheet have no result, and stay as they are",
                left,
            ).format(count=left)
        )
    return answer


def normal(text: str) -> str:
    """Return what two spellings of the same name have in common."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _index(rows: Iterable[tuple[int, Iterable[str]]]) -> Mapping[str, set[int]]:
    index: dict[str, set[int]] = defaultdict(set)
    for number, names in rows:
        for name in filter(None, map(normal, names)):
            index[name].add(number)
    return index


def _fitting(
    result: Result, by_participant: Mapping[str, set[int]], by_name: Mapping[str, set[int]]
) -> set[int]:
    participant = result.submission.get("participant")
    if participant:
        return set(by_participant.get(normal(str(participant)), ()))
    return set(by_name.get(normal(str(result.submission.get("name", ""))), ()))


def _unfound(result: Result, rows: int) -> str:
    name, participant = name_of(result), result.submission.get("participant")
    if rows:
        return ngettext(
            "{name} fits {count} row, so no grade was written",
            "{name} fits {count} rows, so no grade was written",
            rows,
        ).format(name=name, count=rows)
    if participant:
        return _("{name} (participant {number}) is not in the worksheet").format(
            name=name, number=line(str(participant))
        )
    return _("{name} is not in the worksheet").format(name=name)
