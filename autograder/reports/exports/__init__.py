"""Writes results for other systems: build servers, course platforms, gradebooks.

`write(name, results, out, options)` makes one file of results that `grading.result.read`
returned, and tells in plain words whose grade was not written and why. `FORMATS` lists what
there is, by name. A format is a module with a `FORMAT`; the common type is in `format.py`.

In every format
- what a student's program printed is harmless, see `reports/harmless.py`;
- feedback is worded in `feedback.py`, in the language of the result;
- checks that stay hidden are counted and not told of (`json` and `csv` are for instructors,
  and tell all);
- a grader fault never becomes a grade, and a work that cannot be graded says so.

Students are found in the rows of a gradebook by `submission["participant"]`, where a result
has that, else by `submission["name"]`; see `roster.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.grading import atomic, catalog
from autograder.grading.result import Result
from autograder.i18n import _
from autograder.reports.exports import (
    autolab,
    canvas,
    classroom50,
    everything,
    github,
    gradescope,
    junit,
    moodle,
    prairielearn,
    table,
)
from autograder.reports.exports.format import Export, ExportError, Format, Options

__all__ = ["FORMATS", "Export", "ExportError", "Format", "Options", "write"]

FORMATS: Mapping[str, Format] = {
    module.FORMAT.name: module.FORMAT
    for module in (
        *(everything, table, junit, github, gradescope, classroom50, prairielearn, autolab),
        *(moodle, canvas),
    )
}


def write(
    name: str, results: Sequence[Result], out: Path, options: Options | None = None
) -> tuple[str, ...]:
    """Write results in one format, in one step, and return notes for the instructor.

    The notes are sentences of plain text, and names of students stand in them: a terminal must
    not look for markup there.

    Args:
        name: One of FORMATS.
        results: What to write; for a format that is `single`, the result of one submission.
        out: The file that is made, or replaced.
        options: What the format has to know besides.

    Raises:
        ExportError: the format cannot take these results or options; nothing was written.
        OSError: the file cannot be written; an old one is then untouched.
    """
    if name not in FORMATS:
        raise ExportError(
            _("there is no format {name}, expected one of {names}").format(
                name=name, names=", ".join(FORMATS)
            )
        )
    options = options or Options()
    _refuse_what_is_not_taken(name, options)
    if FORMATS[name].single and len(results) != 1:
        raise ExportError(
            _("{name} takes the result of one submission, found {count}").format(
                name=name, count=len(results)
            )
        )
    known = catalog.ABOUT.keys() | {check.id for result in results for check in result.checks}
    if unknown := sorted(options.hidden - known):  # a slip of the pen must not tell what is hidden
        raise ExportError(
            _("there is no check called {names}, so it cannot stay hidden").format(
                names=", ".join(unknown)
            )
        )
    if options.worksheet and out.resolve() == options.worksheet.resolve():
        raise ExportError(
            _("{path} is the worksheet itself: name another file, and compare the two").format(
                path=out
            )
        )
    export = FORMATS[name].make(results, options)
    atomic.write(out, export.data)
    return export.notes


def _refuse_what_is_not_taken(name: str, options: Options) -> None:
    default = Options()
    for option in sorted(frozenset[str]().union(*(each.takes for each in FORMATS.values()))):
        if option in FORMATS[name].takes or getattr(options, option) == getattr(default, option):
            continue
        takers = ", ".join(each.name for each in FORMATS.values() if option in each.takes)
        raise ExportError(
            _("{name} does not use --{option}: leave it out, or choose {takers}").format(
                name=name, option=option, takers=takers
            )
        )
