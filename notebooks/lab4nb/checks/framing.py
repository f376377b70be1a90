"""Notebook 2: does a decoder find the lines in a stream of bytes however it is cut?"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Protocol

from lab4nb import work
from lab4nb.boxes import Box, note, right, todo, wrong

LINES = ["Привет!", "Как дела?", "Жду ☕", "🙂"]
DATA = "".join(f"{line}\n" for line in LINES).encode()
RANDOM_CUTS = 200


class Decoder(Protocol):
    """What a decoder can do."""

    def receive_data(self, data: bytes) -> object:
        """Take the next bytes; return the lines that they complete."""


def pieces_of(data: bytes, size: int) -> list[bytes]:
    """Return data as recv(size) brings it."""
    return [data[start : start + size] for start in range(0, len(data), size)]


def cuts() -> Iterable[list[bytes]]:
    """Return many ways to cut DATA: every size of recv, then at random."""
    yield from (pieces_of(DATA, size) for size in range(len(DATA), 0, -1))
    dice = random.Random(4)
    for _number in range(RANDOM_CUTS):
        places = sorted(dice.sample(range(1, len(DATA)), 6))
        yield [DATA[i:j] for i, j in zip([0, *places], [*places, len(DATA)], strict=True)]


def lines(make: Callable[[], Decoder]) -> Box:
    """Feed the decoder with DATA in many pieces; say the first way in which it is wrong."""
    ways = 0
    for pieces in cuts():
        decoder, got = make(), []
        try:
            for piece in pieces:
                new = decoder.receive_data(piece)
                if new is ...:
                    return todo("boxes.exercise_not_done")
                if not isinstance(new, list):
                    return wrong("framing.no_list", got=repr(new))
                got += new
        except UnicodeDecodeError:
            return wrong("framing.decoded_early", pieces=_shown(pieces))
        except Exception as error:  # whatever a student's code raises is told in words
            return wrong("boxes.raised", error=repr(error))
        if got != LINES:
            name = "framing.empty_too" if [x for x in got if x] == LINES else "framing.wrong"
            return wrong(name, pieces=_shown(pieces), got=got, wanted=LINES)
        ways += 1
    return right("framing.right", count=ways)


def _shown(pieces: list[bytes]) -> str:
    text = "  ".join(repr(piece)[1:] for piece in pieces[:4])
    return text + ("  …" if len(pieces) > 4 else "")


@work.in_words
def wire() -> Box:
    """Try the decoder of the student's wire.py in the same way."""
    student = work.module("wire")
    if not hasattr(student, "LineDecoder"):
        return note("framing.own_design")
    if not student.LineDecoder().receive_data(b"a\n"):
        return todo("boxes.not_done_in", file="wire.py", said="TODO(4.2)")
    tried = lines(student.LineDecoder)
    if tried.kind != "right":
        return tried
    endless = student.LineDecoder(limit=1000)
    said = [line for _number in range(100) for line in endless.receive_data(b"a" * 100)]
    if said != [None]:
        return wrong("framing.no_limit", said=said)
    return right("framing.wire_right")
