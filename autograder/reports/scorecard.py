"""The result of one submission in the terminal: points, then each failure as a story."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from autograder.grading.result import CheckResult, Result
from autograder.i18n import _, ngettext
from autograder.reports import facts, log
from autograder.reports.harmless import line, plain

STYLES = {"passed": "green", "failed": "bold red", "skipped": "dim", "error": "bold magenta"}
TRANSCRIPT_SHOWN = 14  # the latest events: what happened just before the failure
STACK_LINES_SHOWN = 30


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
    if failures:
        for check in result.checks:
            if check.status in ("failed", "error"):
                console.print(_explained(check))
    console.print(_total(result))


def _table(result: Result) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="cyan")
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    for level, name in facts.LEVELS.items():
        checks = [check for check in result.checks if check.level == level]
        if not checks:
            continue
        earned, most = sum(c.points for c in checks), sum(c.max_points for c in checks)
        table.add_row(
            "", Text(_(name), "bold"), "", Text(f"{earned}/{most}" if most else "", "bold")
        )
        for check in checks:
            table.add_row(_mark(check), Text(line(check.id)), _line(check), _worth(check))
    return table


def _line(check: CheckResult) -> Text:
    if check.status == "skipped":
        return Text(line(f"{check.title} ({check.cause})"), "dim")
    return Text(line(check.title))


def _worth(check: CheckResult) -> Text:
    if check.max_points:
        style = "" if check.points else "red"
        return Text(f"{check.points}/{check.max_points}", style)
    return Text("★" if check.status == "passed" and check.level == 3 else "", "yellow")


def _explained(check: CheckResult) -> RenderableType:
    parts: list[RenderableType] = []
    for number, step in enumerate(check.story, 1):
        last = number == len(check.story)
        mark = "✗" if last else " "
        parts.append(Text(f"{mark} {number:2}. {plain(step)}", "bold red" if last else ""))
    parts.append(Text())
    known = Table.grid(padding=(0, 1))
    known.add_column(style="bold", no_wrap=True)
    known.add_column()
    for name, text in facts.of_check(check):
        known.add_row(f"{name}:", Text(plain(text)))
    parts.append(known)
    for heading, sentences in facts.findings(check):
        parts += [Text(), Text(f"{heading}:", "bold")]
        parts += [Text(plain(f"• {sentence}")) for sentence in sentences]
    if check.transcript:
        parts += [Text(), Text(_("On the wire, latest last:"), "bold"), _wire(check)]
    if check.stacks:
        lines = plain(check.stacks).split("\n")[:STACK_LINES_SHOWN]
        parts += [Text(), Text(_("Where each thread was:"), "bold"), Text("\n".join(lines), "dim")]
    name, about = line(check.id), line(check.title)
    title = Text.assemble(_mark(check), " ", (name, "bold"), f" · {about}")
    return Padding(Panel(Group(*parts), title=title, title_align="left"), (1, 0, 0, 0))


def _wire(check: CheckResult) -> Table:
    shown = log.rows(check)[-TRANSCRIPT_SHOWN:]
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(justify="right", style="dim", no_wrap=True, min_width=9)
    table.add_column(style="cyan", no_wrap=True, min_width=max(len(row.who) for row in shown))
    table.add_column(no_wrap=True, min_width=1)
    table.add_column(overflow="ellipsis", no_wrap=True, ratio=1)
    for row in shown:
        table.add_row(f"{row.ms:.1f} ms", Text(row.who), row.arrow, Text(row.text))
    return table


def _mark(check: CheckResult) -> Text:
    return Text(facts.MARKS[check.status], STYLES[check.status])


def _total(result: Result) -> RenderableType:
    badges = sum(1 for c in result.checks if c.level == 3 and c.status == "passed")
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
