"""Grades the one submission that a course platform has: `python -m autograder.batch.platform`.

The kits that `lab4 release` makes for platforms run it. What it prints is for instructors; what
students see is in the file that it writes.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from autograder import fence, i18n
from autograder.batch import folder, job, preparation, run
from autograder.batch.export import known_hidden
from autograder.batch.folder import Folder
from autograder.batch.job import Job, Step
from autograder.batch.workers import Lost
from autograder.grading import result, rubric
from autograder.grading.result import Result
from autograder.i18n import _
from autograder.intake import NONE, Entry
from autograder.options import EXIT_STATUS
from autograder.reports import exports
from autograder.reports.exports import Options

console = Console(soft_wrap=True, highlight=False, markup=False)


@dataclass(frozen=True)
class Platform:
    """A platform, as far as grading has to know it.

    Attributes:
        live: Whether it still takes the file after it has ended a grading that took too long.
    """

    live: bool


PLATFORMS = {"gradescope": Platform(live=True), "classroom50": Platform(live=False)}


@click.command()
@click.argument("name", type=click.Choice(list(PLATFORMS)))
@click.argument("submission", type=click.Path(exists=True, path_type=Path))
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def main(name: str, submission: Path, out: Path) -> None:
    """Grade SUBMISSION, and write the file OUT of the platform NAME."""
    i18n.set_language(i18n.default_language())
    points = rubric.load()

    def tell(found: Result) -> None:
        exports.write(name, [found], out, Options(hidden=known_hidden(points, [found])))

    try:
        found = grade(submission, tell if PLATFORMS[name].live else lambda found: None)
    except Exception as error:  # whatever it is, no student must lose points by it
        found = Result(
            {"files": []}, result.environment(None), outcome="grader_fault", reason=_why(error)
        )
    if found.outcome == "grader_fault":
        console.print(found.reason)
    if found.outcome != "grader_fault" or PLATFORMS[name].live:
        tell(found)
    sys.exit(EXIT_STATUS["grader_fault" if found.outcome == "grader_fault" else "graded"])


def grade(submission: Path, tell: Callable[[Result], None]) -> Result:
    """Grade a submission by this kit's own rubric, in the best sandbox there is.

    Args:
        submission: A folder or an archive.
        tell: Called with what is known so far, before every check.

    Raises:
        FenceError: the sandbox does not work after all.
        RubricError: the rubric names a check that does not exist.
        OSError: the disk is full.
    """
    with (
        tempfile.TemporaryDirectory(prefix="lab4-") as work,
        folder.opened(Path(work)) as out,
    ):
        tier = fence.best()
        for sentence in (f"{tier.name}: {tier.title}", tier.no_promise, tier.reason, tier.remedy):
            if sentence:
                console.print(sentence)
        settings = preparation.make_settings(out, rubric.DEFAULT, None, tier)
        entry = _only(preparation.read_works([submission], NONE, out))
        if entry.folder is None:
            return job.refusal(entry, settings)
        return _grade(Job(entry, settings, out.draft(entry.key)), out, tell)


def _grade(one: Job, out: Folder, tell: Callable[[Result], None]) -> Result:
    def hear(_job: Job, message: object) -> None:
        assert isinstance(message, Step)
        found = result.read(one.draft)
        if found.outcome == "graded":
            so_far = _("so far {done} of {total} checks").format(
                done=message.done, total=message.total
            )
            found.reason = "; ".join(filter(None, [found.reason, so_far]))
        tell(found)

    ((_job, graded),) = run.locally(1)([one], hear)
    return job.fault(one, graded.why) if isinstance(graded, Lost) else graded


def _only(entries: list[Entry]) -> Entry:
    """Return the one work of a student; several are a work that nobody can choose from."""
    if len(entries) == 1:
        return entries[0]
    names = ", ".join(entry.name for entry in entries)
    reason = _("there are several works in it ({names}): hand in one").format(names=names)
    return Entry(name=names, key=entries[0].key, source=entries[0].source, reason=reason)


def _why(error: Exception) -> str:
    return _("the grader itself failed: {why}").format(why=f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
