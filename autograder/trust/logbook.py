"""What a campaign has done so far, in a file: an interrupted one goes on where it stopped."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autograder.grading import atomic
from autograder.trust.pool import Job

FILE = "unfinished.jsonl"


class AnotherCampaign(Exception):
    """The folder holds something else than the beginning of this campaign."""


@dataclass(frozen=True)
class Entry:
    """One grading that has been done.

    Attributes:
        program, seed: Which.
        faults: What was wrong with the verdict, in sentences.
        after_s: How long the campaign had been at work by then, in seconds.
    """

    program: str
    seed: int
    faults: list[str]
    after_s: float


class Logbook:
    """A line for each grading, written at once.

    Args:
        folder: Where the file is; it is made with the first entry.
        settings: What a campaign must have in common with the one in the file to go on with it:
            JSON values. A `seed` of None stands for that of the file, or any.

    Raises:
        AnotherCampaign: see there.
        OSError: the file cannot be read.
    """

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self._path = folder / FILE
        self.settings = settings
        self.entries: list[Entry] = []
        try:
            first, *lines = _whole_lines(self._path)
            if settings["seed"] is None:
                self.settings = settings | {"seed": first["seed"]}
            self.entries = [Entry(**line) for line in lines]
        except FileNotFoundError:
            if settings["seed"] is None:
                self.settings = settings | {"seed": random.randrange(1_000_000)}
            return
        except (ValueError, KeyError, TypeError) as error:
            raise AnotherCampaign from error
        if first != self.settings:
            raise AnotherCampaign

    @property
    def seed(self) -> int:
        """The campaign's."""
        seed: int = self.settings["seed"]
        return seed

    def rest(self, jobs: Iterable[Job]) -> Iterator[Job]:
        """Return those that are still to be done."""
        done = Counter((entry.program, entry.seed) for entry in self.entries)
        for job in jobs:
            name = (job.specimen.name, job.seed)
            if done[name]:
                done[name] -= 1
            else:
                yield job

    def add(self, entry: Entry) -> None:
        """Write down one grading.

        Raises:
            OSError: that is not possible.
        """
        if not self.entries:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            atomic.write(self._path, _line(self.settings))
        self.entries.append(entry)
        with self._path.open("ab") as file:
            file.write(_line(asdict(entry)))

    def finish(self) -> None:
        """Remove the file: the campaign is at its end."""
        self._path.unlink(missing_ok=True)


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def _whole_lines(path: Path) -> list[dict[str, Any]]:
    """Return the lines; one that a kill has cut short is removed from the file."""
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if whole != data:
        atomic.write(path, whole)
    return [json.loads(line) for line in whole.splitlines()]
