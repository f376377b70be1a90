"""One failed check at length: its story, what is known, and what went over the wire."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from autograder.grading.result import CheckResult
from autograder.i18n import _
from autograder.reports import caret, facts, log
from autograder.reports.checklist import NARROW
from autograder.reports.harmless import line, plain

STYLES = {"passed": "green", "failed": "bold red", "skipped": "dim", "error": "bold magenta"}
MARKS = {status: Text(mark, STYLES[status]) for status, mark in facts.MARKS.items()}
TRANSCRIPT_SHOWN = 14  # the latest events: what happened just before the failure
STACK_LINES_SHOWN = 30


def explained(check: CheckResult, *, story: bool = True) -> RenderableType:
    """Return the card of a check.

    Args:
        check: What was seen.
        story: Whether its steps are told; not where they have just been.
    """
    parts: list[RenderableType] = [_steps(check), Text()] if story else []
    parts.append(_Facts(check))
    if changed := caret.of(check):
        parts += [Text(), _Changed(changed)]
    for heading, sentences in facts.findings(check):
        parts += [Text(), Text(f"{heading}:", "bold")]
        parts += [Text(plain(f"• {sentence}")) for sentence in sentences]
    if check.transcript:
        parts += [Text(), Text(_("On the wire, latest last:"), "bold"), _wire(check)]
    if check.stacks:
        lines = plain(facts.stacks(check)).split("\n")[:STACK_LINES_SHOWN]
        parts += [Text(), Text(_("Where each thread was:"), "bold"), Text("\n".join(lines), "dim")]
    name, about = line(check.id), line(check.title)
    title = Text.assemble(
        MARKS[check.status], " ", (name, "bold"), f" · {about}", overflow="ellipsis"
    )
    return Padding(Panel(Group(*parts), title=title, title_align="left"), (1, 0, 0, 0))


def _steps(check: CheckResult) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right", min_width=3)
    table.add_column()
    for number, step in enumerate(check.story, 1):
        last = number == len(check.story)
        style = "bold red" if last else ""
        table.add_row("✗" if last else " ", f"{number}.", Text(plain(step)), style=style)
    return table


class _Facts:
    """Names and what is known; beside each other, or below where the screen is narrow."""

    def __init__(self, check: CheckResult) -> None:
        self._facts = [(f"{name}:", plain(text)) for name, text in facts.of_check(check)]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if options.max_width < NARROW - 12:
            yield from (Text.assemble((name, "bold"), f" {text}") for name, text in self._facts)
            return
        grid = Table.grid(padding=(0, 1))
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column()
        for name, text in self._facts:
            grid.add_row(name, Text(text))
        yield grid


class _Changed:
    """Two lines below each other, and a caret where they differ."""

    def __init__(self, difference: caret.Difference) -> None:
        self._difference = difference

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        found = self._difference
        grid = Table.grid(padding=(0, 1))
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column(no_wrap=True, overflow="crop")
        grid.add_row(_("was sent") + ":", Text(found.sent))
        grid.add_row(_("came") + ":", Text(found.came))
        grid.add_row("", Text(" " * found.column + "^", "bold red"))
        yield grid
        yield Text(found.told)


def _wire(check: CheckResult) -> Table:
    shown = log.rows(check)[-TRANSCRIPT_SHOWN:]
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(justify="right", style="dim", no_wrap=True, min_width=9)
    width = max((len(row.who) for row in shown), default=1)  # all may be calls that brought nothing
    table.add_column(style="cyan", no_wrap=True, min_width=width)
    table.add_column(no_wrap=True, min_width=1)
    table.add_column(overflow="ellipsis", no_wrap=True, ratio=1)
    for row in shown:
        table.add_row(f"{row.ms:.1f} ms", Text(row.who), row.arrow, Text(row.text))
    return table
