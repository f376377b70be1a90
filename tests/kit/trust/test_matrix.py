"""The kill matrix says who failed what, in words and as a picture."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

import pytest

from autograder.trust import matrix, picture
from autograder.trust.corpus import Specimen

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def rows(made_up):
    """Two broken programs, and the verdicts that they must have."""
    mute = Specimen("mute", "server", "Says nothing", {}, fails=frozenset({"relay"}))
    forgets = Specimen(
        "forgets<&>", "server", "Forgets", {}, fails=frozenset({"leave_notice", "ids_stable"})
    )
    return [
        matrix.Row(mute, made_up(starts="passed", relay="failed", relay_back="skipped")),
        matrix.Row(
            forgets,
            made_up(
                ids_stable="failed",
                leave_notice="failed",
                relay="passed",
                relay_back="passed",
                starts="passed",
            ),
        ),
    ]


def test_checks_stand_in_the_order_of_the_levels(rows):
    expected = ["starts", "relay", "relay_back", "leave_notice", "ids_stable"]
    assert matrix.checks_of(rows) == expected
    assert matrix.checks_of(rows[::-1]) == expected
    assert matrix.checks_of([]) == []


def test_each_program_has_a_row_and_each_check_a_column(rows, screen):
    assert matrix.show(rows, screen)
    said = screen.file.getvalue()
    lines = [line.rstrip() for line in said.splitlines()[:3]]
    assert lines == [
        "            1  2  3  4  5     s",
        "mute        ·  ✗            3.0",
        "forgets<&>  ·  ·  ·  ✗  ✗   5.0",
    ]
    assert "1 starts, 2 relay, 3 relay_back, 4 leave_notice, 5 ids_stable" in said
    assert "never failed: starts, relay_back" in said
    assert "2 programs; a grading takes 4.0 s (median), 5.0 s at worst (forgets<&>)" in said
    assert "a while of silence was all that could tell: nowhere" in said
    assert "wrong" not in said


def test_a_verdict_by_silence_is_told(rows, screen):
    rows[0].result.checks[1].evidence = "silence"
    assert matrix.show(rows, screen)
    assert "a while of silence was all that could tell: mute" in screen.file.getvalue()


def test_a_wrong_verdict_is_told(rows, screen, made_up):
    rows.append(matrix.Row(rows[0].specimen, made_up(relay="passed")))
    assert not matrix.show(rows, screen)
    assert "wrong: mute: relay did not fail: it is passed" in screen.file.getvalue()


def test_the_picture_shows_each_program_and_each_check(rows, tmp_path):
    path = tmp_path / "matrix.svg"
    picture.draw(rows, path)
    svg = Xml.parse(path).getroot()
    texts = [text.text for text in svg.iter(f"{SVG}text")]
    assert texts == [*matrix.checks_of(rows), "mute", "forgets<&>"]
    classes = [shape.get("class") for shape in svg.iter()]
    assert (classes.count("failed"), classes.count("passed")) == (3, 4)


def test_the_picture_needs_nothing_from_outside_and_has_room_for_all(rows, tmp_path):
    path = tmp_path / "matrix.svg"
    picture.draw(rows * 40, path)
    text = path.read_text(encoding="utf-8")
    assert "href" not in text and "url(" not in text
    svg = Xml.fromstring(text)
    _x, _y, width, height = map(float, svg.attrib["viewBox"].split())
    squares = [shape for shape in svg.iter(f"{SVG}rect") if shape.get("class") == "failed"]
    assert len(squares) == 120
    assert all(float(square.attrib["x"]) + 10 <= width for square in squares)
    assert all(float(square.attrib["y"]) + 10 <= height for square in squares)
