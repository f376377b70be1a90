"""Graders for course platforms: the whole grader with the instructor's rubric, and its start."""

from __future__ import annotations

from pathlib import Path

from autograder.release import kit, project


def gradescope(rubric_file: Path) -> dict[str, bytes]:
    """Return the files of an autograder for Gradescope; raises as `grader`."""
    return {**grader(rubric_file), **kit.part("gradescope")}


def classroom50(rubric_file: Path) -> dict[str, bytes]:
    """Return the files of an autograder for Classroom 50; raises as `grader`.

    The grader lies in a folder: its package has the name that the script must have.
    """
    files = kit.part("classroom50")
    below = {**grader(rubric_file), "README.md": files["README.md"]}
    return {**files, **{f"kit/{name}": data for name, data in below.items()}}


def grader(rubric_file: Path) -> dict[str, bytes]:
    """Return what grades one submission, hidden checks too.

    Raises:
        ReleaseError: this kit is not whole.
        RubricError: the rubric is broken, or its checks are not beside it.
    """
    pyproject = project.for_kit(kit.root_file("pyproject.toml").decode())
    return {
        **kit.grader(),
        **kit.checks(rubric_file),
        "pyproject.toml": pyproject.encode(),
        "LICENSE": kit.root_file("LICENSE"),
    }
