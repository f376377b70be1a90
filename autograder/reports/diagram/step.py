"""One row of a diagram: what happened, to whom, and when."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograder.reports.diagram.events import Lane


@dataclass(eq=False)
class Step:
    """One row.

    Attributes:
        kind: `message`, `missing` (never came), `note`, `print` (a note of what the program
            printed), `read` (the end of messages of earlier rows), or `gap` (a remark).
        lane: Who sends, or whose note it is; None for a gap.
        to: Who gets it.
        toward: Who did not get it, if `to` is empty.
        read: The row in which it is read, if that is another one.
        role: `about` if the failure is about this line, `wrong` if it should not be there.
        where: The place in the program.
        more: How many lines came in the same piece besides.
        pieces: All of that piece, as each receiver got it.
        times: For how many of the same kind it stands.
    """

    kind: str
    t: float | None
    lane: Lane | None
    text: str
    to: list[Lane] = field(default_factory=list)
    toward: Lane | None = None
    read: Step | None = None
    role: str = ""
    where: str = ""
    more: int = 0
    pieces: dict[Lane, str] = field(default_factory=dict)
    times: int = 1

    def lanes(self) -> list[Lane]:
        """Return every lifeline that takes part."""
        ends = [self.lane, *self.to, self.toward]
        return [lane for lane in ends if lane]
