"""Figures in the colours of the page: dark on white, light on black.

Matplotlib draws ink in one special colour, which is then replaced by `currentColor`: the browser
takes the colour of the text around the picture.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any, cast

import matplotlib
from matplotlib.figure import Figure

INK = "#010203"  # becomes the colour of the page's text
BLUE, ORANGE, GREEN, RED, VIOLET, GREY = (
    "#4c8dd6",
    "#d98a3d",
    "#48a868",
    "#d65f5f",
    "#9a7fd1",
    "#8a8f98",
)
PALETTE = (BLUE, ORANGE, GREEN, VIOLET, RED, GREY)

STYLE = {
    "font.size": 10,
    "font.family": "DejaVu Sans",  # comes with Matplotlib, has Cyrillic
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlesize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "svg.hashsalt": "lab4",
}
REPLACED = re.compile(INK, re.IGNORECASE)


class Drawing:
    """A picture in SVG; as the last value of a cell it is shown."""

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def _repr_html_(self) -> str:
        return f'<div style="max-width: 100%; overflow-x: auto">{self.svg}</div>'

    def __repr__(self) -> str:
        return f"<SVG, {len(self.svg)} characters>"


def draw(width: float, height: float, paint: Callable[[Any], None], **grid: int) -> Drawing:
    """Return what `paint` puts on the axes that it is given.

    Args:
        width, height: In inches.
        paint: Gets one Axes, or an array of them if `grid` asks for several.
        grid: As of `Figure.subplots`.
    """
    with matplotlib.rc_context(cast(Any, STYLE)):
        figure = Figure(figsize=(width, height), layout="constrained")
        figure.patch.set_alpha(0)
        paint(figure.subplots(**cast(Any, grid)))
        for axes in figure.axes:
            axes.patch.set_alpha(0)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    text = file.getvalue()
    return Drawing(REPLACED.sub("currentColor", text[text.index("<svg") :]))
