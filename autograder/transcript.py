"""The record of a check: who sent or received which bytes, and when."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Literal

Direction = Literal["sent", "received", "console", "event"]

FIRST_EVENTS, LAST_EVENTS = 500, 1_500  # kept: a flood must not fill the grader's memory
MOST_BYTES = 2_048  # of one event: enough to see what went wrong


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    Attributes:
        t: Seconds since the transcript began.
        who: The speaker: a client's name, or the program under test.
        direction: `sent` and `received` as seen by a client; `console` is what the
            program under test printed; `event` is a fact in words (connected, left).
        data: The bytes, at most MOST_BYTES of them.
        size: How many bytes there were.
    """

    t: float
    who: str
    direction: Direction
    data: bytes
    size: int

    def as_dict(self) -> dict[str, object]:
        """Return the event as the result file has it; what was cut off is counted."""
        text = self.data.decode("utf-8", "backslashreplace")
        if self.size > len(self.data):
            text += f" … ({self.size} bytes)"
        return {"t": round(self.t, 6), "who": self.who, "dir": self.direction, "text": text}


class Transcript:
    """Events in the order in which they were seen; safe to write from any thread.

    Attributes:
        began: `time.monotonic()` at second 0 of its events.
    """

    def __init__(self) -> None:
        self.began = time.monotonic()
        self._lock = threading.Lock()  # protects the three below
        self._first: list[Event] = []
        self._last: deque[Event] = deque(maxlen=LAST_EVENTS)
        self._count = 0

    def add(self, who: str, direction: Direction, data: bytes | str) -> None:
        """Record one event now."""
        if isinstance(data, str):
            data = data.encode()
        with self._lock:
            now = time.monotonic() - self.began
            event = Event(now, who, direction, bytes(data[:MOST_BYTES]), len(data))
            self._count += 1
            if len(self._first) < FIRST_EVENTS:
                self._first.append(event)
            else:
                self._last.append(event)

    def events(self) -> list[Event]:
        """Return what was recorded; where events were left out, one says how many."""
        with self._lock:
            left_out = self._count - len(self._first) - len(self._last)
            if not left_out:
                return [*self._first, *self._last]
            note = f"{left_out} events are left out here".encode()
            gap = Event(self._first[-1].t, "lab4", "event", note, len(note))
            return [*self._first, gap, *self._last]
