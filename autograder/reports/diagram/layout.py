"""Where everything stands: a column for each lifeline, a height for each row, and its words."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.i18n import _, ngettext
from autograder.reports.diagram import window
from autograder.reports.diagram.events import Lane, called
from autograder.reports.diagram.rows import SCREEN_LANE, Rows
from autograder.reports.diagram.step import Step
from autograder.reports.harmless import clip

WIDTH = 900  # pixels: a page; where it is scaled to 710, letters still have 11
TIMES = 90  # pixels for the times
LETTER = 8.43  # pixels of a letter of a monospaced font of 14 pixels
HEIGHTS = {"message": 35, "missing": 38, "note": 26, "print": 26, "read": 26, "gap": 28}
MOST_CELLS = 80  # there the line in question must stand in a piece that is shown whole
AFTER = 16  # pixels below a read: its words stand there, for arrows come from above


@dataclass(frozen=True)
class Column:
    """A lifeline as it is drawn.

    Attributes:
        label: Its heading.
        lanes: Whose it is; several are merged into one.
        x: Pixels.
    """

    label: str
    lanes: tuple[Lane, ...]
    x: float

    @property
    def merged(self) -> bool:
        """Whether it stands for several."""
        return len(self.lanes) > 1


class Layout:
    """The places of all that is drawn.

    Attributes:
        program: How the program under test is called.
        columns: From left to right.
        crowded: Whether their headings take turns on two lines.
        threads: Those of threads.
        top, bottom: Where lifelines begin and end, in pixels.
        rows: Each row with its y, in pixels.
        height: Of the picture, in pixels.
    """

    def __init__(self, rows: Rows) -> None:
        steps = window.rows(rows.steps)
        self.program = called(rows.program)
        self.columns = _columns(rows, steps)
        self._at = {lane: column for column in self.columns for lane in column.lanes}
        self.rows: list[tuple[Step, float]] = []
        space = (WIDTH - TIMES) / len(self.columns)
        self.crowded = any(LETTER * (cells(c.label) + 2) > space for c in self.columns)
        self.threads = [c for c in self.columns if c.lanes[0].kind == "thread"]
        self.top = 22.0 + 18 * self.crowded + 24 * bool(self.threads)
        y = self.top
        for step in steps:
            y += HEIGHTS[step.kind]
            self.rows.append((step, y))
            y += AFTER if step.kind == "read" and step.text else 0
        self.bottom = y + 12
        self.height = self.bottom + 28

    def column(self, lane: Lane) -> Column:
        """Return the column in which a lifeline is drawn."""
        return self._at[lane]

    def targets(self, step: Step) -> list[Column]:
        """Return the columns at which a message arrives, each once."""
        return list(dict.fromkeys(self.column(lane) for lane in step.to))

    def words(self, step: Step) -> str:
        """Return what stands at a row; who it is about is named where lifelines are merged."""
        before, after = "", ""
        if step.text and step.lane and self.column(step.lane).merged:
            before = f"{called(step.lane)}: "
        for column in self.targets(step):
            gets = [lane for lane in column.lanes if lane in step.to]
            if not column.merged or len(gets) == len(column.lanes):
                continue
            if len(gets) == 1:
                after += f"  → {called(gets[0])}"
            else:
                of = _("{count} of {all}").format(count=len(gets), all=len(column.lanes))
                after += f"  → {of}"
        if step.toward:
            after += "  " + _("(not read)")
        text = step.text
        if step.more and (len(step.pieces) == 1 or not step.role):
            more = ngettext("+{count} line", "+{count} lines", step.more).format(count=step.more)
            text = f"{text}  {more}"
        if step.role and len(step.pieces) == 1:
            (piece,) = step.pieces.values()
            if 0 <= piece.find(step.text) <= MOST_CELLS - cells(step.text):
                text = piece
        return f"{before}{text}{f'  ×{step.times}' if step.times > 1 else ''}{after}"


def _columns(rows: Rows, steps: Sequence[Step]) -> list[Column]:
    used = dict.fromkeys(lane for step in steps for lane in step.lanes())
    groups: list[tuple[str, tuple[Lane, ...]]] = []
    for lane in (SCREEN_LANE, rows.program):
        if lane in used:
            groups.append((_("screen") if lane is SCREEN_LANE else called(lane), (lane,)))
    everybody = dict.fromkeys([*rows.everybody, *used])
    threads = [lane for lane in everybody if lane.kind == "thread" and lane in used]
    clients = [lane for lane in everybody if lane.kind == "client"]
    for kind, group in (("thread", threads), ("client", clients)):
        alone = window.chosen(kind, group, steps)
        groups += [(called(lane), (lane,)) for lane in alone]
        if rest := tuple(lane for lane in group if lane not in alone):
            label = ngettext("{count} other", "{count} others", len(rest)).format(count=len(rest))
            groups.append((label, rest))
    space = (WIDTH - TIMES) / max(1, len(groups))
    return [
        Column(label, lanes, TIMES + space * (place + 0.5))
        for place, (label, lanes) in enumerate(groups)
    ]


def cells(text: str) -> int:
    """Return how many letters wide a text is in a monospaced font."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in text
    )


def fitted(text: str, pixels: float) -> str:
    """Return as much of a text as there is room for, the end marked if it is cut off."""
    most = max(1, int(pixels / LETTER))
    while cells(text) > most:
        text = clip(text, len(text) - max(1, (cells(text) - most) // 2))
    return text
