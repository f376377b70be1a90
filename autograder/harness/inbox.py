"""The bytes that came from one source so far, and waiting for more of them."""

from __future__ import annotations

import threading
from collections.abc import Callable

KEPT_BYTES = 4 << 20  # of one source: a flood is counted, not stored


class Inbox:
    """Filled by one reading thread, read by the thread that tells the story."""

    def __init__(self, keep: int = KEPT_BYTES) -> None:
        self._keep = keep
        self._changed = threading.Condition()  # protects everything below
        self._data = bytearray()
        self._size = 0
        self._ended: str | None = None

    def feed(self, data: bytes) -> None:
        """Add what has just come."""
        with self._changed:
            self._size += len(data)
            self._data += data[: max(0, self._keep - len(self._data))]
            self._changed.notify_all()

    def end(self, how: str) -> None:
        """Say that nothing more can come: `eof`, `reset` or `closed`; the first word counts."""
        with self._changed:
            self._ended = self._ended or how
            self._changed.notify_all()

    @property
    def ended(self) -> str | None:
        """How the source ended, or None while more may come."""
        with self._changed:
            return self._ended

    @property
    def size(self) -> int:
        """How many bytes have come, kept or not."""
        with self._changed:
            return self._size

    @property
    def overflows(self) -> bool:
        """Whether more has come than is kept: far more than any chat says."""
        with self._changed:
            return self._size > self._keep

    def data(self, since: int = 0) -> bytes:
        """Return the bytes kept, from offset `since` on."""
        with self._changed:
            return bytes(self._data[since:])

    def find(self, needle: bytes, since: int = 0) -> int:
        """Return the offset of `needle` at or after `since`, or -1."""
        with self._changed:
            return self._data.find(needle, since)

    def last_line(self, since: int = 0) -> str:
        """Return the last line after a mark that is not empty, ended or not, as text; or ""."""
        lines = self.data(since).decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""

    def wait(self, condition: Callable[[bytearray], bool], timeout_s: float) -> bool:
        """Wait until `condition` holds of the bytes or the source ends; return whether it holds."""
        with self._changed:
            self._changed.wait_for(lambda: condition(self._data) or self._ended, timeout_s)
            return condition(self._data)

    def wait_end(self, timeout_s: float) -> bool:
        """Wait for the end of the source; return whether it came."""
        with self._changed:
            return self._changed.wait_for(lambda: self._ended is not None, timeout_s)
