"""Grading with checks of a test's own, and with a part of the real ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.grading import rubric, session
from autograder.grading.request import Request
from autograder.grading.result import Result

CORRECT = Path(__file__).parents[2] / "corpus" / "correct"
GOOD = (CORRECT / "locked_list" / "server.py", CORRECT / "thread_and_stdin" / "client.py")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder with a correct server and a correct client."""
    folder = tmp_path / "work"
    folder.mkdir()
    for program in GOOD:
        text = program.read_text(encoding="utf-8")
        (folder / program.name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def points(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a rubric of some of the checks of the default one."""

    def write(*checks: str) -> Path:
        lines = rubric.DEFAULT.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if line[:1] == "[" or line.split(" ")[0] in checks]
        path = tmp_path / "rubric.toml"
        path.write_text("\n".join(kept), encoding="utf-8")
        return path

    return write


@pytest.fixture
def own_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that replaces the graded checks by source text."""

    def replace(source: str) -> None:
        folder = tmp_path / "checks"
        folder.mkdir()
        (folder / "test_own.py").write_text(f"import pytest\n{source}", encoding="utf-8")
        monkeypatch.setattr(session, "CHECKS", folder)

    return replace


@pytest.fixture
def grade(work: Path) -> Callable[..., Result]:
    """Return a function that grades `work`."""

    def grade(
        points: Path = rubric.DEFAULT,
        *,
        level: int | None = None,
        seed: int | None = 1,
        file: Path | None = None,
    ) -> Result:
        request = Request(work, level, seed, points, file, "en")
        return session.grade(request, lambda done, total, check: None)

    return grade
