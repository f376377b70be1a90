"""Lays the chosen programs beside each other, with the modules that they import."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from autograder.intake import traits
from autograder.intake.paths import is_python
from autograder.intake.programs import CANONICAL, SERVER

TOP = PurePosixPath()  # of a work


@dataclass
class Layout:
    """What has been laid beside the server.

    Attributes:
        came: Name → path in the work, of what came along from another folder.
        clashing: Paths of what could not: something else has the name.
    """

    came: dict[str, str] = field(default_factory=dict)
    clashing: list[str] = field(default_factory=list)


def lay_out(work: Path, chosen: Mapping[str, str], to: Path) -> Layout:
    """Make the folder that is graded: the server's, under the names that the grader knows.

    Python files that lie beside a program chosen from another folder come along, what the programs
    import from their own folders and from those above, and data that lie above the server: it may
    have been started from there.

    Args:
        work: All that the student handed in.
        chosen: Canonical name → path in the work; one is a server.
        to: Must not exist.

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
        if (to / name).is_dir():  # a folder of that name helps nobody
            shutil.rmtree(to / name)
        shutil.copyfile(work / path, to / name)
    laid = Layout()
    for folder in dict.fromkeys(PurePosixPath(path).parent for path in chosen.values()):
        if folder != root:
            _bring_neighbours(work, folder, set(chosen.values()), to, laid)
    for folder in root.parents:
        _bring_data(work, folder, to, laid)
    for program in map(PurePosixPath, chosen.values()):
        if not program.parent == root == TOP:  # else all is there already
            _bring_imports(work, program, to, laid)
    return laid


def _bring_neighbours(
    work: Path, folder: PurePosixPath, chosen: set[str], to: Path, laid: Layout
) -> None:
    for file in sorted((work / folder).iterdir()):
        path = str(folder / file.name)
        if not file.is_file() or not is_python(file.name) or path in chosen:
            continue
        if file.name.lower() in CANONICAL:
            continue
        target = to / file.name
        if not target.exists():
            shutil.copyfile(file, target)
            laid.came[file.name] = path
        elif not target.is_file() or target.read_bytes() != file.read_bytes():
            laid.clashing.append(path)


def _bring_data(work: Path, folder: PurePosixPath, to: Path, laid: Layout) -> None:
    for file in sorted((work / folder).iterdir()):
        target = to / file.name
        if file.is_file() and not is_python(file.name) and not target.exists():
            shutil.copyfile(file, target)
            laid.came[file.name] = str(folder / file.name)


def _bring_imports(work: Path, program: PurePosixPath, to: Path, laid: Layout) -> None:
    """Bring modules from above: a program may have put that folder on its path."""
    waiting, seen = [program], {program}
    while waiting:
        now = waiting.pop()
        imports = traits.of(work / now).imports - sys.stdlib_module_names
        for found in _above(work, now, imports):
            if found in seen:
                continue
            seen.add(found)
            if not (to / found.name).exists():
                copy = shutil.copytree if (work / found).is_dir() else shutil.copyfile
                copy(work / found, to / found.name)
                laid.came[found.name] = str(found)
            if (work / found).is_file():
                waiting.append(found)


def _above(work: Path, program: PurePosixPath, modules: frozenset[str]) -> list[PurePosixPath]:
    """Return where modules are: in the program's folder, or else in the nearest above it."""
    found: dict[str, PurePosixPath] = {}
    for folder in program.parents:
        names = {path.name for path in (work / folder).iterdir()}
        for module in modules:
            for name in (f"{module}.py", module):
                if name in names:
                    found.setdefault(module, folder / name)
    return sorted(found.values())
