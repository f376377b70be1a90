"""Yields the works in folders and archives one by one, each in a plain folder of its own."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.grading.submission import NotGradable, content_digest, look_into
from autograder.i18n import _
from autograder.intake.choices import NONE, Choices
from autograder.intake.division import Share, divide
from autograder.intake.keys import Register, key_of
from autograder.intake.layout import lay_out
from autograder.intake.limits import Unreadable
from autograder.intake.members import Source
from autograder.intake.paths import is_python, shown, stem
from autograder.intake.programs import SERVER, choose
from autograder.intake.unpacking import open_source, unpack


@dataclass(frozen=True)
class Entry:
    """One work, or why it could not be read.

    Attributes:
        name: Of the student as far as known; no two entries have the same.
        key: A name for files, safe on every system; no two entries have the same.
        source: Where it was found, for people.
        participant: The number that Moodle or Canvas has given to the student.
        folder: What to grade, in the staging folder; who has graded it may remove it.
        sha256: Of the folder, as `grading.submission.open_submission` computes it.
        chosen: Name in the folder → path in the work, of the programs, and of what came along
            with them from another folder.
        passed_over: Paths in the work of what might have been chosen, or could not come along.
        reason: Why there is no folder; one sentence.
    """

    name: str
    key: str
    source: str
    participant: str | None = None
    folder: Path | None = None
    sha256: str | None = None
    chosen: dict[str, str] = field(default_factory=dict)
    passed_over: tuple[str, ...] = ()
    reason: str | None = None


@dataclass
class _Input:
    """A folder or an archive, and whose works are in it."""

    path: Path
    works: list[tuple[Entry, Share]]


def read(paths: Sequence[Path], staging: Path, choices: Choices = NONE) -> Iterator[Entry]:
    """Find out whose works there are, and return them one by one.

    A work is unpacked when its entry is asked for, so no more disk is used than the caller keeps.
    One that cannot be read is an entry with a reason.

    Args:
        paths: Folders and archives, of one work or of many.
        staging: A folder for the folders of the entries; made if it is not there.
        choices: What to grade where the search would err.

    Raises:
        ChoicesError: the choices name a work that is not there; at once.
        OSError: the staging folder cannot be written, at once or later.
    """
    staging.mkdir(parents=True, exist_ok=True)
    names, keys = Register(), Register()
    inputs = [_listed(path, staging, names, keys) for path in paths]
    known = {
        name
        for found in inputs
        for entry, _share in found.works
        for name in (entry.name, entry.key, entry.participant)
        if name is not None
    }
    choices.must_name_only(known)
    return (entry for found in inputs for entry in _entries(found, staging, choices))


def _listed(path: Path, staging: Path, names: Register, keys: Register) -> _Input:
    whole = path.absolute().name if path.is_dir() else stem(path.name)
    reason = None
    try:
        with contextlib.closing(open_source(path, staging)) as source:
            shares = divide(list(source.members()), shown(whole), path.is_dir())
    except Unreadable as error:
        shares, reason = [Share(shown(whole))], str(error)
    works = []
    for share in shares:
        entry = Entry(
            name=names.unique(share.name, " ({})"),
            key=keys.unique(key_of(share.name, share.participant), "-{}"),
            source=f"{path}/{share.place}" if share.place else str(path),
            participant=share.participant,
            reason=reason,
        )
        works.append((entry, share))
    return _Input(path, works)


def _entries(found: _Input, staging: Path, choices: Choices) -> Iterator[Entry]:
    with contextlib.ExitStack() as stack:
        source: Source | None = None
        for entry, share in found.works:
            if entry.reason is None:
                try:
                    if source is None:
                        source = open_source(found.path, staging)
                        stack.callback(source.close)
                    entry = _staged(entry, share, source, staging, choices)
                except (Unreadable, NotGradable) as error:
                    entry = replace(entry, reason=str(error))
            yield entry


def _staged(entry: Entry, share: Share, source: Source, staging: Path, choices: Choices) -> Entry:
    """Return the entry with its folder."""
    folder = staging / entry.key
    shutil.rmtree(folder, ignore_errors=True)  # of an earlier run
    with (
        tempfile.TemporaryDirectory(dir=staging) as room,
        tempfile.TemporaryDirectory(dir=staging) as work_folder,
    ):
        work = Path(work_folder)
        unpack(source, share.members, work, Path(room))
        files = sorted(
            path.relative_to(work).as_posix() for path in work.rglob("*") if path.is_file()
        )
        given = choices.of((entry.name, entry.key, entry.participant))
        for file in given.values():
            if file not in files:
                raise Unreadable(
                    _("{path} names {file}, which is not there (found: {found})").format(
                        path=choices.path, file=file, found=_some(files)
                    )
                )
        programs = [file for file in files if is_python(file)]
        if not programs and not given:
            raise Unreadable(
                _("there is no Python program (found: {found}): ask for the work anew").format(
                    found=_some(files)
                )
            )
        choice = choose(work, programs, given)
        if SERVER not in choice.chosen:
            raise Unreadable(
                _(
                    "no program is a server (found: {found}): ask for it, or name one in a file "
                    "of choices"
                ).format(found=_some(programs))
            )
        laid = lay_out(work, choice.chosen, folder)
    return replace(
        entry,
        folder=folder,
        sha256=content_digest(folder, look_into(folder)),
        chosen=choice.chosen | laid.came,
        passed_over=(*choice.passed_over, *laid.clashing),
    )


def _some(files: Sequence[str]) -> str:
    return ", ".join(shown(file) for file in files[:5]) or _("nothing")
