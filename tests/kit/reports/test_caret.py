"""Where a line was changed on its way."""

from __future__ import annotations

import pytest

from autograder.grading.result import CheckResult
from autograder.reports import caret


def check(sent: str, *came: str, about: str = "anna-1") -> CheckResult:
    found = CheckResult("text_intact", 1, "failed", 0, 5, "Text")
    found.missing = {"from": "anna", "to": "boris", "text": about}
    found.transcript = [{"t": 0.0, "who": "anna", "dir": "sent", "text": sent}]
    found.transcript += [
        {"t": 1.0, "who": "boris", "dir": "received", "text": text} for text in came
    ]
    return found


@pytest.mark.parametrize(
    ("sent", "came", "column", "told"),
    [
        ("anna-1 abc\n", "anna-1 abC\n", 9, "byte 10: 63 was sent, 43 came"),
        ("anna-1 я!\n", "12:00 - Anna - anna-1 ?!\n", 7, "byte 8: d1 8f was sent, 3f came"),
        ("anna-1 中文\n", "anna-1 中\n", 9, "byte 11: e6 96 87 was sent, nothing came"),
        ("anna-1 abc\n", "ANNA-1 ABC\n", 0, "byte 1: 61 was sent, 41 came"),
    ],
)
def test_the_first_difference_is_found(sent, came, column, told):
    found = caret.of(check(sent, "hello\n", came))
    assert (found.column, found.told) == (column, told)


def test_a_line_may_come_in_pieces_after_another():
    found = caret.of(check("anna-1 one two\n", "joined\nanna", "-1 one tw0\n"))
    assert found.came == "anna-1 one tw0"


def test_another_message_is_not_what_came_of_a_lost_one():
    lost = check("anna-1-xyz\n", "Anna: anna-2-xyz\n", about="anna-1-xyz")
    assert caret.of(lost) is None
    torn = check("anna-1-xyz!\n", "anna-2-xyz anna-1-xyz?\n", about="anna-1-xyz")
    assert caret.of(torn).told == "byte 11: 21 was sent, 3f came"


def test_of_a_long_line_only_the_surroundings_are_shown():
    found = caret.of(check("anna-1 " + "x" * 300 + "y\n", "anna-1 " + "x" * 300 + "z\n"))
    assert (found.sent, found.came) == ("x" * 24 + "y", "x" * 24 + "z")


@pytest.mark.parametrize(
    "came",
    [
        (),
        ("something else entirely\n",),
        ("12:00 - anna-1 abc\n",),
    ],
)
def test_what_did_not_come_or_came_whole_has_no_difference(came):
    assert caret.of(check("anna-1 abc\n", *came)) is None


def test_what_the_transcript_has_cut_off_is_no_difference():
    sent = "anna-1 " + "я" * 900 + "\\xd1 … (4000 bytes)"
    assert caret.of(check(sent, "anna-1 " + "я" * 950 + "\n")) is None


def test_controls_are_harmless():
    found = caret.of(check("anna-1 abc\n", "anna-1 \x1b[2Jabc\n"))
    assert "\x1b" not in found.came


def test_a_failure_about_no_line_has_none():
    found = check("anna-1\n", "anna-2\n")
    found.missing = None
    assert caret.of(found) is None
