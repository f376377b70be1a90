"""The way in: formats by name, one file in one step, and refusals that say what to do."""

from __future__ import annotations

import json

import pytest

from autograder.grading import result
from autograder.reports.exports import FORMATS, ExportError, Options, write


def test_the_formats_are_known_by_name():
    assert [*FORMATS] == [
        *("json", "csv", "junit", "github", "gradescope", "classroom50", "prairielearn"),
        *("autolab", "moodle", "canvas"),
    ]
    assert {name for name, each in FORMATS.items() if each.single} == {
        *("gradescope", "classroom50", "prairielearn", "autolab"),
    }
    assert all(each.name == name and each.about.endswith(".") for name, each in FORMATS.items())


def test_a_result_file_is_read_and_exported(tmp_path, made):
    path, out = tmp_path / "r.json", tmp_path / "results.json"
    result.write(made("Анна"), path)
    assert write("gradescope", [result.read(path)], out) == ()
    assert json.loads(out.read_text(encoding="utf-8"))["score"] == 15


def test_an_unknown_format_is_refused(tmp_path, made):
    with pytest.raises(ExportError, match="there is no format xml, expected one of json, csv,"):
        write("xml", [made()], tmp_path / "out")


def test_an_option_that_the_format_does_not_take_is_refused(tmp_path, made):
    sheet = Options(worksheet=tmp_path / "grades.csv")
    with pytest.raises(ExportError, match=r"csv does not use --worksheet: .* moodle, canvas$"):
        write("csv", [made()], tmp_path / "out", sheet)
    with pytest.raises(ExportError, match=r"moodle does not use --assignment: .* canvas$"):
        write("moodle", [made()], tmp_path / "out", Options(assignment="Чат"))
    with pytest.raises(ExportError, match=r"junit does not use --problem: .* autolab$"):
        write("junit", [made()], tmp_path / "out", Options(problem="чат"))
    assert not (tmp_path / "out").exists()


def test_a_slip_of_the_pen_does_not_tell_what_is_hidden(tmp_path, made):
    with pytest.raises(ExportError, match="no check called brodcast, so it cannot stay hidden"):
        write("csv", [made()], tmp_path / "out", Options(hidden=frozenset({"brodcast", "races"})))
    # A check of the kit need not be in these results.
    assert write("csv", [made()], tmp_path / "out", Options(hidden=frozenset({"relay"}))) == ()


def test_an_export_that_fails_leaves_the_old_file(tmp_path, made):
    out = tmp_path / "out"
    write("json", [made()], out)
    before = out.read_bytes()
    with pytest.raises(ExportError):
        write("classroom50", [made(outcome="grader_fault")], out)
    assert out.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_does_not_exist_is_an_error_of_the_system(tmp_path, made):
    with pytest.raises(FileNotFoundError):
        write("json", [made()], tmp_path / "no" / "out")
