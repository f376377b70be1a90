"""Files for platforms that grade one submission at a time, by the schema of each."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from autograder.reports.exports import ExportError

SCHEMAS = Path(__file__).with_name("schemas")


@pytest.fixture
def platform(export):
    """Return what exports a result, checks the file by its schema, and returns what it holds."""

    def read(name, result, **options):
        text = export(name, result, **options).decode()
        if name == "autolab":
            assert text.endswith("\n")
            held = [json.loads(line) for line in text.splitlines()]
        else:
            held = json.loads(text)
        schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
        jsonschema.validate(held, schema, jsonschema.Draft202012Validator)
        return held

    return read


@pytest.mark.parametrize("name", ["gradescope", "classroom50", "prairielearn", "autolab"])
@pytest.mark.parametrize("outcome", ["graded", "not_gradable", "grader_fault"])
@pytest.mark.parametrize("hidden", [frozenset(), frozenset({"broadcast", "races"})])
def test_every_outcome_fits_the_schema(platform, made, name, outcome, hidden):
    if (name, outcome) == ("classroom50", "grader_fault"):
        with pytest.raises(ExportError, match="the grader itself failed"):
            platform(name, made(outcome=outcome), hidden=hidden)
        return
    assert platform(name, made(outcome=outcome), hidden=hidden)


def test_gradescope_has_a_test_for_each_check(platform, made):
    held = platform("gradescope", made())
    assert held["score"] == 15
    assert [(t["number"], t["score"], t["max_score"], t["status"]) for t in held["tests"]] == [
        *[("1", 5, 5, "passed"), ("2", 0, 10, "failed"), ("3", 0, 6, "failed")],
        ("4", 10, 10, "passed"),
    ]
    assert "hint: Go through all clients." in held["tests"][1]["output"]
    assert held["output"] == "Score: 15 of 31"


def test_gradescope_says_only_how_many_checks_stay_hidden(platform, made):
    held = platform("gradescope", made(), hidden=frozenset({"broadcast", "races"}))
    assert held["output"] == "Score: 15 of 31\n2 checks stay hidden"
    *_others, hidden = held["tests"]
    assert (len(held["tests"]), hidden["name"]) == (3, "2 checks stay hidden")
    assert "status" not in hidden
    # One `hidden` test would hide the student's total.
    assert {test["visibility"] for test in held["tests"]} == {"visible"}


def test_gradescope_gets_no_score_after_a_grader_fault(platform, made):
    held = platform("gradescope", made(outcome="grader_fault"))
    assert "score" not in held
    assert "tests" not in held
    assert held["output"] == "not graded, and not by your fault: there is no server.py"


def test_a_score_of_zero_by_a_gate_stands_above_the_tests(platform, made):
    result = made(score=0)
    result.reason = "graded 0: no thread"
    for check in result.checks:
        check.points = 0
    assert platform("gradescope", result)["score"] == 0
    assert platform("prairielearn", result)["score"] == 0
    assert platform("autolab", result)[1] == {"scores": {"lab4": 0}, "scoreboard": [0]}
    assert platform("classroom50", result)["message"] == "Score: 0 of 31. graded 0: no thread"


def test_all_points_are_all_points_everywhere(platform, made):
    result = made(score=31)
    for check in result.checks:
        check.status, check.points = "passed", check.max_points
    assert platform("gradescope", result)["score"] == 31
    assert platform("prairielearn", result)["score"] == 1
    assert platform("classroom50", result)["score"] == 31
    assert platform("autolab", result)[1]["scores"] == {"lab4": 31}


@pytest.mark.parametrize("hidden", [(), ("broadcast",), ("starts", "races"), ("crowd",)])
def test_the_score_of_classroom50_is_the_sum_of_its_tests(platform, made, hidden):
    held = platform("classroom50", made(), hidden=frozenset(hidden))
    for field in ("score", "max-score"):
        assert held[field] == sum(test[field] for test in held["tests"])
    assert all(test["passed"] == (test["score"] == test["max-score"]) for test in held["tests"])


def test_classroom50_says_which_variables_are_missing(platform, made):
    with pytest.raises(ExportError, match="SUBMISSION_TAG, COMMIT_URL, RELEASE_URL, REVIEW_URL"):
        platform("classroom50", made(), environment={"CLASSROOM": "a", "ASSIGNMENT": "b"})


def test_prairielearn_grades_nothing_that_was_not_graded(platform, made):
    held = platform("prairielearn", made(outcome="not_gradable"))
    assert held["gradable"] is False
    assert held["format_errors"] == ["not gradable: there is no server.py"]


def test_prairielearn_needs_points(platform, made):
    result = made(score=0)
    result.max_score = 0
    with pytest.raises(ExportError, match="the rubric has no points"):
        platform("prairielearn", result)


def test_autolab_has_a_stage_for_each_level(platform, made):
    shown, scores = platform("autolab", made(), problem="chat", hidden=frozenset({"races"}))
    assert shown["stages"] == ["Outcome", "Level 1: two users", "Level 2: many users"]
    assert shown["Level 1: two users"] == {
        "The server starts (starts)": {"passed": True, "hint": ""}
    }
    assert shown["Outcome"]["1 check stays hidden"] == "the results of hidden checks are not shown"
    assert scores == {"scores": {"chat": 15}, "scoreboard": [15]}


def test_autolab_keeps_its_score_after_a_grader_fault(platform, made):
    assert platform("autolab", made(outcome="grader_fault"))[1] == {"scores": {}, "scoreboard": []}
    assert platform("autolab", made(outcome="not_gradable"))[1]["scores"] == {"lab4": 0}


@pytest.mark.parametrize("name", ["gradescope", "classroom50", "prairielearn", "autolab"])
def test_only_the_result_of_one_submission_is_taken(platform, export, made, name):
    with pytest.raises(ExportError, match=f"{name} takes the result of one submission, found 2"):
        export(name, made(), made())


@pytest.mark.parametrize("name", ["gradescope", "classroom50", "prairielearn", "autolab"])
def test_words_on_hidden_checks_do_not_leave_the_grader(export, made, name):
    text = export(name, made(), hidden=frozenset({"broadcast"})).decode()
    assert "never came" not in text
    assert "Everybody hears" not in text


@pytest.mark.parametrize("name", ["gradescope", "classroom50", "prairielearn", "autolab"])
def test_a_result_without_bounds_still_fits(export, made, name):
    result = made()
    failed = replace(result.checks[1], story=["я" * 5000] * 20, actual="x" * 5000)
    result.checks = [replace(failed, id=f"check{number}") for number in range(400)]
    data = export(name, result)
    assert 100_000 < len(data) <= 1_000_000


def test_what_can_never_fit_is_said(export, made):
    result = made()
    result.checks *= 2000
    with pytest.raises(ExportError, match="expected at most 1000000: export fewer results"):
        export("gradescope", result)
