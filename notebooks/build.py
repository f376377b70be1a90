"""Makes the notebooks in ru/ and en/ from source/: one source, code cells the same in both.

Usage: python notebooks/build.py. A source is a jupytext file whose cells are marked so:

    # %% [markdown] lang="ru"      prose; its sibling with lang="en" comes next
    # %%                           code for both languages
    # %% tags=["exercise"]         what a student has to complete
    # %% tags=["solution"]         comes after it; takes its place in tests only
    # %% tags=["invariant"]        what the cells above claim; only in tests
    # %% tags=["outcome"]          the same, but true only with the solutions
"""

from __future__ import annotations

import json
from pathlib import Path

import jupytext
from nbformat import NotebookNode

HERE = Path(__file__).parent
SOURCES = sorted((HERE / "source").glob("[0-9]_*.py"))
LANGUAGES = ("ru", "en")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


class SourceError(Exception):
    """A source is not as it should be; the message names the cell."""


def read(source: Path) -> list[NotebookNode]:
    """Return the cells of a source.

    Raises:
        SourceError: a cell has no sibling in the other language, or a solution no exercise.
    """
    text = source.read_text(encoding="utf-8")
    cells: list[NotebookNode] = jupytext.reads(text, fmt="py:percent").cells
    languages = [cell.metadata.get("lang") for cell in cells if cell.cell_type == "markdown"]
    for number, pair in enumerate(zip(languages[::2], languages[1::2], strict=False), 1):
        if pair != LANGUAGES:
            raise SourceError(f"{source.name}: pair {number} of texts is {pair}, not {LANGUAGES}")
    if len(languages) % 2:
        raise SourceError(f"{source.name}: the last text has no sibling")
    for before, cell in zip([None, *cells], cells, strict=False):
        if is_(cell, "solution") and not (before and is_(before, "exercise")):
            raise SourceError(f"{source.name}: no exercise before the solution\n{cell.source}")
    return cells


def is_(cell: NotebookNode, tag: str) -> bool:
    """Return whether a cell has a tag."""
    return tag in cell.metadata.get("tags", [])


def build(source: Path, language: str, *, solved: bool = False, tested: bool = False) -> str:
    """Return a notebook as the text of its file.

    Args:
        source: What it is made from.
        language: `ru` or `en`.
        solved: Whether solutions take the place of the exercises, and what they lead to is claimed.
        tested: Whether the cells that claim invariants are there.
    """
    cells: list[dict[str, object]] = []
    for cell in read(source):
        if cell.metadata.get("lang", language) != language:
            continue
        if is_(cell, "solution"):
            if solved:
                cells[-1]["source"] = cell.source.splitlines(keepends=True)
        elif (tested or not is_(cell, "invariant")) and (solved or not is_(cell, "outcome")):
            cells.append(_fresh(cell, len(cells)))
    notebook = {
        "cells": cells,
        "metadata": {"kernelspec": KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _fresh(cell: NotebookNode, number: int) -> dict[str, object]:
    """Return a cell as the file has it, without anything of an earlier run."""
    fresh: dict[str, object] = {
        "cell_type": cell.cell_type,
        "id": f"{cell.cell_type}-{number}",
        "metadata": {"tags": cell.metadata["tags"]} if "tags" in cell.metadata else {},
        "source": cell.source.splitlines(keepends=True),
    }
    return fresh | ({"execution_count": None, "outputs": []} if cell.cell_type == "code" else {})


def target(source: Path, language: str) -> Path:
    """Return where a notebook is written to."""
    return HERE / language / f"{source.stem}.ipynb"


def main() -> None:
    """Write all notebooks."""
    for source in SOURCES:
        for language in LANGUAGES:
            target(source, language).write_text(build(source, language), encoding="utf-8")
            print(target(source, language).relative_to(HERE))


if __name__ == "__main__":
    main()
