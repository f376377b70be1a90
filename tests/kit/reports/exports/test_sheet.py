"""A sheet means what csv says it means, and comes back byte for byte."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.exports import ExportError, sheet

text = st.text(st.sampled_from('"",,;\t\r\n\n aбя=\\')).map(lambda t: t.removeprefix(sheet.MARK))
delimiters = st.sampled_from(",;\t")


def means(source: str, delimiter: str) -> list[list[str]]:
    """Return the cells as csv reads them."""
    rows = list(csv.reader(io.StringIO(source, newline=""), delimiter=delimiter))
    return [row or [""] for row in rows]


def closed(source: str, delimiter: str) -> bool:
    """Return whether the last quoted cell ends, in csv's view."""
    return means(source + "\nend", delimiter)[-1] == ["end"]


@given(text, delimiters)
def test_cells_mean_what_csv_reads(source, delimiter):
    try:
        found = sheet.parse(source, delimiter)
    except ValueError:
        assert not closed(source, delimiter)
        return
    assert [found.row(number) for number in range(len(found.raw))] == means(source, delimiter)


@given(text, delimiters, st.sampled_from(["", sheet.MARK]))
def test_what_was_not_changed_is_written_as_it_was(source, delimiter, mark):
    if closed(source, delimiter):
        assert sheet.parse(mark + source, delimiter).data() == (mark + source).encode()


@given(text, delimiters, text, st.data())
def test_one_cell_changes_and_no_other(source, delimiter, new, data):
    if not closed(source, delimiter) or not source:
        return
    found = sheet.parse(source, delimiter)
    before = means(source, delimiter)
    row = data.draw(st.integers(0, len(before) - 1))
    column = data.draw(st.integers(0, len(before[row]) - 1))
    raw = [list(cells) for cells in found.raw]
    found.set(row, column, new)
    after = means(found.data().decode(), delimiter)
    before[row][column] = new
    assert after == before or (after == before[:-1] and before[-1] == [""])
    raw[row][column] = found.raw[row][column]
    assert found.raw == raw


def test_a_row_of_one_cell_may_be_emptied():
    found = sheet.parse("\r;\n;", ",")
    found.set(1, 0, "")
    assert found.data() == b'\r""\n;'


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ('Identifier,"Full name; or not",Grade', ","),
        ("Student;ID;Lab, part 1, or 2, or 3 (7)", ";"),
        ('\ufeff"Identifier"\tGrade', "\t"),
        ("Identifier", ","),
        ("", ","),
    ],
)
def test_the_delimiter_is_what_follows_the_first_heading(tmp_path, header, delimiter):
    path = tmp_path / "sheet.csv"
    path.write_bytes(header.encode())
    assert sheet.read(path).delimiter == delimiter


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'Identifier,Grade\n"Participant 1,5\n', "a cell whose quotes are never closed"),
        ("Идентификатор,Оценка".encode("cp1251"), "is not UTF-8: download it again, or save it"),
    ],
)
def test_a_sheet_that_cannot_be_read_says_why(tmp_path, data, why):
    path = tmp_path / "sheet.csv"
    path.write_bytes(data)
    with pytest.raises(ExportError, match=why):
        sheet.read(path)


def test_a_sheet_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ExportError, match="cannot be read: No such file"):
        sheet.read(tmp_path / "sheet.csv")
