"""What a whole class is graded by: the same for all, and recorded in each result."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from autograder.fence import Tier
from autograder.grading import rubric
from autograder.grading.request import CHECKS
from autograder.grading.submission import content_digest


@dataclass(frozen=True)
class Settings:
    """The conditions of a run.

    Attributes:
        rubric: The file of the points, in a folder with nothing but the checks that come with it:
            a copy that nobody edits meanwhile.
        seed: Of everything random, one for all.
        language: Of stories and hints.
        tier: Of the sandbox that programs run in.
    """

    rubric: Path
    seed: int
    language: str
    tier: Tier

    def conditions(self) -> dict[str, Any]:
        """Return what an environment must hold for its result to be as good as a new one."""
        return {
            **kit(),
            "rubric": _digest(self.rubric.parent),
            "sandbox": self.tier.name,
            "seed": self.seed,
            "language": self.language,
        }


def kit() -> dict[str, str]:
    """Return what grades: the version of the kit, and the checks, which may have been edited."""
    return {"kit": version("lab4"), "checks": _digest(CHECKS)}


def digest_of(rubric_file: Path) -> str:
    """Return what `conditions` says of a rubric, wherever it lies.

    Raises:
        RubricError: it is broken.
        OSError: it cannot be copied.
    """
    with tempfile.TemporaryDirectory(prefix="lab4-") as folder:
        return _digest(rubric.copy(rubric_file, Path(folder, "rubric")).parent)


def files_of(folder: Path) -> list[Path]:
    """Return the relative paths of all files below a folder, sorted, but what Python made there."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder) for path in paths if "__pycache__" not in path.parts)


def _digest(folder: Path) -> str:
    return content_digest(folder, files_of(folder))
