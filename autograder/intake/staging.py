"""Turns one work, as it was handed in, into the folder that is graded."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.submission import NotGradable, content_digest, look_into
from autograder.i18n import _
from autograder.intake.layout import lay_out
from autograder.intake.limits import Unreadable
from autograder.intake.members import Member, Source
from autograder.intake.paths import is_python, shown
from autograder.intake.programs import SERVER, Choice, choose
from autograder.intake.unpacking import unpack

MOST_SHOWN = 5  # names in a sentence


@dataclass(frozen=True)
class Staged:
    """What has been laid out; see `reading.Entry`."""

    sha256: str
    chosen: dict[str, str]
    passed_over: tuple[str, ...]


def stage(source: Source, members: Sequence[Member], given: Mapping[str, str], to: Path) -> Staged:
    """Unpack a work, find its programs, and lay them out.

    Args:
        source: Where the work is.
        members: What belongs to it.
        given: Canonical name → path in the work, as the instructor says.
        to: The folder to make; one from an earlier run is replaced. What is needed on the way
            is put beside it, and removed.

    Raises:
        Unreadable: the work cannot be read; there is no folder then.
        OSError: the folder cannot be written.
    """
    if to.exists():
        shutil.rmtree(to)
    with (
        tempfile.TemporaryDirectory(dir=to.parent) as room,
        tempfile.TemporaryDirectory(dir=to.parent) as work,
    ):
        unpack(source, members, Path(work), Path(room))
        choice = _found(Path(work), given)
        laid = lay_out(Path(work), choice.chosen, to)
    try:
        sha256 = content_digest(to, look_into(to))
    except NotGradable as reason:
        shutil.rmtree(to)
        raise Unreadable(str(reason)) from reason
    return Staged(sha256, choice.chosen | laid.came, (*choice.passed_over, *laid.clashing))


def _found(work: Path, given: Mapping[str, str]) -> Choice:
    files = sorted(path.relative_to(work).as_posix() for path in work.rglob("*") if path.is_file())
    for file in given.values():
        if file not in files:
            raise Unreadable(
                _("the file of choices names {file}, which is not there (found: {found})").format(
                    file=file, found=_some(files)
                )
            )
    programs = [file for file in files if is_python(file)]
    if not programs and not given:
        raise Unreadable(
            _("there is no Python program (found: {found}): ask for the work anew").format(
                found=_some(files)
            )
        )
    choice = choose(work, programs, dict(given))
    if SERVER not in choice.chosen:
        raise Unreadable(
            _(
                "no program is a server (found: {found}): ask for it, or name one in a file of "
                "choices"
            ).format(found=_some(programs))
        )
    return choice


def _some(files: Sequence[str]) -> str:
    return ", ".join(shown(file) for file in files[:MOST_SHOWN]) or _("nothing")
