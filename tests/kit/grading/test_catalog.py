"""The words about checks, and a failure told as plain text."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from autograder.grading import catalog, rubric
from autograder.harness.unmet import Unmet

GRADED = Path(__file__).parents[2] / "graded"


def marked() -> list[str]:
    """Return the ids of all graded checks, as they are written."""
    text = "".join(path.read_text(encoding="utf-8") for path in GRADED.glob("test_*.py"))
    return re.findall(r'@pytest\.mark\.check\("(\w+)"', text)


def test_checks_rubric_and_words_name_the_same():
    assert len(marked()) == len(set(marked()))
    assert set(marked()) == set(rubric.load().points) == set(catalog.ABOUT)


def test_needs_are_checks_that_come_earlier():
    earlier: list[str] = []
    for path in sorted(GRADED.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            for mark in getattr(node, "decorator_list", []):
                if ast.unparse(mark.func if isinstance(mark, ast.Call) else mark).endswith("check"):
                    words = {word.arg: ast.literal_eval(word.value) for word in mark.keywords}
                    assert set(words.get("needs", [])) <= set(earlier), ast.unparse(mark)
                    earlier.append(ast.literal_eval(mark.args[0]))
    assert earlier[0] == "starts"


def test_hints_are_sentences():
    for check, about in catalog.ABOUT.items():
        assert about.why.endswith("."), check
        assert about.hint.endswith("."), check
        assert not about.title.endswith("."), check


def test_an_instructors_own_check_needs_no_words():
    assert (catalog.title("chess"), catalog.why("chess"), catalog.hint("chess")) == (
        "chess",
        "",
        "",
    )


@pytest.mark.parametrize("hint", ["", "Look at line 3."])
def test_a_failure_is_told_in_steps_and_sentences(hint):
    unmet = Unmet("it rains", "the sun shines", cause="summer", hint=hint, stacks="Thread 1")
    text = catalog.explain_failure("no_spin", ["Anna enters.", "Anna waits."], unmet)
    assert text.splitlines() == [
        "1. Anna enters.",
        "2. Anna waits.",
        "expected: it rains",
        "actual: the sun shines",
        "likely cause: summer",
        f"hint: {hint or catalog.hint('no_spin')}",
        "Thread 1",
    ]


def test_a_failure_without_a_cause_names_none():
    text = catalog.explain_failure("relay", [], Unmet("a", "b"))
    assert "likely cause" not in text
