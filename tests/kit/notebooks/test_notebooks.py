"""The notebooks are made from their sources, and run: untouched, and solved twice in a row."""

from __future__ import annotations

import re
import statistics
from pathlib import Path

import jupytext
import nbformat
import pytest

from autograder.grading import catalog

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
SOURCES = sorted((ROOT / "notebooks" / "source").glob("[0-9]_*.py"))
EACH = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
LANGUAGES = pytest.mark.parametrize("language", ["ru", "en"])
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def cells(source: Path, kind: str) -> list[nbformat.NotebookNode]:
    found = jupytext.read(source, fmt="py:percent").cells
    return [cell for cell in found if cell.cell_type == kind]


def tags(cell: nbformat.NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", []))


@EACH
@LANGUAGES
def test_the_notebooks_are_up_to_date_and_without_outputs(build, source, language):
    written = build.target(source, language).read_text(encoding="utf-8")
    assert written == build.build(source, language), "run: python notebooks/build.py"
    book = nbformat.reads(written, as_version=4)
    nbformat.validate(book)
    assert [cell for cell in book.cells if cell.get("outputs")] == []


@EACH
def test_both_languages_have_the_same_code_and_as_many_texts(build, source):
    russian, english = (
        nbformat.reads(build.build(source, language), as_version=4).cells
        for language in ("ru", "en")
    )
    assert [cell.cell_type for cell in russian] == [cell.cell_type for cell in english]
    for one, other in zip(russian, english, strict=True):
        if one.cell_type == "code":
            assert one.source == other.source
        else:
            assert CYRILLIC.search(one.source)
            headings = [re.findall("^#+ ", text.source, re.MULTILINE) for text in (one, other)]
            assert headings[0] == headings[1]


@EACH
def test_code_is_short_and_comes_after_prose(source):
    hidden = {"invariant", "outcome", "solution"}
    code = [cell for cell in cells(source, "code") if not hidden & set(tags(cell))]
    assert statistics.median(cell.source.count("\n") + 1 for cell in code) <= 5
    assert len(cells(source, "markdown")) / 2 >= len(code) * 2 / 3


@EACH
def test_every_part_of_a_walkthrough_is_there(source):
    text = "\n".join(cell.source for cell in cells(source, "markdown"))
    for part in ("Predict", "Run", "Explain", "Modify", "Check", "Take away"):
        assert re.search(rf"^## {part}", text, re.MULTILINE), part
    code = [cell.source for cell in cells(source, "code")]
    assert any(re.fullmatch(r"guess\w* = \.\.\.", text) for text in code)
    claims = [c for c in cells(source, "code") if {"invariant", "outcome"} & set(tags(c))]
    assert len(claims) >= 2
    assert all("assert " in claim.source for claim in claims)


@EACH
def test_what_is_named_exists(source):
    text = "\n".join(cell.source for cell in cells(source, "markdown"))
    explained = re.findall(r"lab4 explain (\w+)", text)
    assert explained
    assert set(explained) <= set(catalog.ABOUT)
    todo = set(re.findall(r"TODO\(([\d.]+)\)", text))
    work = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "lab4").glob("*.py"))
    assert todo <= set(re.findall(r"TODO\(([\d.]+)\)", work))
    linked = re.findall(r"\]\((\w+\.ipynb)\)", text)
    assert {Path(name).stem for name in linked} <= {path.stem for path in SOURCES}


@EACH
def test_it_runs_with_the_stubs_and_says_kindly_what_is_not_done(run, source):
    ran = run(source, "ru", work=ROOT / "lab4", solved=False)
    assert ran.errors == []
    assert "todo" in ran.boxes
    assert "wrong" not in ran.boxes
    left_nothing(ran)


@EACH
def test_solved_it_runs_twice_in_a_row_and_all_is_right(run, source):
    ran = run(source, "en", work=ROOT / "reference", solved=True, times=2)
    assert ran.errors == []
    assert "right" in ran.boxes
    assert not {"wrong", "todo"} & set(ran.boxes)
    left_nothing(ran)


def left_nothing(ran):
    assert (ran.threads, ran.ports) == ([], [])
    # The zygote of the harness lives as long as the process that grades, here the kernel.
    assert [child for child in ran.children if "zygote.py" not in child] == []
