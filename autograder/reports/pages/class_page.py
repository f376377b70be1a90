"""The page of a class: who has earned what, what went wrong most often and why, who was slow."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from autograder.grading import catalog
from autograder.i18n import N_
from autograder.reports import facts
from autograder.reports.pages import figures
from autograder.reports.pages.figures import Check, Work
from autograder.reports.pages.rendering import render

SLOWEST = 10
CAUSES, EXAMPLES = 4, 5  # told of each check, and links of each cause
OUTCOMES = {
    "graded": N_("graded"),
    "not_gradable": N_("not gradable"),
    "grader_fault": N_("the grader failed"),
}


def make(works: Sequence[Work], checks: Sequence[Check], folder: str) -> bytes:
    """Return the page, as UTF-8, in the language in force.

    Args:
        works: All that were graded, or tried to be, in the order of the class.
        checks: All columns, by level.
        folder: Where the pages of the submissions are, seen from this one.
    """
    went = [figures.outcomes(works, check) for check in checks]
    columns = {level: [c for c in checks if c.level == level] for level in facts.LEVELS}
    page = render(
        "class.html",
        script="class.js",
        works=works,
        went=went,
        failed=sorted(
            (each for each in went if each.counts["failed"]), key=lambda e: -e.counts["failed"]
        ),
        levels=[(facts.LEVELS[level], len(some)) for level, some in columns.items() if some],
        refused=[work for work in works if work.outcome != "graded"],
        graded=figures.graded(works),
        middle=figures.middle(works),
        distributions=figures.distributions(works),
        slowest=sorted(works, key=lambda work: -work.seconds)[:SLOWEST],
        OUTCOMES=OUTCOMES,
        CAUSES=CAUSES,
        EXAMPLES=EXAMPLES,
        title_of=lambda check: catalog.title(check.id, own=check.title),
        page_of=lambda work: f"{quote(folder)}/{quote(work.key)}.html",
    )
    return page.encode()
