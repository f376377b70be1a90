"""Notebook 1: does a function decode a text however its bytes are cut?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lab4nb.boxes import Box, right, todo, wrong

TEXT = "Аня: чай ☕ в 7? 🙂"


def decode_all(solution: Callable[[Sequence[bytes]], object]) -> Box:
    """Try the function on every way to cut a text into two pieces, and into single bytes."""
    data = TEXT.encode()
    ways = [[data[:place], data[place:]] for place in range(1, len(data))]
    ways.append([data[place : place + 1] for place in range(len(data))])
    for pieces in ways:
        place = len(pieces[0])
        try:
            got = solution(pieces)
        except UnicodeDecodeError as error:
            return wrong("river.cut_letter", place=place, error=error)
        except Exception as error:  # whatever a student's code raises is told in words
            return wrong("boxes.raised", error=repr(error))
        if got is ...:
            return todo("boxes.exercise_not_done")
        if not isinstance(got, str):
            return wrong("river.not_text", got=repr(got))
        if got != TEXT:
            return wrong("river.lost_letter", place=place, wanted=TEXT, got=got)
    return right("river.decoded", count=len(ways))
