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
from autograder.intake.limits import Unreadable, chunks
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
        yield from at_most(self._below(self._path, ()))

    def read(self, member: Member) -> Iterator[bytes]:
        """See `Source`."""
        with open_plain(member.origin) as file:
            try:
                yield from chunks(file)
            except OSError as error:
                raise not_readable(member.origin, error) from error

    def close(self) -> None:
        """See `Source`."""

    def _below(self, folder: Path, above: tuple[str, ...]) -> Iterator[Member]:
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            raise not_readable(folder, error) from error
        for entry in entries:
            parts = (*above, paths.spelled(_name(entry.name)))
            if paths.is_dropping(parts):
                continue
            mode = entry.stat(follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                yield Member(parts, Path(entry.path), is_folder=True)
                yield from self._below(Path(entry.path), parts)
            else:
                yield Member(parts, Path(entry.path), fault=_fault(mode, entry.name))


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
        _("{path} cannot be read ({error}): look at its rights, or ask for it again").format(
            path=paths.shown(str(path)), error=error.strerror
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
