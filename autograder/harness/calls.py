"""What a program did with its sockets, read from the ring of its recorder."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from autograder.harness.recorder import RECORD, SLOTS


@dataclass(frozen=True)
class SocketCall:
    """One call that came back.

    Attributes:
        t: `time.monotonic()` then, seconds.
        number: Its place among all calls, from 1; those before the ring's reach are lost.
        ident: Of the thread, `threading.get_ident()`.
        thread: The name of the thread; empty for one that was not made by `threading`.
        call: `recv` (also recv_into), `send`, `sendall`, `accept`, `shutdown`, `close` or `fork`.
        peer: The port of the other side; 0 if it was not accepted here.
        size: Bytes; -errno if it failed.
        file: Of the program, relative to its folder; empty if the caller is none of its files.
        line: In that file.
        data: The first bytes, at most `recorder.KEPT`.
    """

    number: int
    t: float
    ident: int
    thread: str
    call: str
    peer: int
    size: int
    file: str
    line: int
    data: bytes

    @property
    def place(self) -> str:
        """Where it was called, `server.py:31`; empty if that is not known."""
        return f"{self.file}:{self.line}" if self.file else ""


def read(path: Path) -> list[SocketCall]:
    """Return what stands in a ring, oldest first; of a broken one, what can be read."""
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        return sorted(_parsed(file), key=lambda call: call.number)
    return []


def _parsed(file: IO[bytes]) -> Iterator[SocketCall]:
    """Yield what stands in the slots that were used: the file may be far larger."""
    for slot in range(SLOTS):
        data = file.read(RECORD.size)
        if len(data) < RECORD.size:
            return
        number, t, ident, peer, size, line, *texts, first = RECORD.unpack(data)
        if not number and slot:
            return  # behind it none was used
        if number:
            call, thread, name = (text.rstrip(b"\0").decode(errors="replace") for text in texts)
            first = first[: max(0, size)]
            yield SocketCall(number, t, ident, thread, call, peer, size, name, line, first)
