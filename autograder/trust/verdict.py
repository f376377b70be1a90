"""Compares what the grader said of a program of the corpus with what it had to say."""

from __future__ import annotations

from autograder.grading.checks import needs
from autograder.grading.result import Result
from autograder.trust.corpus import Specimen


def lost_by(failed: set[str]) -> set[str]:
    """Return the checks that cannot be run when some have failed."""
    lost = set(failed)
    while more := {check for check, wanted in needs().items() if lost & set(wanted)} - lost:
        lost |= more
    return lost - failed


def faults(specimen: Specimen, result: Result) -> list[str]:
    """Return how a result is wrong, a sentence each; nothing if it is as it must be."""
    if result.outcome != "graded":
        return [f"{result.outcome}: {result.reason}"]
    by_status: dict[str, set[str]] = {}
    for check in result.checks:
        by_status.setdefault(check.status, set()).add(check.id)
    failed = by_status.get("failed", set())
    found = []
    told = {check.id: check for check in result.checks}
    for name in sorted(failed - specimen.fails - specimen.may_fail):
        check = told[name]
        found.append(f"{name} failed: expected {check.expected}; actual: {check.actual}")
    skipped = by_status.get("skipped", set())
    unlucky = lost_by(failed & specimen.may_fail) & skipped
    for name in sorted(specimen.fails - failed - unlucky):
        found.append(f"{name} did not fail: it is {_status(result, name)}")
    for name in sorted(skipped - lost_by(failed)):
        found.append(f"{name} was skipped, although nothing that it needs has failed")
    points = sum(check.max_points for check in result.checks if check.status == "passed")
    if result.score != points and "threads" not in failed:
        found.append(f"the score is {result.score}, the passed checks are worth {points}")
    if failed & specimen.fails and specimen.hint:
        words = [(c.hint, c.cause, c.actual) for c in result.checks if c.id in failed]
        if not any(specimen.hint in text for three in words for text in three):
            hints = "; ".join(sorted({hint for hint, _, _ in words}))
            found.append(f"nobody says {specimen.hint!r}; the hints are: {hints}")
    return found


def _status(result: Result, name: str) -> str:
    return next((check.status for check in result.checks if check.id == name), "not in the result")
