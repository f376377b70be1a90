"""What a cell answers in words: right, wrong, not done yet, and how a prediction compares."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from lab4nb.language import say

# Legible on the white and on the dark page of JupyterLab alike.
COLOURS = {
    "right": "#3f9d5f",
    "wrong": "#d65f5f",
    "todo": "#d08a2e",
    "guess": "#9a7fd1",
    "note": "#4c8dd6",
    "symptom": "#d65f5f",
}
MARKS = {"right": "✓", "wrong": "✗", "todo": "…", "guess": "?", "note": "→", "symptom": "✗"}


@dataclass(frozen=True)
class Box:
    """A paragraph with a coloured edge; as the last value of a cell it is shown.

    Attributes:
        kind: `right`, `wrong`, `todo` (not done yet), `guess` (no prediction made),
            `note`, or `symptom` (what is wrong with a broken server).
        text: Plain text; what stands in `backticks` is code, lines stay lines.
    """

    kind: str
    text: str

    def __repr__(self) -> str:
        return f"{MARKS[self.kind]} {self.text}"

    def _repr_html_(self) -> str:
        text = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(self.text, quote=False))
        colour = COLOURS[self.kind]
        return (
            f'<div class="lab4-{self.kind}" style="border-left: 4px solid {colour}; '
            f'background: {colour}1f; padding: .5em .9em; margin: .3em 0; max-width: 46em">'
            f'<b style="color: {colour}">{MARKS[self.kind]}</b> '
            f"{text.replace(chr(10), '<br>')}</div>"
        )


def right(name: str, **values: object) -> Box:
    """Return the words called `name` as the praise of what is right."""
    return Box("right", say(name, **values))


def wrong(name: str, **values: object) -> Box:
    """Return the words called `name` as what is wrong and what to do."""
    return Box("wrong", say(name, **values))


def todo(name: str, **values: object) -> Box:
    """Return the words called `name` as what is still to be done."""
    return Box("todo", say(name, **values))


def note(name: str, **values: object) -> Box:
    """Return the words called `name` as something worth knowing."""
    return Box("note", say(name, **values))


def compare(guess: object, value: object) -> Box:
    """Return how a prediction compares with what came; `...` is no prediction yet."""
    if guess is ...:
        return Box("guess", say("boxes.no_guess", value=value))
    if guess == value:
        return right("boxes.guessed", value=value)
    return note("boxes.guessed_otherwise", guess=guess, value=value)
