"""What to grade, and how: the question that `session.grade` answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHECKS = ROOT / "tests" / "graded"

Progress = Callable[[int, int, str], None]  # checks done, checks in all, id of the next check
Tell = Callable[[str, str, str], None]  # a check, its server program or "", a step to be done


class SessionError(Exception):
    """The checks could not be run at all; the message says why and what to do."""


@dataclass(frozen=True)
class Request:
    """One submission to grade.

    Attributes:
        path: The folder of the submission.
        level: Only the checks of this level; None for all.
        seed: Of everything random; None for a new one.
        rubric: The points.
        file: Where to write the result after every check; None for nowhere.
        language: Of stories and hints.
        to_first_failure: Whether to run no more checks once one has failed.
        only: The one check that is asked for, besides those that it needs; None for all.
        held: Whether somebody may look at a step for as long as they like.
    """

    path: Path
    level: int | None
    seed: int | None
    rubric: Path
    file: Path | None
    language: str
    to_first_failure: bool = False
    only: str | None = None
    held: bool = False
