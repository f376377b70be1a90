"""The grading worksheet of Moodle: filled in, and otherwise the same, byte for byte."""

from __future__ import annotations

import csv
import html.parser
import io

import pytest

from autograder.reports import exports
from autograder.reports.exports import ExportError, Options

HEADER = (
    'Identifier,"Full name","ID number","Email address",Status,Grade,"Maximum Grade",'
    '"Grade can be changed","Last modified (submission)","Online text",'
    '"Last modified (grade)","Feedback comments"\r\n'
)
RUSSIAN = (
    'Идентификатор,"Полное имя","Адрес электронной почты",Статус,Оценка,"Максимальная оценка",'
    '"Оценка может быть изменена","Последнее изменение (ответ)","Последнее изменение (оценка)",'
    '"Отзыв в виде комментария"\n'
)
ROWS = (
    '"Participant 101","Anna ""A."" B",s1,a@x.example,"Submitted",,100.00,Yes,"1 Nov, 10:00",'
    '"=not, mine\r\nat ""all""",-,\r\n'
    '"Participant 102",Boris,s2,b@x.example,"Submitted",12.00,100.00,Yes,-,,"2 Nov",old\r\n'
    '"Participant 103",Clara,s3,c@x.example,"No submission",,100.00,No,-,,-,\r\n'
    '\r\n"Participant 104",Dora,s4,d@x.example,"Submitted",,10.00,Yes,-,,-,'
)


@pytest.fixture
def moodle(tmp_path):
    """Return what fills in a worksheet, and returns its text and the notes."""

    def fill(worksheet, *results, **options):
        given, out = tmp_path / "worksheet.csv", tmp_path / "filled.csv"
        given.write_bytes(worksheet.encode())
        notes = exports.write("moodle", results, out, Options(worksheet=given, **options))
        assert given.read_bytes() == worksheet.encode()
        return out.read_bytes().decode(), notes

    return fill


def changed(before, after):
    """Return what differs, as csv reads it: (row, heading) → cell."""
    old, new = (list(csv.reader(io.StringIO(t, newline=""))) for t in (before, after))
    assert [len(row) for row in old] == [len(row) for row in new]
    return {
        (number, old[0][column]): cell
        for number, row in enumerate(new)
        for column, cell in enumerate(row)
        if cell != old[number][column]
    }


def test_grade_and_feedback_are_filled_in_and_nothing_else(moodle, made):
    filled, notes = moodle("\ufeff" + HEADER + ROWS, made("Anna", participant="101"))
    assert filled.startswith("\ufeff")
    assert set(changed(HEADER + ROWS, filled[1:])) == {(1, "Grade"), (1, "Feedback comments")}
    comment = changed(HEADER + ROWS, filled[1:])[1, "Feedback comments"]
    assert filled[1:].replace(f'-,"{comment}"', "-,").replace("15,100", ",100") == HEADER + ROWS
    assert notes == (
        "3 rows of the worksheet have no result, and stay as they are",
        "1 grade was entered",
        "the worksheet counts up to 100, the results up to 31; the points were written as they "
        "are, not scaled",
    )


def test_the_comment_is_html_that_says_all(moodle, made):
    filled, _notes = moodle(HEADER + ROWS, made("s2"))
    comment = changed(HEADER + ROWS, filled)[2, "Feedback comments"]
    assert comment.startswith("<p>Score: 15 of 31</p><p>✗ Everybody hears everybody (0/10)<br>1. ")
    assert set(comment) & set("\r\n\"'") == set()


def test_russian_headings_are_known(moodle, made):
    sheet = RUSSIAN + '"Участник101",Анна,a@x.example,"Отправлено",,"100,00",Да,-,-,\n'
    filled, _notes = moodle(sheet, made("x", participant="101"), scaled=True)
    assert changed(sheet, filled)[1, "Оценка"] == "48.39"


def test_semicolons_stay_semicolons(moodle, made):
    sheet = (HEADER + ROWS).replace('","', '";"').replace(",", ";")
    filled, _notes = moodle(sheet, made("Boris"))
    assert 's2;b@x.example;"Submitted";15;100.00;Yes;-;;"2 Nov";<p>Score: 15 of 31' in filled


@pytest.mark.parametrize(
    ("score", "name", "grade"),
    [(0, "s2", "0"), (31, "s2", "100"), (15, "s2", "48.39"), (15, "s4", "4.84")],
)
def test_points_are_scaled_to_the_maximum_of_the_row(moodle, made, score, name, grade):
    filled, _notes = moodle(HEADER + ROWS, made(name, score), scaled=True)
    cells = changed(HEADER + ROWS, filled)
    assert [cell for (_row, heading), cell in cells.items() if heading == "Grade"] == [grade]


def test_what_moodle_would_skip_in_silence_is_told(moodle, made):
    filled, notes = moodle(HEADER + ROWS, made("Clara"), made("Dora"))
    assert filled == HEADER + ROWS
    assert "Clara: Moodle has locked the grade" in notes
    assert (
        "Dora: 15 is more than the maximum of 10, so no grade was written; let the grades be scaled"
    ) in notes


