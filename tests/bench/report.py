"""The two tables at the end: every server under every load, and the goals one by one."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from goals import Goal, Rounds
from loads import EVERYBODY, Load
from rich.table import Table


class Verdict(NamedTuple):
    goal: str
    own: str
    other: str  # whom it is compared with, and the figure
    compared: str
    bound: str
    met: bool | None  # None: could not be measured


def number(value: float) -> str:
    """Write three digits that count: 2.31M, 84.2k, 147, 0.26."""
    if abs(value) >= 999_500:
        return f"{value / 1e6:.3g}M"
    if abs(value) >= 9_995:
        return f"{value / 1e3:.3g}k"
    return f"{value:.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def with_unit(value: float, unit: str) -> str:
    return f"{number(value)} {unit}".strip()


def everybody(loads: Sequence[Load], rounds: Rounds) -> Table:
    """Show one figure for each load and server, the median of the rounds."""
    table = Table(title="Every server under every load")
    table.add_column("load", no_wrap=True)
    table.add_column("", no_wrap=True)
    servers = [name for name in EVERYBODY if any(name in load.servers for load in loads)]
    for server in servers:
        table.add_column(server, justify="right")
    for load in loads:
        cells = []
        for server in servers:
            runs = [turn[load.name, server] for turn in rounds if (load.name, server) in turn]
            cells.append(cell(load, runs) if runs else "")
        table.add_row(load.title, load.unit, *cells)
    return table


def cell(load: Load, runs: list[dict[str, float]]) -> str:
    """Write the figure, and beside it what makes the figure worth less."""
    text = number(median(run[load.figure] for run in runs))
    lost = max(run.get("missing_share", 0) for run in runs)
    dropped = max(run["closed"] for run in runs)
    missing = max(run.get("missing_notices", 0) for run in runs)
    if load.name == "silent" and any(run["undone"] for run in runs):
        text += "\nstalled"
    if dropped:
        text += f"\n{number(dropped)} dropped"
    if lost:
        text += f"\n{lost:.0%} lost or late"
    if missing:
        text += f"\n{number(missing)} wrong"
    if "kib_sockets" in runs[0]:
        text += f"\n+{number(median(run['kib_sockets'] for run in runs) / 1024)} kernel"
    return text


def judge(goals: Sequence[Goal], loads: Sequence[Load], rounds: Rounds) -> list[Verdict]:
    """Compare the medians with the goals of the loads that were run."""
    names = {load.name for load in loads}
    return [verdict(goal, rounds) for goal in goals if goal.load in names]


def verdict(goal: Goal, rounds: Rounds) -> Verdict:
    bound = f"{'≥' if goal.at_least else '≤'} {number(goal.bound)}"
    sign = "" if not (goal.peer or goal.base) else "+" if goal.minus else "×"
    bound += {"×": "×", "+": f" {goal.unit} more"}.get(sign, f" {goal.unit}".rstrip())
    values = goal.values(rounds)
    if values is None:
        return Verdict(goal.text, "", goal.peer, "", bound, None)
    own, other, compared = values
    against = f"{goal.peer or 'without it'}: {with_unit(other, goal.unit)}" if sign else ""
    ratio = {"×": f"{compared:.2f}×", "+": f"{compared:+.1f} {goal.unit}"}.get(sign, "")
    return Verdict(goal.text, with_unit(own, goal.unit), against, ratio, bound, goal.met(compared))


def goals(verdicts: Sequence[Verdict]) -> Table:
    """Show the goals; a text that stands above is not repeated."""
    table = Table(title="The goals, one by one")
    table.add_column("goal", no_wrap=True)
    table.add_column("measured", justify="right", no_wrap=True)
    table.add_column("against", no_wrap=True)
    table.add_column("ratio", justify="right", no_wrap=True)
    table.add_column("goal", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    words = {True: "[green]met", False: "[bold red]missed", None: "[yellow]not measured"}
    above = ""
    for v in verdicts:
        first = v.goal != above
        own = v.own if first else ""
        table.add_row(v.goal if first else "", own, v.other, v.compared, v.bound, words[v.met])
        above = v.goal
    return table
