"""The result of one submission in the terminal: points, then each failure as a story."""

from __future__ import annotations

from rich.console import Console, RenderableType
from rich.text import Text

from autograder.grading.result import CheckResult, Result
from autograder.i18n import _, ngettext
from autograder.reports import card, facts
from autograder.reports.checklist import Checklist
from autograder.reports.facts import LEVELS
from autograder.reports.harmless import line, plain


def show(result: Result, console: Console, *, failures: bool = True) -> None:
    """Print a score card.

    Args:
        result: What to show.
        console: Where.
        failures: Whether each failed check is explained below the table.
    """
    if result.outcome == "not_gradable":
        console.print(Text(plain(_("not gradable: {reason}").format(reason=result.reason)), "red"))
        return
    console.print(_table(result))
    broken = broken_checks(result)
    if failures:
        for check in broken:
            console.print(card.explained(check))
    console.print(total(result))
    failed = [check for check in broken if check.status == "failed"]
    if failures and len(failed) > 1:
        console.print(_where_to_begin(failed[0]))


def broken_checks(result: Result) -> list[CheckResult]:
    """Return what did not pass, in the order in which it is best mended.

    That is the order of the run: a check comes after those that it needs, and is skipped where
    one of them did not pass.
    """
    return [check for check in result.checks if check.status in ("failed", "error")]


def points_of(checks: list[CheckResult]) -> str:
    """Return what was earned of what can be, empty where there are no points."""
    earned, most = sum(c.points for c in checks), sum(c.max_points for c in checks)
    return f"{earned}/{most}" if most else ""


def _table(result: Result) -> Checklist:
    table = Checklist()
    for level, name in LEVELS.items():
        checks = [check for check in result.checks if check.level == level]
        if checks:
            table.add_heading(_(name), points_of(checks))
        for check in checks:
            passed = check.status == "passed"
            mark, title = card.MARKS[check.status], _line(check)
            table.add(mark, check.id, title, worth(check), dispensable=passed)
    return table


def _line(check: CheckResult) -> Text:
    if check.status == "skipped":
        return Text(line(f"{check.title} ({check.cause})"), "dim")
    return Text(line(check.title))


def worth(check: CheckResult) -> Text:
    """Return the points of a check, or the star of a badge."""
    if check.max_points:
        style = "" if check.points else "red"
        return Text(f"{check.points}/{check.max_points}", style)
    return Text("★" if check.status == "passed" and check.level == 3 else "", "yellow")


def _where_to_begin(check: CheckResult) -> Text:
    text = _("Begin here: {check} ({title}). `lab4 explain {check}` tells more.")
    return Text(text.format(check=line(check.id), title=line(check.title)), "bold")


def total(result: Result) -> RenderableType:
    """Return the last lines: the score, and what else concerns the whole."""
    badges = sum(c.level == 3 and not c.max_points and c.status == "passed" for c in result.checks)
    parts = [
        _("Score: {score} of {most}").format(score=result.score, most=result.max_score),
        ngettext("{count} badge", "{count} badges", badges).format(count=badges),
        _("{seconds:.1f} s").format(seconds=result.duration_s),
        _("seed {seed}").format(seed=result.environment["seed"]),
    ]
    text = Text("\n" + line(" · ".join(parts)), "bold")
    if hidden := facts.hidden(result):
        text.append("\n" + hidden, "not bold")
    if result.reason:
        text.append(f"\n{plain(result.reason)}", "bold red")
    return text
