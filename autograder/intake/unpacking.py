"""Copies one work out of a folder or an archive, and opens what is packed inside it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.i18n import _
from autograder.intake.folders import Folder, open_plain
from autograder.intake.kit import without_kit
from autograder.intake.limits import (
    MOST_ARCHIVE_BYTES,
    MOST_PART_BYTES,
    MOST_PATH,
    Budget,
    Unreadable,
)
from autograder.intake.members import Member, Source
from autograder.intake.paths import ARCHIVES, is_archive, is_python, same, shown, too_long
from autograder.intake.tars import Tar
from autograder.intake.zips import Zip

ZIP_MAGIC = (b"PK\3\4", b"PK\5\6")
FOREIGN = {b"Rar!\x1a\x07": "RAR", b"7z\xbc\xaf\x27\x1c": "7z"}
MOST_LEVELS = 2  # of archives inside a work


def open_source(path: Path, room: Path) -> Source:
    """Open a folder or an archive, whatever its name claims.

    Args:
        room: A folder in which an archive may be unpacked.

    Raises:
        Unreadable: it is neither, or an archive of a kind that cannot be unpacked.
        OSError: there is no room.
    """
    if path.is_dir():
        return Folder(path)
    with open_plain(path) as file:
        start = file.read(max(map(len, FOREIGN)))
    for magic, kind in FOREIGN.items():
        if start.startswith(magic):
            raise Unreadable(
                _("{name} is a {kind} archive, which cannot be opened here: ask for a zip").format(
                    name=shown(path.name), kind=kind
                )
            )
    if start.startswith(ZIP_MAGIC) or path.name.lower().endswith(".zip"):
        return Zip(path)
    if path.name.lower().endswith(ARCHIVES):
        return Tar(path, room)
    raise Unreadable(
        _("{name} is neither a folder nor an archive: name what was downloaded").format(
            name=shown(path.name)
        )
    )


def unpack(source: Source, members: Sequence[Member], to: Path, room: Path) -> None:
    """Copy a work, and unpack the archives in it if there is no program outside them.

    An archive becomes a folder of its name.

    Args:
        source: Where the work is.
        members: What belongs to it.
        to: An empty folder.
        room: Another folder, for what is packed.

    Raises:
        Unreadable: the work cannot be read.
        OSError: it cannot be written.
    """
    plain, packed = Budget(), Budget(size=MOST_ARCHIVE_BYTES)
    archives = _copy(source, members, to, plain, packed)
    for level in range(MOST_LEVELS + 1):
        if level == MOST_LEVELS and archives:
            raise Unreadable(
                _("{name} is an archive in an archive in an archive: unpack it by hand").format(
                    name=shown(archives[0].name)
                )
            )
        archives = [
            inner for archive in archives for inner in _unfold(archive, room, plain, packed)
        ]


def _unfold(archive: Path, room: Path, plain: Budget, packed: Budget) -> list[Path]:
    """Put a folder in the place of an archive; return the archives that are in it."""
    with tempfile.TemporaryDirectory(dir=room) as folder:
        aside = Path(folder) / archive.name
        archive.replace(aside)
        archive.mkdir()
        with contextlib.closing(open_source(aside, room)) as source:
            return _copy(source, list(source.members()), archive, plain, packed)


def _copy(
    source: Source, members: Sequence[Member], to: Path, plain: Budget, packed: Budget
) -> list[Path]:
    """Copy all that matters and return the archives that have to be unpacked."""
    members = without_kit(members)
    for member in members:
        if member.fault:
            raise Unreadable(member.fault)
    files = [member for member in members if not member.is_folder]
    _must_be_different(files)
    if any(is_python(member.parts[-1]) for member in files):
        files = [member for member in files if not is_archive(member.parts[-1])]
    archives = []
    for member in files:
        _must_not_be_too_long(member)
        target = to.joinpath(*member.parts)
        if is_archive(target.name):
            packed.copy(source.read(member), target, member.packed)
            archives.append(target)
        else:
            plain.copy(source.read(member), target, member.packed)
    return archives


def _must_be_different(files: Iterable[Member]) -> None:
    """Refuse files that would be one, here or on the system of somebody else."""
    seen: dict[str, Member] = {}
    for member in files:
        other = seen.setdefault(same(member.parts), member)
        if other is not member:
            raise Unreadable(
                _("{one} and {other} would be the same file: ask for the work anew").format(
                    one=shown(other.path), other=shown(member.path)
                )
            )
    for member in seen.values():
        for end in range(1, len(member.parts)):
            if same(member.parts[:end]) in seen:
                raise Unreadable(
                    _("{name} is a file and a folder too: ask for the work anew").format(
                        name=shown("/".join(member.parts[:end]))
                    )
                )


def _must_not_be_too_long(member: Member) -> None:
    longest = max(len(part.encode()) for part in member.parts)
    if len(member.path) > MOST_PATH or longest > MOST_PART_BYTES:
        raise Unreadable(too_long(member.path))
