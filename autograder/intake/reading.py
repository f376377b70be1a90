"""Yields the works in folders and archives one by one, each in a plain folder of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.intake.choices import NONE, Choices
from autograder.intake.division import Share, divide
from autograder.intake.keys import Register, key_of
from autograder.intake.limits import Unreadable
from autograder.intake.members import Source
from autograder.intake.paths import is_archive, is_dropping, is_python, shown, stem
from autograder.intake.staging import stage
from autograder.intake.unpacking import open_source


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
    inputs = [
        _listed(one, staging, names, keys) for path in paths for one in _downloads(path, staging)
    ]
    known = {
        name
        for found in inputs
        for entry, _share in found.works
        for name in (entry.name, entry.key, entry.participant)
        if name is not None
    }
    choices.must_name_only(known)
    return (entry for found in inputs for entry in _entries(found, staging, choices))


def _downloads(path: Path, staging: Path) -> list[Path]:
    """Return what lies in a folder into which somebody has downloaded a class; else the folder."""
    if not path.is_dir():
        return [path]
    try:
        inside = [one for one in sorted(path.iterdir()) if not is_dropping((one.name,))]
    except OSError:  # it will be told as its entry
        return [path]
    if any(is_python(one.name) for one in inside):
        return [path]
    works = [one for one in inside if one.is_dir() or is_archive(one.name)]
    return works if any(_holds_class(one, staging) for one in works) else [path]


def _holds_class(file: Path, staging: Path) -> bool:
    """Return whether a zip has names in it that Moodle or Canvas gives."""
    if file.suffix.lower() != ".zip" or file.is_dir():
        return False
    try:
        with contextlib.closing(open_source(file, staging)) as source:
            shares = divide(list(source.members()), "", False)
    except Unreadable:
        return False
    return any(share.participant for share in shares)


def _listed(path: Path, staging: Path, names: Register, keys: Register) -> _Input:
    whole = path.resolve().name if path.is_dir() else stem(path.name)
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
            if entry.reason is not None:
                yield entry
                continue
            try:
                if source is None:
                    source = open_source(found.path, staging)
                    stack.callback(source.close)
                given = choices.of((entry.name, entry.key, entry.participant))
                folder = staging / entry.key
                staged = stage(source, share.members, given, folder)
            except Unreadable as error:
                yield replace(entry, reason=str(error))
            else:
                yield replace(
                    entry,
                    folder=folder,
                    sha256=staged.sha256,
                    chosen=staged.chosen,
                    passed_over=staged.passed_over,
                )
