"""Marks what a failure is about: the line that should not have come, or that never came."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from autograder.i18n import _
from autograder.reports.diagram.events import Lane, shown
from autograder.reports.diagram.step import Step

MOST_FOCUS = 500  # characters


class Passage(NamedTuple):
    """What a result says of a line: who receives it, and what it contains."""

    to: str
    text: str


def passage(value: object) -> Passage | None:
    """Return what a field of a result says, which is not trusted; None if it says nothing."""
    if not isinstance(value, dict):
        return None
    to, text = value.get("to"), value.get("text")
    if not (isinstance(to, str) and isinstance(text, str)):
        return None
    return Passage(to[:MOST_FOCUS], text[:MOST_FOCUS])


def mark(steps: list[Step], lane: Lane, text: str, program: Lane) -> None:
    """Mark the last message to `lane` that is about the line; add it if it is not there."""
    for place in range(len(steps) - 1, -1, -1):
        step = steps[place]
        if step.role == "about" and lane in step.to:
            if len(step.to) > 1:  # to the others it came rightly
                step.to.remove(lane)
                step = replace(step, to=[lane], pieces={lane: step.pieces.pop(lane)})
                steps.insert(place + 1, step)
            step.role = "wrong"
            return
    steps.append(Step("message", None, program, shown(text), [lane], role="wrong"))


def add_missing(steps: list[Step], lane: Lane, text: str, program: Lane) -> None:
    """Add what never came to `lane`, from the thread that had it last, if that is known."""
    about = [step for step in steps if step.role == "about"]
    had = [one for step in about for one in step.to]
    had += [step.toward for step in about if step.toward]
    source = next((one for one in had if one.kind == "thread"), program)
    said = _("never came: {text}").format(text=text) if text else _("nothing came")
    steps.append(Step("missing", None, source, shown(said), [lane]))
