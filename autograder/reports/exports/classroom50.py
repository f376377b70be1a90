"""`classroom50`: the `result.json` that the runner of Classroom 50 reads."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from autograder.grading.result import CheckResult, Result
from autograder.i18n import N_, _
from autograder.reports import facts
from autograder.reports.exports import feedback
from autograder.reports.exports.format import Export, ExportError, Format, Options, fitted
from autograder.reports.harmless import json_of, line

SCHEMA = "classroom50/result/v1"
MOST_BYTES = 1_000_000
VARIABLES = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}


def make(results: Sequence[Result], options: Options) -> Export:
    """Return one test a check; the runner itself adds whose work it is.

    Raises:
        ExportError: the grader failed: the format has no word for it but a score, and an end
            of the autograder with a status other than 0 says it instead.
    """
    (result,) = results
    if result.outcome == "grader_fault":
        raise ExportError(
            _("the grader itself failed, and no score must stand for it: {reason}").format(
                reason=line(result.reason or "")
            )
        )
    given = {field: options.environment.get(name, "") for field, name in VARIABLES.items()}
    # Where there is nothing to compare with, the runner gives the commit alone.
    given["review"] = given["review"] or given["commit"]
    if missing := [VARIABLES[field] for field, value in given.items() if not value]:
        raise ExportError(
            _("{names} must be set, as the runner of Classroom 50 does").format(
                names=", ".join(missing)
            )
        )

    def text(characters: int) -> str:
        with facts.speaking_as(result):
            return f"{json_of(_fields(result, given, options, characters), indent=1)}\n"

    return Export(fitted(text, MOST_BYTES))


def _fields(
    result: Result, given: dict[str, str], options: Options, characters: int
) -> dict[str, object]:
    now = datetime.datetime.now(datetime.UTC)
    graded = result.outcome == "graded"
    checks = feedback.told(result, options.hidden) if graded else []
    return {
        "schema": SCHEMA,
        **given,
        "datetime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": result.score if graded else 0,
        "max-score": result.max_score,
        "tests": [_test(check, characters) for check in checks],
        "message": facts.headline(result),
    }


def _test(check: CheckResult, characters: int) -> dict[str, object]:
    hidden = check.id == feedback.HIDDEN
    earned = check.points == check.max_points
    return {
        "test-name": feedback.title_of(check),
        "passed": earned if hidden else check.status == "passed",
        "score": check.points,
        "max-score": check.max_points,
        "output": feedback.of_check(check, characters),
    }


FORMAT = Format("classroom50", N_("result.json for the runner of Classroom 50."), make, single=True)
