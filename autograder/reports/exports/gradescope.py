"""`gradescope`: the `results.json` of an autograder on Gradescope."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.grading.result import CheckResult, Result
from autograder.i18n import N_
from autograder.reports import facts
from autograder.reports.exports import feedback
from autograder.reports.exports.format import Export, Format, Options, fitted
from autograder.reports.harmless import json_of

MOST_BYTES = 1_000_000


def make(results: Sequence[Result], options: Options) -> Export:
    """Return one test a check, and one for all that stay hidden.

    After a grader fault there is neither a score nor a test: Gradescope then says that the
    autograder failed, and gives no grade. A work that cannot be graded gets 0 and the reason,
    for its student can hand in another one at once.
    """
    (result,) = results

    def text(characters: int) -> str:
        with facts.speaking_as(result):
            return f"{json_of(_fields(result, options, characters), indent=1)}\n"

    return Export(fitted(text, MOST_BYTES))


def _fields(result: Result, options: Options, characters: int) -> dict[str, object]:
    formats = dict.fromkeys(("output_format", "test_output_format", "test_name_format"), "text")
    fields: dict[str, object] = {
        "output": _output(result, options),
        **formats,
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "execution_time": round(result.duration_s),
        "extra_data": {
            "environment": result.environment,
            "sha256": result.submission.get("sha256"),
        },
    }
    if result.outcome == "grader_fault":
        return fields
    graded = result.outcome == "graded"
    tests = [
        _test(check, number, characters)
        for number, check in enumerate(feedback.told(result, options.hidden) if graded else [], 1)
    ]
    return {"score": result.score if graded else 0, **fields, "tests": tests}


def _output(result: Result, options: Options) -> str:
    hidden = [c for c in feedback.told(result, options.hidden) if c.id == feedback.HIDDEN]
    return "\n".join([facts.headline(result), *(feedback.title_of(check) for check in hidden)])


def _test(check: CheckResult, number: int, characters: int) -> dict[str, object]:
    # That of the hidden ones has no status: Gradescope colours it by its points.
    status = {"status": "passed" if check.status == "passed" else "failed"}
    return {
        "score": check.points,
        "max_score": check.max_points,
        **({} if check.id == feedback.HIDDEN else status),
        "name": feedback.title_of(check),
        "number": str(number),
        "output": feedback.of_check(check, characters),
        "tags": [check.id],
        "visibility": "visible",  # one `hidden` test would hide the student's total, too
    }


FORMAT = Format("gradescope", N_("results.json of a Gradescope autograder."), make, single=True)
