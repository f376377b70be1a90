"""Reads a tar, packed or not, without tarfile's own unpacking, which does what it is told.

A packed one is first unpacked into a file without a name: to go back in it would unpack it anew.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import itertools
import lzma
import os
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from autograder.intake import paths
from autograder.intake.encodings import code_page, decoded
from autograder.intake.folders import open_plain
from autograder.intake.limits import (
    CHUNK_BYTES,
    MOST_HEADER_BYTES,
    MOST_MEMBERS,
    MOST_TAR_BYTES,
    chunks,
    not_swollen,
    too_large,
    too_many,
)
from autograder.intake.members import Member, damaged, link, special
from autograder.intake.wary import WaryFile, archive_in

UNPACK: dict[bytes, Callable[[IO[bytes]], Any]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\0": lzma.LZMAFile,
}
LONGEST_MAGIC = max(map(len, UNPACK))
# All that tarfile and what it unpacks with raise for bytes that are no tar.
BROKEN = (
    *(tarfile.TarError, zlib.error, lzma.LZMAError, RecursionError),
    *(EOFError, OSError, ValueError, OverflowError, IndexError),
)


class Tar:
    """A tar file.

    Args:
        path: Where it is.
        room: A folder in which it may be unpacked.

    Raises:
        Unreadable: it is none.
        OSError: there is no room.
    """

    def __init__(self, path: Path, room: Path) -> None:
        self._path = path
        self._file = WaryFile(_without_packing(path, room), path, MOST_HEADER_BYTES)
        self._tar = archive_in(self._file, path, _as_tar, BROKEN)

    def members(self) -> Iterator[Member]:
        """See `Source`."""
        try:
            found = list(_forwards(self._tar))
        except BROKEN as error:
            raise damaged(self._path) from error
        names = [info.name.encode("utf-8", "surrogateescape") for info in found]
        page = code_page(names)
        for info, raw in zip(found, names, strict=True):
            name = decoded(raw, page)
            parts, fault = paths.split(name)
            if parts and not paths.is_dropping(parts):
                fault = fault or _fault(info, paths.shown(name))
                yield Member(parts, (info.offset_data, info.size), info.isdir(), fault)

    def read(self, member: Member) -> Iterator[bytes]:
        """See `Source`."""
        start, left = member.origin
        try:
            self._file.seek(start)
            while left > 0:
                chunk = self._file.read(min(left, CHUNK_BYTES))
                if not chunk:
                    raise damaged(self._path)
                left -= len(chunk)
                yield chunk
        except BROKEN as error:
            raise damaged(self._path) from error

    def close(self) -> None:
        """See `Source`."""
        self._tar.close()
        self._file.close()


def _forwards(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    last = -1
    for number in itertools.count():
        info = tar.next()
        if info is None:
            # tarfile takes a header that it cannot read for the end, though files may follow.
            if any(_block_at(tar, tar.offset)):
                raise tarfile.ReadError("neither a header nor the end")
            return
        if number == MOST_MEMBERS:
            raise too_many(MOST_MEMBERS)
        # A negative size leads back to what has been read, for ever.
        if info.size < 0 or info.offset <= last:
            raise tarfile.ReadError("it leads back")
        last = info.offset
        tar.members = []  # type: ignore[attr-defined]  # it keeps all that it has read
        yield info


def _block_at(tar: tarfile.TarFile, offset: int) -> bytes:
    assert tar.fileobj
    tar.fileobj.seek(offset)
    return tar.fileobj.read(tarfile.BLOCKSIZE)


def _without_packing(path: Path, room: Path) -> IO[bytes]:
    """Open a tar, or what a packed one unpacks to."""
    file = open_plain(path)
    start = file.read(LONGEST_MAGIC)
    file.seek(0)
    unpack = next((UNPACK[magic] for magic in UNPACK if start.startswith(magic)), None)
    if unpack is None:
        return file
    with file, contextlib.ExitStack() as on_failure:
        plain = on_failure.enter_context(tempfile.TemporaryFile(dir=room))
        packed = os.fstat(file.fileno()).st_size
        for chunk in not_swollen(_unpacked(unpack(file), path), packed):
            if plain.tell() + len(chunk) > MOST_TAR_BYTES:
                raise too_large(MOST_TAR_BYTES)
            plain.write(chunk)
        plain.seek(0)
        on_failure.pop_all()
        return plain


def _unpacked(stream: IO[bytes], path: Path) -> Iterator[bytes]:
    try:
        with stream:
            yield from chunks(stream)
    except BROKEN as error:
        raise damaged(path) from error


def _fault(info: tarfile.TarInfo, name: str) -> str | None:
    if info.issym() or info.islnk():
        return link(name)
    # A sparse file is a few bytes that stand for any number of zeros.
    plain = info.isreg() and not info.issparse()
    return None if plain or info.isdir() else special(name)


def _as_tar(file: WaryFile) -> tarfile.TarFile:
    return tarfile.TarFile(fileobj=file, encoding="utf-8", errors="surrogateescape")
