"""Keeps a file for one process: held by the system, so that whoever is killed lets go of it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

PLACE = 1 << 30  # Windows locks bytes, and nobody can read those: far behind the text


class Held(Exception):
    """Another process has the file.

    Attributes:
        pid: Which one, as far as it is known.
    """

    def __init__(self, pid: str) -> None:
        super().__init__(pid)
        self.pid = pid


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the file at `path`, which is made if there is none, and which stays.

    Raises:
        Held: another process holds it.
        OSError: it cannot be made, or files cannot be held there.
    """
    with path.open("a+", encoding="ascii", errors="replace") as file:
        try:
            _lock(file.fileno())
        except (BlockingIOError, PermissionError) as error:
            file.seek(0)
            raise Held(file.read(20).strip()) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield  # closing it lets go


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, PLACE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
