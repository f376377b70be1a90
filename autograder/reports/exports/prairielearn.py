"""`prairielearn`: the `results.json` of an external grader of PrairieLearn."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.grading.result import CheckResult, Result
from autograder.i18n import N_, _
from autograder.reports import facts
from autograder.reports.exports import feedback
from autograder.reports.exports.format import Export, ExportError, Format, Options, fitted
from autograder.reports.harmless import json_of, line

MOST_BYTES = 1_000_000


def make(results: Sequence[Result], options: Options) -> Export:
    """Return one test a check, with points on each.

    What was not graded, by whosever fault, is `gradable: false`: it costs no attempt and
    changes no grade.

    Raises:
        ExportError: the rubric has no points, so there is no score between 0 and 1.
    """
    (result,) = results
    if result.outcome == "graded" and not result.max_score:
        raise ExportError(
            _("the rubric has no points, expected a maximum: PrairieLearn takes a share of it")
        )

    def text(characters: int) -> str:
        with facts.speaking_as(result):
            return f"{json_of(_fields(result, options, characters), indent=1)}\n"

    return Export(fitted(text, MOST_BYTES))


def _fields(result: Result, options: Options, characters: int) -> dict[str, object]:
    message = facts.headline(result)
    if result.outcome != "graded":
        return {"gradable": False, "message": message, "format_errors": [message]}
    checks = feedback.told(result, options.hidden)
    return {
        "gradable": True,
        "score": result.score / result.max_score,
        "message": message,
        "tests": [_test(check, characters) for check in checks],
    }


def _test(check: CheckResult, characters: int) -> dict[str, object]:
    return {
        "name": feedback.title_of(check),
        "description": line(check.id),
        "points": check.points,
        "max_points": check.max_points,
        "output": feedback.of_check(check, characters),
    }


FORMAT = Format(
    "prairielearn", N_("results.json of an external grader of PrairieLearn."), make, single=True
)
