"""Grades many programs side by side, each in a folder, and on a network, of its own.

Many programs know one port only. Where there is no way to keep two of them apart, one is graded
after the other.
"""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from autograder import i18n
from autograder.grading import rubric
from autograder.grading.request import Request
from autograder.grading.result import Result
from autograder.grading.session import grade
from autograder.harness import quiescence
from autograder.harness.isolation import own_network
from autograder.i18n import _
from autograder.trust.corpus import Specimen

SPIN = "while True: pass"
# Not forked: a worker must not inherit the threads of a grader that ran here.
CONTEXT = multiprocessing.get_context("spawn")


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
    """

    specimen: Specimen
    seed: int
    observing: bool = True
    leave_out: tuple[str, ...] = ()
    level: int | None = None
    to_first_failure: bool = False


def run(jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, Result]]:
    """Grade all jobs, `workers` at a time if it can be; yield each when it is done.

    Raises:
        CorpusError: a program cannot be made.
        SessionError: a job could not be graded at all.
    """
    if workers > 1 and not can_be_kept_apart():
        workers = 1
    left = iter(jobs)
    with ProcessPoolExecutor(workers, CONTEXT, _begin, (workers > 1,)) as executor:
        running: dict[Future[Result], Job] = {}
        while True:
            for job in left:  # no more than all can be busy with: a stop is a stop
                running[executor.submit(grade_one, job)] = job
                if len(running) >= workers + 1:
                    break
            if not running:
                return
            done, _running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield running.pop(future), future.result()


def grade_one(job: Job) -> Result:
    """Grade one program in this process."""
    i18n.set_language("en")
    with tempfile.TemporaryDirectory(prefix="lab4-trust-") as folder:
        work = Path(folder) / job.specimen.name
        job.specimen.write(work)
        points = rubric.DEFAULT.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in points if line.split(" = ")[0] not in job.leave_out]
        file = Path(folder) / "rubric.toml"
        file.write_text("".join(kept), encoding="utf-8")
        with contextlib.nullcontext() if job.observing else quiescence.switched_off():
            request = Request(
                work, job.level, job.seed, file, None, "en", to_first_failure=job.to_first_failure
            )
            return grade(request, lambda *_progress: None)


@functools.cache
def can_be_kept_apart() -> bool:
    """Return whether each worker can have a network of its own; say so if not."""
    # Asked of a process that has no threads: this one may have some.
    with ProcessPoolExecutor(1, CONTEXT) as executor:
        possible = executor.submit(own_network).result()
    if not possible:
        print(
            _(
                "This system gives programs no network of their own, so two with the same port "
                "would disturb each other: they are graded one after the other."
            ),
            file=sys.stderr,
        )
    return possible


def _begin(must_be_apart: bool) -> None:
    """Prepare a worker."""
    if not own_network() and must_be_apart:
        raise OSError("a worker got no network of its own, although another process did")


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


def processors() -> int:
    """Return how many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
