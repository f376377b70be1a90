"""The gradebook of Canvas: one column filled in, and otherwise the same, byte for byte."""

from __future__ import annotations

import pytest

from autograder.reports import exports
from autograder.reports.exports import ExportError, Options

HEADER = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Chat (501),Essay (502),"
    "Chat lab (503),Imported Assignments Current Score,Final (504)\n"
    ",,,,,,Manual Posting,,,\n"
    "    Points Possible,,,,,100.0,10.0,31.0,(read only),(read only)\n"
)
ROWS = (
    '"Иванов, Иван",11,u1,ivanov,"Group 1, evening",,9.5,,80.0,=1+1\n'
    '"Brown, ""Bo""",12,u2,brown,G2,7.0,,EX,,\n'
    '"Test, Student",13,,,G2,,,,,\n'
)
BOOK = HEADER + ROWS


@pytest.fixture
def canvas(tmp_path):
    """Return what fills in a gradebook, and returns its text and the notes."""

    def fill(book, *results, assignment="Chat", **options):
        given, out = tmp_path / "book.csv", tmp_path / "filled.csv"
        given.write_bytes(book.encode())
        told = Options(worksheet=given, assignment=assignment, **options)
        notes = exports.write("canvas", results, out, told)
        return out.read_bytes().decode(), notes

    return fill


@pytest.mark.parametrize("assignment", ["Chat", "chat", "Chat (501)", "501"])
def test_one_cell_changes_and_nothing_else(canvas, made, assignment):
    filled, notes = canvas("\ufeff" + BOOK, made("ivanov"), assignment=assignment)
    assert filled == "\ufeff" + BOOK.replace('evening",,9.5', 'evening",15,9.5')
    assert notes[0] == "2 rows of the worksheet have no result, and stay as they are"


@pytest.mark.parametrize(
    "name", ["Иван Иванов", "Иванов Иван", "Иванов, Иван", "11", "u1", "IVANOV"]
)
def test_a_student_is_known_by_each_of_their_names(canvas, made, name):
    assert 'evening",15,9.5' in canvas(BOOK, made(name))[0]


def test_a_student_is_known_by_number(canvas, made):
    assert 'evening",15,9.5' in canvas(BOOK, made("ivanovivan", participant="11"))[0]


def test_points_are_scaled_to_what_is_possible(canvas, made):
    assert 'evening",48.39,9.5' in canvas(BOOK, made("u1"), scaled=True)[0]
    assert 'evening",,4.84,' in canvas(BOOK, made("u1"), scaled=True, assignment="Essay")[0]


def test_who_is_excused_stays_so(canvas, made):
    filled, notes = canvas(BOOK, made("brown"), assignment="Chat lab")
    assert filled == BOOK
    assert "brown is excused, and stays so" in notes
    assert "0 grades were entered" in notes


@pytest.mark.parametrize("outcome", ["grader_fault", "not_gradable"])
def test_what_was_not_graded_changes_nothing(canvas, made, outcome):
    filled, notes = canvas(BOOK, made("brown", outcome=outcome))
    assert filled == BOOK
    assert [note for note in notes if "so the grade stays as it is: there is no server.py" in note]


def test_a_grade_that_is_replaced_is_counted(canvas, made):
    filled, notes = canvas(BOOK, made("brown"))
    assert "brown,G2,15,,EX" in filled
    assert "1 grade of the worksheet was replaced by another one" in notes
    assert not [note for note in canvas(BOOK, made("brown", 7))[1] if "replaced" in note]


def test_points_beyond_what_is_possible_are_not_written(canvas, made):
    filled, notes = canvas(BOOK, made("u1"), assignment="Essay")
    assert filled == BOOK
    assert [note for note in notes if "15 is more than the maximum of 10" in note]


def test_points_of_another_maximum_are_told(canvas, made):
    assert [n for n in canvas(BOOK, made("u1"))[1] if "counts up to 100, the results up to 31" in n]
    for options in ({"scaled": True}, {"assignment": "Chat lab"}):
        assert not [n for n in canvas(BOOK, made("u1"), **options)[1] if "counts up to" in n]


@pytest.mark.parametrize(
    ("assignment", "why"),
    [
        (None, r"name the assignment of .*: Chat \(501\), Essay \(502\), Chat lab \(503\)$"),
        ("", "name the assignment of"),
        ("Chta", "'Chta' is no assignment of"),
        ("Cha", "'Cha' is no assignment of"),
        ("Final", "'Final' is no assignment of"),  # read only
        ("Section", "'Section' is no assignment of"),
        ("Imported Assignments Current Score", "is no assignment of"),
    ],
)
def test_no_assignment_is_ever_made(canvas, made, tmp_path, assignment, why):
    with pytest.raises(ExportError, match=why):
        canvas(BOOK, made("u1"), assignment=assignment)
    assert not (tmp_path / "filled.csv").exists()


def test_a_gradebook_without_assignments_is_told(canvas, made):
    with pytest.raises(ExportError, match="has no assignment that can be filled in"):
        canvas("Student,ID,Section,Notes\nA,1,G,\n", made("a"))


def test_of_many_assignments_some_are_named(canvas, made):
    book = "Student,ID,Section," + ",".join(f"Lab ({n})" for n in range(9)) + "\n"
    with pytest.raises(ExportError, match=r"one of: Lab \(0\), .*, Lab \(4\), …$"):
        canvas(book, made("a"), assignment="x")


def test_two_assignments_of_one_title_need_the_number(canvas, made):
    book = BOOK.replace("Essay (502)", "Chat (502)")
    with pytest.raises(ExportError, match="'Chat' fits several assignments of"):
        canvas(book, made("u1"))
    assert 'evening",,15,' in canvas(book.replace("10.0", "50"), made("u1"), assignment="502")[0]


def test_semicolons_stay_semicolons(canvas, made):
    book = "Student;ID;SIS Login ID;Section;Chat, 1, 2, 3 (5)\r\nA;1;a;G;\r\n"
    filled, _notes = canvas(book, made("a"), assignment="5")
    assert filled == book.replace("a;G;", "a;G;15")
    with pytest.raises(ExportError, match="does not say how many points are possible"):
        canvas(book, made("a"), assignment="5", scaled=True)


@pytest.mark.parametrize(
    "book", ["", "Name,Number\n", "Identifier,Grade\n", "Student,ID,Chat (501)\n"]
)
def test_another_sheet_is_refused(canvas, made, book):
    with pytest.raises(ExportError, match="does not begin with Student, ID and Section: export"):
        canvas(book, made("u1"))


def test_a_gradebook_is_needed(made, tmp_path):
    with pytest.raises(ExportError, match="canvas needs the gradebook"):
        exports.write("canvas", [made()], tmp_path / "x")


def test_hostile_names_change_nothing_but_the_notes(canvas, full_of, hostile, assert_harmless):
    filled, notes = canvas(BOOK, full_of(hostile.text))
    assert filled == BOOK
    assert_harmless("".join(notes))
    result = full_of(hostile.text)
    result.submission["participant"] = "11"
    assert canvas(BOOK, result)[0] == BOOK.replace('evening",,9.5', 'evening",10,9.5')
