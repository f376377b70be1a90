"""Lays the chosen programs beside each other, with the modules that they import."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from autograder.intake.paths import is_python
from autograder.intake.programs import CANONICAL, SERVER


def lay_out(work: Path, chosen: Mapping[str, str], to: Path) -> tuple[dict[str, str], list[str]]:
    """Make the folder that is graded: the server's, under the names that the grader knows.

    Python files that lie beside a program chosen from another folder come along, unless a file
    of the same name is there with other content.

    Args:
        work: All that the student handed in.
        chosen: Canonical name → path in the work; one is a server.
        to: Must not exist.

    Returns:
        Name → path in the work, of each file that came along from another folder; and the paths
        of those that could not.

    Raises:
        OSError: it cannot be written.
    """
    root = PurePosixPath(chosen[SERVER]).parent
    shutil.copytree(work / root, to)
    for path in chosen.values():
        name = PurePosixPath(path).name
        if PurePosixPath(path).parent == root and name != name.lower() in CANONICAL:
            (to / name).unlink(missing_ok=True)  # Server.PY is server.py on some systems only
    for name, path in chosen.items():
        shutil.copyfile(work / path, to / name)
    came: dict[str, str] = {}
    clashing: list[str] = []
    for folder in dict.fromkeys(PurePosixPath(path).parent for path in chosen.values()):
        for file in sorted((work / folder).iterdir()) if folder != root else []:
            path = str(folder / file.name)
            if not _is_helper(file) or path in chosen.values():
                continue
            target = to / file.name
            if not target.exists():
                shutil.copyfile(file, target)
                came[file.name] = path
            elif target.read_bytes() != file.read_bytes():
                clashing.append(path)
    return came, clashing


def _is_helper(file: Path) -> bool:
    return file.is_file() and is_python(file.name) and file.name.lower() not in CANONICAL
