"""The result of one submission: `lab4/result/v1`, written whole after every check."""

from __future__ import annotations

import json
import math
import platform
import re
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from autograder import fence, i18n
from autograder.grading import atomic, shape
from autograder.i18n import _

SCHEMA = "lab4/result/v1"

Status = Literal["passed", "failed", "skipped", "error"]
Outcome = Literal["graded", "not_gradable", "grader_fault"]


class ResultError(ValueError):
    """A file is not a result; the message says why and what to do."""


@dataclass
class CheckResult:
    """One check: what was seen, and what it is worth.

    Attributes:
        id: Of DESIGN, the rubric and the tests.
        level: 1 to 3; 0 for a gate.
        status: `error` means that the grader failed, never the student.
        story: Numbered steps in plain language; of a failed check the last one failed.
        evidence: How the grader knows that nothing (more) came, where it claims that.
        transcript: Who sent and received which bytes, and when (seconds).
        stacks: Where every thread of the program was, if it hung.
        trail: What the program did with its sockets that led there; sentences in order.
        suspects: Lines of the source that are worth a look, and why.
        missing: The line that never came: whose it is (`from`; empty for the program's own),
            who should have received it (`to`), and what it contains (`text`).
        offending: The same of the line that should not have come, or not like that.
    """

    id: str
    level: int
    status: Status
    points: int
    max_points: int
    title: str
    story: list[str] = field(default_factory=list)
    expected: str = ""
    actual: str = ""
    cause: str = ""
    hint: str = ""
    evidence: str | None = None
    transcript: list[dict[str, object]] = field(default_factory=list)
    stderr_tail: str = ""
    stacks: str | None = None
    trail: list[str] = field(default_factory=list)
    suspects: list[str] = field(default_factory=list)
    missing: dict[str, str] | None = None
    offending: dict[str, str] | None = None
    duration_s: float = 0.0

    def ended_as(self, other: CheckResult) -> bool:
        """Return whether two runs of a check ended alike.

        Numbers may differ: times of day, seconds, ports.
        """
        actual = {re.sub(r"\d+", "0", check.actual) for check in (self, other)}
        return self.status == other.status and len(actual) == 1


@dataclass
class Result:
    """One submission."""

    submission: dict[str, Any]
    environment: dict[str, Any]
    dialect: dict[str, Any] | None = None
    outcome: Outcome = "graded"
    reason: str | None = None
    score: int = 0
    max_score: int = 0
    duration_s: float = 0.0
    checks: list[CheckResult] = field(default_factory=list)
    schema: str = SCHEMA

    def as_dict(self) -> dict[str, Any]:
        """Return the result as the file has it, the schema first; the values stay its own."""
        checks = [vars(check) for check in self.checks]
        return {"schema": self.schema} | vars(self) | {"checks": checks}


def environment(seed: int | None, *, hidden_checks: int = 0) -> dict[str, Any]:
    """Return what a result says about where it was made.

    Args:
        seed: Of everything random.
        hidden_checks: How many checks there are that this kit does not have.
    """
    return {
        "python": platform.python_version(),
        "os": platform.platform(),
        "kit": version("lab4"),
        "sandbox": fence.current().name,
        "seed": seed,
        "hidden_checks": hidden_checks,
        "language": i18n.language(),
    }


def write(result: Result, path: Path) -> None:
    """Replace the file at `path` in one step: a reader sees the old result or the new one.

    Raises:
        OSError: the folder does not exist, the disk is full; the old file is then untouched.
    """
    text = json.dumps(result.as_dict(), ensure_ascii=False, indent=1)
    atomic.write(path, f"{text}\n".encode(errors="backslashreplace"))


def read(path: Path) -> Result:
    """Read a result file back.

    Raises:
        ResultError: the file is broken, or no result of this schema.
        OSError: it cannot be read.
    """
    try:
        fields = json.loads(path.read_bytes(), parse_float=_finite, parse_constant=_finite)
        if not isinstance(fields, dict) or fields.get("schema") != SCHEMA:
            raise ResultError(
                _("{path} is not a {schema} file: make one with lab4 check --json").format(
                    path=path, schema=SCHEMA
                )
            )
        return shape.build(Result, fields)
    except ResultError:
        raise
    except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, another shape
        raise ResultError(
            _("{path} is a broken result: {error}; make it again with lab4 check --json").format(
                path=path, error=error
            )
        ) from error


def _finite(number: str) -> float:
    if not math.isfinite(value := float(number)):
        raise ValueError(f"{number[:20]} is no finite number")
    return value
