"""The kill matrix: which check sees which broken program."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from autograder.grading.checks import needs
from autograder.grading.result import Result
from autograder.trust import verdict
from autograder.trust.corpus import Specimen

MARKS = {"failed": "✗", "passed": "·", "skipped": " ", "error": "!"}


@dataclass(frozen=True)
class Row:
    """A broken program and what the grader said of it."""

    specimen: Specimen
    result: Result

    @property
    def status(self) -> dict[str, str]:
        """Check → status, in the order in which they ran."""
        return {check.id: check.status for check in self.result.checks}


def show(rows: Sequence[Row], console: Console) -> bool:
    """Print the matrix, its figures and what is wrong in it; return whether nothing is."""
    checks = checks_of(rows)
    table = Table(box=None, padding=0)
    table.add_column("", no_wrap=True)
    for number in range(1, len(checks) + 1):
        table.add_column(f"{number}", justify="right", width=3)
    table.add_column("s", justify="right", width=6)
    for row in rows:
        marks = [MARKS[row.status.get(check, "skipped")] for check in checks]
        table.add_row(row.specimen.name, *marks, f"{row.result.duration_s:.1f}")
    names = 1 + max(len(row.specimen.name) for row in rows)
    console.print(table, width=names + 3 * len(checks) + 6, crop=False, no_wrap=True)
    console.print("✗ failed, · passed, blank: skipped, because what it needs has failed")
    console.print(", ".join(f"{n} {check}" for n, check in enumerate(checks, 1)))
    kills = {check: sum(row.status.get(check) == "failed" for row in rows) for check in checks}
    console.print(f"never failed: {', '.join(c for c in checks if not kills[c]) or 'none'}")
    times = [row.result.duration_s for row in rows]
    slowest = max(rows, key=lambda row: row.result.duration_s)
    console.print(
        f"{len(rows)} programs; a grading takes {statistics.median(times):.1f} s (median), "
        f"{slowest.result.duration_s:.1f} s at worst ({slowest.specimen.name})"
    )
    silent = [row.specimen.name for row in rows if _by_silence(row.result)]
    console.print(f"a while of silence was all that could tell: {', '.join(silent) or 'nowhere'}")
    return report([(row.specimen, row.result) for row in rows], console)


def report(graded: Sequence[tuple[Specimen, Result]], console: Console) -> bool:
    """Print what is wrong with the verdicts; return whether nothing is."""
    right = True
    for specimen, result in graded:
        for fault in verdict.faults(specimen, result):
            right = False
            console.print(f"[red]wrong:[/] {specimen.name}: ", end="")
            console.print(fault, markup=False, highlight=False)
    return right


def checks_of(rows: Sequence[Row]) -> list[str]:
    """Return the checks that ran, in the order of the levels."""
    known = list(needs())
    seen = {check for row in rows for check in row.status}
    return [check for check in known if check in seen]


def _by_silence(result: Result) -> bool:
    return any(c.status == "failed" and c.evidence == "silence" for c in result.checks)
