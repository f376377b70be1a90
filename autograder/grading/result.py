"""The result of one submission: `lab4/result/v1`, written whole after every check."""

from __future__ import annotations

import json
import platform
import secrets
import shutil
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

SCHEMA = "lab4/result/v1"

Status = Literal["passed", "failed", "skipped", "error"]
Outcome = Literal["graded", "not_gradable", "grader_fault"]


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
    duration_s: float = 0.0


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
        """Return the result as the file has it, the schema first."""
        fields = asdict(self)
        return {"schema": fields.pop("schema"), **fields}


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
        "sandbox": "none",
        "seed": seed,
        "hidden_checks": hidden_checks,
    }


def write(result: Result, path: Path) -> None:
    """Replace the file at `path` in one step: a reader sees the old result or the new one.

    Raises:
        OSError: the folder does not exist, the disk is full; the old file is then untouched.
    """
    text = json.dumps(result.as_dict(), ensure_ascii=False, indent=1)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        # Not tempfile's: that would be closed to others, whatever the umask says.
        with draft.open("x", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text + "\n")
        if path.exists():
            shutil.copymode(path, draft)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def read(path: Path) -> Result:
    """Read a result file back.

    Raises:
        ValueError: the file is not a result of this schema.
        OSError: it cannot be read.
    """
    fields = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(fields, dict) or fields.get("schema") != SCHEMA:
        raise ValueError(f"{path} is not a {SCHEMA} file: make one with lab4 check --json")
    checks = [CheckResult(**check) for check in fields.pop("checks")]
    return Result(**fields, checks=checks)
