"""The grading on a platform: what is written in which case, and what never becomes a grade."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from autograder.batch import platform
from autograder.grading.result import CheckResult, Result

PARTLY = Result(
    {"files": []},
    {"language": "en"},
    reason="so far 1 of 2 checks",
    score=5,
    max_score=20,
    checks=[CheckResult("starts", 1, "passed", 5, 5, "The server starts")],
)
VARIABLES = ("CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL")
RUNNER = dict.fromkeys(VARIABLES, "x")


@pytest.fixture
def graded(tmp_path, monkeypatch):
    """Return a function that grades an empty work; it returns the status, the words, the file."""
    monkeypatch.setenv("LAB4_LANG", "en")
    (tmp_path / "work").mkdir()

    def run(name):
        out = tmp_path / "out.json"
        words = [name, str(tmp_path / "work"), str(out)]
        done = CliRunner().invoke(platform.main, words, env=RUNNER)
        found = json.loads(out.read_text(encoding="utf-8")) if out.exists() else None
        return done.exit_code, done.output, found

    return run


@pytest.mark.parametrize(("name", "words"), [("gradescope", "output"), ("classroom50", "message")])
def test_what_cannot_be_graded_gets_0_and_the_reason(graded, name, words):
    status, said, found = graded(name)
    assert (status, found["score"], found["tests"]) == (0, 0, [])
    assert found[words].startswith("not gradable: ")
    assert said.startswith(("T0", "T1", "T2"))  # the sandbox


@pytest.mark.parametrize("error", [OSError(28, "disk full"), RuntimeError("disk full")])
@pytest.mark.parametrize("name", platform.PLATFORMS)
def test_a_fault_is_told_and_is_no_grade(graded, monkeypatch, name, error):
    def fail(_submission, _tell):
        raise error

    monkeypatch.setattr(platform, "grade", fail)
    status, said, found = graded(name)
    assert status == 4
    assert f"the grader itself failed: {type(error).__name__}: " in said
    assert "disk full" in said
    if name == "gradescope":
        assert not {"score", "tests"} & found.keys()
    else:
        assert found is None


def test_a_platform_that_takes_no_half_result_gets_none(graded, monkeypatch):
    def cut_off(_submission, tell):
        tell(PARTLY)
        raise OSError("cut off")

    monkeypatch.setattr(platform, "grade", cut_off)
    assert graded("classroom50")[2] is None


def test_a_half_result_says_how_far_it_is(graded, monkeypatch, tmp_path):
    seen = []

    def half(_submission, tell):
        tell(PARTLY)
        seen.append(json.loads((tmp_path / "out.json").read_text(encoding="utf-8")))
        return PARTLY

    monkeypatch.setattr(platform, "grade", half)
    graded("gradescope")
    assert seen[0]["output"] == "Score: 5 of 20. so far 1 of 2 checks"
    assert len(seen[0]["tests"]) == 1
