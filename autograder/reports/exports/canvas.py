"""`canvas`: the instructor's own exported gradebook, with one assignment filled in.

1. Canvas takes a title that it does not know for a new assignment. So no heading is ever made
   or changed, and only a column that is there already is filled in.
2. `EX` means that a student is excused, which is not for a grader to undo.
3. Above the students stand rows that are none: `Points Possible`, and how grades are posted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.grading.result import Result
from autograder.i18n import N_, _
from autograder.reports.exports import roster, sheet
from autograder.reports.exports.feedback import name_of
from autograder.reports.exports.format import Export, ExportError, Format, Options
from autograder.reports.exports.gradebook import Gradebook, number
from autograder.reports.exports.roster import Row, normal
from autograder.reports.harmless import line

IDENTITY = ("SIS User ID", "SIS Login ID", "Integration ID")
IDENTITY_ENDS = "Section"
ASSIGNMENT = re.compile(r"(?P<title>.*\S)\s+\((?P<id>\d+)\)")
READ_ONLY = "(read only)"
POSTING = re.compile(r"\s*(muted|manual posting.*)?\s*", re.IGNORECASE)
SHOWN = 5  # assignments that a message names


def make(results: Sequence[Result], options: Options) -> Export:
    """Return the gradebook, with the grades in the column of the assignment.

    Raises:
        ExportError: no gradebook was given, it is none of Canvas, or has no such assignment.
    """
    if options.worksheet is None:
        raise ExportError(_("canvas needs the gradebook that you exported from Canvas"))
    worksheet = sheet.read(options.worksheet)
    header = worksheet.row(0) if worksheet.raw else []
    begins = "Student" in "".join(header[:1]) and "ID" in "".join(header[1:2])
    if not begins or IDENTITY_ENDS not in header:
        raise ExportError(
            _("{path} does not begin with Student, ID and Section: export it from Canvas").format(
                path=options.worksheet
            )
        )
    rows, possible = _rows(worksheet)
    column = _column(header, possible, options)
    maximum = number(possible[column]) if column < len(possible) else None
    if options.scaled and maximum is None:
        raise ExportError(
            _("{path} does not say how many points are possible, so nothing can be scaled").format(
                path=options.worksheet
            )
        )
    cells = {row: worksheet.row(row) for row in rows}
    found = roster.match(results, [_whose(row, cells[row], header) for row in rows])
    book = Gradebook(worksheet, column, options.scaled, found.notes)
    for result, row in found.found:
        if normal(cells[row][column]) == "ex":
            name = name_of(result)
            book.notes.append(_("{name} is excused, and stays so").format(name=name))
        else:
            book.enter(result, row, maximum)
    return Export(worksheet.data(), book.close())


def _rows(worksheet: sheet.Sheet) -> tuple[list[int], list[str]]:
    """Return the rows of students, and the row of the points that are possible."""
    students: list[int] = []
    possible: list[str] = []
    for row in range(1, len(worksheet.raw)):
        cells = worksheet.row(row)
        if "Points Possible" in cells[0]:
            possible = cells
        elif len(cells) == len(worksheet.raw[0]) and not all(map(POSTING.fullmatch, cells)):
            students.append(row)
    return students, possible


def _column(header: list[str], possible: list[str], options: Options) -> int:
    """Return the place of the assignment: what has a number, and is not read only."""
    assignments = {
        place: match
        for place, match in enumerate(map(ASSIGNMENT.fullmatch, header))
        if place > header.index(IDENTITY_ENDS)
        if match and READ_ONLY not in "".join(possible[place : place + 1])
    }
    asked = normal(options.assignment or "")
    fitting = [
        place
        for place, match in assignments.items()
        if asked in (normal(match[0]), normal(match["title"]), match["id"])
    ]
    if len(fitting) == 1:
        return fitting[0]
    names = [line(match[0]) for match in assignments.values()]
    names = [*names[:SHOWN], "…"] if len(names) > SHOWN else names
    if not names:
        text = _("{path} has no assignment that can be filled in")
    elif not asked:
        text = _("name the assignment of {path} that is to be filled in, one of: {names}")
    elif fitting:
        text = _("{asked} fits several assignments of {path}, expected one of: {names}")
    else:
        text = _("{asked} is no assignment of {path}, expected one of: {names}")
    shown = {"path": options.worksheet, "asked": repr(options.assignment)}
    raise ExportError(text.format(names=", ".join(names), **shown))


def _whose(row: int, cells: list[str], header: list[str]) -> Row:
    names = [cells[place] for place, heading in enumerate(header) if heading in IDENTITY]
    last, comma, first = cells[0].partition(",")
    orders = [f"{first} {last}", f"{last} {first}"] if comma else []
    return Row(row, cells[1], (cells[1], cells[0], *orders, *names))


FORMAT = Format(
    "canvas",
    N_("Your Canvas gradebook, one assignment filled in."),
    make,
    takes=frozenset({"worksheet", "assignment", "scaled"}),
)
