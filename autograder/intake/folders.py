"""Reads a folder: plain files only, never through a link."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from autograder.i18n import _
from autograder.intake import paths
from autograder.intake.encodings import code_page, decoded
from autograder.intake.limits import MOST_MEMBERS_OF_ONE, Unreadable, chunks
from autograder.intake.members import Member, at_most, link, special

# Neither through a link, nor waiting for who writes into a pipe. Windows has neither flag.
CAREFULLY = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)


class Folder:
    """A folder on the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def members(self) -> Iterator[Member]:
        """See `Source`."""
        for top in _listed(self._path, ()):
            yield top
            if top.is_folder:
                # One work that is too large, or closed to us, must not hide the others.
                yield from at_most(_below(top), MOST_MEMBERS_OF_ONE, top.parts)

    def read(self, member: Member) -> Iterator[bytes]:
        """See `Source`."""
        with open_plain(member.origin) as file:
            try:
                yield from chunks(file)
            except OSError as error:
                raise not_readable(member.origin, error) from error

    def close(self) -> None:
        """See `Source`."""


def _below(folder: Member) -> Iterator[Member]:
    waiting = [folder]
    while waiting:
        found = waiting.pop()
        if len(found.parts) > paths.MOST_DEPTH:
            yield Member(found.parts, found.origin, fault=paths.too_long(found.path))
            continue
        try:
            inside = list(_listed(found.origin, found.parts))
        except Unreadable as error:
            yield Member(found.parts, found.origin, fault=str(error))
            continue
        yield from inside
        waiting += [member for member in reversed(inside) if member.is_folder]


def _listed(folder: Path, above: tuple[str, ...]) -> Iterator[Member]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        modes = [entry.stat(follow_symlinks=False).st_mode for entry in entries]
    except OSError as error:
        raise not_readable(folder, error) from error
    for entry, mode in zip(entries, modes, strict=True):
        parts = (*above, paths.spelled(_name(entry.name)))
        if not paths.is_dropping(parts):
            is_folder = stat.S_ISDIR(mode)
            fault = None if is_folder else _fault(mode, entry.name)
            yield Member(parts, Path(entry.path), is_folder, fault)


def open_plain(path: Path) -> IO[bytes]:
    """Open a file for reading, be sure that it is one.

    Raises:
        Unreadable: it is a link, a pipe, a device, or not ours to read.
    """
    try:
        descriptor = os.open(path, CAREFULLY)
    except OSError as error:
        raise not_readable(path, error) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable(special(paths.shown(path.name)))
    return os.fdopen(descriptor, "rb")


def not_readable(path: Path, error: OSError) -> Unreadable:
    """Return the refusal of what the system does not let us read."""
    return Unreadable(
        _("{name} cannot be read ({error}): look at its rights, or ask for it again").format(
            name=paths.shown(path.name), error=error.strerror
        )
    )


def _name(name: str) -> str:
    """Return the name of a file; one that is not UTF-8 comes from an old Windows."""
    raw = os.fsencode(name)
    return decoded(raw, code_page([raw]))


def _fault(mode: int, name: str) -> str | None:
    if stat.S_ISLNK(mode):
        return link(paths.shown(name))
    return None if stat.S_ISREG(mode) else special(paths.shown(name))
