"""Whose row it is: found by number or by the whole of a name, and never guessed."""

from __future__ import annotations

import pytest

from autograder.reports.exports import roster
from autograder.reports.exports.roster import Row

ROWS = [
    Row(1, "101", ("Иванов Иван", "s1", "ivanov@x.example", "ivanov")),
    Row(2, "102", ("Anna Ёлкина", "s2", "anna@x.example", "")),
    Row(3, "103", ("Petr Petrov", "s3", "p1@x.example", "")),
    Row(4, "104", ("Petr Petrov", "s4", "p2@x.example", "")),
]


def found(*results):
    """Return (name, row) of who was found, and the notes but the one on rows that are left."""
    match = roster.match(results, ROWS)
    notes = [note for note in match.notes if "no result" not in note]
    return [(result.submission["name"], row) for result, row in match.found], notes


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("Иванов Иван", 1),
        ("  иванов   ИВАН ", 1),
        ("s1", 1),
        ("Ivanov@X.example", 1),
        ("ivanov", 1),
        ("Anna Е\u0308лкина", 2),  # as macOS writes file names
        ("p2@x.example", 4),
    ],
)
def test_a_name_counts_whatever_its_spelling(made, name, row):
    assert found(made(name)) == ([(name, row)], [])


def test_a_participant_counts_more_than_a_name(made):
    assert found(made("Anna Ёлкина", participant="101")) == ([("Anna Ёлкина", 1)], [])
    assert found(made("x", participant=104)) == ([("x", 4)], [])


def test_an_unknown_participant_is_not_looked_for_by_name(made):
    note = "Иванов Иван (participant 999) is not in the worksheet"
    assert found(made("Иванов Иван", participant="999")) == ([], [note])


@pytest.mark.parametrize("name", ["Ivan", "Иванов", "s", "x.example", "", "101", "Participant 101"])
def test_a_part_of_a_name_is_not_a_name(made, name):
    assert found(made(name)) == ([], [f"{name} is not in the worksheet"])


def test_two_people_of_one_name_are_told(made):
    assert found(made("petr petrov")) == ([], ["petr petrov fits 2 rows, so no grade was written"])


def test_two_works_of_one_person_are_told(made):
    note = "s1, ivanov fit the same row, so its grade was not written"
    assert found(made("s1"), made("s2"), made("ivanov")) == ([("s2", 2)], [note])


def test_the_rows_that_are_left_are_counted(made):
    assert roster.match([made("s1")], ROWS).notes == [
        "3 rows of the worksheet have no result, and stay as they are"
    ]
    assert roster.match([], ROWS[:1]).notes == [
        "1 row of the worksheet has no result, and stays as it is"
    ]
