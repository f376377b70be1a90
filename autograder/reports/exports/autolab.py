"""`autolab`: the last two lines that an autograder of Autolab prints."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.grading.result import Result
from autograder.i18n import N_, _
from autograder.reports import facts
from autograder.reports.exports import feedback
from autograder.reports.exports.format import Export, Format, Options, fitted
from autograder.reports.facts import LEVELS
from autograder.reports.harmless import json_of, line

MOST_BYTES = 1_000_000


def make(results: Sequence[Result], options: Options) -> Export:
    """Return the feedback, a stage for each level, and below it the score.

    After a grader fault there is no score, and Autolab keeps the one it has. A work that
    cannot be graded gets 0 and the reason, for its student can hand in another one at once.
    """
    (result,) = results
    score = result.score if result.outcome == "graded" else 0
    scores = {} if result.outcome == "grader_fault" else {options.problem: score}
    last = json_of({"scores": scores, "scoreboard": [score] if scores else []})

    def text(characters: int) -> str:
        with facts.speaking_as(result):
            return f"{json_of(_feedback(result, options, characters))}\n{last}\n"

    return Export(fitted(text, MOST_BYTES))


def _feedback(result: Result, options: Options, characters: int) -> dict[str, object]:
    # A stage of texts is shown as a table, a stage of tests with marks; one cannot be both.
    outcome: dict[str, object] = {_("Result"): facts.headline(result)}
    stages: dict[str, dict[str, object]] = {_("Outcome"): outcome}
    checks = feedback.told(result, options.hidden) if result.outcome == "graded" else []
    for check in checks:
        if check.id == feedback.HIDDEN:
            outcome[feedback.title_of(check)] = line(check.cause)
    for level, name in LEVELS.items():
        tests: dict[str, object] = {
            f"{feedback.title_of(check)} ({line(check.id)})": {
                "passed": check.status == "passed",
                "hint": feedback.of_check(check, characters),
            }
            for check in checks
            if check.level == level and check.id != feedback.HIDDEN
        }
        if tests:
            stages[_(name)] = tests
    return {"_presentation": "semantic", "stages": list(stages), **stages}


FORMAT = Format(
    "autolab",
    N_("The last two lines of an Autolab autograder."),
    make,
    single=True,
    takes=frozenset({"problem"}),
)
