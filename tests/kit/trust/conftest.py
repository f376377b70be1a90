"""Results that no program has earned, and a console that can be read."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from autograder.grading.result import CheckResult, Result


@pytest.fixture
def made_up() -> Callable[..., Result]:
    """Return a function that makes a result of check=status; a passed one is worth 3 points."""

    def make(**status: str) -> Result:
        found = Result({"name": "made-up"}, {"seed": 1}, duration_s=float(len(status)))
        for check, how in status.items():
            points = 3 if how == "passed" else 0
            found.checks.append(CheckResult(check, 1, how, points, 3, check))
            found.score += points
        return found

    return make


@pytest.fixture
def screen() -> Console:
    """A console; `screen.file.getvalue()` is what it shows."""
    return Console(file=io.StringIO(), width=200)
