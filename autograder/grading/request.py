"""What to grade, and how: the question that `session.grade` answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHECKS = ROOT / "tests" / "graded"


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
    """

    path: Path
    level: int | None
    seed: int | None
    rubric: Path
    file: Path | None
    language: str
    to_first_failure: bool = False
