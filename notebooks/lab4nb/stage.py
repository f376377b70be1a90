"""The scheduler's desk: the code of each thread with its next line marked, and buttons.

In JupyterLab `buttons` gives two buttons and a picture that follows. Where there are no widgets,
`look` shows the same picture for a schedule that is typed.
"""

from __future__ import annotations

import html

import ipywidgets

from lab4nb import paper
from lab4nb.boxes import Box
from lab4nb.language import say
from lab4nb.scheduler import Run, World, source


class Look:
    """A picture of a run, as HTML."""

    def __init__(self, world: World, run: Run) -> None:
        self._world, self._run = world, run

    def __repr__(self) -> str:
        steps = "\n".join(f"{who}: {text}" for who, text in self._run.steps)
        return f"{steps}\n→ {self._run.result}"

    def _repr_html_(self) -> str:
        columns = "".join(self._column(place) for place in range(len(self._run.puppets)))
        chips = "".join(
            f'<span style="background: {_colour(who)}55; padding: 0 .45em; margin-right: 2px">'
            f"{who}</span>"
            for who in self._run.schedule
        )
        shared = html.escape(f"{self._run.result}")
        return (
            f'<div style="display: flex; gap: 1.2em; flex-wrap: wrap">{columns}</div>'
            f'<p style="margin: .4em 0">{say("scheduler.shared")}: <code>{shared}</code>'
            f" &nbsp; {say('scheduler.order')}: {chips or '—'}</p>"
        )

    def _column(self, place: int) -> str:
        puppet = self._run.puppets[place]
        lines = []
        for number, line in enumerate(source(self._world.functions[place])):
            here = number == puppet.line
            mark = "▶" if here else " "
            edge = f"background: {_colour(puppet.name)}40" if here else ""
            lines.append(f'<span style="{edge}">{mark} {html.escape(line)}</span>')
        state = "scheduler.waits" if puppet.name in self._run.blocked else "scheduler.runs"
        state = "scheduler.ended" if puppet.done else state
        values = ", ".join(f"{name} = {value!r}" for name, value in puppet.variables.items())
        return (
            f'<div style="border-top: 4px solid {_colour(puppet.name)}; min-width: 17em">'
            f"<b>{puppet.name}</b> · {say(state)}"
            f'<pre style="margin: .3em 0; line-height: 1.5">{chr(10).join(lines)}</pre>'
            f"<code>{html.escape(values) or '&nbsp;'}</code></div>"
        )


def _colour(name: str) -> str:
    return paper.PALETTE[ord(name) - ord("A")]


def look(world: World, schedule: str) -> Look:
    """Return how things stand after the steps of a schedule."""
    return Look(world, world.play(schedule))


def buttons(world: World, right: object) -> ipywidgets.VBox:
    """Return a button for each thread, one to begin again, and how things stand.

    Args:
        world: Who runs.
        right: The result that is right; whoever reaches another one is congratulated.
    """
    picture, verdict = ipywidgets.HTML(), ipywidgets.HTML()
    played = ""

    def show() -> None:
        nonlocal played
        run = world.play(played)
        played = run.schedule
        picture.value = Look(world, run)._repr_html_()
        for puppet, button in zip(run.puppets, steppers, strict=True):
            button.disabled = puppet.done or puppet.name in run.blocked
        verdict.value = (
            _verdict(run, right)._repr_html_() if all(puppet.done for puppet in run.puppets) else ""
        )

    def stepper(name: str) -> ipywidgets.Button:
        button = ipywidgets.Button(
            description=say("scheduler.step", who=name),
            style={"button_color": _colour(name), "text_color": "white"},
        )

        def go(_button: object) -> None:
            nonlocal played
            played += name
            show()

        button.on_click(go)
        return button

    def again(_button: object) -> None:
        nonlocal played
        played = ""
        show()

    steppers = [stepper(name) for name in "AB"[: len(world.functions)]]
    restart = ipywidgets.Button(description=say("scheduler.again"))
    restart.on_click(again)
    show()
    return ipywidgets.VBox([ipywidgets.HBox([*steppers, restart]), picture, verdict])


def _verdict(run: Run, right: object) -> Box:
    if run.result == right:
        return Box("note", say("scheduler.came_right", result=run.result))
    return Box("right", say("scheduler.came_wrong", result=run.result, right=right))
