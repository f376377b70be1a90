"""Grades all submissions of a class that are not finished yet, and keeps each when it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from autograder.batch import job, workers
from autograder.batch.folder import Folder
from autograder.batch.job import Job, Step
from autograder.batch.settings import Settings
from autograder.batch.summary import Row, Summary
from autograder.batch.workers import Lost
from autograder.grading.result import Result
from autograder.intake import Entry

MOST_SUBMISSION_S = 600.0  # each check has deadlines of its own; all need a tenth of this
ATTEMPTS = 2

Hear = Callable[[Job, object], None]
# Does jobs somewhere, and yields each with what became of it.
Engine = Callable[[Iterable[Job], Hear], Iterator[tuple[Job, Result | Lost]]]


class Watcher(Protocol):
    """Who shows how far a run is."""

    def step(self, entry: Entry, step: Step) -> None:
        """A worker has come so far with a submission."""

    def finished(self, entry: Entry, row: Row, summary: Summary) -> None:
        """A submission is finished."""


def locally(number: int) -> Engine:
    """Return what grades in so many processes of this machine."""

    def engine(jobs: Iterable[Job], hear: Hear) -> Iterator[tuple[Job, Result | Lost]]:
        return workers.run(
            job.grade, jobs, number, most_s=MOST_SUBMISSION_S, attempts=ATTEMPTS, hear=hear
        )

    return engine


def begin(entries: Sequence[Entry], settings: Settings, folder: Folder) -> Summary:
    """Return the summary of a run with what an earlier one has finished already."""
    conditions = settings.conditions()
    summary = Summary(conditions, tuple(entry.key for entry in entries))
    for entry in entries:
        if row := folder.finished(entry, conditions):
            summary.rows[entry.key] = row
    return summary


def grade(
    entries: Sequence[Entry],
    settings: Settings,
    folder: Folder,
    summary: Summary,
    engine: Engine,
    watcher: Watcher,
) -> None:
    """Grade what is not in the summary yet, and put it there.

    Raises:
        RubricError: the rubric names a check that does not exist.
        OSError: a result cannot be written; all earlier ones are kept.
    """

    def keep(entry: Entry, graded: Result) -> None:
        row = folder.finish(entry, summary.conditions, graded)
        summary.rows[entry.key] = row
        summary.write(folder.summary)
        watcher.finished(entry, row, summary)

    def hear(one: Job, message: object) -> None:
        assert isinstance(message, Step)
        watcher.step(one.entry, message)

    summary.write(folder.summary)
    left = [entry for entry in entries if entry.key not in summary.rows]
    for entry in left:
        if entry.folder is None:
            keep(entry, job.refusal(entry, settings))
    jobs = (Job(e, settings, folder.draft(e.key)) for e in left if e.folder is not None)
    for one, graded in engine(jobs, hear):
        if isinstance(graded, Lost):
            graded = job.fault(one, graded.why)
        keep(one.entry, graded)
