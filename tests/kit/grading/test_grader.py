"""Points: prerequisites, several programs, the gate, and a result after every check."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable

import pytest

from autograder.grading.grader import Grader
from autograder.grading.result import CheckResult
from autograder.grading.rubric import Rubric
from autograder.grading.submission import Submission

RUBRIC = Rubric(
    points={"starts": 5, "relay": 15, "crowd": 6, "races": 0, "threads": 0},
    levels={"starts": 1, "relay": 1, "crowd": 2, "races": 3, "threads": 0},
)


@pytest.fixture
def make(tmp_path):
    """Return a function that makes a grader of a work that has the given files."""

    def make(*files: str, result_file=None) -> Grader:
        work = Submission("work", tmp_path, files or ("server.py",), "0" * 64, tmp_path)
        return Grader(work, RUBRIC, 7, result_file)

    return make


def run(check: str, status: str, **fields: object) -> CheckResult:
    return CheckResult(check, 9, status, 99, 99, "", **fields)


def test_a_passed_check_earns_its_points_and_others_nothing(make):
    grader = make()
    for check in (run("starts", "passed"), run("relay", "failed"), run("crowd", "skipped")):
        grader.record(check)
    points = {c.id: (c.points, c.max_points, c.level) for c in grader.result.checks}
    assert points == {"starts": (5, 5, 1), "relay": (0, 15, 1), "crowd": (0, 6, 2)}
    assert (grader.result.score, grader.result.max_score) == (5, 26)
    assert (grader.result.outcome, grader.result.reason) == ("graded", None)


def test_the_most_is_that_of_the_checks_that_were_asked_for(make):
    grader = make()
    grader.planned = {"starts", "relay"}
    grader.record(run("starts", "passed"))
    assert grader.result.max_score == 20


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        ("failed", "passed", "passed"),
        ("passed", "failed", "passed"),
        ("passed", "skipped", "passed"),
        ("skipped", "failed", "failed"),
        ("failed", "skipped", "failed"),
        ("failed", "error", "error"),
        ("error", "passed", "passed"),
    ],
)
def test_the_better_of_two_programs_counts(make, first, second, counts):
    grader = make("server.py", "two_user_server.py")
    grader.record(run("relay", first, duration_s=1.0))
    grader.record(run("relay", second, duration_s=2.0))
    (check,) = grader.result.checks
    assert check.status == counts
    assert grader.result.score == (15 if counts == "passed" else 0)


PAIR, SERVER = "two_user_server.py", "server.py"


def in_any_order(*runs: tuple[str, str, str]) -> pytest.MarkDecorator:
    """Try each order of some runs: (check, status, program)."""
    return pytest.mark.parametrize("runs", list(itertools.permutations(runs)))


def record(grader: Grader, runs: Iterable[tuple[str, str, str]]) -> None:
    for check, status, program in runs:
        grader.record(run(check, status, actual="no thread was started"), program)


def gate(grader: Grader) -> CheckResult:
    (found,) = [check for check in grader.result.checks if check.id == "threads"]
    return found


@in_any_order(
    ("relay", "passed", PAIR),
    ("crowd", "passed", SERVER),
    ("threads", "passed", PAIR),
    ("threads", "failed", SERVER),
)
def test_one_earning_program_without_threads_is_enough_for_the_gate(make, runs):
    grader = make(SERVER, PAIR)
    record(grader, runs)
    assert (grader.result.score, gate(grader).status) == (0, "failed")
    assert grader.result.reason == "graded 0: no thread was started"
    assert grader.status("relay") == "passed"


@in_any_order(
    ("starts", "passed", SERVER),
    ("relay", "passed", PAIR),
    ("relay", "failed", SERVER),
    ("threads", "passed", PAIR),
    ("threads", "failed", SERVER),
)
def test_a_stub_without_threads_does_not_spoil_another_program(make, runs):
    grader = make(SERVER, PAIR)
    record(grader, runs)
    assert (grader.result.score, gate(grader).status) == (20, "passed")
    assert grader.result.reason is None


@in_any_order(("starts", "passed", SERVER), ("client", "passed", ""), ("threads", "failed", SERVER))
def test_where_no_server_has_earned_anything_the_gate_is_skipped(make, runs):
    grader = make()
    record(grader, runs)
    assert (gate(grader).status, gate(grader).cause) == ("skipped", "needs relay")
    assert (gate(grader).actual, grader.result.reason) == ("", None)
    assert grader.result.score == 5


def test_a_gate_that_no_program_came_to_keeps_its_own_reason(make):
    grader = make(SERVER, PAIR)
    for program in (PAIR, SERVER):
        grader.record(run("threads", "skipped", cause="needs starts"), program)
    assert (gate(grader).status, gate(grader).cause) == ("skipped", "needs starts")


@in_any_order(("starts", "passed", PAIR), ("relay", "failed", PAIR), ("starts", "failed", SERVER))
def test_a_gate_lacks_what_the_program_lacks_that_starts(make, runs):
    grader = make(SERVER, PAIR)
    record(grader, runs)
    grader.record(run("threads", "skipped", cause="needs starts"), SERVER)
    grader.record(run("threads", "skipped", cause="needs relay"), PAIR)
    assert gate(grader).cause == "needs relay"


def test_a_fault_of_the_grader_in_the_gate_is_told_in_any_case(make):
    grader = make()
    grader.record(run("threads", "error"), SERVER)
    assert grader.result.reason == "the grader itself failed in: threads"


def test_a_gate_that_was_skipped_takes_nothing_away(make):
    grader = make()
    grader.record(run("starts", "passed"))
    grader.record(run("threads", "skipped"))
    assert grader.result.score == 5


def test_a_fault_of_the_grader_is_said_and_named(make):
    grader = make()
    grader.record(run("starts", "passed"))
    grader.record(run("relay", "error"))
    grader.record(run("crowd", "error"))
    assert grader.result.outcome == "grader_fault"
    assert grader.result.reason == "the grader itself failed in: relay, crowd"
    assert grader.result.score == 5


def test_a_need_is_met_by_a_pass_only(make):
    grader = make()
    grader.record(run("starts", "passed"))
    grader.record(run("relay", "failed"))
    grader.record(run("crowd", "skipped"))
    assert grader.unmet_need(["starts"]) is None
    assert grader.unmet_need(["starts", "relay", "crowd"]) == "relay"
    assert grader.unmet_need(["crowd"]) == "crowd"


def test_a_need_that_is_not_run_at_all_holds_nothing_up(make):
    assert make().unmet_need(["relay"]) is None


def test_level_1_runs_on_both_programs_and_the_others_on_the_server(make):
    both = make("client.py", "server.py", "two_user_server.py")
    assert both.programs(1) == ["two_user_server.py", "server.py"]
    assert both.programs(2) == both.programs(3) == ["server.py"]
    assert make("server.py").programs(1) == ["server.py"]


def test_of_two_failures_that_of_the_server_for_many_is_told(make):
    grader = make("server.py", "two_user_server.py")
    grader.record(run("starts", "failed", actual="a", cause="no wire"), "two_user_server.py")
    grader.record(run("starts", "failed", actual="b", cause="bind() takes one"), "server.py")
    (check,) = grader.result.checks
    assert check.actual == "b"
    assert check.cause == "bind() takes one; two_user_server.py does not start either: no wire"


def test_each_program_has_habits_of_its_own(make):
    grader = make("server.py", "two_user_server.py")
    assert grader.habits("server.py") is grader.habits("server.py")
    assert grader.habits("server.py") is not grader.habits("two_user_server.py")


def test_the_file_is_whole_after_every_check(make, tmp_path):
    file = tmp_path / "result.json"
    grader = make(result_file=file)
    for number, check in enumerate(("starts", "relay", "crowd"), 1):
        grader.record(run(check, "passed"))
        assert len(json.loads(file.read_text(encoding="utf-8"))["checks"]) == number
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]


def test_a_check_of_an_instructors_own_has_its_id_for_a_title(make):
    grader = make()
    grader.record(run("chess", "passed"))
    (check,) = grader.result.checks
    assert (check.title, check.level, check.max_points) == ("chess", 0, 0)


def test_the_client_is_for_the_server_that_starts(make):
    grader = make("server.py", "two_user_server.py", "client.py")
    assert grader.served_by == "server.py"
    grader.record(run("starts", "failed"), "server.py")  # a stub that nobody has touched
    assert grader.served_by == "two_user_server.py"
    grader.record(run("starts", "failed"), "two_user_server.py")
    assert grader.served_by == "server.py"
