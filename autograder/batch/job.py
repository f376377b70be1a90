"""The grading of one submission of a class, as a worker does it."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path

from autograder import fence, i18n
from autograder.batch.settings import Settings
from autograder.batch.worker import Tell
from autograder.grading import result, rubric, session
from autograder.grading.request import Request
from autograder.grading.result import Result
from autograder.i18n import _
from autograder.intake import Entry

# No submission can be graded any more: the next one would end alike.
DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


@dataclass(frozen=True)
class Job:
    """One submission to grade.

    Attributes:
        entry: What; it has a folder.
        settings: By what.
        draft: Where the result is written after every check.
    """

    entry: Entry
    settings: Settings
    draft: Path


@dataclass(frozen=True)
class Step:
    """How far a worker is.

    Attributes:
        done: Checks done.
        total: Checks in all.
        check: The id of the next check.
    """

    done: int
    total: int
    check: str


def grade(job: Job, tell: Tell) -> Result:
    """Grade one submission; tell every step.

    Raises:
        FenceError: the sandbox does not work in this process.
        RubricError: the rubric names a check that does not exist.
        OSError: the disk is full, or not to be written to.
    """
    assert job.entry.folder is not None
    settings = job.settings
    i18n.set_language(settings.language)
    fence.enter(settings.tier)
    request = Request(
        job.entry.folder, None, settings.seed, settings.rubric, job.draft, settings.language
    )
    try:
        return session.grade(request, lambda *step: tell(Step(*step)))
    except rubric.RubricError:
        raise
    except Exception as error:  # a fault of the grader costs one submission, not the class
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            raise
        return fault(job, f"{type(error).__name__}: {error}")


def fault(job: Job, why: str) -> Result:
    """Return the result of a submission that could not be graded to the end.

    It holds the checks that were run until then.
    """
    try:
        found = result.read(job.draft)
    except (OSError, ValueError):  # it has not come to its first check
        found = _blank(job.settings)
    found.outcome = "grader_fault"
    found.reason = _("the grader itself failed: {why}").format(why=why)
    return found


def refusal(entry: Entry, settings: Settings) -> Result:
    """Return the result of a submission that there is nothing to grade of."""
    found = _blank(settings)
    found.outcome, found.reason = "not_gradable", entry.reason
    return found


def _blank(settings: Settings) -> Result:
    points = rubric.load(settings.rubric)
    here = result.environment(settings.seed, hidden_checks=points.kept_back)
    most = sum(points.points.values())
    return Result({"files": []}, here | settings.conditions(), max_score=most)
