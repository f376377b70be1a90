"""All submissions of a run on one page: `lab4/summary/v1`, one row a submission."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from autograder.grading import atomic
from autograder.grading.result import Outcome, Result
from autograder.reports import harmless

SCHEMA = "lab4/summary/v1"


@dataclass(frozen=True)
class Row:
    """What is told of one submission; all else is in its result file.

    Attributes:
        key: The name of its result file without the suffix.
        name: How people call it.
        source: Where it came from.
        participant: The number that the learning platform knows it by.
    """

    key: str
    name: str
    source: str
    participant: str | None
    sha256: str | None
    outcome: Outcome
    reason: str | None
    score: int
    max_score: int
    duration_s: float

    @classmethod
    def of(cls, result: Result) -> Row:
        """Return the row of a finished submission.

        Raises:
            KeyError: the result was not written by a run of a class.
        """
        about = result.submission
        return cls(
            about["key"],
            about["name"],
            about["source"],
            about["participant"],
            about["sha256"],
            result.outcome,
            result.reason,
            result.score,
            result.max_score,
            result.duration_s,
        )


@dataclass
class Summary:
    """A run so far.

    Attributes:
        conditions: What all are graded by, see `Settings.conditions`.
        keys: Of all submissions of the run, in the order in which they are told.
        rows: Of those that are finished, by key.
    """

    conditions: Mapping[str, Any]
    keys: tuple[str, ...]
    rows: dict[str, Row] = field(default_factory=dict)

    def in_order(self) -> list[Row]:
        """Return the rows there are, in the order of the submissions."""
        return [self.rows[key] for key in self.keys if key in self.rows]

    def with_outcome(self, outcome: Outcome) -> list[Row]:
        """Return the rows that ended so, in the order of the submissions."""
        return [row for row in self.in_order() if row.outcome == outcome]

    def mean(self) -> float | None:
        """Return the mean score of what was graded, None if nothing was."""
        scores = [row.score for row in self.with_outcome("graded")]
        return sum(scores) / len(scores) if scores else None

    def write(self, path: Path) -> None:
        """Replace the file at `path` in one step.

        Raises:
            OSError: it cannot be written; the old file is then untouched.
        """
        rows = self.in_order()
        told = {
            "schema": SCHEMA,
            **self.conditions,
            "planned": len(self.keys),
            "outcomes": Counter(row.outcome for row in rows),
            "mean": self.mean(),
            "submissions": [asdict(row) for row in rows],
        }
        atomic.write(path, f"{harmless.json_of(told, indent=1)}\n".encode())


def seed_of(path: Path) -> int | None:
    """Return the seed that the summary at `path` names, None if there is none."""
    try:
        told = json.loads(path.read_bytes())
        seed = told["seed"] if told["schema"] == SCHEMA else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return seed if isinstance(seed, int) else None


def contents(path: Path) -> tuple[int, list[str]]:
    """Return how many works a summary is about, and the keys of those that are finished.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no summary.
    """
    told = json.loads(path.read_bytes())
    try:
        if told["schema"] != SCHEMA:
            raise ValueError(f"{path} is no {SCHEMA}")
        return told["planned"], [row["key"] for row in told["submissions"]]
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} is no {SCHEMA}") from error
