"""A folder that holds one student's work: what is in it, and a copy to run it from."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.i18n import _

MOST_FILES = 500
MOST_BYTES = 32 << 20
OURS = (b'"schema": "lab4/result/', b'name="generator" content="lab4"')
BEGIN_BYTES = 400
LEFT_OUT = {"__pycache__", ".git", ".venv", "venv", ".idea", ".vscode", "node_modules", "__MACOSX"}


class NotGradable(Exception):
    """There is nothing to grade; the message says why and what to do."""


@dataclass(frozen=True)
class Submission:
    """One work.

    Attributes:
        name: How reports call it.
        path: Where it was found.
        files: Relative paths of what is in it, sorted.
        sha256: Of the names and the contents of all files.
        stage: The copy that is run: a program may write beside itself without harm.
    """

    name: str
    path: Path
    files: tuple[str, ...]
    sha256: str
    stage: Path

    def program(self, name: str) -> Path | None:
        """Return the program with that file name, or None where the work has none."""
        return self.stage / name if name in self.files else None

    def close(self) -> None:
        """Remove the copy; idempotent."""
        shutil.rmtree(self.stage, ignore_errors=True)


def look_into(path: Path) -> list[Path]:
    """Return the relative paths of the files in a folder, sorted.

    Raises:
        NotGradable: it is no folder, has no server.py, or is too large.
    """
    if not path.is_dir():
        raise NotGradable(
            _("{path} is not a folder: name the folder that holds server.py").format(path=path)
        )
    found = sorted(_files(path))
    if Path("server.py") not in found:
        if inner := [str(file) for file in found if file.name == "server.py"]:
            raise NotGradable(
                _(
                    "there is no server.py in {path}, but {inside}: name its folder, or grade a "
                    "class by `lab4 grade`"
                ).format(path=path, inside=", ".join(inner[:5]))
            )
        inside = ", ".join(str(file) for file in found[:5]) or _("nothing")
        raise NotGradable(
            _("there is no server.py in {path} (found: {inside}): put it there").format(
                path=path, inside=inside
            )
        )
    size = sum((path / file).stat().st_size for file in found)
    if len(found) > MOST_FILES or size > MOST_BYTES:
        raise NotGradable(
            _("{path} holds {count} files of {size} MB: hand in the programs only").format(
                path=path, count=len(found), size=size >> 20
            )
        )
    return found


def open_submission(path: Path) -> Submission:
    """Copy a folder to where it can be run.

    Raises:
        NotGradable: see `look_into`; or a file cannot be read.
    """
    path = path.resolve()
    found = look_into(path)
    # resolve(): a temporary folder may stand behind a link, and frames show the real path.
    stage = Path(tempfile.mkdtemp(prefix="lab4-")).resolve()
    for file in found:
        (stage / file).parent.mkdir(parents=True, exist_ok=True)
        try:
            data = (path / file).read_bytes()
        except OSError as error:
            shutil.rmtree(stage)
            raise NotGradable(
                _("{path} cannot be read ({error}): look at its rights").format(
                    path=path / file, error=error.strerror
                )
            ) from error
        (stage / file).write_bytes(data)
    names = tuple(file.as_posix() for file in found)
    return Submission(path.name, path, names, content_digest(stage, found), stage)


def content_digest(folder: Path, files: Iterable[Path]) -> str:
    """Return the SHA-256 of the names and the contents of files.

    Args:
        files: Their paths relative to the folder, sorted.
    """
    digest = hashlib.sha256()
    for file in files:
        data = (folder / file).read_bytes()
        digest.update(f"{file.as_posix()}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def _files(path: Path) -> list[Path]:
    """Return plain files only: a link could lead anywhere, a pipe could wait for ever."""
    found = []
    for folder, folders, files in os.walk(path):
        folders[:] = [name for name in folders if name not in LEFT_OUT]
        for name in files:
            file = Path(folder) / name
            if file.is_file() and not file.is_symlink() and not _is_ours(file):
                found.append(file.relative_to(path))
    return found


def _is_ours(file: Path) -> bool:
    """Return whether lab4 wrote it: a result beside the work is no part of the work."""
    if file.suffix not in (".json", ".html"):
        return False
    try:
        with file.open("rb") as opened:
            begin = opened.read(BEGIN_BYTES)
    except OSError:  # it will be told when the work is copied
        return False
    return any(mark in begin for mark in OURS)
