"""What several threads did and when, collected while they run and drawn after they have ended.

A print() of a thread would land in whichever cell happens to run. So threads note what they do,
and the cell shows the notes when all is over.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """Something that lasted: who, what, and from when to when, in seconds of the timeline."""

    who: str
    what: str
    start: float
    end: float


@dataclass(frozen=True)
class Mark:
    """Something that happened at one moment, in seconds of the timeline."""

    who: str
    what: str
    t: float


class Timeline:
    """Spans and marks in the order in which they ended; any thread may write."""

    def __init__(self) -> None:
        self.start()
        self._lock = threading.Lock()  # protects the two lists
        self.spans: list[Span] = []
        self.marks: list[Mark] = []

    def start(self) -> None:
        """Let the time of what is noted from now on begin at 0."""
        self._began = time.perf_counter()

    @property
    def end(self) -> float:
        """When the last span ended."""
        return max(span.end for span in self.spans)

    def now(self) -> float:
        """Return the seconds since the timeline began."""
        return time.perf_counter() - self._began

    @contextlib.contextmanager
    def span(self, who: str, what: str) -> Iterator[None]:
        """Note how long the `with` block lasted, also if it ends with an exception."""
        start = self.now()
        try:
            yield
        finally:
            with self._lock:
                self.spans.append(Span(who, what, start, self.now()))

    def mark(self, who: str, what: str) -> None:
        """Note that something happened now."""
        with self._lock:
            self.marks.append(Mark(who, what, self.now()))
