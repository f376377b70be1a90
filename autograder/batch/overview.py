"""What an instructor is told when a run has ended: figures, whom to care for, what to do next."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.batch.folder import Folder
from autograder.batch.summary import Row, Summary
from autograder.i18n import _, ngettext
from autograder.reports import harmless


def show(summary: Summary, folder: Folder, console: Console) -> None:
    """Print it."""
    refused, faults = summary.with_outcome("not_gradable"), summary.with_outcome("grader_fault")
    if refused:
        console.print(_reasons(_("not gradable"), refused))
    if faults:
        console.print(_reasons(_("the grader failed"), faults))
    console.print(_figures(summary))
    for sentence in _next(summary, folder):
        console.print(Text(sentence))


def _reasons(title: str, rows: list[Row]) -> Table:
    table = Table(title=Text(title, "bold"), title_justify="left", box=None, show_header=False)
    table.add_column(style="cyan", overflow="fold")
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(Text(harmless.line(row.name)), Text(harmless.line(row.reason or "")))
    return table


def _figures(summary: Summary) -> Table:
    table = Table(box=None, show_header=False)
    table.add_column()
    table.add_column(justify="right", style="bold")
    graded = summary.with_outcome("graded")
    table.add_row(_("graded"), str(len(graded)))
    table.add_row(_("not gradable"), str(len(summary.with_outcome("not_gradable"))))
    table.add_row(_("the grader failed"), str(len(summary.with_outcome("grader_fault"))))
    mean = summary.mean()
    if mean is not None:
        most = max(row.max_score for row in graded)
        table.add_row(_("mean score"), _("{mean:.1f} of {most}").format(mean=mean, most=most))
    return table


def _next(summary: Summary, folder: Folder) -> Iterator[str]:
    faults = len(summary.with_outcome("grader_fault"))
    if faults:
        yield ngettext(
            "The grader failed at {count} submission, which says nothing about the work: "
            "run the same command again, and only that one is graded anew.",
            "The grader failed at {count} submissions, which says nothing about the works: "
            "run the same command again, and only those are graded anew.",
            faults,
        ).format(count=faults)
    if summary.with_outcome("not_gradable"):
        yield _(
            "Put right what is not gradable, or have it handed in again, and run the same command "
            "again: only what has changed is graded anew."
        )
    yield _("All points are in {summary}, the results in {results}.").format(
        summary=folder.summary, results=folder.results
    )
