"""Draws the rows of a check as SVG that needs nothing from outside."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from autograder.grading.result import CheckResult
from autograder.i18n import _
from autograder.reports.diagram.layout import (
    LETTER,
    TIMES,
    WIDTH,
    Column,
    Layout,
    cells,
    fitted,
)
from autograder.reports.diagram.steps import Rows, Step
from autograder.reports.harmless import clip, plain

# A page that holds the picture gives it the colour of its own text, and may be light or dark
# whatever the system says: the three other colours are legible on both. Alone, the picture has
# its own paper.
STYLE = """
.lab4-st { font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  max-width: 100%; height: auto; }
.lab4-st:root { color: #1f2328; background: #fff; max-width: none; }
@media (prefers-color-scheme: dark) {
  .lab4-st:root { color: #e6edf3; background: #0d1117; }
}
.lab4-st text { fill: currentColor; white-space: pre; }
.lab4-st .name { font-weight: bold; text-anchor: middle; }
.lab4-st .time { font-size: 12px; text-anchor: end; opacity: .7; }
.lab4-st .gap text, .lab4-st .where, .lab4-st .print text, .lab4-st .legend text { opacity: .7; }
.lab4-st .print .where { opacity: 1; }
.lab4-st .life { stroke: #8a8f98; stroke-opacity: .4; }
.lab4-st .merged { stroke-width: 5; stroke-opacity: .25; }
.lab4-st .rule { stroke: #8a8f98; stroke-opacity: .6; stroke-dasharray: 1 5; }
.lab4-st .line { stroke: currentColor; stroke-width: 1.3; fill: none; }
.lab4-st .head { fill: currentColor; stroke: none; }
.lab4-st .about .line { stroke: #4c8dd6; stroke-width: 2.2; }
.lab4-st .about .head { fill: #4c8dd6; }
.lab4-st .wrong .line, .lab4-st .missing .line { stroke: #d65f5f; stroke-width: 3; }
.lab4-st .missing .line.way { stroke-dasharray: 8 6; }
.lab4-st .wrong .head, .lab4-st .missing .head { fill: #d65f5f; }
.lab4-st .wrong text, .lab4-st .missing text { font-weight: bold; }
.lab4-st .row .time, .lab4-st .legend text { font-weight: normal; }
"""
HEAD = 9  # pixels
STEEP = 15  # pixels
# Of these every monospaced font has letters of one width.
RANGES = ((0x20, 0x7F), (0xA0, 0x250), (0x400, 0x500), (0x2010, 0x2028), (0x2190, 0x2194))
SIMPLE = {chr(code) for first, end in RANGES for code in range(first, end)}


def draw(check: CheckResult) -> str:
    """Return a space-time diagram of a failed check as `<svg>`, or nothing if no line was sent.

    Time runs downwards, in rows that are evenly spaced whatever the time between them. A failed
    check's offending line is marked by a cross and a thick arrow; one that never came is dashed.

    Args:
        check: Of a result file, which need not be trusted.
    """
    rows = Rows(check)
    if not any(step.kind in ("message", "missing") for step in rows.steps):
        return ""
    layout = Layout(rows)
    svg = Xml.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": "lab4-st",
            "role": "img",
            "viewBox": f"0 0 {WIDTH} {layout.height:.0f}",
            "width": str(WIDTH),
            "height": f"{layout.height:.0f}",
        },
    )
    Xml.SubElement(svg, "title").text = clip(plain(check.title), 200)
    Xml.SubElement(svg, "desc").text = _description(check)
    Xml.SubElement(svg, "style").text = STYLE
    _lifelines(svg, layout)
    _legend(svg, layout)
    heights = dict(layout.rows)
    for step, y in layout.rows:
        _row(svg, layout, step, y, heights.get(step.read, y) if step.read else y)
    return Xml.tostring(svg, encoding="unicode")


def _description(check: CheckResult) -> str:
    said = [(_("expected"), check.expected), (_("actual"), check.actual)]
    return clip(plain("; ".join(f"{name}: {text}" for name, text in said if text)), 500)


def _lifelines(svg: Xml.Element, layout: Layout) -> None:
    space = (WIDTH - TIMES) / len(layout.columns)
    for number, column in enumerate(layout.columns):
        y = layout.top - (18 if layout.crowded and number % 2 == 0 else 0)
        kind = {"class": "life merged" if column.merged else "life"}
        _add(svg, "line", kind, x1=column.x, y1=y + 6, x2=column.x, y2=layout.bottom)
        room = (2 if layout.crowded else 1) * space - LETTER
        half = min(room, LETTER * cells(column.label)) / 2
        middle = min(column.x, WIDTH - half - 4)
        _text(svg, middle, y, column.label, room, {"class": "name"})
    if layout.threads:
        x1, x2 = layout.threads[0].x - 12, layout.threads[-1].x + 12
        _add(svg, "line", {"class": "life"}, x1=x1, y1=20, x2=x2, y2=20)
        room = 2 * min((x1 + x2) / 2, WIDTH - (x1 + x2) / 2)
        _text(svg, (x1 + x2) / 2, 15, layout.program, room, {"class": "name"})


def _legend(svg: Xml.Element, layout: Layout) -> None:
    """Say below what the marks mean that were used."""
    used = {step.kind if step.kind == "missing" else step.role for step, _y in layout.rows}
    meanings = {
        "about": _("the line in question"),
        "wrong": _("should not have come like this"),
        "missing": _("never came"),
    }
    x, y = float(TIMES), layout.bottom + 16
    for kind, words in meanings.items():
        if kind in used:
            group = Xml.SubElement(svg, "g", {"class": f"legend {kind}"})
            _add(group, "line", {"class": "line way"}, x1=x, y1=y, x2=x + 34, y2=y)
            if kind == "wrong":
                _cross(group, x + 17, y)
            _text(group, x + 42, y + 4, words, WIDTH - x - 42, {})
            x += 42 + LETTER * (cells(words) + 4)


def _row(svg: Xml.Element, layout: Layout, step: Step, y: float, y2: float) -> None:
    kind = "missing" if step.kind == "missing" else step.role
    group = Xml.SubElement(svg, "g", {"class": f"row {step.kind} {kind}".strip()})
    if step.t is not None:
        time = f"{step.t * 1000:.1f} ms" if abs(step.t) < 10 else f"{step.t:.2f} s"
        _text(group, TIMES - 8, y + 4, time, TIMES - 8, {"class": "time"})
    if step.lane is None:
        _add(group, "line", {"class": "rule"}, x1=TIMES, y1=y - 8, x2=WIDTH - 8, y2=y - 8)
        _text(group, TIMES + 6, y + 6, step.text, WIDTH - TIMES, {})
        return
    source = layout.column(step.lane)
    if step.kind in ("note", "print", "read"):
        _note(group, layout, step, source, y)
        return
    targets = layout.targets(step)
    if step.toward:
        _unread(group, source.x, layout.column(step.toward).x, y)
    for side in (
        [column for column in targets if column.x < source.x],
        [column for column in targets if column.x >= source.x],
    ):
        _arrow(group, source, side, y, y2, crossed=step.role == "wrong")
    ends = [source, *targets, *([layout.column(step.toward)] if step.toward else [])]
    above = y - (10 if step.role == "wrong" else 8)
    if y2 - y > STEEP and source.x > targets[0].x:  # the words stand where the arrow begins
        _label_before(group, layout, step, source.x - 10, above)
    else:
        _label(group, layout, step, min(column.x for column in ends) + 10, above)


def _arrow(
    group: Xml.Element, source: Column, to: Sequence[Column], y: float, y2: float, *, crossed: bool
) -> None:
    if not to:
        return
    far = max(to, key=lambda column: abs(column.x - source.x))
    back = -HEAD if far.x > source.x else HEAD
    _add(group, "line", {"class": "line way"}, x1=source.x, y1=y, x2=far.x + back / 2, y2=y2)
    for column in to:
        at = y + (y2 - y) * (column.x - source.x) / ((far.x - source.x) or 1)
        tip = f"M{column.x:.1f} {at:.1f} l{back} -5 v10 Z"
        _add(group, "path", {"class": "head", "d": tip})
    if crossed:
        _cross(group, far.x + 3 * back, y2)


def _cross(group: Xml.Element, x: float, y: float) -> None:
    lines = f"M{x - 6:.1f} {y - 6:.1f} l12 12 m0 -12 l-12 12"
    _add(group, "path", {"class": "line cross", "d": lines})


def _unread(group: Xml.Element, x1: float, x2: float, y: float) -> None:
    """Draw a message that lies in a buffer: it ends at a bar before the other lifeline."""
    end = x2 + (x1 - x2) * 0.15
    bar = f"M{x1:.1f} {y:.1f} H{end:.1f} m0 -6 v12"
    _add(group, "path", {"class": "line way", "d": bar})


def _note(group: Xml.Element, layout: Layout, step: Step, column: Column, y: float) -> None:
    _add(group, "circle", {"class": "head"}, cx=column.x, cy=y, r=3)
    right = WIDTH - column.x - 16
    words = layout.words(step)
    needed = LETTER * cells(f"{words}  {step.where}")
    if needed <= right or right >= column.x - TIMES:
        _label(group, layout, step, column.x + 9, y + (17 if step.kind == "read" else 4))
    else:
        _label_before(group, layout, step, column.x - 9, y + (17 if step.kind == "read" else 4))


def _label(group: Xml.Element, layout: Layout, step: Step, x: float, y: float) -> None:
    """Write the words of a row from `x` on, the place in the program after them if it fits."""
    room = WIDTH - x - 6
    words = fitted(layout.words(step), room)
    node = _text(group, x, y, words, room, {})
    if step.where and LETTER * cells(f"{words}  {step.where}") <= room:
        Xml.SubElement(node, "tspan", {"class": "where"}).text = f"  {step.where}"


def _label_before(group: Xml.Element, layout: Layout, step: Step, x: float, y: float) -> None:
    """Write the words of a row so that they end at `x`."""
    _text(group, x, y, layout.words(step), x - TIMES - 3, {"text-anchor": "end"})


def _text(
    parent: Xml.Element, x: float, y: float, words: str, room: float, attributes: dict[str, str]
) -> Xml.Element:
    node = _add(parent, "text", attributes, x=x, y=y)
    for strange, run in itertools.groupby(fitted(words, room), lambda one: one not in SIMPLE):
        part = Xml.SubElement(node, "tspan")
        part.text = "".join(run)
        if strange:  # whatever font is found for it, it fills its place
            part.set("textLength", f"{LETTER * cells(part.text):.0f}")
            part.set("lengthAdjust", "spacingAndGlyphs")
    return node


def _add(
    parent: Xml.Element, tag: str, attributes: dict[str, str], **numbers: float
) -> Xml.Element:
    places = {name: f"{value:.1f}".removesuffix(".0") for name, value in numbers.items()}
    return Xml.SubElement(parent, tag, attributes | places)
