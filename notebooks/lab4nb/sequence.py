"""Sequence diagrams: a line of life for each person, an arrow for each message; time runs down.

An arrow begins where the message was sent and ends where it was read: a steep one lay long in a
buffer. One that nobody has read is dashed and ends nowhere.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

from lab4nb import paper
from lab4nb.conversation import Message
from lab4nb.gantt import named
from lab4nb.language import say
from lab4nb.paper import Drawing

WIDTH, TOP, ROW = 780, 34, 27  # pixels
MARGIN, WIDE_MARGIN = 90, 150  # pixels; the labels of steep arrows stand in the wide one
AT_ONCE_S = 0.02  # what is read so soon is drawn in the same row
MOST_LETTERS = 44
COLOURS = (paper.BLUE, paper.ORANGE, paper.GREEN, paper.VIOLET)


def draw(lanes: Sequence[str], messages: Sequence[Message]) -> Drawing:
    """Draw messages between the people of `lanes`, at least two, from left to right."""
    rows, times, bottom = _rows(messages)
    steep = any(end is None or end - start > ROW / 2 for start, end in rows)
    margin = WIDE_MARGIN if steep else MARGIN
    space = (WIDTH - 2 * margin) / (len(lanes) - 1)
    x = {who: margin + space * place for place, who in enumerate(lanes)}
    height = bottom + ROW + 4
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
        f'width="{WIDTH}" height="{height:.0f}" font-family="DejaVu Sans, sans-serif" '
        'font-size="12.5" fill="currentColor">'
    ]
    for who, middle in x.items():
        parts.append(
            f'<line x1="{middle:.0f}" y1="{TOP - 8}" x2="{middle:.0f}" y2="{bottom + 12:.0f}" '
            f'stroke="{paper.GREY}" stroke-dasharray="2 3"/>'
        )
        parts.append(_text(middle, 16, named(who), weight="bold"))
    for y, t in times:
        parts.append(
            f'<text x="4" y="{y + 4:.0f}" font-size="11" fill="{paper.GREY}">'
            f"{say('sequence.seconds', t=t)}</text>"
        )
    clients = [who for who in lanes if who != "server"]
    for message, (start, end) in zip(messages, rows, strict=True):
        speaker = message.who if message.who in clients else message.to
        colour = COLOURS[clients.index(speaker) % len(COLOURS)]
        parts.append(_arrow(x[message.who], start, x[message.to], end, bottom, colour))
        parts.append(_label(message, x, start, bottom if end is None else end))
    return Drawing("\n".join([*parts, "</svg>"]))


def _rows(
    messages: Sequence[Message],
) -> tuple[list[tuple[float, float | None]], list[tuple[float, float]], float]:
    """Return where each message begins and ends, the rows with their times, and the bottom."""
    moments = [(message.sent, 0, place) for place, message in enumerate(messages)]
    moments += [(m.read, 1, place) for place, m in enumerate(messages) if m.read is not None]
    starts: dict[int, float] = {}
    ends: dict[int, float] = {}
    times: list[tuple[float, float]] = []
    y = float(TOP - 6)
    for t, is_read, place in sorted(moments):
        message = messages[place]
        if is_read and t - message.sent < AT_ONCE_S:
            ends[place] = starts[place] + 5
            continue
        # What one recv has brought is read in one row.
        if not (is_read and times and ends and times[-1] == (y, t)):
            y += ROW
            times.append((y, t))
        (ends if is_read else starts)[place] = y
    return [(starts[place], ends.get(place)) for place in range(len(messages))], times, y


def _arrow(x1: float, y1: float, x2: float, y2: float | None, bottom: float, colour: str) -> str:
    if y2 is None:
        x2, y2 = x1 + (x2 - x1) * 0.8, max(bottom + 10, y1 + ROW / 2)
        return (
            f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}" stroke="{colour}" '
            'stroke-width="1.8" stroke-dasharray="6 4"/>'
        )
    back = -9 if x2 > x1 else 9
    slope = (y2 - y1) / (x2 - x1)
    up, down = y2 + back * slope - 4, y2 + back * slope + 4
    return (
        f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}" stroke="{colour}" '
        f'stroke-width="1.8"/><path d="M{x2:.0f} {y2:.0f} L{x2 + back:.0f} {up:.0f} '
        f'L{x2 + back:.0f} {down:.0f} Z" fill="{colour}"/>'
    )


def _label(message: Message, x: dict[str, float], start: float, end: float) -> str:
    text = message.text
    if len(text) > MOST_LETTERS:
        text = text[: MOST_LETTERS - 1] + "…"
    if end - start > ROW / 2:  # a steep arrow: the words stand beside its beginning
        right = x[message.to] > x[message.who]
        anchor, place = ("end", -7) if right else ("start", 7)
        return _text(x[message.who] + place, start + 4, text, anchor=anchor)
    return _text((x[message.who] + x[message.to]) / 2, start - 3, text)


def _text(x: float, y: float, text: str, anchor: str = "middle", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-weight="{weight}">'
        f"{html.escape(text)}</text>"
    )
