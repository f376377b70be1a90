"""What platforms grade with: a grader and what starts it, or a repository with a workflow."""

from __future__ import annotations

from pathlib import Path

from autograder.release import kit, project, students


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


def github(rubric_file: Path) -> dict[str, bytes]:
    """Return a repository for students: their kit, and a workflow that tells them their points.

    What exports results is in it, and with that what grades a class. Raises as
    `students.contents`.
    """
    return {**students.contents(rubric_file, left_out=()), **kit.part("github")}


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
