"""Space-time diagrams of what the grader's harness saw: the one that its reports have."""

from __future__ import annotations

from autograder import i18n
from autograder.grading.result import CheckResult
from autograder.reports import diagram
from lab4nb.language import language
from lab4nb.paper import Drawing


def draw(check: CheckResult) -> Drawing:
    """Draw a failed check of a result; the drawing is empty if no line was sent."""
    with i18n.speaking(language()):
        return Drawing(diagram.draw(check))
