"""`lab4 explain`: a page about one check, or the list of all.

What a page tells stands in `explanations/CHECK.LANGUAGE.md`; the title and the points come from
where they are kept for the score card, too.
"""

from __future__ import annotations

import difflib
from typing import ClassVar

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.markdown import CodeBlock, Markdown, MarkdownElement
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from autograder.grading import catalog, checks, rubric
from autograder.i18n import _
from autograder.reports import reading
from autograder.reports.checklist import Checklist
from autograder.reports.facts import LEVELS

INDENT = 3  # columns of code
PATIENCE = 0.5  # of `difflib`: how much of a name must be right


class _Code(CodeBlock):
    """Code set in, without an empty line above and below: rich's own takes two more of each."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = Syntax(
            str(self.text).rstrip(),
            self.lexer_name,
            theme=self.theme,
            word_wrap=True,
            padding=(0, 1),
        )
        yield Padding(code, (0, 0, 0, INDENT))


class _Page(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {**Markdown.elements, "fence": _Code}


class UnknownCheck(Exception):
    """There is no such check; the message names those that are meant, perhaps."""


def page(check: str) -> RenderableType:
    """Return what a check tests, why, what fails and what passes, and how to see it oneself.

    Raises:
        UnknownCheck: the kit has no check of that name.
    """
    if check not in catalog.ABOUT:
        raise UnknownCheck(_unknown(check))
    return Group(
        Text.assemble((check, "bold cyan"), f" · {catalog.title(check)}"),
        Text(" · ".join(_facts(check)), "dim"),
        Text(),
        Text(catalog.why(check)),
        Text(),
        _Page(reading.text_about(check), hyperlinks=False),
        Text(),
        Text(
            _(
                "Where your server has another port than 14900, take that. On Windows `ncat`, "
                "which comes with Nmap, is the `nc`; in place of either you can use your client, "
                "`python client.py`."
            ),
            "dim",
        ),
    )


def overview() -> RenderableType:
    """Return all checks by level, with their points."""
    points = rubric.load()
    table = Checklist()
    for level, name in LEVELS.items():
        table.add_heading(_(name), "")
        for check in catalog.ABOUT:
            if points.levels.get(check) == level:
                most = points.points[check]
                table.add(Text(), check, Text(catalog.title(check)), Text(str(most or "")))
    return Group(table, Text(), Text(_("`lab4 explain CHECK` shows the page of a check.")))


def _facts(check: str) -> list[str]:
    """Return level, points and needs, as far as the rubric of this kit knows them."""
    points, facts = rubric.load(), []
    if check in points.levels:
        worth = _("{level}, {points} points").format(
            level=_(LEVELS[points.levels[check]]), points=points.points[check]
        )
        facts.append(worth)
    if needs := checks.needs().get(check):
        facts.append(_("needs {check}").format(check=", ".join(needs)))
    return facts


def _unknown(check: str) -> str:
    near = difflib.get_close_matches(check, catalog.ABOUT, n=3, cutoff=PATIENCE)
    near += [name for name in catalog.ABOUT if check and check in name and name not in near]
    if near:
        return _(
            "there is no check called {name}: did you mean {near}? `lab4 explain` lists them all"
        ).format(name=check, near=", ".join(near[:3]))
    return _("there is no check called {name}: `lab4 explain` lists them all").format(name=check)
