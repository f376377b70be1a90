"""Grades many programs of the corpus side by side, each in a folder of its own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder import i18n
from autograder.batch import workers
from autograder.batch.worker import Tell
from autograder.batch.workers import Lost
from autograder.grading import rubric
from autograder.grading.request import Request, SessionError
from autograder.grading.result import Result
from autograder.grading.session import grade
from autograder.harness import quiescence
from autograder.trust.corpus import Specimen

SPIN = "while True: pass"


@dataclass(frozen=True)
class Job:
    """One grading.

    Attributes:
        specimen: What to grade.
        seed: Of all that is random.
        observing: Whether the grader may look into the kernel; if not, it has to judge by what
            comes over the wire, as on Windows and macOS.
        leave_out: Checks that are not run.
        level: Only the checks of this level; None for all.
        to_first_failure: Whether to run no more checks once one has failed.
        language: Of the stories.
    """

    specimen: Specimen
    seed: int
    observing: bool = True
    leave_out: tuple[str, ...] = ()
    level: int | None = None
    to_first_failure: bool = False
    language: str = "en"


def run(jobs: Sequence[Job], number: int) -> Iterator[tuple[Job, Result]]:
    """Grade all jobs, `number` at a time if it can be; yield each when it is done.

    Raises:
        CorpusError: a program cannot be made.
        SessionError: a job could not be graded at all.
    """
    for job, result in workers.run(grade_one, jobs, number):
        if isinstance(result, Lost):
            raise SessionError(f"{job.specimen.name} could not be graded: {result.why}")
        yield job, result


def grade_one(job: Job, _tell: Tell) -> Result:
    """Grade one program in this process."""
    i18n.set_language(job.language)
    with tempfile.TemporaryDirectory(prefix="lab4-trust-") as folder:
        work = Path(folder) / job.specimen.name
        job.specimen.write(work)
        points = rubric.DEFAULT.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in points if line.split(" = ")[0] not in job.leave_out]
        file = Path(folder) / "rubric.toml"
        file.write_text("".join(kept), encoding="utf-8")
        with contextlib.nullcontext() if job.observing else quiescence.switched_off():
            request = Request(
                work,
                job.level,
                job.seed,
                file,
                None,
                job.language,
                to_first_failure=job.to_first_failure,
            )
            return grade(request, lambda *_progress: None)


@contextlib.contextmanager
def busy(loops: int) -> Iterator[None]:
    """Keep processors busy with so many endless loops."""
    command = [sys.executable, "-c", SPIN]
    spinning = [subprocess.Popen(command) for _ in range(loops)]
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()
