"""The log of the wire as reports show it: one row for each thing that was said, and by whom."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from autograder.grading.result import CheckResult
from autograder.i18n import N_, _, ngettext
from autograder.reports.harmless import line, plain

ARROWS = {"sent": "→", "received": "←", "console": "▷", "event": "·"}
VERBS = {"sent": N_("sent"), "received": N_("received"), "console": N_("printed")}


@dataclass(frozen=True)
class Row:
    """One row, harmless wherever it is shown.

    Attributes:
        ms: Milliseconds since the check began.
        who: The speaker.
        kind: `sent` and `received` as seen by a client, `console` for what a program printed,
            `event` for a fact.
        text: What was said, control bytes and line ends as escapes.
    """

    ms: float
    who: str
    kind: str
    text: str

    @property
    def arrow(self) -> str:
        """The kind as a sign."""
        return ARROWS.get(self.kind, ARROWS["event"])

    @property
    def verb(self) -> str:
        """The kind as a word; empty for a fact, which says itself what happened."""
        return _(VERBS.get(self.kind, ""))


def rows(check: CheckResult) -> list[Row]:
    """Return all rows of a check, the latest last.

    What a program prints in one go is one row: a log must not push the talk away. What its
    threads did is not on the wire.
    """
    made: list[Row] = []
    said = (event for event in check.transcript if event["dir"] != "thread")
    for _key, run in itertools.groupby(said, lambda e: (e["who"], e["dir"])):
        events = list(run)
        lines = "".join(str(event["text"]) for event in events).splitlines()
        if events[0]["dir"] != "console" or len(lines) < 2:
            made += map(_row, events)
            continue
        text = ngettext("… {count} line", "… {count} lines", len(lines)).format(count=len(lines))
        made += [_row({**events[0], "dir": "folded", "text": text})]
    return made


def _row(event: dict[str, object]) -> Row:
    kind, text = str(event["dir"]), str(event["text"])
    if kind in ("sent", "received", "console"):
        text = repr(text)[1:-1]
    return Row(
        float(str(event["t"])) * 1000,
        line(str(event["who"])),
        "console" if kind == "folded" else kind,
        plain(text),
    )
