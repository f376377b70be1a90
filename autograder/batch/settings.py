"""What a whole class is graded by: the same for all, and recorded in each result."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from autograder.fence import Tier
from autograder.grading.request import CHECKS


@dataclass(frozen=True)
class Settings:
    """The conditions of a run.

    Attributes:
        rubric: The file of the points; a copy that nobody edits meanwhile.
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
            "rubric": _digest([self.rubric]),
            "sandbox": self.tier.name,
            "seed": self.seed,
            "language": self.language,
        }


def kit() -> dict[str, str]:
    """Return what grades: the version of the kit, and the checks, which may have been edited."""
    return {"kit": version("lab4"), "checks": _digest(sorted(CHECKS.glob("*.py")))}


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()
