"""What kits are packed from: the parts of this one, as files of an archive."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from pathlib import Path

from autograder import i18n
from autograder.batch.settings import files_of
from autograder.grading import rubric
from autograder.grading.request import CHECKS, ROOT
from autograder.i18n import _

GRADER = ROOT / "autograder"
PARTS = Path(__file__).with_name("parts")  # what kits have and this one has not
LANGUAGE = b"{language}"  # stands in a part for that of the feedback
# Only maintainers grade the grader, translate it, and make kits from the reference.
NEVER = {"release", "stubs.py", "trust"}
# What of a package is needed when it runs.
KINDS = {".py", ".mo", ".md", ".html", ".css", ".js"}
LOCALE = "locale"  # the only folder of the grader that is no package


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
        if _is_part(file) and not any(file.is_relative_to(root) for root in roots)
    }


def _is_part(file: Path) -> bool:
    """Return whether a file is the grader's: rubrics and checks of one's own may lie beside."""
    top = file.parts[0]
    in_package = file.name == top or top == LOCALE or (GRADER / top / "__init__.py").is_file()
    return file.suffix in KINDS and in_package


def checks(rubric_file: Path) -> dict[str, bytes]:
    """Return the rubric and the files of all checks, the kit's and the instructor's own.

    Raises:
        RubricError: the rubric is broken, or its checks are not beside it.
    """
    with tempfile.TemporaryDirectory(prefix="lab4-") as folder:
        copy = rubric.copy(rubric_file, Path(folder, "rubric"))
        return {
            **read(CHECKS, CHECKS.relative_to(ROOT).as_posix()),
            **read(copy.parent, GRADER.name),
        }


def part(name: str) -> dict[str, bytes]:
    """Return what one kind of kit has besides, with the language in force for its feedback."""
    language = i18n.language().encode()
    return {
        file.removeprefix(f"{name}/"): data.replace(LANGUAGE, language)
        for file, data in read(PARTS / name, name).items()
    }


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
