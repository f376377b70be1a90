"""What `lab4 check --watch` shows: what the last change has done, and one failure to work on.

Who saves every few seconds looks at the bottom of the screen, and wants to know three things
there: did it help, did it break anything, what now. So each run shows only what has not passed,
a line each; one failure at length, and that is what the change has broken, if anything, else the
first in the order in which they are best mended; then what is new. A run that changes nothing
leaves the screen as it is and adds a line.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from autograder.grading.result import CheckResult, Result
from autograder.i18n import _, ngettext
from autograder.reports import card, scorecard
from autograder.reports.checklist import Checklist
from autograder.reports.facts import LEVELS
from autograder.reports.harmless import line

MOST_NAMES = 8  # in one line


@dataclass(frozen=True)
class Changes:
    """What is new in a run.

    Attributes:
        passed: Checks that pass now and did not before.
        failed: Checks that passed before and fail now.
        waiting: How many passed before and are skipped now, for another one has failed.
        before: The score of the run before.
        after: The score now.
    """

    passed: list[CheckResult]
    failed: list[CheckResult]
    waiting: int
    before: int
    after: int

    @classmethod
    def between(cls, before: Result, after: Result) -> Changes:
        """Compare two results of one work."""
        passed_before = {check.id for check in before.checks if check.status == "passed"}
        lost = [c for c in after.checks if c.id in passed_before and c.status != "passed"]
        won = [c for c in after.checks if c.id not in passed_before and c.status == "passed"]
        failed = [check for check in lost if check.status != "skipped"]
        return cls(won, failed, len(lost) - len(failed), before.score, after.score)

    def __bool__(self) -> bool:
        """Return whether there is anything to tell."""
        return bool(self.passed or self.failed or self.waiting or self.before != self.after)


class Reruns:
    """Shows one run after the other.

    Args:
        console: Where.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._before: Result | None = None  # the latest run that was graded

    def show(self, result: Result) -> bool:
        """Show a run, compared to the one before; return whether there was anything new."""
        if result.outcome == "not_gradable":
            scorecard.show(result, self._console)
            return True
        before, self._before = self._before, result
        changes = Changes.between(before, result) if before else None
        at_length = _to_work_on(result, changes)
        if before and not changes and _same(at_length, _to_work_on(before, None)):
            self._console.print(_quiet(result), soft_wrap=True)
            return False
        self._console.clear()
        self._console.print(_what_is_left(result))
        if at_length:
            self._console.print(card.explained(at_length))
        if changes is not None:
            self._console.print(_told(changes))
        self._console.print(scorecard.total(result))
        return True


def _to_work_on(result: Result, changes: Changes | None) -> CheckResult | None:
    broken = scorecard.broken_checks(result)
    new = [check for check in broken if changes and check in changes.failed]
    return next(iter(new or broken), None)


def _same(one: CheckResult | None, other: CheckResult | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.id, one.status, one.actual, one.cause) == (
        other.id,
        other.status,
        other.actual,
        other.cause,
    )


def _quiet(result: Result) -> Text:
    said = _("{time}: nothing has changed; score {score} of {most}")
    now = time.strftime("%H:%M:%S")
    return Text(said.format(time=now, score=result.score, most=result.max_score), "dim")


def _what_is_left(result: Result) -> Checklist:
    """Return the levels with their points, and what has failed in them."""
    table = Checklist()
    for level, name in LEVELS.items():
        checks = [check for check in result.checks if check.level == level]
        if not checks:
            continue
        passed = sum(1 for check in checks if check.status == "passed")
        told = _("{level} ({passed} of {count} passed)").format(
            level=_(name), passed=passed, count=len(checks)
        )
        table.add_heading(told, scorecard.points_of(checks))
        for check in checks:
            if check.status in ("failed", "error"):
                mark, title = card.MARKS[check.status], Text(line(check.title))
                table.add(mark, check.id, title, scorecard.worth(check))
        if waiting := sum(1 for check in checks if check.status == "skipped"):
            table.add_note(card.MARKS["skipped"], Text(_waiting(waiting), "dim"))
    return table


def _told(changes: Changes) -> Text:
    text = Text("\n").append(_("Since the last run"), "bold")
    if not changes:
        return text.append(": ").append(_("the same checks pass"))
    if changes.before != changes.after:
        text.append(f": {changes.before} → {changes.after}", "bold")
    if changes.passed:
        text.append("\n✓ ", "green").append(_names(changes.passed))
    if changes.failed:
        text.append("\n✗ ", "bold red").append(_names(changes.failed))
    if changes.waiting:
        text.append("\n– ", "dim").append(_waiting(changes.waiting))
    return text


def _names(checks: list[CheckResult]) -> str:
    """Return the ids of some checks, not more than one can take in."""
    text = ", ".join(line(check.id) for check in checks[:MOST_NAMES])
    if more := len(checks[MOST_NAMES:]):
        told = ngettext("{names} and {count} more", "{names} and {count} more", more)
        text = told.format(names=text, count=more)
    return text


def _waiting(count: int) -> str:
    return ngettext(
        "{count} more waits for another to pass", "{count} more wait for others to pass", count
    ).format(count=count)
