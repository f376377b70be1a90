"""`lab4 report` over what a run has left behind."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from autograder.batch.folder import Folder
from autograder.batch.report import report
from autograder.batch.summary import Row, Summary
from autograder.grading import result
from autograder.grading.result import CheckResult, Result
from autograder.intake.keys import key_of

NAMES = ("Анна Ёлкина", "Борис 🙂", "index")


@pytest.fixture
def out(tmp_path):
    """Return a function that leaves behind what a run over works of these names would."""

    def leave(*names, language="en", planned=None):
        folder = Folder(tmp_path / "graded")
        folder.results.mkdir(parents=True, exist_ok=True)
        rows = {}
        for name in names:
            check = CheckResult("relay", 1, "failed", 0, 15, "Relay", ["A step."], actual="nothing")
            key = key_of(name, None)
            about = {"name": name, "key": key, "source": "", "participant": None, "sha256": ""}
            about["files"] = []
            found = Result(about, {"seed": 1, "language": language}, checks=[check], max_score=15)
            result.write(found, folder.results / f"{key}.json")
            rows[key] = Row.of(found)
        keys = (*rows, *(f"left {n}" for n in range(planned or 0)))
        Summary({}, keys, rows).write(folder.summary)
        return folder

    return leave


def run(folder, *words):
    done = CliRunner().invoke(report, [str(folder), *words])
    return done.exit_code, done.output.replace("\n", " ").strip()


def test_there_is_a_page_for_all_and_one_for_each_and_links_lead_to_them(out):
    folder = out(*NAMES)
    index = folder.report / "index.html"
    assert run(folder.path) == (0, f"Open {index} in a browser.")
    text = index.read_text(encoding="utf-8")
    pages = sorted(path.name for path in (folder.report / "submissions").iterdir())
    assert pages == ["index.html", "Анна-Ёлкина.html", "Борис.html"]
    for name in pages:
        assert f'href="submissions/{quote(name)}"' in text
        page = (folder.report / "submissions" / name).read_text(encoding="utf-8")
        assert 'href="../index.html"' in page


def test_pages_speak_as_the_results_do_unless_told_otherwise(out):
    folder = out(*NAMES, language="ru")
    index = folder.report / "index.html"
    one = folder.report / "submissions" / "Борис.html"
    for words, language in (((), "ru"), (("--lang", "en"), "en")):
        assert run(folder.path, *words)[0] == 0
        for page in (index, one):
            assert f'<html lang="{language}">' in page.read_text(encoding="utf-8")
    assert '<div lang="ru">' in one.read_text(encoding="utf-8")


def test_a_page_whose_work_has_gone_goes_too(out):
    run(out(*NAMES).path)
    folder = out("Анна Ёлкина")
    assert run(folder.path)[0] == 0
    assert [p.name for p in (folder.report / "submissions").iterdir()] == ["Анна-Ёлкина.html"]


def test_what_is_not_graded_yet_is_told(out):
    status, said = run(out("Anna", planned=2).path)
    assert status == 0
    assert said.startswith("2 submissions are not graded yet: run lab4 grade again Open ")


def test_a_folder_without_results_is_refused(tmp_path):
    status, said = run(tmp_path)
    assert status == 2
    assert f"{tmp_path} holds no results of a class" in said
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize("text", ["{}", '{"schema": "lab4/result/v1"}', "\x00"])
def test_a_broken_result_is_told_and_the_old_pages_stay(out, text):
    folder = out("Anna")
    run(folder.path)
    before = (folder.report / "index.html").read_bytes()
    (folder.results / "Anna.json").write_text(text, encoding="utf-8")
    status, said = run(folder.path)
    assert status == 2
    assert "Anna.json is" in said
    assert (folder.report / "index.html").read_bytes() == before


def test_a_page_that_cannot_be_written_is_told(out):
    folder = out("Anna")
    folder.report.write_text("in the way", encoding="utf-8")
    status, said = run(folder.path)
    assert status == 1
    assert "cannot be read or written: " in said


def test_a_class_of_none_has_a_page_too(out):
    folder = out()
    assert run(folder.path)[0] == 0
    assert json.loads(folder.summary.read_text(encoding="utf-8"))["submissions"] == []
    assert "0</b> works in all" in (folder.report / "index.html").read_text(encoding="utf-8")
