"""Grading of programs that stand in a test as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from autograder.grading import rubric
from autograder.grading.request import Request
from autograder.grading.result import Result
from autograder.grading.session import grade as run

HERE = Path(__file__).parent


@pytest.fixture
def grade(tmp_path: Path) -> Callable[..., Result]:
    """Return a function that grades files, given by their names; a good client is added.

    `hundreds` takes as long as all other checks together: it is left out unless asked for.
    """

    def grade(files: Mapping[str, str], *, hundreds: bool = False, seed: int = 1) -> Result:
        work = tmp_path / "work"
        work.mkdir()
        client = (HERE / "client.py").read_text(encoding="utf-8")
        for name, text in {"client.py": client, **files}.items():
            (work / name).write_text(text, encoding="utf-8")
        points = rubric.DEFAULT.read_text(encoding="utf-8")
        if not hundreds:
            points = points.replace("hundreds = 0\n", "")
        (tmp_path / "rubric.toml").write_text(points, encoding="utf-8")
        request = Request(work, None, seed, tmp_path / "rubric.toml", None, "en")
        return run(request, lambda done, total, check: None)

    return grade
