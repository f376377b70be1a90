"""What the results of a class say together: how checks went, why they failed, who was slow."""

from __future__ import annotations

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.grading.result import Outcome, Result, Status
from autograder.i18n import N_
from autograder.reports import facts
from autograder.reports.harmless import clip, line

MOST_NAME, MOST_TEXT = 100, 300  # characters
# What differs between works that fail for the same reason: quoted texts, places in a program.
QUOTED = re.compile(r"(?<=[«“])[^«»“”]*(?=[»”])")
PLACE = re.compile(r"\b\w+\.py:\d+: |(?<=\bThread)-\d+")  # of code, and which thread it was


@dataclass(frozen=True)
class Went:
    """How a check went for one work; `why` is told only if it failed."""

    status: Status
    why: str


@dataclass(frozen=True)
class Work:
    """What the page of a class tells of one submission.

    Attributes:
        key: By which its page is called.
        seconds: How long its grading took.
        slowest: The check that took longest, and its seconds; None if none was run.
    """

    key: str
    name: str
    outcome: Outcome
    reason: str
    score: int
    max_score: int
    seconds: float
    slowest: tuple[str, float] | None
    points: dict[int, tuple[int, int]]
    went: dict[str, Went]


@dataclass(frozen=True)
class Check:
    """A column of the page."""

    id: str
    level: int
    title: str


@dataclass(frozen=True)
class Cause:
    """Why a check failed, and for which works."""

    text: str
    works: list[Work]


@dataclass(frozen=True)
class Outcomes:
    """How a check went for a class: how many passed, and so on, and the commonest causes first."""

    check: Check
    counts: Counter[Status]
    causes: list[Cause]

    def share(self, status: Status) -> float:
        """Return how many of all works it went so for, in percent."""
        return 100 * self.counts[status] / self.counts.total()


def work(key: str, result: Result) -> Work:
    """Return what is kept of a result for the page of its class."""
    slowest = max(result.checks, key=lambda check: check.duration_s, default=None)
    return Work(
        key,
        clip(line(str(result.submission.get("name") or key)), MOST_NAME),
        result.outcome,
        clip(line(result.reason or ""), MOST_TEXT),
        result.score,
        result.max_score,
        result.duration_s,
        (slowest.id, slowest.duration_s) if slowest else None,
        _points(result),
        {
            check.id: Went(check.status, _why(check.cause or check.actual))
            if check.status == "failed"
            else Went(check.status, "")
            for check in result.checks
        },
    )


def _points(result: Result) -> dict[int, tuple[int, int]]:
    made: dict[int, tuple[int, int]] = {}
    for check in result.checks:
        if check.max_points:
            earned, most = made.get(check.level, (0, 0))
            made[check.level] = (earned + check.points, most + check.max_points)
    return made


def _why(text: str) -> str:
    """Return a cause without what differs from work to work."""
    return clip(line(PLACE.sub("", QUOTED.sub("…", clip(text, 10 * MOST_TEXT)))), MOST_TEXT)


def checks_of(result: Result) -> list[Check]:
    """Return the checks that were run for one work."""
    return [Check(check.id, check.level, check.title) for check in result.checks]


def united(checks: Iterable[Check]) -> list[Check]:
    """Return each check once, by level."""
    first: dict[str, Check] = {}
    for check in checks:
        first.setdefault(check.id, check)
    return [check for level in facts.LEVELS for check in first.values() if check.level == level]


def outcomes(works: Sequence[Work], check: Check) -> Outcomes:
    """Return how a check went for the works for which it was run."""
    counts: Counter[Status] = Counter()
    causes: dict[str, list[Work]] = defaultdict(list)
    for each in works:
        if went := each.went.get(check.id):
            counts[went.status] += 1
            if went.status == "failed":
                causes[went.why].append(each)
    common = sorted(causes.items(), key=lambda cause: -len(cause[1]))
    return Outcomes(check, counts, [Cause(text, those) for text, those in common])


def graded(works: Sequence[Work]) -> list[Work]:
    """Return the works that have a score."""
    return [work for work in works if work.outcome == "graded"]


def distributions(works: Sequence[Work]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Return how many graded works earned how much, of all points and of those of each level.

    Each has a name of the catalog and a count for each tenth, in percent, and for all points.
    """
    found = [(N_("All points"), _tenths([(w.score, w.max_score) for w in graded(works)]))]
    for level, name in facts.LEVELS.items():
        some = [work.points[level] for work in graded(works) if level in work.points]
        if some:
            found.append((name, _tenths(some)))
    return found


def _tenths(points: list[tuple[int, int]]) -> list[tuple[str, int]]:
    counts = Counter(10 * earned // most for earned, most in points if most)
    names = [f"{10 * tenth}–{10 * tenth + 9}" for tenth in range(10)]
    return [(name, counts[tenth]) for tenth, name in enumerate([*names, "100"])]


def middle(works: Sequence[Work]) -> tuple[float, float] | None:
    """Return mean and median of the scores of the graded works, None if there are none."""
    scores = [work.score for work in graded(works)]
    return (statistics.fmean(scores), statistics.median(scores)) if scores else None
