"""The record of a check: who sent or received which bytes, and when."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Literal

Direction = Literal["sent", "received", "console", "event"]

MOST_EVENTS = 2_000  # a flooding server must not fill the grader's memory
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
    """Events in the order in which they were seen; safe to write from any thread."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._lock = threading.Lock()  # protects the two below
        self._events: list[Event] = []
        self._left_out = 0

    def add(self, who: str, direction: Direction, data: bytes | str) -> None:
        """Record one event now."""
        if isinstance(data, str):
            data = data.encode()
        with self._lock:
            if len(self._events) >= MOST_EVENTS:
                self._left_out += 1
                return
            now = time.monotonic() - self._began
            self._events.append(Event(now, who, direction, bytes(data[:MOST_BYTES]), len(data)))

    def events(self) -> list[Event]:
        """Return a copy of what was recorded; a last event says how many were left out."""
        with self._lock:
            events = list(self._events)
            if self._left_out:
                note = f"{self._left_out} more events were left out".encode()
                events.append(Event(events[-1].t, "lab4", "event", note, len(note)))
            return events
