"""What a test is to the grader: a check, of a program, played on a stage, with a result."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from autograder.grading import catalog, suspects
from autograder.grading.chat import Chat
from autograder.grading.clientbench import ClientBench
from autograder.grading.result import CheckResult, Status
from autograder.harness.unmet import Unmet
from autograder.i18n import _


def mark_of(item: pytest.Item) -> pytest.Mark:
    """Return the mark that says which check an item is; without one nothing can be graded."""
    mark = item.get_closest_marker("check")
    if mark is None:
        told = _("{test} has no id: write {mark} above it")
        pytest.exit(
            told.format(test=item.nodeid, mark='@pytest.mark.check("ID")'),
            pytest.ExitCode.USAGE_ERROR,
        )
    return mark


def program_of(item: pytest.Item) -> str:
    """Return the server program that an item is about, empty for the client."""
    return str(item.callspec.params.get("program", "")) if hasattr(item, "callspec") else ""


def stage_of(item: pytest.Item) -> Chat | ClientBench | None:
    """Return what its story was played on, None if it did not come to that."""
    arguments: dict[str, Any] = getattr(item, "funcargs", {})
    return arguments.get("chat") or arguments.get("client")


def result_of(item: pytest.Item, call: pytest.CallInfo[None], duration_s: float) -> CheckResult:
    """Return what became of an item; what it is worth is for the rubric to say."""
    check = mark_of(item).args[0]
    stage = stage_of(item)
    error = call.excinfo.value if call.excinfo else None
    status: Status = "passed"
    if isinstance(error, pytest.skip.Exception):
        status = "skipped"
    elif error is not None:
        status = "failed" if isinstance(error, Unmet) else "error"
    function = item.function if isinstance(item, pytest.Function) else None
    title = (inspect.getdoc(function) or "").partition("\n")[0].rstrip(".")
    found = CheckResult(check, 0, status, 0, 0, title, duration_s=round(duration_s, 4))
    if stage:
        found.story = stage.story.steps
        found.evidence = stage.evidence
    if status == "skipped":
        found.cause = str(error)
    if status in ("failed", "error") and stage:
        about = error.about if isinstance(error, Unmet) else ""
        found.transcript = stage.happenings(about)
        found.stderr_tail = stage.stderr_tail()
    if isinstance(error, Unmet):
        found.expected, found.actual, found.cause = error.expected, error.actual, error.cause
        found.hint = error.hint or catalog.hint(check)
        found.evidence, found.stacks, found.trail = error.evidence, error.stacks, error.trail
        found.suspects = suspects.look(stage.script, check) if stage else []
        found.missing = error.missing.as_dict() if error.missing else None
        found.offending = error.offending.as_dict() if error.offending else None
    elif status == "error":
        found.actual = f"{type(error).__name__}: {error}"
    return found
