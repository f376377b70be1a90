"""What a program under test tells of itself, through its launcher."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_READ = 1 << 20  # bytes


@dataclass(frozen=True)
class Failure:
    """An exception that ended a thread of the program under test, in its own words."""

    thread: str
    type: str
    message: str
    file: str | None
    line: int | None
    text: str | None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else (self.file or "?")
        text = f" ({self.text})" if self.text else ""
        return f"{where}: {self.type}: {self.message}{text} [{self.thread}]"


class SelfReport:
    """The file to which the launcher of a program writes a line of JSON for each event.

    Args:
        path: Of the file.
        home: Where the program runs; files there are told by their names.
    """

    def __init__(self, path: Path, home: Path) -> None:
        self._path = path
        self._home = f"{home}{os.sep}"

    def failures(self) -> list[Failure]:
        """Return the uncaught exceptions so far, oldest first."""
        return [
            Failure(
                str(fields.get("thread")),
                str(fields.get("type")),
                str(fields.get("message")).replace(self._home, ""),
                fields.get("file"),
                fields.get("line"),
                fields.get("text"),
            )
            for fields in self._events()
            if fields.get("event") == "exception"
        ]

    def listens_on(self) -> set[tuple[str, int]]:
        """Return where the program says that it listens: (address it is bound to, port)."""
        return {
            (str(fields.get("host")), int(fields["port"]))
            for fields in self._events()
            if fields.get("event") == "listen" and isinstance(fields.get("port"), int)
        }

    def times_its_sends(self) -> bool:
        """Return whether the program says that the kernel bounds its sends by a timer."""
        return any(fields.get("event") == "timed send" for fields in self._events())

    def threads_started(self) -> list[int]:
        """Return the native ids of the threads that were started through `threading`."""
        return [
            fields["tid"]
            for fields in self._events()
            if fields.get("event") == "thread" and isinstance(fields.get("tid"), int)
        ]

    def threads_since_listening(self) -> int:
        """Return how many threads were started through `threading` since it first listened."""
        events = [fields.get("event") for fields in self._events()]
        since = events.index("listen") if "listen" in events else len(events)
        return events[since:].count("starting")

    def _events(self) -> list[dict[str, Any]]:
        """Return what the launcher told; lines that are no JSON are not the launcher's."""
        try:
            with self._path.open("rb") as file:
                lines = file.read(MOST_READ).splitlines()
        except FileNotFoundError:
            return []
        found = []
        for line in lines:
            try:
                fields = json.loads(line)
            except ValueError:
                continue
            if isinstance(fields, dict):
                found.append(fields)
        return found
