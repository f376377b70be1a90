"""Lays out a work of a class once more as it was graded, from where it was handed in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.intake.choices import Choices
from autograder.intake.programs import CANONICAL
from autograder.intake.reading import Entry, read


def lay_out(submission: Mapping[str, Any], staging: Path) -> Path | None:
    """Return the folder of the work, None if it is not where it was.

    Args:
        submission: What its result says of it.
        staging: A new folder, in which it is laid out.

    Raises:
        OSError: it cannot be laid out there.
    """
    source = Path(submission["source"])
    archives = [path for path in source.parents if path.is_file()]
    for origin in [source] if source.exists() else archives:
        found = _found(origin, submission, staging / "found", Choices())
        if found is None:
            return None
        if found.sha256 == submission.get("sha256"):
            return found.folder
        # An instructor may have chosen the programs.
        known = submission.get("chosen", {})
        chosen = {name: path for name, path in known.items() if name in CANONICAL}
        given = Choices(None, {found.name: chosen})
        found = _found(origin, submission, staging / "chosen", given) or found
        return found.folder
    return None


def _found(
    origin: Path, submission: Mapping[str, Any], staging: Path, choices: Choices
) -> Entry | None:
    """Return what is the work, or else what is called as it was."""
    namesake: Entry | None = None
    for entry in read([origin], staging, choices):
        if entry.sha256 == submission.get("sha256"):
            return entry
        if entry.folder and submission.get("name") in (entry.name, entry.key):
            namesake = entry
    return namesake
