"""One failed check at length: its story, what is known, and what went over the wire."""

from __future__ import annotations

import itertools

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from autograder.grading.result import CheckResult
from autograder.i18n import _, ngettext
from autograder.reports.checklist import NARROW
from autograder.reports.harmless import line, plain

MARKS = {
    "passed": Text("✓", "green"),
    "failed": Text("✗", "bold red"),
    "skipped": Text("–", "dim"),
    "error": Text("!", "bold magenta"),
}
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
    if check.transcript:
        parts += [Text(), Text(_("On the wire, latest last:"), "bold"), _wire(check)]
    if check.stacks:
        lines = plain(check.stacks).split("\n")[:STACK_LINES_SHOWN]
        parts += [Text(), Text(_("Where each thread was:"), "bold"), Text("\n".join(lines), "dim")]
    name, about = line(check.id), line(check.title)
    title = Text.assemble(MARKS[check.status], " ", (name, "bold"), f" · {about}")
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
        facts = (
            (_("expected"), check.expected),
            (_("actual"), check.actual),
            (_("likely cause"), check.cause),
            (_("hint"), check.hint),
            (_("how we know"), _evidence(check)),
        )
        self._facts = [(f"{name}:", plain(text)) for name, text in facts if text]

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


def _who(event: dict[str, object]) -> str:
    return line(str(event["who"]))


def _wire(check: CheckResult) -> Table:
    shown = _folded(check.transcript)[-TRANSCRIPT_SHOWN:]
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(justify="right", style="dim", no_wrap=True, min_width=9)
    table.add_column(style="cyan", no_wrap=True, min_width=max(len(_who(e)) for e in shown))
    table.add_column(no_wrap=True, min_width=1)
    table.add_column(overflow="ellipsis", no_wrap=True, ratio=1)
    arrows = {"sent": "→", "received": "←", "console": "▷", "folded": "▷", "event": "·"}
    for event in shown:
        text = str(event["text"])
        if event["dir"] in ("sent", "received", "console"):
            text = repr(text)[1:-1]
        table.add_row(
            f"{float(str(event['t'])) * 1000:.1f} ms",
            Text(_who(event)),
            arrows[str(event["dir"])],
            Text(plain(text)),
        )
    return table


def _folded(transcript: list[dict[str, object]]) -> list[dict[str, object]]:
    """Make one row of what a program prints in one go: a log must not push the talk away."""
    rows: list[dict[str, object]] = []
    for (who, direction), run in itertools.groupby(transcript, lambda e: (e["who"], e["dir"])):
        events = list(run)
        lines = "".join(str(event["text"]) for event in events).splitlines()
        if direction != "console" or len(lines) < 2:
            rows += events
            continue
        count = ngettext("… {count} line", "… {count} lines", len(lines)).format(count=len(lines))
        rows.append({"t": events[0]["t"], "who": who, "dir": "folded", "text": count})
    return rows


def _evidence(check: CheckResult) -> str:
    if check.evidence == "quiescent":
        return _("every thread of the program waits, and none can go on by itself")
    if check.evidence == "silence":
        return _("nothing came for a while: the program never rested, so there is no proof")
    return ""
