"""What happened in a check, told in numbered steps of plain language."""

from __future__ import annotations

from collections.abc import Callable

from autograder.i18n import N_, _

# People of the stories. Any other name is told as it is written.
NAMES = {
    "anna": N_("Anna"),
    "boris": N_("Boris"),
    "vera": N_("Vera"),
    "gleb": N_("Gleb"),
    "dasha": N_("Dasha"),
    "egor": N_("Egor"),
}
MOST_STEPS = 60  # of a story; a crowd is told as one step


def named(name: str) -> str:
    """Return how a story calls `name` in the language in force."""
    return _(NAMES.get(name, name))


def one_of_many(kind: str, number: int) -> str:
    """Return a name for the person with a number from 1: usera to userz, useraa, and so on.

    Of letters only, for servers that want no others in names.
    """
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("a") + place) + letters
    return kind + letters


class Story:
    """Steps in order; when a check fails, the last one is the step that failed.

    Args:
        tell: Called with each step before it is done.
    """

    def __init__(self, tell: Callable[[str], None] | None = None) -> None:
        self.steps: list[str] = []
        self._tell = tell
        self._left_out = 0

    def step(self, text: str) -> None:
        """Tell one step; the one before it is thereby done."""
        if len(self.steps) >= MOST_STEPS:  # keep the beginning and the latest
            del self.steps[MOST_STEPS // 2]
        self.steps.append(text)
        if self._tell:
            self._tell(text)
