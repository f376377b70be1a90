"""What tests of exports share: a result of each outcome, and an export that is read back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.grading.result import CheckResult, Result
from autograder.reports import exports

RUNNER = {
    "CLASSROOM": "networks",
    "ASSIGNMENT": "chat",
    "SUBMISSION_TAG": "submit/2026-11-25T10-00-00Z-abc1234",
    "COMMIT_URL": "https://github.com/x/y/commit/abc1234",
    "RELEASE_URL": "https://github.com/x/y/releases/tag/1",
    "REVIEW_URL": "https://github.com/x/y/compare/1...2",
}


@pytest.fixture(scope="session")
def made() -> Callable[..., Result]:
    """Return what makes a result of four checks, one of each status but error."""
    return _made


def _made(name: str = "Anna", score: int = 15, outcome: str = "graded", **about: object) -> Result:
    checks = [
        CheckResult("starts", 1, "passed", 5, 5, "The server starts"),
        CheckResult(
            *("broadcast", 2, "failed", 0, 10, "Everybody hears everybody"),
            story=["Anna, Boris enter.", "Anna says “hello”.", "Boris must hear “hello”."],
            expected="Boris hears “hello”",
            actual="it never came",
            cause="the message went to its author only",
            hint="Go through all clients.",
        ),
        CheckResult("crowd", 2, "skipped", 0, 6, "A crowd talks", cause="needs broadcast"),
        CheckResult("races", 3, "passed", 10, 10, "Unlucky timing changes nothing"),
    ]
    return Result(
        {"name": name, "files": ["server.py"], "sha256": "0" * 64, **about},
        {"seed": 7, "kit": "0.1.0", "language": "en"},
        outcome=outcome,
        reason=None if outcome == "graded" else "there is no server.py",
        score=score if outcome == "graded" else 0,
        max_score=31,
        duration_s=2.5,
        checks=checks if outcome != "not_gradable" else [],
    )


@pytest.fixture
def export(tmp_path: Path) -> Callable[..., bytes]:
    """Return what writes results in a format, and returns the bytes of the file."""

    def write(name: str, *results: Result, **options: object) -> bytes:
        out = tmp_path / "out"
        options = {"environment": RUNNER, **options}
        exports.write(name, results, out, exports.Options(**options))
        return out.read_bytes()

    return write
