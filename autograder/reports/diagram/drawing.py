"""Draws the rows of a check as SVG that needs nothing from outside."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from autograder.grading.result import CheckResult
from autograder.i18n import _
from autograder.reports.diagram import pen
from autograder.reports.diagram.layout import (
    LETTER,
    TIMES,
    WIDTH,
    Column,
    Layout,
    cells,
    fitted,
)
from autograder.reports.diagram.rows import Rows
from autograder.reports.diagram.step import Step
from autograder.reports.diagram.style import STYLE
from autograder.reports.harmless import clip, plain

STEEP = 15  # pixels


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
    for node in svg.iterfind(".//*[@class]"):  # a page may have styles for such names
        node.set("class", " ".join(f"st-{name}" for name in node.get("class", "").split()))
    return Xml.tostring(svg, encoding="unicode")


def _description(check: CheckResult) -> str:
    said = [(_("expected"), check.expected), (_("actual"), check.actual)]
    return clip(plain("; ".join(f"{name}: {text}" for name, text in said if text)), 500)


def _lifelines(svg: Xml.Element, layout: Layout) -> None:
    space = (WIDTH - TIMES) / len(layout.columns)
    for number, column in enumerate(layout.columns):
        y = layout.top - (18 if layout.crowded and number % 2 == 0 else 0)
        kind = {"class": "life merged" if column.merged else "life"}
        pen.add(svg, "line", kind, x1=column.x, y1=y + 6, x2=column.x, y2=layout.bottom)
        room = (2 if layout.crowded else 1) * space - LETTER
        half = min(room, LETTER * cells(column.label)) / 2
        middle = min(column.x, WIDTH - half - 4)
        pen.text(svg, middle, y, column.label, room, {"class": "name"})
    if layout.threads:
        x1, x2 = layout.threads[0].x - 12, layout.threads[-1].x + 12
        pen.add(svg, "line", {"class": "life"}, x1=x1, y1=20, x2=x2, y2=20)
        room = 2 * min((x1 + x2) / 2, WIDTH - (x1 + x2) / 2)
        pen.text(svg, (x1 + x2) / 2, 15, layout.program, room, {"class": "name"})


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
            pen.add(group, "line", {"class": "line way"}, x1=x, y1=y, x2=x + 34, y2=y)
            if kind == "wrong":
                pen.cross(group, x + 17, y)
            pen.text(group, x + 42, y + 4, words, WIDTH - x - 42, {})
            x += 42 + LETTER * (cells(words) + 4)


def _row(svg: Xml.Element, layout: Layout, step: Step, y: float, y2: float) -> None:
    kind = "missing" if step.kind == "missing" else step.role
    group = Xml.SubElement(svg, "g", {"class": f"row {step.kind} {kind}".strip()})
    if step.t is not None:
        time = f"{step.t * 1000:.1f} ms" if abs(step.t) < 10 else f"{step.t:.2f} s"
        pen.text(group, TIMES - 8, y + 4, time, TIMES - 8, {"class": "time"})
    if step.lane is None:
        pen.add(group, "line", {"class": "rule"}, x1=TIMES, y1=y - 8, x2=WIDTH - 8, y2=y - 8)
        pen.text(group, TIMES + 6, y + 6, step.text, WIDTH - TIMES, {})
        return
    source = layout.column(step.lane)
    if step.kind in ("note", "print", "read"):
        _note(group, layout, step, source, y)
        return
    targets = layout.targets(step)
    if step.toward:
        pen.unread(group, source.x, layout.column(step.toward).x, y)
    for side in (
        [column for column in targets if column.x < source.x],
        [column for column in targets if column.x >= source.x],
    ):
        pen.arrow(group, source, side, y, y2, crossed=step.role == "wrong")
    ends = [source, *targets, *([layout.column(step.toward)] if step.toward else [])]
    above = y - (10 if step.role == "wrong" else 8)
    if y2 - y > STEEP and source.x > targets[0].x:  # the words stand where the arrow begins
        _label_before(group, layout, step, source.x - 10, above)
    else:
        _label(group, layout, step, min(column.x for column in ends) + 10, above)


def _note(group: Xml.Element, layout: Layout, step: Step, column: Column, y: float) -> None:
    pen.add(group, "circle", {"class": "head"}, cx=column.x, cy=y, r=3)
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
    node = pen.text(group, x, y, words, room, {})
    if step.where and LETTER * cells(f"{words}  {step.where}") <= room:
        Xml.SubElement(node, "tspan", {"class": "where"}).text = f"  {step.where}"


def _label_before(group: Xml.Element, layout: Layout, step: Step, x: float, y: float) -> None:
    """Write the words of a row so that they end at `x`."""
    pen.text(group, x, y, layout.words(step), x - TIMES - 3, {"text-anchor": "end"})
