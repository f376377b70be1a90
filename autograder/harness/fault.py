"""What an accounting of the history found."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.harness.passage import Passage


@dataclass(frozen=True)
class Fault:
    """The first thing that is wrong, in the words of `Unmet`."""

    expected: str
    actual: str
    cause: str = ""
    hint: str = ""
    missing: Passage | None = None
    offending: Passage | None = None
