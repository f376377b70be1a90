"""`moodle`: the instructor's own offline grading worksheet, with grades and feedback filled in.

1. Only the columns Grade and Feedback comments change, in rows of students who have a result.
2. Moodle skips what it does not like without a word: a grade beyond the maximum, a locked row,
   a row whose grade was changed in Moodle after the download, which it sees by the column Last
   modified (grade). So the first two are told here, and that column is never touched.
3. Headings are in the language of whoever downloaded the worksheet.
4. Moodle takes a feedback comment for HTML, and reads CSV with PHP, where a backslash before a
   quote hides the end of a cell: the comment is HTML without a quote or a line end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.grading.result import Result
from autograder.i18n import N_, _, ngettext
from autograder.reports.exports import feedback, roster, sheet
from autograder.reports.exports.format import Export, ExportError, Format, Options
from autograder.reports.exports.gradebook import Gradebook, number
from autograder.reports.exports.roster import Row, normal
from autograder.reports.facts import speaking_as
from autograder.reports.harmless import html, line

MOST_FEEDBACK = 20_000  # characters a student
HEADINGS = {
    "Identifier": ("Идентификатор",),
    "Full name": ("Полное имя", "Имя, фамилия", "Фамилия, имя"),
    "ID number": ("Индивидуальный номер", "Идентификационный номер", "ID-номер"),
    "Email address": ("Адрес электронной почты", "Электронная почта"),
    "Username": ("Логин", "Имя пользователя"),
    "Grade": ("Оценка",),
    "Maximum Grade": ("Максимальная оценка",),
    "Grade can be changed": ("Оценка может быть изменена",),
    "Last modified (grade)": ("Последнее изменение (оценка)", "Последнее изменение оценки"),
    "Feedback comments": ("Отзыв в виде комментария", "Отзыв в виде комментариев"),
}
COMMENTS = "Feedback comments"
NEEDED = ("Identifier", "Grade", "Last modified (grade)")
NAMES = ("Full name", "ID number", "Email address", "Username")
LOCKED = {"no", "нет"}


def make(results: Sequence[Result], options: Options) -> Export:
    """Return the worksheet, filled in.

    Raises:
        ExportError: none was given, or it is not a grading worksheet.
    """
    if options.worksheet is None:
        raise ExportError(
            _("moodle needs --worksheet FILE: the grading worksheet that you downloaded from it")
        )
    worksheet = sheet.read(options.worksheet)
    columns = _columns(worksheet, options)
    rows, notes = _rows(worksheet)
    cells = {row: worksheet.row(row) for row in rows}
    found = roster.match(results, [_whose(row, cells[row], columns) for row in rows])
    book = Gradebook(worksheet, columns["Grade"], options.scaled, notes + found.notes)
    if COMMENTS not in columns:
        book.notes.append(_("the worksheet has no column for feedback comments: grades only"))
    replaced = 0
    for result, row in found.found:
        have = {name: cells[row][column] for name, column in columns.items()}
        if normal(have.get("Grade can be changed", "")) in LOCKED:
            name = feedback.name_of(result)
            book.notes.append(_("{name}: Moodle has locked the grade").format(name=name))
            continue
        entered = book.enter(result, row, number(have.get("Maximum Grade", "")))
        if COMMENTS in columns and (entered or result.outcome == "not_gradable"):
            comment = _comment(result, options)
            replaced += have[COMMENTS] not in ("", comment)
            worksheet.set(row, columns[COMMENTS], comment)
    if replaced:
        text = ngettext(
            "{count} comment of the worksheet was replaced by another one",
            "{count} comments of the worksheet were replaced by other ones",
            replaced,
        )
        book.notes.append(text.format(count=replaced))
    return Export(worksheet.data(), book.close())


def _columns(worksheet: sheet.Sheet, options: Options) -> dict[str, int]:
    """Return the place of each column that is known, by its English heading."""
    known = {normal(n): name for name, also in HEADINGS.items() for n in (name, *also)}
    columns: dict[str, int] = {}
    for place, heading in enumerate(worksheet.row(0) if worksheet.raw else []):
        name = known.get(normal(heading), "")
        if name in columns:
            raise ExportError(
                _("{path} has two columns {heading}, expected one").format(
                    path=options.worksheet, heading=line(heading)
                )
            )
        columns |= {name: place} if name else {}
    if missing := [name for name in NEEDED if name not in columns]:
        raise ExportError(
            _(
                "{path} has no column {names}: take the grading worksheet as Moodle gives it, "
                "in English or Russian"
            ).format(path=options.worksheet, names=", ".join(missing))
        )
    return columns


def _rows(worksheet: sheet.Sheet) -> tuple[list[int], list[str]]:
    """Return the rows that can be read, and a note on those that cannot."""
    width = len(worksheet.raw[0])
    filled = [n for n in range(1, len(worksheet.raw)) if worksheet.raw[n] != [""]]
    whole = [n for n in filled if len(worksheet.raw[n]) == width]
    if odd := len(filled) - len(whole):
        text = ngettext(
            "{count} row has not as many cells as there are headings, and stays as it is",
            "{count} rows have not as many cells as there are headings, and stay as they are",
            odd,
        )
        return whole, [text.format(count=odd)]
    return whole, []


def _whose(row: int, cells: list[str], columns: dict[str, int]) -> Row:
    # `Participant 12345`, whatever that word is in the language of the worksheet.
    participant = re.search(r"(\d+)\s*$", cells[columns["Identifier"]])
    names = tuple(cells[columns[name]] for name in NAMES if name in columns)
    return Row(row, participant[1] if participant else "", names)


def _comment(result: Result, options: Options) -> str:
    if result.outcome == "not_gradable":  # the reason speaks to the instructor, who sees it first
        with speaking_as(result):
            told = _("Not graded. Your instructor was told: {reason}")
        return f"<p>{html(told.format(reason=line(result.reason or '')))}</p>"
    text = feedback.of_result(result, options.hidden, MOST_FEEDBACK)
    parts = [html(part).replace("\n", "<br>") for part in text.split("\n\n")]
    return "".join(f"<p>{part}</p>" for part in parts)


FORMAT = Format(
    "moodle",
    N_("Your Moodle grading worksheet, filled in."),
    make,
    takes=frozenset({"worksheet", "scaled"}),
)
