"""Timelines as bars: a row for each thread or person, what it did from when to when."""

from __future__ import annotations

from matplotlib.axes import Axes

from lab4nb import paper
from lab4nb.language import say
from lab4nb.paper import Drawing
from lab4nb.timeline import Timeline

COLOURS = {
    "waits": paper.GREY,
    "served": paper.GREEN,
    "wait": paper.BLUE,
    "count": paper.ORANGE,
}


def draw(timeline: Timeline) -> Drawing:
    """Draw the spans of a timeline as bars, its marks as points; rows in order of appearance."""
    first = {item.who: item.t for item in sorted(timeline.marks, key=lambda m: -m.t)}
    for span in sorted(timeline.spans, key=lambda span: -span.start):
        first[span.who] = min(span.start, first.get(span.who, span.start))
    rows = {who: row for row, who in enumerate(sorted(first, key=lambda who: first[who]))}

    def paint(axes: Axes) -> None:
        for kind in dict.fromkeys(span.what for span in timeline.spans):
            spans = [span for span in timeline.spans if span.what == kind]
            axes.barh(
                [rows[span.who] for span in spans],
                [span.end - span.start for span in spans],
                left=[span.start for span in spans],
                height=0.55,
                color=COLOURS[kind],
                alpha=0.5 if COLOURS[kind] == paper.GREY else 0.9,
                label=say(f"gantt.{kind}"),
            )
        for kind in dict.fromkeys(mark.what for mark in timeline.marks):
            marks = [mark for mark in timeline.marks if mark.what == kind]
            axes.plot(
                [mark.t for mark in marks],
                [rows[mark.who] for mark in marks],
                linestyle="",
                marker="o",
                color=paper.INK,
                label=say(f"gantt.{kind}"),
            )
        axes.set_yticks(list(rows.values()), [named(who) for who in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlabel(say("gantt.seconds"))
        axes.set_xlim(left=-0.01 * max(span.end for span in timeline.spans))
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))

    return paper.draw(8.2, 0.9 + 0.35 * len(rows), paint)


def named(who: str) -> str:
    """Return how a drawing calls somebody; names of threads stay as they are."""
    try:
        return say(f"names.{who}")
    except KeyError:
        return who
