"""The students' kit: the programs to fill in, the checks, and as much of the grader as they take.

Nothing of a solution, and nothing of a check that the rubric hides, is in it.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from autograder import stubs
from autograder.grading import rubric
from autograder.grading.request import ROOT
from autograder.i18n import _
from autograder.release import cutting, kit, points, project
from autograder.release.kit import ReleaseError

FOLDER = "lab4-kit"
# Commands of these parts are not there where they are not, see `commands`.
FOR_INSTRUCTORS = (
    "batch",
    "intake",
    "reports/exports",
    "reports/pages/class_page.py",
    "reports/pages/figures.py",
    "reports/pages/templates/class.html",
    "reports/pages/templates/class.js",
)
WORDS = "autograder/grading/catalog.py"
SUSPECTS = "autograder/grading/suspects/__init__.py"
PAGES = "autograder/reports/explanations/"  # CHECK.LANGUAGE.md
ASSIGNMENT = ("README.md", "README.en.md")
NOTEBOOKS = ("ru", "en", "lab4nb")  # their sources hold the solutions of the exercises
CLINIC = "clinic"  # its patients are edits of the reference


def make(rubric_file: Path) -> dict[str, bytes]:
    """Return the files of the kit, in a folder of its own; raises as `contents`."""
    return {f"{FOLDER}/{name}": data for name, data in contents(rubric_file).items()}


def contents(rubric_file: Path, left_out: Collection[str] = FOR_INSTRUCTORS) -> dict[str, bytes]:
    """Return the files of the kit.

    Args:
        rubric_file: What the instructor grades by.
        left_out: Parts of the grader that students do without.

    Raises:
        ReleaseError: a hidden check cannot be cut out, or this kit is not whole.
        RubricError: the rubric is broken, or its checks are not beside it.
        MarkerError: a gap of the reference is not marked as it should be.
    """
    files = kit.grader(left_out)
    graded_by = rubric.load(rubric_file)
    files |= _without_hidden(kit.checks(rubric_file), graded_by.hidden)
    files = {name: data for name, data in files.items() if not _is_page(name, graded_by.hidden)}
    words = files[WORDS].decode()
    files[WORDS] = cutting.without_keys(words, "ABOUT", graded_by.hidden).encode()
    patterns = files[SUSPECTS].decode()
    files[SUSPECTS] = cutting.without_keys(patterns, "PATTERNS", graded_by.hidden).encode()
    files["autograder/rubric.toml"] = points.for_students(graded_by).encode()
    files |= {f"lab4/{name}": kit.root_file(f"lab4/{name}") for name in ASSIGNMENT}
    for name, stub in _stubs().items():
        files[f"lab4/{name}"] = stubs.without_names(stub, graded_by.hidden).encode()
    files |= _notebooks()
    extras = ["notebooks"] if any(name.startswith("notebooks/") for name in files) else []
    pyproject = kit.root_file("pyproject.toml").decode()
    files["pyproject.toml"] = project.for_kit(pyproject, extras).encode()
    files["LICENSE"] = kit.root_file("LICENSE")
    return files | kit.part("students")


def _is_page(name: str, checks: Collection[str]) -> bool:
    """Return whether a file explains one of those checks."""
    return name.startswith(PAGES) and name.removeprefix(PAGES).split(".")[0] in checks


def _without_hidden(files: dict[str, bytes], hidden: frozenset[str]) -> dict[str, bytes]:
    """Return the files of the checks without those that are hidden."""
    made, found = dict(files), set[str]()
    for name in [name for name in files if name.endswith(".py")]:
        try:
            source = files[name].decode()
            checks = cutting.checks_of(source)
        except (SyntaxError, UnicodeDecodeError) as error:
            raise ReleaseError(
                _("{path} is no Python: {error}").format(path=name, error=error)
            ) from error
        found |= checks
        if checks and checks <= hidden:
            del made[name]
        else:
            made[name] = cutting.without_checks(source, hidden).encode()
    if missed := sorted(hidden - found):
        raise ReleaseError(
            _(
                "{names} cannot be cut out: write the check as a function at the top level of its "
                'file, with the mark @pytest.mark.check("ID")'
            ).format(names=", ".join(missed))
        )
    return made


def _stubs() -> dict[str, str]:
    kit.root_file("reference/server.py")  # without it there is nothing to make them from
    return stubs.make_stubs(ROOT / "reference")


def _notebooks() -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for part in NOTEBOOKS:
        files |= kit.read(ROOT / "notebooks" / part, f"notebooks/{part}")
    files = {name: data for name, data in files.items() if CLINIC not in name}
    for name in [name for name in files if name.endswith("/__init__.py")]:
        files[name] = cutting.without_imports(files[name].decode(), {CLINIC}).encode()
    return files
