"""Draws the kill matrix as an SVG picture that needs nothing from outside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as Xml

from autograder.trust.matrix import Row, checks_of

CELL, ROW = 20, 15  # pixels
NAMES, HEAD = 215, 165  # pixels for the names of programs and of checks
STYLE = """
text { font: 11px system-ui, sans-serif; fill: #24292f; }
.program { text-anchor: end; }
.band { fill: #f3f5f7; }
.failed { fill: #c9302c; }
.passed { fill: #9fb3a5; }
"""


def draw(rows: Sequence[Row], path: Path) -> None:
    """Write the picture: a square where a check failed, a dot where it passed."""
    checks = checks_of(rows)
    width, height = NAMES + CELL * len(checks) + 95, HEAD + ROW * len(rows) + 12
    svg = Xml.Element(
        "svg",
        {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {width} {height}"},
    )
    Xml.SubElement(svg, "title").text = "Which check sees which broken program"
    Xml.SubElement(svg, "style").text = STYLE
    _add(svg, "rect", width=width, height=height, fill="#ffffff")
    for column, check in enumerate(checks):
        x = NAMES + CELL * column + CELL // 2
        turned = {"transform": f"translate({x + 3} {HEAD - 8}) rotate(-55)"}
        _add(svg, "text", check, **turned)
    for number, row in enumerate(rows):
        y = HEAD + ROW * number
        if number // 5 % 2 == 0:
            _add(svg, "rect", x=0, y=y, width=width, height=ROW, **{"class": "band"})
        _add(svg, "text", row.specimen.name, x=NAMES - 6, y=y + 11, **{"class": "program"})
        for column, check in enumerate(checks):
            x = NAMES + CELL * column + CELL // 2
            match row.status.get(check):
                case "failed":
                    place: dict[str, object] = {
                        "x": x - 5,
                        "y": y + 2,
                        "width": 10,
                        "height": 10,
                        "rx": 2,
                    }
                    _add(svg, "rect", **place, **{"class": "failed"})
                case "passed":
                    _add(svg, "circle", cx=x, cy=y + 7, r=1.5, **{"class": "passed"})
    Xml.indent(svg, " ")
    path.write_text(Xml.tostring(svg, encoding="unicode") + "\n", encoding="utf-8")


def _add(parent: Xml.Element, tag: str, words: str = "", /, **attributes: object) -> None:
    node = Xml.SubElement(parent, tag, {name: str(value) for name, value in attributes.items()})
    node.text = words or None
