"""The flake campaign: thousands of gradings, each of which must say the same."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.grading import result as results
from autograder.grading.result import Result
from autograder.trust import verdict
from autograder.trust.corpus import Specimen
from autograder.trust.logbook import Entry
from autograder.trust.pool import Job

# For each run of the reference so many of each right design, and of each broken program.
SHARE_CORRECT = 5
SHARE_BROKEN = 50


def plan(runs: int, specimens: Sequence[Specimen], seed: int, observing: bool = True) -> list[Job]:
    """Return the gradings of a campaign in random order.

    Args:
        runs: How often the reference is graded.
        specimens: What is graded.
        seed: Of the order, and of the seeds of all gradings.
        observing: See `Job`.
    """
    random_ = random.Random(seed)
    jobs = [
        Job(specimen, random_.randrange(1_000_000), observing)
        for specimen in specimens
        for _ in range(_times(specimen, runs))
    ]
    random_.shuffle(jobs)
    return jobs


def _times(specimen: Specimen, runs: int) -> int:
    if specimen.name == "reference":
        return runs
    share = SHARE_CORRECT if specimen.kind == "correct" else SHARE_BROKEN
    return max(1, runs // share)


@dataclass
class Tally:
    """What a campaign has found so far.

    Attributes:
        folder: Where the results of wrong gradings are written.
    """

    folder: Path
    began: float = field(default_factory=time.monotonic)
    runs: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, int, str]] = field(default_factory=list)

    def take(self, job: Job, graded: Result) -> Entry:
        """Count one grading; keep its result if anything is wrong."""
        faults = verdict.faults(job.specimen, graded)
        if faults:
            self.folder.mkdir(parents=True, exist_ok=True)
            results.write(graded, self.folder / f"{job.specimen.name}-{job.seed}.json")
        entry = Entry(job.specimen.name, job.seed, faults, time.monotonic() - self.began)
        self._count(entry)
        return entry

    def remember(self, entries: Sequence[Entry]) -> None:
        """Count the gradings of a campaign that goes on, and its time."""
        for entry in entries:
            self._count(entry)
        self.began -= max((entry.after_s for entry in entries), default=0.0)

    def _count(self, entry: Entry) -> None:
        self.runs[entry.program] += 1
        self.wrong += [(entry.program, entry.seed, fault) for fault in entry.faults]

    def summary(self) -> Iterator[str]:
        """Return the figures, a sentence each."""
        minutes = (time.monotonic() - self.began) / 60
        yield f"{self.runs.total()} gradings of {len(self.runs)} programs in {minutes:.1f} min"
        bad = {(name, seed) for name, seed, _ in self.wrong}
        yield f"{len(bad)} wrong" + (f"; their results are in {self.folder}" if bad else "")
        for name, count in Counter(name for name, _ in bad).most_common():
            yield f"  {name}: {count} of {self.runs[name]}"
