"""Puts lines, arrows and words into an SVG."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from autograder.reports.diagram.layout import LETTER, Column, cells, fitted

HEAD = 9  # pixels
# Of these every monospaced font has letters of one width.
RANGES = ((0x20, 0x7F), (0xA0, 0x250), (0x400, 0x500), (0x2010, 0x2028), (0x2190, 0x2194))
SIMPLE = {chr(code) for first, end in RANGES for code in range(first, end)}


def arrow(
    group: Xml.Element, source: Column, to: Sequence[Column], y: float, y2: float, *, crossed: bool
) -> None:
    """Draw one message to all of `to`, who stand on one side of its source.

    Args:
        y, y2: Where it begins, and where it ends at the farthest.
        crossed: Whether it should not have come.
    """
    if not to:
        return
    far = max(to, key=lambda column: abs(column.x - source.x))
    back = -HEAD if far.x > source.x else HEAD
    add(group, "line", {"class": "line way"}, x1=source.x, y1=y, x2=far.x + back / 2, y2=y2)
    for column in to:
        at = y + (y2 - y) * (column.x - source.x) / ((far.x - source.x) or 1)
        tip = f"M{column.x:.1f} {at:.1f} l{back} -5 v10 Z"
        add(group, "path", {"class": "head", "d": tip})
    if crossed:
        cross(group, far.x + 3 * back, y2)


def cross(group: Xml.Element, x: float, y: float) -> None:
    """Cross something out."""
    lines = f"M{x - 6:.1f} {y - 6:.1f} l12 12 m0 -12 l-12 12"
    add(group, "path", {"class": "line cross", "d": lines})


def unread(group: Xml.Element, x1: float, x2: float, y: float) -> None:
    """Draw a message that lies in a buffer: it ends at a bar before the other lifeline."""
    end = x2 + (x1 - x2) * 0.15
    bar = f"M{x1:.1f} {y:.1f} H{end:.1f} m0 -6 v12"
    add(group, "path", {"class": "line way", "d": bar})


def text(
    parent: Xml.Element, x: float, y: float, words: str, room: float, attributes: dict[str, str]
) -> Xml.Element:
    """Write as much of a text as there is room for, in pixels; return it."""
    node = add(parent, "text", attributes, x=x, y=y)
    for strange, run in itertools.groupby(fitted(words, room), lambda one: one not in SIMPLE):
        part = Xml.SubElement(node, "tspan")
        part.text = "".join(run)
        if strange:  # whatever font is found for it, it fills its place
            part.set("textLength", f"{LETTER * cells(part.text):.0f}")
            part.set("lengthAdjust", "spacingAndGlyphs")
    return node


def add(parent: Xml.Element, tag: str, attributes: dict[str, str], **numbers: float) -> Xml.Element:
    """Add an element; its numbers are pixels."""
    places = {name: f"{value:.1f}".removesuffix(".0") for name, value in numbers.items()}
    return Xml.SubElement(parent, tag, attributes | places)
