"""What a student is told of a result: the same words in every format, in the result's language."""

from __future__ import annotations

from collections.abc import Collection

from autograder.grading import catalog
from autograder.grading.result import CheckResult, Result
from autograder.i18n import _, ngettext
from autograder.reports.exports.format import MOST_NAME
from autograder.reports.facts import MARKS, headline, speaking_as
from autograder.reports.harmless import clip, line

# Characters of each step and fact: the most that fit, so that no kind of fact is lost.
SHARES = (1000, 500, 200, 80, 20)
HIDDEN = "hidden"  # the id of what stands for all checks that stay hidden


def name_of(result: Result) -> str:
    """Return what a submission is called."""
    return clip(line(str(result.submission.get("name", ""))), MOST_NAME)


def title_of(check: CheckResult) -> str:
    """Return what a check is called."""
    return clip(line(check.title or check.id), MOST_NAME)


def told(result: Result, hidden: Collection[str]) -> list[CheckResult]:
    """Return the checks that a student is told of; one without a story counts the hidden ones."""
    kept = [check for check in result.checks if check.id not in hidden]
    folded = [check for check in result.checks if check.id in hidden]
    if folded:
        kept.append(_folded(folded))
    return kept


def _folded(checks: list[CheckResult]) -> CheckResult:
    count = len(checks)
    return CheckResult(
        HIDDEN,
        0,
        "skipped",  # whether they passed is nobody's to know, beyond the points
        sum(check.points for check in checks),
        sum(check.max_points for check in checks),
        ngettext("{count} check stays hidden", "{count} checks stay hidden", count).format(
            count=count
        ),
        cause=_("the results of hidden checks are not shown"),
    )


def of_check(check: CheckResult, most: int) -> str:
    """Return how a check went, in plain lines; of one that passed there is nothing to tell.

    Args:
        check: What was seen.
        most: Characters.
    """
    if check.id == HIDDEN:
        return clip(check.cause, most)
    if check.status == "skipped":
        return clip(_("skipped: {cause}").format(cause=line(check.cause)), most)
    if check.status == "error":
        return clip(_("The grader itself failed here; it is not your fault."), most)
    if check.status == "passed":
        return ""
    facts = (check.expected, check.actual, check.cause, check.hint)
    text = ""
    for each in SHARES:
        steps = [_brief(step, each) for step in check.story]
        text = "\n".join(catalog.failure(steps, *(_brief(fact, each) for fact in facts)))
        if len(text) <= most:
            break
    return clip(text, most)


def _brief(text: str, most: int) -> str:
    return clip(line(clip(text, most)), most)  # cut first: it may be very long


def of_result(result: Result, hidden: Collection[str], most: int) -> str:
    """Return the outcome, all that failed, and what was not tried for that, in plain lines.

    Args:
        result: What was found.
        hidden: The ids of checks that are only counted.
        most: Characters.
    """
    with speaking_as(result):
        checks = [c for c in told(result, hidden) if c.status != "passed"]
        untried = [c for c in checks if c.status == "skipped" and c.id != HIDDEN]
        others = [c for c in checks if c not in untried]
        each = most // (len(others) + 1)
        parts = [headline(result)]
        parts += [f"{_marked(check)}\n{of_check(check, each)}" for check in others]
        for cause in dict.fromkeys(check.cause for check in untried):
            alike = [check for check in untried if check.cause == cause]
            why = of_check(alike[0], each)
            parts.append("\n".join([why, *(f"- {_heading(check)}" for check in alike)]))
    return clip("\n\n".join(parts), most)


def _marked(check: CheckResult) -> str:
    return _heading(check) if check.id == HIDDEN else f"{MARKS[check.status]} {_heading(check)}"


def _heading(check: CheckResult) -> str:
    worth = f" ({check.points}/{check.max_points})" if check.max_points else ""
    return title_of(check) + worth
