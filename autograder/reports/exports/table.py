"""`csv`: a row for each submission, a column for each check, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from autograder.grading.result import Result
from autograder.i18n import N_
from autograder.reports.exports.format import Export, Format, Options
from autograder.reports.harmless import cell

FIELDS = ("name", "participant", "sha256", "outcome", "reason", "score", "max_score", "duration_s")


def make(results: Sequence[Result], options: Options) -> Export:
    """Return the table, hidden checks too: this is not for students."""
    checks = list(dict.fromkeys(check.id for result in results for check in result.checks))
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow([*FIELDS, *map(cell, checks)])
    for result in results:
        status: dict[str, str] = {check.id: check.status for check in result.checks}
        # A work that was not graded has no score, not a score of 0.
        score = str(result.score) if result.outcome == "graded" else ""
        words = [result.submission.get(field) or "" for field in FIELDS[:3]]
        words += [result.outcome, result.reason or "", score]
        words += [result.max_score, result.duration_s, *(status.get(id_, "") for id_ in checks)]
        writer.writerow([cell(str(word)) for word in words])
    # Excel takes a file without the mark for one in the encoding of its country.
    return Export(file.getvalue().encode("utf-8-sig"))


FORMAT = Format(
    "csv", N_("A table of all submissions and checks, for a spreadsheet."), make, file="grades.csv"
)
