"""The texts about checks, and where one of them sends the reader next."""

from __future__ import annotations

from pathlib import Path

from autograder import i18n
from autograder.grading import catalog

PAGES = Path(__file__).with_name("explanations")


def text_about(check: str) -> str:
    """Return the text about a check in the language in force, Markdown.

    Args:
        check: Of the catalog.
    """
    return (PAGES / f"{check}.{i18n.language()}.md").read_text(encoding="utf-8")


def read_on(check: str) -> str:
    """Return the notebook and the section about a check, in one line; empty if there is none."""
    if check not in catalog.ABOUT:
        return ""
    last_section = text_about(check).rpartition("\n## ")[2].partition("\n")[2]
    return " ".join(last_section.replace("`", "").split()).rstrip(".")
