"""How late each message came, drawn over the time at which it was due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from lab4nb import paper
from lab4nb.language import say
from lab4nb.paper import Drawing

SHORTEST_S = 1e-5  # anything shorter is drawn there: the axis is logarithmic


def draw(
    series: Mapping[str, Sequence[tuple[float, float]]], events: Mapping[str, float]
) -> Drawing:
    """Draw delays.

    Args:
        series: Name of words → (when it was due, how late it came) of each message, seconds.
        events: Name of words → when something happened, seconds.
    """

    def paint(axes: Axes) -> None:
        for place, (name, points) in enumerate(series.items()):
            axes.plot(
                [due for due, _late in points],
                [1000 * max(late, SHORTEST_S) for _due, late in points],
                linestyle="",
                marker=".",
                markersize=4,
                color=(paper.RED, paper.GREEN, paper.BLUE)[place],
                label=say(name),
            )
        for name, t in events.items():
            axes.axvline(t, color=paper.GREY, linestyle="--", linewidth=1.2, label=say(name))
        axes.set_yscale("log")
        axes.set_xlabel(say("many_users.due"))
        axes.set_ylabel(say("many_users.late"))
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1), markerscale=2.5)

    return paper.draw(8.2, 3.0, paint)
