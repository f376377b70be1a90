"""The folder that a run writes to: one run at a time, and nothing in it is ever half written.

| in the folder      | what it is                                                          |
| ------------------ | ------------------------------------------------------------------- |
| `results/KEY.json` | one finished submission, `lab4/result/v1`                            |
| `summary.json`     | all submissions of the latest run, `lab4/summary/v1`                 |
| `report/`          | the pages that `lab4 report` makes of the results                    |
| `.lock`            | held by the run that is writing here                                 |
| `.work/`           | copies of submissions, and drafts of results; only while a run lasts |

What the results say is all that a later run goes by: the summary is made from them.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.batch import lock
from autograder.batch.summary import Row
from autograder.grading import result
from autograder.grading.result import Result
from autograder.intake import Entry


@dataclass(frozen=True)
class Folder:
    """Where everything is."""

    path: Path

    @property
    def results(self) -> Path:
        """The finished submissions."""
        return self.path / "results"

    @property
    def summary(self) -> Path:
        """All submissions on one page."""
        return self.path / "summary.json"

    @property
    def report(self) -> Path:
        """The pages for a browser."""
        return self.path / "report"

    @property
    def staging(self) -> Path:
        """The copies that are graded: nobody edits them meanwhile."""
        return self.path / ".work" / "submissions"

    @property
    def rubric(self) -> Path:
        """The folder for the copy of the rubric that all are graded by."""
        return self.path / ".work" / "rubric"

    def draft(self, key: str) -> Path:
        """Return where the result of a submission grows."""
        return self.path / ".work" / "drafts" / f"{key}.json"

    def finished(self, entry: Entry, conditions: Mapping[str, Any]) -> Row | None:
        """Return what is known of the same content, graded under the same conditions."""
        try:
            found = result.read(self.results / f"{entry.key}.json")
            row = Row.of(found)
        except (OSError, ValueError, KeyError):
            return None
        same = found.environment.items() >= conditions.items()
        if not same or (row.sha256, row.name) != (entry.sha256, entry.name):
            return None
        return None if row.outcome == "grader_fault" else row

    def finish(self, entry: Entry, conditions: Mapping[str, Any], graded: Result) -> Row:
        """Keep the result of a submission, and drop what it was made from.

        Raises:
            OSError: it cannot be written; an earlier result is then untouched.
        """
        graded.submission.pop("path", None)  # of the copy, which goes
        graded.submission |= {
            "name": entry.name,
            "sha256": entry.sha256,
            "key": entry.key,
            "source": entry.source,
            "participant": entry.participant,
            "chosen": entry.chosen,
            "passed_over": list(entry.passed_over),
        }
        graded.environment |= {name: conditions[name] for name in ("checks", "rubric")}
        result.write(graded, self.results / f"{entry.key}.json")
        self.draft(entry.key).unlink(missing_ok=True)
        if entry.folder is not None:
            shutil.rmtree(entry.folder, ignore_errors=True)
        return Row.of(graded)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Folder]:
    """Make the folder if there is none, and keep it for this process.

    Raises:
        Held: another run is writing there.
        OSError: it cannot be made.
    """
    path.mkdir(parents=True, exist_ok=True)
    with lock.held(path / ".lock"):
        work = path / ".work"
        shutil.rmtree(work, ignore_errors=True)  # of a run that was killed
        for part in (path / "results", work / "submissions", work / "drafts"):
            part.mkdir(parents=True, exist_ok=True)
        try:
            yield Folder(path)
        finally:
            shutil.rmtree(work, ignore_errors=True)
