"""The goals for the reference server: which load, which figure, against whom, how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

Figures = dict[str, float]
Rounds = Sequence[dict[tuple[str, str], Figures]]  # per round: (load, server) -> its figures


@dataclass(frozen=True)
class Goal:
    """`reference / peer`, `reference - base` or the reference's own figure has to keep `bound`."""

    text: str
    load: str
    figure: str
    unit: str
    bound: float
    at_least: bool = False
    peer: str = ""  # the server whose figure under the same load is divided by
    base: str = ""  # another load of the reference, to divide by or to subtract
    minus: bool = False

    def values(self, rounds: Rounds) -> tuple[float, float, float] | None:
        """Return medians: own figure, the other's, what is compared with the bound."""
        own, others, compared = [], [], []
        for figures in rounds:
            mine = figures.get((self.load, "reference"))
            other = figures.get((self.base or self.load, self.peer or "reference"))
            if not mine or not other:
                return None
            a, b = mine[self.figure], other[self.figure]
            alone = not (self.peer or self.base)
            own.append(a)
            others.append(b)
            # One round's figures were taken one after the other, so noise is common to both.
            compared.append(a if alone else a - b if self.minus else a / b if b else float("inf"))
        return median(own), median(others), median(compared)

    def met(self, compared: float) -> bool:
        return compared >= self.bound if self.at_least else compared <= self.bound


LINES = [("asyncio streams", 6.0), ("asyncio batched", 0.8), ("threads, direct", 5.0)]
LINES += [("C", 4.0), ("C batched", 0.4)]
GOALS = [
    goal
    for n in (100, 500)
    for goal in [
        *(
            Goal(
                f"{n} clients, 32 talkers",
                f"talk{n}",
                "per_second",
                "lines/s",
                bound,
                at_least=True,
                peer=peer,
            )
            for peer, bound in LINES
        ),
        Goal(
            f"{n} clients, 32 talkers: p99",
            f"talk{n}",
            "p99_us",
            "µs",
            0.2,
            peer="asyncio streams",
        ),
        Goal(f"{n} clients, 32 talkers: lines wrong", f"talk{n}", "wrong", "", 0),
    ]
]
GOALS += [
    Goal("one talker, 10 clients: p99", "one10", "p99_us", "µs", 1.7, peer="C"),
    Goal("one talker, 100 clients: p99", "one100", "p99_us", "µs", 1.4, peer="C"),
    Goal("1000 joins: notices missing", "joins", "missing_notices", "", 0),
    Goal("1000 joins: time", "joins", "seconds", "s", 0.3, peer="asyncio streams"),
    Goal("one never reads: p99 of the others", "silent", "p99_us", "µs", 1.25, base="calm"),
    Goal("one never reads: lines lost", "silent", "undone", "", 0),
    Goal("one never reads: longest pause", "silent", "longest_pause", "s", 1.0),
    Goal("one never reads: pauses", "silent", "pauses", "", 1),
    Goal("one never reads: memory", "silent", "peak_mib", "MiB", 8, base="calm", minus=True),
    Goal("one never reads: dropped, with a notice", "silent", "silent_left", "", 1, at_least=True),
    Goal("one never reads: joins unheard", "silent", "visits_unheard", "", 0),
    Goal("20 MB to 500: readers dropped", "flood", "closed", "", 0),
    Goal("20 MB to 500: share lost", "flood", "missing_share", "", 0),
    Goal("20 MB to 500: peak memory", "flood", "peak_mib", "MiB", 128),
    Goal("an idle client", "idle", "kib_per_client", "KiB", 24),
]
