"""Names under which works and their results are known: safe on every system, and none twice."""

from __future__ import annotations

import itertools
import re
import unicodedata

from autograder.intake.paths import spelled

MOST_KEY = 60  # letters; the path around it needs room too


class Register:
    """Hands out names and keys; the same works in the same order get the same ones."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def unique(self, wanted: str, numbered: str) -> str:
        """Return a name that nobody has yet, not even in other case.

        Args:
            wanted: It, if it is free.
            numbered: How the second and later ones are written, with a place for the number.
        """
        for number in itertools.count(1):
            name = wanted if number == 1 else wanted + numbered.format(number)
            same = unicodedata.normalize("NFC", name.casefold())
            if same not in self._taken:
                self._taken.add(same)
                return name
        raise AssertionError("numbers do not end")


def key_of(name: str, participant: str | None) -> str:
    """Return a name for files: letters and digits of any script, joined by dashes."""
    words = re.findall(r"\w+", unicodedata.normalize("NFC", name).replace("_", " "))
    key = "-".join(words)[:MOST_KEY].rstrip("-")
    if participant and not key.endswith(participant):
        key += f"-{participant}"
    return spelled(key or "work")
