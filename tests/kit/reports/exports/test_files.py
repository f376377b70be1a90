"""Files of many results: JSON, CSV, JUnit XML, and Markdown."""

from __future__ import annotations

import csv
import io
import json

import junitparser
import pytest
from markdown_it import MarkdownIt

from autograder.grading import shape
from autograder.grading.result import Result


@pytest.fixture
def three(made):
    """A result of each outcome."""
    return [
        made("Anna"),
        made("Boris", outcome="not_gradable"),
        made("Clara", outcome="grader_fault"),
    ]


def test_json_holds_the_results_as_they_are(export, three):
    held = json.loads(export("json", *three))
    assert held["schema"] == "lab4/results/v1"
    assert [shape.build(Result, fields) for fields in held["results"]] == three


def test_csv_has_a_row_for_each_submission(export, made):
    results = [made("Иванов", participant="12"), made("B", outcome="grader_fault")]
    text = export("csv", *results).decode("utf-8-sig")
    first, second = csv.DictReader(io.StringIO(text, newline=""))
    assert first == {
        "name": "Иванов",
        "participant": "12",
        "sha256": "0" * 64,
        "outcome": "graded",
        "reason": "",
        "score": "15",
        "max_score": "31",
        "duration_s": "2.5",
        "starts": "passed",
        "broadcast": "failed",
        "crowd": "skipped",
        "races": "passed",
    }
    assert (second["outcome"], second["score"], second["reason"]) == (
        *("grader_fault", "", "there is no server.py"),
    )


def test_csv_is_for_excel_too(export, made):
    data = export("csv", made())
    assert data.startswith(b'\xef\xbb\xbf"name",')
    assert all(line.endswith(b"\r") for line in data.split(b"\n")[:-1])


def test_csv_of_nothing_has_headings(export):
    assert export("csv").decode("utf-8-sig").startswith('"name","participant"')


@pytest.fixture
def junit(export, tmp_path):
    """Return what exports JUnit XML and reads it as a build server does."""

    def read(*results, **options):
        path = tmp_path / "junit.xml"
        path.write_bytes(export("junit", *results, **options))
        return junitparser.JUnitXml.fromfile(str(path))

    return read


def test_junit_has_a_suite_for_each_submission(junit, three):
    xml = junit(*three)
    assert (xml.tests, xml.failures, xml.errors, xml.skipped) == (6, 2, 1, 1)
    assert [(s.name, s.tests, s.failures, s.errors, s.skipped) for s in xml] == [
        *[("Anna", 4, 1, 0, 1), ("Boris", 1, 1, 0, 0), ("Clara", 1, 0, 1, 0)],
    ]
    counted = [(s.tests, s.failures, s.errors, s.skipped) for s in xml]
    for suite in xml:
        suite.update_statistics()
    assert [(s.tests, s.failures, s.errors, s.skipped) for s in xml] == counted


def test_junit_tells_a_failure_and_what_it_is_worth(junit, made):
    (suite,) = junit(made())
    started, failed, skipped, _races = suite
    assert (started.classname, started.name, started.is_passed) == ("lab4.level1", "starts", True)
    (failure,) = failed.result
    assert failure.message == "it never came"
    assert "3. Boris must hear “hello”." in failure.text
    assert skipped.result[0].message == "skipped: needs broadcast"
    properties = {p.name: p.value for p in failed.child(junitparser.Properties)}
    assert properties == {
        "title": "Everybody hears everybody",
        "points": "0",
        "max_points": "10",
        "hint": "Go through all clients.",
    }


def test_junit_says_who_is_at_fault_when_nothing_was_graded(junit, three):
    _anna, boris, clara = junit(*three)
    (told,) = next(iter(boris)).result
    assert isinstance(told, junitparser.Failure)
    assert told.message == "not gradable: there is no server.py"
    (told,) = next(iter(clara)).result
    assert isinstance(told, junitparser.Error)


def test_junit_does_not_tell_hidden_checks(junit, made):
    (suite,) = junit(made(), hidden=frozenset({"broadcast", "races"}))
    assert [case.name for case in suite] == ["starts", "crowd", "hidden"]


def markdown(text: str) -> str:
    return MarkdownIt("commonmark").enable("table").render(text)


def test_github_shows_a_table_and_the_story_of_what_failed(export, made):
    html = markdown(export("github", made()).decode())
    assert "<h2>Anna</h2>\n<p><strong>Score: 15 of 31</strong></p>\n<table>" in html
    assert '<td>The server starts</td>\n<td style="text-align:right">5/5</td>' in html
    assert "<details><summary>Everybody hears everybody</summary>\n<pre>1. Anna, Boris" in html
    assert html.count("<details>") == 1


def test_github_begins_with_an_overview_of_many(export, three):
    html = markdown(export("github", *three).decode())
    assert html.index("<td>Boris</td>\n<td>not gradable: there is no server.py</td>") < html.index(
        "<h2>"
    )
    assert html.count("<h2>") == 3


def test_github_counts_hidden_checks(export, made):
    html = markdown(export("github", made(), hidden=frozenset({"broadcast"})).decode())
    assert "1 check stays hidden" in html
    assert "never came" not in html


def test_a_whole_class_still_fits_into_a_summary(export, made):
    results = [made(f"Student {number}") for number in range(500)]
    for result in results:
        result.checks[1].story = ["я" * 400] * 20
    assert 100_000 < len(export("github", *results)) <= 1_000_000
