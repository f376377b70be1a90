"""What in a label is a name, and what only stands beside it."""

from __future__ import annotations

import pytest

from autograder.harness import labels
from autograder.harness.lines import plain, without_numbers


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        (["#1 - …", "#2 - …", "#3 - …"], "#2 - …", True),
        (["#1 - …", "#2 - …", "#3 - …"], "#1 - …", False),
        (["#1 (3 here)", "#2 (3 here)", "#3 (3 here)"], "#2 (2 here)", True),
        (["#1 (boss) - …", "#2 - …", "#3 - …"], "#2 (boss) - …", True),
        (["anna: …", "boris: …", "vera: …"], "boris: …", True),
        (["anna: …", "boris: …", "vera: …"], "vera: …", False),
        (["…", "…"], "…", True),
        (["127.0.0.1:50001 …", "127.0.0.1:50002 …"], "127.0.0.1:50003 …", False),
    ],
)
def test_a_name_is_what_each_has_alone(before, now, same):
    name = labels._name_in(before)
    assert (name(now) == name(before[1])) is same


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("07:05 - Anna", "- Anna"),
        ("[7:05:09.123] Anna", "[] Anna"),
        ("07.05.09 - Anna", "- Anna"),
        ("\x1b[31m07:05\x1b[0m Anna", "Anna"),
        ("127.0.0.1:54321: hello", "127.0.0.1:54321: hello"),
        ("10.20.30.40 says", "10.20.30.40 says"),
    ],
)
def test_the_time_of_day_and_colours_are_no_part_of_a_label(text, left):
    assert plain(text) == left


def test_numbers_that_count_messages_are_all_the_same():
    assert without_numbers("#12 says (7)") == "#0 says (0)"
