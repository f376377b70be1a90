"""A fault of the grader is told as one, costs one submission, and keeps what was known."""

from __future__ import annotations

import dataclasses
import errno

import pytest

from autograder import fence
from autograder.batch import job
from autograder.batch.job import Job
from autograder.batch.settings import Settings
from autograder.grading import result, rubric, session
from autograder.grading.result import CheckResult, Result
from autograder.intake import Entry


@pytest.fixture
def one(tmp_path):
    """A job."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "server.py").touch()
    entry = Entry("Anna", "anna", "works/anna", folder=tmp_path / "work", sha256="ab")
    points = rubric.copy(rubric.DEFAULT, tmp_path / "rubric")
    return Job(entry, Settings(points, 7, "en", fence.T0), tmp_path / "draft.json")


@pytest.fixture
def failing(monkeypatch):
    """Return a function that makes the grading raise something."""

    def fail(error: Exception) -> None:
        def grade(request, progress):
            raise error

        monkeypatch.setattr(session, "grade", grade)

    return fail


def test_a_fault_keeps_the_checks_that_were_run(one):
    relay = CheckResult("relay", 1, "passed", 15, 15, "Relay")
    result.write(Result({"name": "x"}, {"seed": 7}, score=15, checks=[relay]), one.draft)
    found = job.fault(one, "it rains")
    assert (found.outcome, found.reason) == ("grader_fault", "the grader itself failed: it rains")
    assert found.checks == [relay]


@pytest.mark.parametrize("draft", [None, "", "{"])
def test_a_fault_before_the_first_check_has_all_that_a_result_has(one, draft):
    if draft is not None:
        one.draft.write_text(draft, encoding="utf-8")
    found = job.fault(one, "it rains")
    assert (found.outcome, found.score, found.max_score, found.checks) == (
        "grader_fault",
        0,
        100,
        [],
    )
    assert found.environment.items() >= one.settings.conditions().items()


@pytest.mark.parametrize(
    "error", [session.SessionError("it rains"), PermissionError(13, "it rains"), KeyError("x")]
)
def test_an_error_of_the_grader_costs_one_submission(one, failing, error):
    failing(error)
    found = job.grade(one, print)
    assert found.outcome == "grader_fault"
    assert found.reason == f"the grader itself failed: {type(error).__name__}: {error}"


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "full"), OSError(errno.EROFS, "no"), rubric.RubricError("bad")]
)
def test_an_error_that_all_would_meet_stops_the_run(one, failing, error):
    failing(error)
    with pytest.raises(type(error)) as caught:
        job.grade(one, print)
    assert caught.value is error


def test_a_submission_without_a_folder_is_refused_with_the_reason(one):
    entry = dataclasses.replace(one.entry, folder=None, reason="it is empty")
    found = job.refusal(entry, one.settings)
    assert (found.outcome, found.reason) == ("not_gradable", "it is empty")
    assert (found.score, found.max_score) == (0, 100)
    assert found.environment.items() >= one.settings.conditions().items()
