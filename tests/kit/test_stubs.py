"""The stubs are made from the reference, run without harm, and earn next to nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from autograder import stubs
from autograder.grading import rubric
from autograder.grading.session import Request, grade

ROOT = Path(__file__).parents[2]

SOLVED = """def double(number):
    # SOLUTION 4.1
    # TODO(4.1): удвойте
    # TODO(4.1): double it
    # Check: starts
    # | return 0
    # the solution may have comments
    return 2 * number
    # END SOLUTION
"""


def test_a_gap_keeps_its_todo_and_what_stands_there():
    assert stubs.make_stub(SOLVED, "x.py") == (
        "def double(number):\n"
        "    # TODO(4.1): удвойте\n"
        "    # TODO(4.1): double it\n"
        "    # Check: starts\n"
        "    return 0\n"
    )


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("# SOLUTION 4.1\n# TODO(4.1): a\n", "x.py: gap 4.1 does not end"),
        ("# END SOLUTION\n", "x.py:1: a gap ends, expected a gap before it"),
        ("# SOLUTION 4.1\n# END SOLUTION\n", r"x.py:2: a gap ends, expected a TODO\(4.1\)"),
        ("# SOLUTION 4.1\n# TODO(4.2): a\n", r"x.py:2: expected TODO\(4.1\)"),
        ("# SOLUTION 4.1\n# TODO(4.1): a\n# SOLUTION 4.2\n", "x.py:3: gap 4.1 has not ended"),
    ],
)
def test_a_wrong_marker_is_named(source, message):
    with pytest.raises(stubs.MarkerError, match=message):
        stubs.make_stub(source, "x.py")


@pytest.mark.parametrize("name", stubs.PROGRAMS)
def test_stubs_are_up_to_date(name):
    expected = stubs.make_stubs(ROOT / "reference")[name]
    assert (ROOT / "lab4" / name).read_text(encoding="utf-8") == expected, "run: lab4 stubs"


def test_gaps_are_numbered_without_a_hole():
    text = "".join(stubs.make_stubs(ROOT / "reference").values())
    assert all(text.count(f"TODO(4.{number}):") == 2 for number in range(1, 12))


@pytest.mark.parametrize("name", ["two_user_server.py", "server.py", "client.py"])
def test_an_untouched_stub_ends_and_says_why(name):
    done = subprocess.run(
        [sys.executable, ROOT / "lab4" / name, "--port", "1"],
        capture_output=True,
        timeout=20,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr


def test_untouched_stubs_earn_next_to_nothing():
    request = Request(ROOT / "lab4", None, 1, rubric.DEFAULT, None, "en")
    result = grade(request, lambda done, total, name: None)
    assert result.outcome == "graded"
    assert result.score <= 5
