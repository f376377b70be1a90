"""`lab4 explain`: one check in a few lines."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from autograder.grading import catalog, rubric
from autograder.i18n import _
from autograder.reports.facts import LEVELS


def of(check: str) -> RenderableType:
    """Return what a check tests, why it matters, what it is worth, and what to try."""
    points = rubric.load()
    worth = _("{level}, {points} points").format(
        level=_(LEVELS[points.levels[check]]), points=points.points[check]
    )
    return Group(
        Text.assemble((check, "bold cyan"), f" · {catalog.title(check)}"),
        Text(worth, "dim"),
        Text(),
        Text(catalog.why(check)),
        Text(_("hint: {text}").format(text=catalog.hint(check))),
    )
