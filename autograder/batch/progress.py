"""Shows how far a run is: bars in a terminal, a line a submission elsewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from rich.console import Console, Group
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from autograder.batch.job import Step
from autograder.batch.run import Watcher
from autograder.batch.summary import Row, Summary
from autograder.grading import catalog
from autograder.i18n import _
from autograder.intake import Entry
from autograder.reports import harmless

MOST_NAME = 40  # columns of a name beside a bar


@contextlib.contextmanager
def shown(summary: Summary, console: Console) -> Iterator[Watcher]:
    """Show the run until the end of the block."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    bars = _Bars(summary, console)
    with Live(bars.picture, console=console, transient=True):
        yield bars


def verdict(row: Row) -> str:
    """Return what became of a submission, in a few words."""
    if row.outcome == "graded":
        return _("{score} of {most}").format(score=row.score, most=row.max_score)
    reason = harmless.line(row.reason or "")
    if row.outcome == "not_gradable":
        return _("not gradable: {reason}").format(reason=reason)
    return reason


class _Lines:
    """A line for each submission."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def step(self, entry: Entry, step: Step) -> None:
        """Say nothing: a log is read afterwards."""

    def finished(self, entry: Entry, row: Row, summary: Summary) -> None:
        """Print the line."""
        text = f"{len(summary.rows)}/{len(summary.keys)} {harmless.line(row.name)}: {verdict(row)}"
        self._console.print(Text(text), soft_wrap=True)


class _Bars:
    """A bar for the class, and one for each submission that a worker is at."""

    def __init__(self, summary: Summary, console: Console) -> None:
        count = (BarColumn(), MofNCompleteColumn())
        text = TextColumn("{task.description}", markup=False)
        self._all = Progress(text, *count, TimeRemainingColumn(), console=console)
        self._each = Progress(text, *count, TextColumn("{task.fields[check]}"), console=console)
        self._bar = self._all.add_task(
            _mean(summary), total=len(summary.keys), completed=len(summary.rows)
        )
        self._busy: dict[str, TaskID] = {}
        self.picture = Group(self._all, self._each)

    def step(self, entry: Entry, step: Step) -> None:
        """Move the bar of the submission."""
        if entry.key not in self._busy:
            name = harmless.clip(harmless.line(entry.name), MOST_NAME)
            self._busy[entry.key] = self._each.add_task(name, check="")
        self._each.update(
            self._busy[entry.key],
            completed=step.done,
            total=step.total,
            check=catalog.title(step.check),
        )

    def finished(self, entry: Entry, row: Row, summary: Summary) -> None:
        """Move the bar of the class."""
        if entry.key in self._busy:
            self._each.remove_task(self._busy.pop(entry.key))
        self._all.update(self._bar, completed=len(summary.rows), description=_mean(summary))


def _mean(summary: Summary) -> str:
    mean = summary.mean()
    return _("starting") if mean is None else _("mean score {mean:.1f}").format(mean=mean)
