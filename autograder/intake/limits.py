"""How much a work may hold, counted while it is copied: what an archive says is a claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from autograder.grading.submission import MOST_BYTES, MOST_FILES
from autograder.i18n import _

MOST_ARCHIVE_BYTES = 256 << 20  # of one work: a virtual environment may be packed in
MOST_TAR_BYTES = 4 << 30  # of all works, unpacked
MOST_MEMBERS = 200_000  # of all works
MOST_MEMBERS_OF_ONE = 20_000
MOST_DIRECTORY_BYTES = 16 << 20  # a zip's list of names
MOST_HEADER_BYTES = 1 << 20  # what a tar says of one member
MOST_RATIO = 200  # sources shrink to a tenth, a bomb to a thousandth
FREE_BYTES = 1 << 20  # up to here a ratio says nothing: a tar of small files is mostly zeros
MOST_PATH = 200  # letters
MOST_PART_BYTES = 255  # what file systems can do
CHUNK_BYTES = 1 << 16


class Unreadable(Exception):
    """A work cannot be read; the message is one sentence that says why and what to do."""


class Budget:
    """What may still be copied for one work.

    Args:
        files: How many files.
        size: Bytes of all files together.
    """

    def __init__(self, files: int = MOST_FILES, size: int = MOST_BYTES) -> None:
        self._most_files, self._most_bytes = files, size
        self._files, self._bytes = 0, 0

    def copy(self, chunks: Iterable[bytes], target: Path, packed: int | None) -> None:
        """Write a new file.

        Args:
            chunks: Its content; read no further than the budget goes.
            target: Must not exist; the folders above it need not.
            packed: Bytes that the content takes inside an archive; None outside one.

        Raises:
            Unreadable: it is too much.
            OSError: it cannot be written.
        """
        self._files += 1
        if self._files > self._most_files:
            raise too_many(self._most_files)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            for chunk in not_swollen(chunks, packed):
                self._bytes += len(chunk)
                if self._bytes > self._most_bytes:
                    raise too_large(self._most_bytes)
                file.write(chunk)


def chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield what a stream holds, piece by piece."""
    while chunk := stream.read(CHUNK_BYTES):
        yield chunk


def not_swollen(pieces: Iterable[bytes], packed: int | None) -> Iterator[bytes]:
    """Yield all pieces, unless they grow as nothing honest does.

    Args:
        packed: As of `Budget.copy`.

    Raises:
        Unreadable: they do.
    """
    come = 0
    for piece in pieces:
        come += len(piece)
        if packed is not None and come > max(FREE_BYTES, packed * MOST_RATIO):
            raise Unreadable(
                _(
                    "it unpacks to more than {ratio} times its size, as no program does: "
                    "ask for the programs only"
                ).format(ratio=MOST_RATIO)
            )
        yield piece


def too_many(most: int) -> Unreadable:
    """Return the refusal of more than `most` files."""
    return Unreadable(
        _("it holds more than {most} files: hand in the programs only").format(most=most)
    )


def too_large(most: int) -> Unreadable:
    """Return the refusal of more than `most` bytes."""
    return Unreadable(
        _("it holds more than {most} MB: hand in the programs only").format(most=most >> 20)
    )
