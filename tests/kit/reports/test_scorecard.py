"""The score card: what stands in the log of the wire."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from autograder.grading.result import CheckResult, Result
from autograder.reports import card, scorecard


def rows(*events: tuple[str, str, str]) -> list[str]:
    """Return the rows of a log of (who, direction, text), as they are shown, without times."""
    transcript = [
        {"t": number / 1000, "who": who, "dir": direction, "text": text}
        for number, (who, direction, text) in enumerate(events)
    ]
    check = CheckResult("relay", 1, "failed", 0, 15, "Relay", ["1"], transcript=transcript)
    screen = io.StringIO()
    scorecard.show(Result({}, {"seed": 1}, checks=[check]), Console(file=screen, width=80))
    log = screen.getvalue().partition("latest last:")[2].partition("╰")[0]
    return [
        line.strip("│ ").partition(" ms ")[2].strip() for line in log.splitlines() if "ms" in line
    ]


def test_what_a_program_prints_in_one_go_is_one_row():
    talk = [("anna", "sent", f"hello {number}\n") for number in range(13)]
    log = [("server.py", "console", text) for text in ("one\ntwo", "\n", "three\n")]
    shown = rows(*talk, *log)
    assert shown[0] == r"anna      → hello 0\n"
    assert shown[-1] == "server.py ▷ … 3 lines"
    assert len(shown) == card.TRANSCRIPT_SHOWN


def test_a_single_line_is_shown_even_where_it_came_in_pieces():
    assert rows(("server.py", "console", "a "), ("server.py", "console", "b\n")) == [
        "server.py ▷ a",
        r"server.py ▷ b\n",
    ]


def test_what_two_programs_print_stays_apart():
    log = [(who, "console", "x\ny\n") for who in ("server.py", "client.py", "server.py")]
    assert rows(*log) == [f"{who} ▷ … 2 lines" for who, _kind, _text in log]


def test_what_clients_say_is_never_folded():
    assert rows(("anna", "sent", "a\nb\n"), ("anna", "event", "left")) == [
        r"anna → a\nb\n",
        "anna · left",
    ]


@pytest.mark.parametrize(
    ("statuses", "begin"),
    [
        (["failed", "passed"], None),
        (["passed", "failed", "skipped", "failed"], "starts2"),
        (["error", "failed", "failed"], "starts2"),  # what the grader broke nobody else can mend
    ],
)
def test_of_several_failures_the_first_is_where_to_begin(statuses, begin):
    checks = [
        CheckResult(f"starts{number}", 1, status, 0, 5, f"about {number}")
        for number, status in enumerate(statuses, 1)
    ]
    screen = io.StringIO()
    scorecard.show(Result({}, {"seed": 1}, checks=checks), Console(file=screen, width=90))
    last = screen.getvalue().splitlines()[-1]
    assert (f"Begin here: {begin} (about " in last) == bool(begin)
    assert ("Begin here" in screen.getvalue()) == bool(begin)


def test_nothing_that_a_program_prints_reaches_the_terminal_as_it_is(
    hostile, full_of, assert_harmless
):
    for outcome in ("graded", "not_gradable", "grader_fault"):
        result = full_of(hostile.text)
        result.outcome = outcome
        screen = io.StringIO()
        scorecard.show(result, Console(file=screen, width=200, force_terminal=False))
        assert_harmless(screen.getvalue().replace("\n", ""))
        assert hostile.seen.split("\n")[0].split("\t")[0].strip()[:60] in screen.getvalue()
