"""What a watched run shows: what is new, and one failure to work on."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from autograder.grading.result import CheckResult, Result
from autograder.reports.rerun import MOST_NAMES, Changes, Reruns

NAMES = ["starts", "relay", "broadcast", "crowd"]


def run_with(failed: str, actual: str = "nothing came", names: list[str] = NAMES) -> Result:
    """Return a run in which `failed` fails, what follows is skipped, and the rest passes."""
    checks, status = [], "passed"
    for name in names:
        status = {"failed": "skipped"}.get(status, status)
        status = "failed" if name == failed else status
        points = 10 if status == "passed" else 0
        checks.append(CheckResult(name, 1, status, points, 10, f"about {name}", actual=actual))
    score = sum(check.points for check in checks)
    return Result({}, {"seed": 1}, score=score, max_score=10 * len(names), checks=checks)


@pytest.fixture
def show():
    """Return what shows runs one after the other, and returns what it wrote about the last."""
    screen = io.StringIO()
    reruns = Reruns(Console(file=screen, width=80))

    def shown(result: Result) -> str:
        screen.truncate(screen.seek(0))
        reruns.show(result)
        return screen.getvalue()

    return shown


def test_the_first_run_compares_with_nothing(show):
    text = show(run_with("relay"))
    assert "Since the last run" not in text
    assert "Level 1: two users (1 of 4 passed)" in text
    assert "2 more wait for others to pass" in text


def test_what_passes_now_is_named_and_the_next_failure_is_shown(show):
    show(run_with("relay"))
    text = show(run_with("crowd"))
    assert "Since the last run: 10 → 30\n✓ relay, broadcast\n" in text
    assert "╭─ ✗ crowd · about crowd" in text


def test_what_the_change_has_broken_comes_before_what_failed_already(show):
    before, after = run_with("crowd"), run_with("crowd")
    after.checks[0].status, before.checks[1].status = "failed", "failed"
    after.checks[1].status = after.checks[2].status = "failed"
    before.checks[0].status = "failed"
    show(before)
    text = show(after)
    assert "╭─ ✗ broadcast" in text
    assert text.count("╭─") == 1
    assert "\n✗ broadcast\n" in text


def test_a_syntax_error_does_not_name_all_that_waits(show):
    show(run_with("crowd"))
    text = show(run_with("starts"))
    assert "Since the last run: 30 → 0\n✗ starts\n– 2 more wait for others to pass\n" in text


def test_many_names_are_cut_short(show):
    names = [f"check{number}" for number in range(MOST_NAMES + 3)]
    show(run_with("check0", names=names))
    text = " ".join(show(run_with("", names=names)).split())
    assert f"check{MOST_NAMES - 1} and 3 more" in text


def test_a_run_that_changes_nothing_is_one_line(show):
    show(run_with("relay"))
    text = show(run_with("relay"))
    assert text.count("\n") == 1
    assert text.endswith("nothing has changed; score 10 of 40\n")


def test_the_same_check_that_fails_in_another_way_is_shown_again(show):
    show(run_with("relay"))
    text = show(run_with("relay", actual="half of it came"))
    assert "actual: half of it came" in " ".join(text.split())
    assert "Since the last run: the same checks pass" in text


def test_a_work_that_cannot_be_graded_for_a_moment_is_compared_across(show):
    show(run_with("relay"))
    assert "not gradable: no server" in show(
        Result({}, {}, outcome="not_gradable", reason="no server")
    )
    assert "10 → 30" in show(run_with("crowd"))


def test_nothing_new_is_false():
    assert not Changes.between(run_with("relay"), run_with("relay"))