def test_a_grader_fault_touches_nothing(moodle, made):
    filled, notes = moodle(HEADER + ROWS, made("Boris", outcome="grader_fault"))
    assert filled == HEADER + ROWS
    assert (
        "Boris: the grader itself failed, so the grade stays as it is: there is no server.py"
    ) in notes


def test_what_is_not_gradable_keeps_its_grade_and_says_why(moodle, made):
    filled, notes = moodle(HEADER + ROWS, made("Boris", outcome="not_gradable"))
    told = "<p>Not graded. Your instructor was told: there is no server.py</p>"
    assert changed(HEADER + ROWS, filled) == {(2, "Feedback comments"): told}
    assert ("Boris is not gradable, so the grade stays as it is: there is no server.py") in notes


def test_a_grade_that_is_replaced_is_counted(moodle, made):
    _filled, notes = moodle(HEADER + ROWS, made("Boris"))
    assert "1 grade of the worksheet was replaced by another one" in notes
    assert "1 comment of the worksheet was replaced by another one" in notes
    _filled, notes = moodle(HEADER + ROWS, made("Boris", 12))
    assert not [note for note in notes if "grade of the worksheet was replaced" in note]


def test_filling_in_twice_changes_nothing_more(moodle, made):
    results = [made("Anna", participant="101"), made("Boris")]
    once, _notes = moodle(HEADER + ROWS, *results)
    twice, notes = moodle(once, *results)
    assert twice == once
    assert not [note for note in notes if "replaced" in note]


def test_hidden_checks_are_only_counted(moodle, made):
    filled, _notes = moodle(HEADER + ROWS, made("Boris"), hidden=frozenset({"broadcast"}))
    assert "1 check stays hidden" in filled
    assert "never came" not in filled


def test_a_row_of_another_width_is_left_alone(moodle, made):
    # PHP escapes a quote by a backslash, and so one row becomes two.
    odd = ROWS.replace('"=not, mine', '"\\", mine')
    filled, notes = moodle(HEADER + odd, made("s1"))
    assert filled == HEADER + odd
    assert "2 rows have not as many cells as there are headings, and stay as they are" in notes
    assert "s1 is not in the worksheet" in notes


def test_a_worksheet_without_feedback_gets_grades(moodle, made):
    sheet = "Identifier,Grade,Last modified (grade)\nParticipant 5,,-\n"
    filled, notes = moodle(sheet, made("x", participant="5"))
    assert filled == "Identifier,Grade,Last modified (grade)\nParticipant 5,15,-\n"
    assert "the worksheet has no column for feedback comments: grades only" in notes
    _filled, notes = moodle(sheet, made("x", participant="5"), scaled=True)
    assert "x: there is no maximum to scale to, so no grade was written" in notes


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (
            "Identifier,Grade\n",
            r"has no column Last modified \(grade\): take the grading",
        ),
        ("Kennung,Bewertung\n", "has no column Identifier, Grade, Last"),
        ("", "has no column Identifier"),
        ("Identifier,Grade,Оценка,Last modified (grade)\n", "has two columns Оценка, expected one"),
    ],
)
def test_another_sheet_is_refused(moodle, made, tmp_path, header, why):
    with pytest.raises(ExportError, match=why):
        moodle(header, made())
    assert not (tmp_path / "filled.csv").exists()


def test_a_worksheet_that_is_not_there_is_told(made, tmp_path):
    (tmp_path / "out").write_text("", encoding="utf-8")
    with pytest.raises(ExportError, match="cannot be read: No such file"):
        exports.write("moodle", [made()], tmp_path / "out", Options(worksheet=tmp_path / "no"))


def test_a_worksheet_is_needed_and_never_written_over(made, tmp_path):
    path = tmp_path / "w.csv"
    with pytest.raises(ExportError, match="moodle needs --worksheet FILE: the grading worksheet"):
        exports.write("moodle", [made()], path)
    path.write_text(HEADER + ROWS, encoding="utf-8")
    with pytest.raises(ExportError, match="is the worksheet itself: name another file"):
        exports.write("moodle", [made()], path, Options(worksheet=path))


def test_a_hostile_comment_is_text_to_moodle(moodle, full_of, hostile, assert_harmless):
    result = full_of(hostile.text)
    result.submission["participant"] = "101"
    filled, notes = moodle(HEADER + ROWS, result)
    comment = changed(HEADER + ROWS, filled)[1, "Feedback comments"]
    assert_harmless(comment)
    assert_harmless("".join(notes))
    assert set(comment) & set("\r\n\"'") == set()
    tags: list[str] = []
    seen: list[str] = []
    parser = html.parser.HTMLParser()
    parser.handle_starttag = lambda tag, attributes: tags.append(tag + str(attributes))
    parser.handle_data = seen.append
    parser.feed(comment)
    assert set(tags) == {"p[]", "br[]"}
    assert " ".join(hostile.seen.split()) in " ".join("".join(seen).split())
