"""Chooses what of a long story is drawn: what the failure is about, and what is near it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from autograder.i18n import _, ngettext
from autograder.reports.diagram.events import Lane, called
from autograder.reports.diagram.step import Step

MOST_ROWS = 26  # with the gaps between them a page can show it
MOST_ABOUT = 14  # of them about the line in question: the first and the last ones
AROUND = (8, 6)  # rows before and after such a line that are worth seeing
BEFORE_END = 8
FLOOD = 4  # rows of the same
MOST_LANES = {"client": 7, "thread": 5}  # as many fit beside each other on 900 pixels


def rows(steps: Sequence[Step]) -> list[Step]:
    """Return the rows to draw, in order; what is left out between them is counted in gaps."""
    steps = _runs(steps)
    shown: list[Step] = []
    only: list[Lane] = []
    if len(steps) > MOST_ROWS:
        steps, only = _concerned(steps)
    nearest, before = _nearest(steps), -1
    if only:
        names = ", ".join(called(lane) for lane in only)
        text = _("only what concerns {names}").format(names=names)
        if nearest[0]:
            text = f"{_gap(nearest[0], first=True)}; {text}"
            before = nearest[0] - 1
        shown.append(Step("gap", None, None, text))
    for place in nearest:
        left_out = place - before - 1
        if left_out == 1 and before >= 0:
            shown.append(steps[place - 1])
        elif left_out:
            shown.append(Step("gap", None, None, _gap(left_out, first=before < 0)))
        shown.append(steps[place])
        before = place
    begun = {step.read for step in shown}
    return [step for step in shown if step.kind != "read" or step in begun]


def _runs(steps: Sequence[Step]) -> list[Step]:
    """Return the steps, a flood of the same line as one."""
    rows: list[Step] = []
    for what, run in itertools.groupby(steps, lambda s: (s.kind, s.lane, s.text, s.role, s.read)):
        same = list(run)
        if len(same) >= FLOOD and what[0] in ("message", "note"):
            to = list(dict.fromkeys(lane for step in same for lane in step.to))
            same = [replace(same[0], to=to, times=len(same), more=0, pieces={})]
        rows += same
    return rows


def _concerned(steps: Sequence[Step]) -> tuple[list[Step], list[Lane]]:
    """Return the steps of those whom the failure is about, and who that is, if it is a few."""
    # What is printed repeats what is sent, most often.
    told = [step for step in steps if step.kind != "print" or step.role]
    marked = [step for step in steps if step.kind == "missing" or step.role == "wrong"]
    speakers = [step.lane for step in steps if step.role and step.kind == "message" and step.lane]
    who = dict.fromkeys([*speakers[:1], *(lane for step in marked for lane in step.to)])
    clients = [lane for lane in who if lane.kind == "client"]
    everybody = {lane for step in told for lane in step.lanes() if lane.kind == "client"}
    if not marked or len(told) <= MOST_ROWS or len(everybody) <= MOST_LANES["client"]:
        return told, []
    close = [step for step in told if _is_close(step, clients) or step in marked]
    begun = {step.read for step in close}
    return [step for step in close if step.kind != "read" or step in begun], clients


def _is_close(step: Step, clients: Sequence[Lane]) -> bool:
    """Return whether a step tells something of some clients, or of all: that one has left."""
    if step.kind == "message":
        return bool(step.role) or not set(clients).isdisjoint(step.lanes())
    return step.kind == "read" or not (step.lane and step.lane.kind == "thread")


def _nearest(steps: Sequence[Step]) -> list[int]:
    """Return the places of the rows that are nearest to the line in question, and to the end."""
    last = len(steps) - 1
    about = [n for n, step in enumerate(steps) if step.role or step.kind == "missing"]
    about = [*about[: MOST_ABOUT // 2], *about[-MOST_ABOUT // 2 :]]
    near = {} if about else {n: last - n for n in range(len(steps))}
    for anchor, before, after in [(n, *AROUND) for n in about] + [(last, BEFORE_END, 0)]:
        for n in range(max(0, anchor - before), min(last, anchor + after) + 1):
            near[n] = min(near.get(n, MOST_ROWS), abs(anchor - n))
    return sorted(sorted(near, key=lambda n: (near[n], -n))[:MOST_ROWS])


def _gap(count: int, *, first: bool) -> str:
    if first:
        return ngettext("… {count} earlier", "… {count} earlier", count).format(count=count)
    return _("… {count} more").format(count=count)


def chosen(kind: str, everybody: Sequence[Lane], shown: Sequence[Step]) -> list[Lane]:
    """Return the lifelines of one kind that are drawn each by itself, in order of appearance.

    The rest take no part in what is shown, or there is no room for them.
    """
    worth = dict.fromkeys(everybody, 0)
    for step in shown:
        for lane in step.lanes():
            if lane in worth:
                speaks = lane == step.lane and step.kind == "message"
                marked = step.role == "wrong" or step.kind == "missing"
                worth[lane] += 1 + 10 * speaks + 100 * bool(step.role and speaks) + 10_000 * marked
    involved = sorted((lane for lane in worth if worth[lane]), key=lambda one: -worth[one])
    idle = [lane for lane in worth if not worth[lane]]
    most = MOST_LANES[kind]
    if len(involved) + len(idle) <= most + 1 and len(idle) < 2:
        kept = {*involved, *idle}
    else:
        kept = set(involved[:most])
    return [lane for lane in everybody if lane in kept]
