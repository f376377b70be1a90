"""The summary tells of each submission once, in order, in whole files only."""

from __future__ import annotations

import json

import pytest

from autograder.batch import summary
from autograder.batch.summary import Row, Summary
from autograder.grading.result import Result

CONDITIONS = {"seed": 7, "kit": "1"}


def row(key: str, score: int = 0, outcome: str = "graded") -> Row:
    return Row(key, key, f"works/{key}", None, "ab", outcome, None, score, 100, 1.0)


def test_rows_are_told_in_the_order_of_the_works(tmp_path):
    found = Summary(CONDITIONS, ("b", "a", "c"))
    for one in (row("c", 50), row("a", 100), row("b", 0, "not_gradable")):
        found.rows[one.key] = one
    found.write(tmp_path / "s.json")
    told = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))
    assert [one["key"] for one in told["submissions"]] == ["b", "a", "c"]
    assert told["schema"] == "lab4/summary/v1"
    assert (told["planned"], told["mean"]) == (3, 75.0)
    assert told["outcomes"] == {"graded": 2, "not_gradable": 1}
    assert told["seed"] == summary.seed_of(tmp_path / "s.json") == 7


def test_the_mean_is_that_of_what_was_graded():
    found = Summary(CONDITIONS, ("a", "b"))
    assert found.mean() is None
    found.rows["b"] = row("b", 10, "grader_fault")
    assert found.mean() is None
    found.rows["a"] = row("a", 40)
    assert found.mean() == 40


def test_a_name_cannot_break_the_file(tmp_path):
    found = Summary(CONDITIONS, ("a",))
    found.rows["a"] = Row("a", 'И\u202e"\x1b[2J\ud800', "x", None, None, "graded", None, 1, 2, 0.1)
    found.write(tmp_path / "s.json")
    text = (tmp_path / "s.json").read_text(encoding="utf-8")
    assert "\x1b" not in text and "\u202e" not in text
    assert json.loads(text)["submissions"][0]["name"] == 'И\u202e"\x1b[2J\ufffd'


def test_the_old_file_stays_if_the_new_one_cannot_be_written(tmp_path, monkeypatch):
    found = Summary(CONDITIONS, ())
    found.write(tmp_path / "s.json")
    before = (tmp_path / "s.json").read_bytes()
    found.rows["a"] = Row("a", "a", "x", None, None, object(), None, 1, 2, 0.1)
    with pytest.raises(TypeError):
        Summary(CONDITIONS, ("a",), found.rows).write(tmp_path / "s.json")
    assert (tmp_path / "s.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["s.json"]


@pytest.mark.parametrize(
    "text", [None, "", "[", "[]", '{"schema": "other", "seed": 1}', '{"schema": "lab4/summary/v1"}']
)
def test_a_foreign_summary_names_no_seed(tmp_path, text):
    if text is not None:
        (tmp_path / "s.json").write_text(text, encoding="utf-8")
    assert summary.seed_of(tmp_path / "s.json") is None


def test_a_row_is_made_of_a_result_of_a_class_only():
    with pytest.raises(KeyError):
        Row.of(Result({"name": "anna"}, {}))
