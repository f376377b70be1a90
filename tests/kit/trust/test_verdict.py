"""A verdict that is not the expected one is told, whatever is wrong with it."""

from __future__ import annotations

import dataclasses

from autograder.grading.checks import needs
from autograder.grading.result import CheckResult, Result
from autograder.trust import verdict
from autograder.trust.corpus import Specimen

BUG = Specimen(
    "bug",
    "server",
    "A bug",
    {},
    fails=frozenset({"sender_named"}),
    may_fail=frozenset({"races"}),
    hint="number",
)


def result(**status: str) -> Result:
    found = Result({}, {})
    for check, how in status.items():
        points = 3 if how == "passed" else 0
        told = {"hint": "Give a number.", "expected": "a name", "actual": "none"}
        words = told if how == "failed" else {}
        found.checks.append(CheckResult(check, 1, how, points, 3, check, **words))
        found.score += points
    return found


def test_what_must_fail_fails_and_all_else_passes():
    assert verdict.faults(BUG, result(relay="passed", sender_named="failed")) == []
    assert verdict.faults(BUG, result(races="failed", sender_named="failed")) == []


def test_what_must_fail_passes():
    found = verdict.faults(BUG, result(sender_named="passed"))
    assert found == ["sender_named did not fail: it is passed"]
    assert verdict.faults(BUG, result()) == ["sender_named did not fail: it is not in the result"]


def test_what_must_pass_fails():
    found = verdict.faults(BUG, result(sender_named="failed", relay="failed"))
    assert found == ["relay failed: expected a name; actual: none"]


def test_a_check_is_skipped_only_for_one_that_it_needs():
    right = result(sender_named="failed", ids_stable="skipped")
    assert "sender_named" in needs()["ids_stable"]
    assert verdict.faults(BUG, right) == []
    wrong = result(sender_named="failed", framing_split="skipped")
    (found,) = verdict.faults(BUG, wrong)
    assert found.startswith("framing_split was skipped")


def test_the_points_are_those_of_what_passed():
    wrong = result(relay="passed", sender_named="failed")
    wrong.score = 100
    assert verdict.faults(BUG, wrong) == ["the score is 100, the passed checks are worth 3"]


def test_the_student_is_told_what_helps():
    wrong = result(sender_named="failed")
    wrong.checks[0].hint = "Buy a computer."
    (found,) = verdict.faults(BUG, wrong)
    assert found == "nobody says 'number'; the hints are: Buy a computer."


def test_a_fault_of_the_grader_is_no_verdict():
    wrong = Result({}, {}, outcome="grader_fault", reason="oh")
    assert verdict.faults(BUG, wrong) == ["grader_fault: oh"]


def test_what_a_failed_check_makes_impossible_is_found_through_others():
    lost = verdict.lost_by({"starts"})
    assert lost == set(needs()) - {"starts"} - independent()


def independent() -> set[str]:
    """Return the checks that need nothing of the server."""
    return {check for check, wanted in needs().items() if check != "starts" and not wanted}


def test_what_must_fail_is_skipped_where_bad_luck_has_failed_what_it_needs():
    bug = dataclasses.replace(BUG, fails=frozenset({"relay_back"}), may_fail=frozenset({"relay"}))
    assert verdict.faults(bug, result(relay="failed", relay_back="skipped")) == []
    (found, _hint) = verdict.faults(bug, result(relay="passed", relay_back="skipped"))
    assert found == "relay_back did not fail: it is skipped"
