"""`lab4 export` over the results of a graded class, and over one result."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner

from autograder.batch.export import export, known_hidden
from autograder.grading.result import CheckResult, Result
from autograder.grading.rubric import Rubric
from autograder.reports.exports import FORMATS

GRADEBOOK = (
    "Student,ID,SIS Login ID,Section,Chat (77)\n"
    "    Points Possible,,,,100\n"
    '"B, Boris",2,boris,1,\n'
    '"A, Anna",1,anna,1,\n'
)


@pytest.fixture
def graded(works, lab4, few, tmp_path):
    """The folder of a class of two, graded by a rubric that hides a check; none can run."""
    few.write_text('hidden = ["relay"]\n' + few.read_text(encoding="utf-8"), encoding="utf-8")
    works("anna")
    works("boris")
    assert lab4().returncode == 0
    return tmp_path / "out"


@pytest.fixture
def run(tmp_path, few):
    """Return a function that exports; it returns the exit status, the words, and the file."""

    def run(results, name, *words, rubric=few):
        out = tmp_path / "exported"
        command = [str(results), "--format", name, "--to", str(out), *map(str, words)]
        command += ["--rubric", str(rubric)] if rubric else []
        done = CliRunner().invoke(export, command, env={"COLUMNS": "1000"})
        text = out.read_text(encoding="utf-8") if out.exists() else ""
        return done.exit_code, " ".join(done.output.split()), text

    return run


def test_a_class_in_all_formats_that_take_one(graded, run, tmp_path):
    for name in [name for name, each in FORMATS.items() if not each.single]:
        if name in ("moodle", "canvas"):
            continue
        status, said, text = run(graded, name)
        assert (status, said) == (0, f"{tmp_path / 'exported'}: 2 submissions"), name
        assert text.index("anna") < text.index("boris")
    assert "1 check stays hidden" in run(graded, "github")[2]
    assert len(json.loads(run(graded, "json")[2])["results"]) == 2


def test_a_gradebook_is_filled_in_and_its_notes_are_told(graded, run, tmp_path):
    (tmp_path / "book.csv").write_text(GRADEBOOK.replace("boris", "vera"), encoding="utf-8")
    words = ["--worksheet", tmp_path / "book.csv", "--assignment", "Chat"]
    status, said, text = run(graded, "canvas", *words)
    assert status == 0
    assert "boris is not in the worksheet" in said
    assert [row[-1] for row in csv.reader(io.StringIO(text))][2:] == ["", "0"]


@pytest.mark.parametrize("name", [name for name, each in FORMATS.items() if each.single])
def test_formats_of_one_take_a_file(graded, run, monkeypatch, name):
    for variable in ("CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL"):
        monkeypatch.setenv(variable, "x")
    status, said, _text = run(graded, name)
    assert (status, f"{name} takes the result of one submission, found 2" in said) == (2, True)
    status, _said, text = run(next((graded / "results").glob("*anna*")), name)
    assert status == 0
    assert '"score' in text


def test_another_rubric_is_refused_for_it_may_hide_less(graded, run):
    for results in (graded, next((graded / "results").glob("*anna*"))):
        status, said, text = run(results, "github", rubric=None)
        assert (status, text) == (2, "")
        assert f"{results} was graded by another rubric than" in said


@pytest.mark.parametrize("what", ["folder", "summary", "result"])
def test_what_holds_no_results_is_refused(run, tmp_path, what):
    path = tmp_path / what
    if what == "result":
        path.write_text("{}", encoding="utf-8")
    else:
        path.mkdir()
    if what == "summary":
        (path / "summary.json").write_text('{"schema": "lab4/summary/v1"}', encoding="utf-8")
    status, said, text = run(path, "csv")
    assert (status, text) == (2, "")
    assert ("is not a lab4/result/v1 file" if what == "result" else "no results of a class") in said


def test_what_is_not_graded_yet_is_counted(graded, run):
    page = graded / "summary.json"
    told = json.loads(page.read_text(encoding="utf-8"))
    page.write_text(json.dumps(told | {"planned": 5}), encoding="utf-8")
    status, said, _text = run(graded, "csv")
    assert (status, said.startswith("3 submissions are not graded yet")) == (0, True)


def test_a_file_that_cannot_be_written_is_told(graded, few, tmp_path):
    words = [graded, "--format", "csv", "--to", tmp_path / "no" / "a.csv", "--rubric", few]
    done = CliRunner().invoke(export, list(map(str, words)))
    assert done.exit_code == 1
    assert "cannot be read or written: No such file or directory" in done.output


def test_an_own_check_that_was_never_run_is_no_slip_of_the_pen():
    points = Rubric({"relay": 1, "own": 1}, {"relay": 1, "own": 2}, frozenset({"relay", "own"}))
    unread = Result({}, {}, outcome="not_gradable")
    assert known_hidden(points, [unread]) == {"relay"}
    run = Result({}, {}, checks=[CheckResult("own", 2, "passed", 1, 1, "Own")])
    assert known_hidden(points, [unread, run]) == {"relay", "own"}


def test_the_grades_of_a_class_are_written_at_the_end_of_its_grading(graded, run, lab4, tmp_path):
    done = lab4("--format", "csv", "--format", "junit", "--format", "csv")
    assert done.returncode == 0, done.stderr
    table, tests = tmp_path / "out" / "grades.csv", tmp_path / "out" / "junit.xml"
    assert done.stdout.splitlines()[-2:] == ["out/grades.csv", "out/junit.xml"]
    for path, name in ((table, "csv"), (tests, "junit")):
        _status, _words, text = run(graded, name)
        assert path.read_text(encoding="utf-8") == text
    assert "relay" not in tests.read_text(encoding="utf-8"), "it is hidden"


def test_a_format_that_needs_a_gradebook_is_not_written_beside_a_grading(lab4, works):
    works("anna")
    done = lab4("--format", "moodle")
    assert done.returncode == 2
    assert "'moodle' is not one of 'json', 'csv', 'junit', 'github'" in done.stderr
