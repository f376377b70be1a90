"""Bars of what was measured."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes

from lab4nb import paper
from lab4nb.language import say
from lab4nb.paper import Drawing

WIDTH = 0.36  # of a bar; two stand side by side


def two_by_two(seconds: Mapping[tuple[str, str], float]) -> Drawing:
    """Draw how long each kind of work took in each way.

    Args:
        seconds: (what, how) → seconds; both are names of words of `bars.toml`.
    """
    whats = list(dict.fromkeys(what for what, _how in seconds))
    hows = list(dict.fromkeys(how for _what, how in seconds))

    def paint(axes: Axes) -> None:
        for place, how in enumerate(hows):
            bars = axes.bar(
                [number + (place - 0.5) * WIDTH for number in range(len(whats))],
                [seconds[what, how] for what in whats],
                width=WIDTH * 0.94,
                color=paper.PALETTE[place],
                label=say(f"bars.{how}"),
            )
            axes.bar_label(bars, fmt="%.2f", padding=2)
        axes.set_xticks(range(len(whats)), [say(f"bars.{what}") for what in whats])
        axes.set_ylabel(say("gantt.seconds"))
        axes.margins(y=0.15)
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))

    return paper.draw(7.2, 2.7, paint)
