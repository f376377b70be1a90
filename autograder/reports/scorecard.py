"""The result of one submission in the terminal: points, then each failure as a story."""

from __future__ import annotations

import itertools

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from autograder.grading.result import CheckResult, Result
from autograder.i18n import N_, _, ngettext
from autograder.reports.harmless import line, plain

LEVELS = {
    1: N_("Level 1: two users"),
    2: N_("Level 2: many users"),
    3: N_("Level 3: robust"),
    0: N_("Obligatory"),
}
MARKS = {
    "passed": Text("✓", "green"),
    "failed": Text("✗", "bold red"),
    "skipped": Text("–", "dim"),
    "error": Text("!", "bold magenta"),
}
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
    for level, name in LEVELS.items():
        checks = [check for check in result.checks if check.level == level]
        if not checks:
            continue
        earned, most = sum(c.points for c in checks), sum(c.max_points for c in checks)
        table.add_row(
            "", Text(_(name), "bold"), "", Text(f"{earned}/{most}" if most else "", "bold")
        )
        for check in checks:
            table.add_row(MARKS[check.status], Text(line(check.id)), _line(check), _worth(check))
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
    facts = Table.grid(padding=(0, 1))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column()
    for name, text in (
        (_("expected"), check.expected),
        (_("actual"), check.actual),
        (_("likely cause"), check.cause),
        (_("hint"), check.hint),
        (_("how we know"), _evidence(check)),
    ):
        if text:
            facts.add_row(f"{name}:", Text(plain(text)))
    parts.append(facts)
    for heading, sentences in (
        (_("What the program did:"), check.trail),
        (_("Worth a look:"), check.suspects),
    ):
        if sentences:
            parts += [Text(), Text(heading, "bold")]
            parts += [Text(plain(f"• {sentence}")) for sentence in sentences]
    if check.transcript:
        parts += [Text(), Text(_("On the wire, latest last:"), "bold"), _wire(check)]
    if check.stacks:
        lines = plain(check.stacks).split("\n")[:STACK_LINES_SHOWN]
        parts += [Text(), Text(_("Where each thread was:"), "bold"), Text("\n".join(lines), "dim")]
    name, about = line(check.id), line(check.title)
    title = Text.assemble(MARKS[check.status], " ", (name, "bold"), f" · {about}")
    return Padding(Panel(Group(*parts), title=title, title_align="left"), (1, 0, 0, 0))


def _who(event: dict[str, object]) -> str:
    return line(str(event["who"]))


def _wire(check: CheckResult) -> Table:
    # What threads did is told in words above.
    shown = _folded([e for e in check.transcript if e["dir"] != "thread"])[-TRANSCRIPT_SHOWN:]
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


def _total(result: Result) -> RenderableType:
    badges = sum(1 for c in result.checks if c.level == 3 and c.status == "passed")
    parts = [
        _("Score: {score} of {most}").format(score=result.score, most=result.max_score),
        ngettext("{count} badge", "{count} badges", badges).format(count=badges),
        _("{seconds:.1f} s").format(seconds=result.duration_s),
        _("seed {seed}").format(seed=result.environment["seed"]),
    ]
    text = Text("\n" + line(" · ".join(parts)), "bold")
    if hidden := result.environment.get("hidden_checks", 0):
        more = ngettext(
            "Your instructor's grading has {count} more check, which stays hidden.",
            "Your instructor's grading has {count} more checks, which stay hidden.",
            hidden,
        )
        text.append("\n" + more.format(count=hidden), "not bold")
    if result.reason:
        text.append(f"\n{plain(result.reason)}", "bold red")
    return text
