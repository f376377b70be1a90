"""What kits are packed from: the parts of this one, as files of an archive."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from autograder.batch.settings import files_of
from autograder.grading.request import CHECKS, ROOT
from autograder.grading.rubric import DEFAULT, Rubric
from autograder.i18n import _

GRADER = ROOT / "autograder"
PARTS = Path(__file__).with_name("parts")  # what kits have and this one has not
# Only maintainers grade the grader, translate it, and make kits from the reference.
NEVER = {"trust", "stubs.py"}
SOURCES_OF_CATALOGS = {".po", ".pot"}


class ReleaseError(Exception):
    """A kit cannot be packed; the message says why and what to do. Nothing was written."""


def read(folder: Path, name: str) -> dict[str, bytes]:
    """Return the files below a folder, under that name in the archive."""
    return {f"{name}/{file.as_posix()}": (folder / file).read_bytes() for file in files_of(folder)}


def grader(left_out: Collection[str] = ()) -> dict[str, bytes]:
    """Return the grader without some of its parts.

    Args:
        left_out: Folders and files of `autograder/`, besides those that no kit has.
    """
    roots = [Path(name) for name in NEVER | {*left_out}]
    return {
        f"autograder/{file.as_posix()}": (GRADER / file).read_bytes()
        for file in files_of(GRADER)
        if file.suffix not in SOURCES_OF_CATALOGS
        if not any(file.is_relative_to(root) for root in roots)
    }


def checks(points: Rubric) -> dict[str, bytes]:
    """Return the files of all checks, the kit's and the instructor's own."""
    own = read(points.checks, f"autograder/{points.checks.name}") if points.checks else {}
    return {**read(CHECKS, CHECKS.relative_to(ROOT).as_posix()), **own}


def root_file(name: str) -> bytes:
    """Return a file of the root of this kit.

    Raises:
        ReleaseError: it is not here: only the whole repository can be packed.
    """
    try:
        return (ROOT / name).read_bytes()
    except FileNotFoundError:
        raise ReleaseError(
            _("{path} is missing: kits are packed in a clone of the whole repository").format(
                path=ROOT / name
            )
        ) from None


RUBRIC = DEFAULT.relative_to(ROOT).as_posix()
