"""Six broken servers without names, and the examinations that a doctor can order.

The patients are programs of tests/corpus/broken, each with one fault. An examination is a story
that the grader's harness plays with a server; what it saw is all that the doctor learns.
"""

from __future__ import annotations

import functools
import hashlib
import html
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.chat import Chat
from autograder.grading.result import CheckResult
from autograder.harness import labels, lifecycle
from autograder.harness.backpressure import flood_past
from autograder.harness.program import Chaos
from autograder.harness.room import Room, hear_each_other
from autograder.harness.unmet import Unmet
from autograder.trust import corpus
from lab4nb import spacetime, work
from lab4nb.boxes import Box, todo
from lab4nb.language import say

# What ails whom; the key is what a doctor writes into the chart.
DISEASES = {
    "recv": "recv_is_a_message",
    "door": "name_read_in_accept_loop",
    "wait": "sends_under_lock",
    "spin": "spins_silently_after_leave",
    "place": "number_is_list_index",
    "twice": "lock_taken_twice",
}
HEALTHY_TOO = ("echo", "torn")  # diagnoses that nobody has
REVEALS = {
    "recv": "pieces",
    "door": "silent",
    "wait": "slow",
    "spin": "rest",
    "place": "numbers",
    "twice": "leave",
}


def _talk(chat: Chat) -> None:
    hear_each_other(_room(chat).enter("anna", "boris", "vera"), rounds=1)


def _pieces(chat: Chat) -> None:
    room = _room(chat, Chaos(most_bytes=1))
    anna, boris = room.enter("anna", "boris")
    boris.hears(anna.says(text="привет {}"))


def _leave(chat: Chat) -> None:
    first, *others = _room(chat).enter("anna", "boris", "vera")
    hear_each_other([first, *others], rounds=1)
    first.leaves()
    hear_each_other(others, rounds=3)


def _numbers(chat: Chat) -> None:
    room = _room(chat)
    anna, boris, vera = people = room.enter("anna", "boris", "vera")
    hear_each_other(people, rounds=1)
    before = {author: labels.label_heard_from(vera, author) for author in (anna, boris)}
    anna.leaves()
    room.settle()
    labels.is_still_called(boris, vera, before)


def _silent(chat: Chat) -> None:
    room = _room(chat)
    room.somebody_silent("egor")
    hear_each_other(room.enter("anna", "boris"), rounds=1)


def _slow(chat: Chat) -> None:
    room = _room(chat, Chaos(send_buffer=16384))
    (anna,) = room.enter("anna")
    (egor,) = room.enter("egor", frozen=True, receive_buffer=4096)
    boris, vera = room.enter("boris", "vera")
    flood_past(egor, authors=[anna, vera], listeners=[anna, boris, vera])


def _rest(chat: Chat) -> None:
    room = _room(chat)
    people = room.enter("anna", "boris", "vera")
    hear_each_other(people, rounds=1)
    people[1].leaves()
    lifecycle.rests(chat.servers[-1], room)


def _room(chat: Chat, chaos: Chaos | None = None) -> Room:
    return chat.room(chat.start(chaos=chaos) if chaos else chat.servers[-1])


EXAMS: dict[str, Callable[[Chat], None]] = {
    "talk": _talk,
    "pieces": _pieces,
    "leave": _leave,
    "numbers": _numbers,
    "silent": _silent,
    "slow": _slow,
    "rest": _rest,
}


@dataclass(frozen=True)
class Report:
    """What an examination showed.

    Attributes:
        healthy: Whether there is nothing to complain of.
        told: The story, step by step; if it failed, what was expected and what came.
        stacks: Where the server's threads stood, where that explains something.
        seen: What was on the wire, and which line the complaint is about.
    """

    healthy: bool
    told: tuple[str, ...]
    stacks: str
    seen: CheckResult

    def __repr__(self) -> str:
        return "\n".join(self.told)

    def _repr_html_(self) -> str:
        box = Box("note" if self.healthy else "symptom", "\n".join(self.told))
        parts = [box._repr_html_()]
        if not self.healthy:
            parts.append(spacetime.draw(self.seen)._repr_html_())
        if self.stacks:
            parts.append(
                f"<details><summary>{say('clinic.stacks')}</summary>"
                f'<pre style="font-size: .85em">{html.escape(self.stacks)}</pre></details>'
            )
        return "".join(parts)


@functools.cache
def ward() -> tuple[corpus.Specimen, ...]:
    """Return the six patients in an order that tells nothing.

    Raises:
        Missing: this copy of the kit has no broken programs.
    """
    if not (corpus.CORPUS / "broken").is_dir():
        raise work.Missing(todo("clinic.no_corpus"))
    found = [one for one in corpus.broken() if one.name in DISEASES.values()]
    return tuple(sorted(found, key=lambda one: hashlib.sha256(one.name.encode()).digest()))


def disease(number: int) -> str:
    """Return what ails a patient, as a key of DISEASES; patients are numbered from 1."""
    return next(key for key, name in DISEASES.items() if name == ward()[number - 1].name)


def examine(number: int, exam: str) -> Report | Box:
    """Play the story of an examination with a patient; patients are numbered from 1."""
    try:
        patient = ward()[number - 1]
    except work.Missing as missing:
        return missing.box
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "patient"
        patient.write(place)
        return examined(place / "server.py", exam)


def examined(script: Path, exam: str) -> Report:
    """Play the story of an examination with any server.

    Raises:
        Unmet: it does not listen at all.
    """
    with work.running(script) as chat:
        stacks, healthy = "", False
        seen = CheckResult(exam, 3, "failed", 0, 0, say("clinic.drawing"))
        chat.story.steps.clear()
        try:
            EXAMS[exam](chat)
            complaint, healthy = [say("clinic.no_complaint")], True
        except Unmet as unmet:
            seen.expected, seen.actual = unmet.expected, unmet.actual
            seen.missing = unmet.missing.as_dict() if unmet.missing else None
            seen.offending = unmet.offending.as_dict() if unmet.offending else None
            seen.transcript = chat.happenings(unmet.about)
            expected = say("work.expected", text=unmet.expected)
            complaint = [expected, say("work.actual", text=unmet.actual)]
            stacks = unmet.stacks or chat.servers[-1].stacks() or ""
        steps = [f"{number}. {step}" for number, step in enumerate(chat.story.steps, 1)]
    stacks = stacks.replace(f"{script.parent}{os.sep}", "")
    return Report(healthy, (*steps, *complaint), stacks, seen)
