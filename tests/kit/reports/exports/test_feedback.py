"""What a student is told: everything that helps, nothing that is hidden, in the right language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder import i18n
from autograder.grading.result import CheckResult
from autograder.reports import facts
from autograder.reports.exports import feedback


def test_a_failure_is_told_with_its_story_and_all_that_is_known(made):
    assert feedback.of_check(made().checks[1], 8000).splitlines() == [
        "1. Anna, Boris enter.",
        "2. Anna says “hello”.",
        "3. Boris must hear “hello”.",
        "expected: Boris hears “hello”",
        "actual: it never came",
        "likely cause: the message went to its author only",
        "hint: Go through all clients.",
    ]


def test_the_whole_says_the_outcome_first_and_only_what_did_not_pass(made):
    text = feedback.of_result(made(), (), 8000)
    assert text.startswith("Score: 15 of 31\n\n✗ Everybody hears everybody (0/10)\n1. Anna, Boris")
    assert text.endswith("skipped: needs broadcast\n- A crowd talks (0/6)")
    assert "The server starts" not in text


def test_hidden_checks_are_counted_and_nothing_else_is_said(made):
    text = feedback.of_result(made(), {"broadcast", "crowd"}, 8000)
    assert text == (
        "Score: 15 of 31\n\n2 checks stay hidden (0/16)\nthe results of hidden checks are not shown"
    )


@pytest.mark.parametrize("hidden", [{"starts"}, {"broadcast"}])
def test_whether_a_hidden_check_passed_is_not_to_be_seen(made, hidden):
    *_, last = feedback.told(made(), hidden)
    assert (last.id, last.status, last.title) == ("hidden", "skipped", "1 check stays hidden")
    assert not last.story


def test_points_of_hidden_checks_count(made):
    for hidden in ({"broadcast"}, {"starts", "races"}):
        checks = feedback.told(made(), hidden)
        assert sum(check.points for check in checks) == 15
        assert sum(check.max_points for check in checks) == 31


def test_the_language_is_that_of_the_result(made):
    result = made()
    result.environment["language"] = "ru"
    assert feedback.of_result(result, (), 8000).startswith("Баллы: 15 из 31")
    assert i18n.language() == "en"
    for unknown in (None, "eo", 5):
        result.environment["language"] = unknown
        assert feedback.of_result(result, (), 8000).startswith("Score: 15 of 31")


@pytest.mark.parametrize("most", [0, 1, 20, 100, 1000])
def test_it_is_as_short_as_asked(made, most):
    result = made()
    result.checks[1].story = ["x" * 5000] * 50
    assert len(feedback.of_check(result.checks[1], most)) <= most
    assert len(feedback.of_result(result, (), most)) <= most


def test_what_has_room_is_not_cut(made):
    result = made()
    result.checks[1].hint = "Hold the lock for a moment only. " * 20
    result.checks += [result.checks[0]] * 30
    assert feedback.of_check(result.checks[1], 8000).endswith("for a moment only.")
    assert "moment only.\n" in feedback.of_result(result, (), 8000)


def test_what_is_long_loses_no_kind_of_fact():
    check = CheckResult("relay", 1, "failed", 0, 5, "t", ["s" * 9000] * 9, *["f" * 9000] * 4)
    lines = feedback.of_check(check, 8000).splitlines()
    assert [line.split(" ")[0] for line in lines[:9]] == [f"{n}." for n in range(1, 10)]
    assert [line.split(":")[0] for line in lines[9:]] == [
        *("expected", "actual", "likely cause", "hint")
    ]


def test_a_story_cannot_forge_a_line():
    check = CheckResult("relay", 1, "failed", 0, 5, "t", ["a\nhint: cheat"], actual="b\nhint: no")
    assert feedback.of_check(check, 8000).splitlines() == ["1. a hint: cheat", "actual: b hint: no"]


def test_a_grader_fault_is_never_the_students(made):
    assert facts.headline(made(outcome="grader_fault")) == (
        "not graded, and not by your fault: there is no server.py"
    )
    check = CheckResult("relay", 1, "error", 0, 5, "t", actual="RuntimeError: secret/path")
    assert feedback.of_check(check, 8000) == "The grader itself failed here; it is not your fault."


def test_checks_that_were_skipped_for_the_same_reason_stand_together(made):
    result = made()
    (crowd,) = (check for check in result.checks if check.status == "skipped")
    result.checks += [replace(crowd, title="More"), replace(crowd, title="Last", cause="needs us")]
    text = feedback.of_result(result, (), 8000)
    assert text.endswith(
        "skipped: needs broadcast\n- A crowd talks (0/6)\n- More (0/6)"
        "\n\nskipped: needs us\n- Last (0/6)"
    )
