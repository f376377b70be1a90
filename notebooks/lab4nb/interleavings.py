"""A map of all schedules: a row for each, a square for each step, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from lab4nb import paper
from lab4nb.language import say
from lab4nb.paper import Drawing
from lab4nb.scheduler import Run

SQUARE = 0.24  # inches
MOST_ROWS = 24


def draw(runs: Sequence[Run], right: object) -> Drawing:
    """Draw the runs, the right ones first.

    Args:
        runs: What came of the schedules.
        right: The result that is right.
    """
    shown = sorted(runs, key=lambda run: (run.result != right, str(run.result), run.schedule))
    left_out = len(shown) - MOST_ROWS
    shown = shown[:MOST_ROWS]
    longest = max(len(run.schedule) for run in shown)

    def paint(axes: Axes) -> None:
        for row, run in enumerate(shown):
            for step, who in enumerate(run.schedule):
                colour = paper.PALETTE[ord(who) - ord("A")]
                axes.add_patch(Rectangle((step, row), 0.94, 0.9, facecolor=(colour, 0.55)))
                axes.text(step + 0.47, row + 0.47, who, ha="center", va="center", fontsize=8)
            good = run.result == right and not run.deadlock
            text = say("scheduler.deadlocked") if run.deadlock else f"{run.result}"
            axes.text(
                longest + 0.5,
                row + 0.47,
                f"→ {text} {'✓' if good else '✗'}",
                va="center",
                color=paper.GREEN if good else paper.RED,
                fontsize=9,
                fontweight="bold",
            )
        if left_out > 0:
            axes.text(0, len(shown) + 0.6, say("scheduler.more_rows", count=left_out))
        axes.set_xlim(0, longest + 6)
        axes.set_ylim(len(shown) + (left_out > 0), 0)
        axes.set_axis_off()

    return paper.draw(SQUARE * (longest + 6), SQUARE * (len(shown) + 1), paint)
