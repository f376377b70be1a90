"""A file that refuses to be read in large pieces.

zipfile and tarfile read lists and headers at once, as long as the file itself says that they are.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar

from autograder.i18n import _
from autograder.intake.limits import Unreadable
from autograder.intake.members import damaged

T = TypeVar("T")


class WaryFile(io.BufferedIOBase):
    """Stands between a file and who trusts its lengths; closes it with itself.

    Args:
        file: Open for reading.
        path: Named by the refusal.
        most: Bytes that may be asked for at once.
    """

    def __init__(self, file: IO[bytes], path: Path, most: int) -> None:
        self._file, self._path, self._most = file, path, most

    def read(self, size: int | None = -1) -> bytes:
        """Read as any file does.

        Raises:
            Unreadable: of more than `most` bytes.
        """
        if size is not None and size > self._most:
            raise Unreadable(
                _("{name} says that it has a list of {size} MB: ask for the programs only").format(
                    name=self._path.name, size=size >> 20
                )
            )
        return self._file.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move as any file does."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the position."""
        return self._file.tell()

    def seekable(self) -> bool:
        """Return that it is."""
        return True

    def close(self) -> None:
        """Close both files; idempotent."""
        self._file.close()
        super().close()


def archive_in(
    file: WaryFile,
    path: Path,
    make: Callable[[WaryFile], T],
    broken: tuple[type[Exception], ...],
) -> T:
    """Return what `make` makes of a file, which is closed if that fails.

    Args:
        file: The archive.
        path: Named by the refusal.
        make: Opens it.
        broken: What that raises for a damaged one.

    Raises:
        Unreadable: it is damaged, or its lists are too long.
    """
    try:
        return make(file)
    except Unreadable:
        file.close()
        raise
    except broken as error:
        file.close()
        raise damaged(path) from error
