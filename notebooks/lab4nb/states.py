"""What the kernel says of both ends of a connection, after each step of its life."""

from __future__ import annotations

import socket
import time

import psutil
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from lab4nb import paper
from lab4nb.gantt import named
from lab4nb.language import say
from lab4nb.paper import Drawing

SETTLE_S = 0.05  # for the answer of the kernel on the other side, on one machine
GONE = "—"
UNKNOWN = "?"  # this system does not tell
COLOURS = {
    "ESTABLISHED": paper.GREEN,
    "FIN_WAIT1": paper.ORANGE,
    "FIN_WAIT2": paper.ORANGE,
    "CLOSE_WAIT": paper.BLUE,
    "LAST_ACK": paper.BLUE,
    "TIME_WAIT": paper.VIOLET,
    GONE: paper.GREY,
    UNKNOWN: paper.GREY,
}


class Life:
    """The states of both ends of one connection, step after step.

    Args:
        anna: One end, connected.

    Attributes:
        steps: (what was done, Anna's state, Boris's state).
    """

    def __init__(self, anna: socket.socket) -> None:
        self._ends = anna.getsockname(), anna.getpeername()
        self.steps: list[tuple[str, str, str]] = []

    def note(self, step: str) -> None:
        """Remember the states after a step."""
        time.sleep(SETTLE_S)
        here, there = self._ends
        try:
            found = {
                (tuple(c.laddr), tuple(c.raddr)): str(c.status)
                for c in psutil.net_connections("tcp")
                if c.raddr
            }
        except psutil.AccessDenied:  # macOS tells root only
            self.steps.append((step, UNKNOWN, UNKNOWN))
            return
        anna, boris = found.get((here, there), GONE), found.get((there, here), GONE)
        self.steps.append((step, anna, boris))


def draw(life: Life) -> Drawing:
    """Draw the states: a column for each step, a row for each end."""

    def paint(axes: Axes) -> None:
        for place, (step, *states) in enumerate(life.steps):
            for row, state in enumerate(states):
                fill = (COLOURS[state], 0.35)
                axes.add_patch(Rectangle((place, row), 0.96, 0.8, facecolor=fill))
                axes.text(place + 0.48, row + 0.4, state, ha="center", va="center", fontsize=8.5)
            axes.text(
                place + 0.48,
                -0.15,
                step,
                ha="center",
                va="bottom",
                fontsize=8.5,
                family="monospace",
            )
        axes.set_yticks([0.4, 1.4], [named("anna"), named("boris")])
        axes.set_xticks([])
        axes.set_xlim(0, len(life.steps))
        axes.set_ylim(1.9, -0.5)
        axes.set_xlabel(say("life.steps"))
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.tick_params(axis="y", length=0)

    return paper.draw(8.2, 1.7, paint)
