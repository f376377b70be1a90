"""Bars in a terminal, lines in a log, and the overview at the end."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from autograder.batch import overview, progress
from autograder.batch.folder import Folder
from autograder.batch.job import Step
from autograder.batch.summary import Row, Summary
from autograder.intake import Entry

EVIL = "Anna\x1b[2J\u202e\n[red]"


def row(key: str, name: str, outcome: str = "graded", reason: str | None = None) -> Row:
    return Row(key, name, key, None, None, outcome, reason, 40, 100, 1.0)


@pytest.fixture(params=[True, False], ids=["terminal", "log"])
def console(request):
    """A terminal, or a file."""
    return Console(file=io.StringIO(), force_terminal=request.param, width=120)


def shown(console: Console) -> str:
    return console.file.getvalue()


def test_a_run_is_shown(console):
    summary = Summary({}, ("a", "b", "c"))
    with progress.shown(summary, console) as watcher:
        entry = Entry(EVIL, "a", "works/a")
        watcher.step(entry, Step(3, 27, "relay"))
        watcher.step(entry, Step(4, 27, "broadcast"))
        summary.rows["a"] = row("a", EVIL)
        watcher.finished(entry, summary.rows["a"], summary)
        summary.rows["b"] = row("b", "Boris", "not_gradable", "it\x07 is empty")
        watcher.finished(Entry("Boris", "b", "works/b"), summary.rows["b"], summary)
        watcher.step(Entry("Vera", "c", "works/c"), Step(1, 27, "relay"))
    text = shown(console)
    assert "\x1b[2J" not in text and "\u202e" not in text and "\x07" not in text
    if console.is_terminal:
        last = text[text.rindex("mean score 40.0") :]
        assert "2/3" in last
        assert "Vera" in last and "1/27" in last and "What the first one says" in last
        assert "Anna" not in last
    else:
        assert text.splitlines() == [
            "1/3 Anna\\x1b[2J\\u202e [red]: 40 of 100",
            "2/3 Boris: not gradable: it\\x07 is empty",
        ]


def told(summary: Summary, tmp_path) -> str:
    console = Console(file=io.StringIO(), width=200)
    overview.show(summary, Folder(tmp_path), console)
    return re.sub(" +", " ", shown(console))


def test_the_overview_names_whom_to_care_for(tmp_path):
    rows = {
        "a": row("a", EVIL, "not_gradable", "no server\x1b[1m"),
        "b": row("b", "Boris", "grader_fault", "the grader itself failed: it rains"),
        "c": row("c", "Vera"),
    }
    text = told(Summary({}, tuple(rows), rows), tmp_path)
    assert "Anna\\x1b[2J\\u202e [red] no server\\x1b[1m" in text
    assert "Boris the grader itself failed: it rains" in text
    assert "Vera" not in text
    for line in ("graded 1", "not gradable 1", "the grader failed 1", "mean score 40.0 of 100"):
        assert f"\n {line} \n" in text
    assert "The grader failed at 1 submission, which says nothing about the work" in text
    assert "Put right what is not gradable" in text
    assert f"All points are in {tmp_path / 'summary.json'}" in text


def test_a_class_without_trouble_is_told_shortly(tmp_path):
    rows = {"c": row("c", "Vera")}
    text = told(Summary({}, ("c",), rows), tmp_path)
    assert "again" not in text
    nobody = told(Summary({}, ("c",)), tmp_path)
    assert "mean" not in nobody
