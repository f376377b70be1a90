"""Reads a zip: its names in the letters that were meant, its members one at a time."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from autograder.i18n import _
from autograder.intake import paths
from autograder.intake.encodings import code_page, decoded
from autograder.intake.folders import open_plain
from autograder.intake.limits import MOST_DIRECTORY_BYTES, chunks
from autograder.intake.members import Member, at_most, damaged, link, special
from autograder.intake.wary import WaryFile, archive_in

UTF8, ENCRYPTED = 0x800, 0x1  # bits of a member's flags
# What else there is has no bound on what zipfile unpacks at once.
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
UNICODE_PATH = 0x7075  # the extra field in which Info-ZIP keeps a name as UTF-8
# All that zipfile and what it unpacks with raise for bytes that are no zip.
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError),
    *(EOFError, OSError, ValueError, OverflowError, IndexError),
)


class Zip:
    """A zip file.

    Raises:
        Unreadable: it is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = WaryFile(open_plain(path), path, MOST_DIRECTORY_BYTES)
        self._zip = archive_in(self._file, path, zipfile.ZipFile, BROKEN)

    def members(self) -> Iterator[Member]:
        """See `Source`."""
        yield from at_most(self._listed())

    def read(self, member: Member) -> Iterator[bytes]:
        """See `Source`."""
        try:
            with self._zip.open(member.origin) as stream:
                yield from chunks(stream)
        except BROKEN as error:
            raise damaged(self._path) from error

    def _listed(self) -> Iterator[Member]:
        found = self._zip.infolist()
        names = [_stored_name(info) for info in found]
        page = code_page(name for name in names if isinstance(name, bytes))
        for info, stored in zip(found, names, strict=True):
            name = stored if isinstance(stored, str) else decoded(stored, page)
            parts, fault = paths.split(name)
            if not parts or paths.is_dropping(parts):
                continue
            is_folder = name.endswith(("/", "\\"))
            fault = fault or _fault(info, paths.shown(name))
            yield Member(parts, info, is_folder, fault, info.compress_size)

    def close(self) -> None:
        """See `Source`."""
        self._zip.close()
        self._file.close()


def _stored_name(info: zipfile.ZipInfo) -> str | bytes:
    """Return the name, or the bytes of one whose encoding is not known."""
    if info.flag_bits & UTF8:
        return info.orig_filename
    raw = info.orig_filename.encode("cp437")  # zipfile has decoded it so
    return _unicode_path(info.extra, raw) or raw


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        # The sum tells whether the name has been changed by a program that knows no such field.
        if kind == UNICODE_PATH and field[1:5] == struct.pack("<L", zlib.crc32(raw)):
            return field[5:].decode("utf-8", "replace")
    return None


def _fault(info: zipfile.ZipInfo, name: str) -> str | None:
    if info.flag_bits & ENCRYPTED:
        return _("{name} is encrypted: ask for it without a password").format(name=name)
    if info.compress_type not in METHODS:
        return _("{name} is packed in an unusual way: ask for a plain zip").format(name=name)
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return link(name)
    return None if kind in (0, stat.S_IFREG, stat.S_IFDIR) else special(name)
