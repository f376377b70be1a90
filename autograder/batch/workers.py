"""Runs tasks side by side, each in a process, and on a network, of its own.

Many programs know one port only. Where there is no way to keep two of them apart, one task
runs after the other.

A process per task: forked from a server that has loaded everything (Linux) it costs 15 ms, and
so nothing of one task is left for the next, nor lost with it when it is killed. Elsewhere it is a
new interpreter, which costs half a second.
"""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, SpawnContext
from typing import Generic, TypeVar

import psutil

from autograder.batch.worker import FAREWELL_S, Answer, Raised, Ready, Tell, kill, main
from autograder.harness import spawning
from autograder.harness.isolation import own_network
from autograder.i18n import _

T = TypeVar("T")
R = TypeVar("R")

LONGEST_TEMPORARY = 108 - len("/pymp-12345678/listener-12345678") - 1  # unix(7), sun_path


@dataclass(frozen=True)
class Lost:
    """A task whose worker has ended without an answer, as often as it was tried.

    Attributes:
        why: How the last one ended: a sentence without a full stop.
    """

    why: str


def run(
    work: Callable[[T, Tell], R],
    tasks: Iterable[T],
    workers: int,
    *,
    most_s: float | None = None,
    attempts: int = 1,
    hear: Callable[[T, object], None] = lambda task, message: None,
) -> Iterator[tuple[T, R | Lost]]:
    """Do all tasks, `workers` at a time if it can be; yield each when it is done.

    A task is not taken before a worker is free for it. When the caller stops listening, or an
    exception passes, all workers are ended and have left nothing.

    Args:
        work: A function of a module, called in a worker with a task, and with a function that
            sends a message to `hear`.
        tasks: What to do.
        workers: How many processes.
        most_s: How long one attempt may take.
        attempts: How often a task is tried if its worker ends without an answer.
        hear: Called here with a task and a message of its worker.

    Raises:
        Exception: what `work` has raised.
    """
    if workers > 1 and not can_be_kept_apart():
        workers = 1
    first = ((task, 1) for task in tasks)
    again: deque[tuple[T, int]] = deque()
    running: dict[Connection, _Worker[T, R]] = {}
    try:
        while True:
            while len(running) < workers:
                one = again.popleft() if again else next(first, None)
                if one is None:
                    break
                worker = _Worker(work, *one, most_s, must_be_apart=workers > 1)
                running[worker.connection] = worker
            if not running:
                return
            rest_s = min(worker.rest_s() for worker in running.values())
            for connection in wait(list(running), None if rest_s == float("inf") else rest_s):
                assert isinstance(connection, Connection)
                running[connection].listen(hear)
            for worker in [w for w in running.values() if w.is_over()]:
                del running[worker.connection]
                worker.close()
                if isinstance(worker.outcome, Lost) and worker.attempt < attempts:
                    again.append((worker.task, worker.attempt + 1))
                else:
                    yield worker.task, worker.answer()
    finally:
        for worker in running.values():
            worker.interrupt()
        for worker in running.values():
            worker.close()


class _Worker(Generic[T, R]):
    """One attempt at one task, as its parent sees it."""

    def __init__(
        self,
        work: Callable[[T, Tell], R],
        task: T,
        attempt: int,
        most_s: float | None,
        *,
        must_be_apart: bool,
    ) -> None:
        self.task = task
        self.attempt = attempt
        self.outcome: Answer | Raised | Lost | None = None
        self._most_s = most_s
        self._ready = self._interrupted = False
        self._family: list[psutil.Process] = []  # what it had started when it was interrupted
        self._ends = time.monotonic() + most_s if most_s is not None else float("inf")
        # Made here, to be removed whatever happens to the worker.
        self._folder = tempfile.mkdtemp(prefix="lab4-worker-")
        self.connection, sending = _context().Pipe(duplex=False)
        with sending:
            self._process = _context().Process(
                target=main,
                args=(sending, work, task, self._folder, own_network, must_be_apart),
            )
            self._process.start()

    def rest_s(self) -> float:
        """Return how long it may still take, in seconds."""
        return max(0.0, self._ends - time.monotonic())

    def listen(self, hear: Callable[[T, object], None]) -> None:
        """Take in one message, or the news that the worker has ended."""
        try:
            message = self.connection.recv()
        except (EOFError, OSError):
            self._process.join()
            self.outcome = Lost(_ended(self._process.exitcode or 0))
            return
        if isinstance(message, Ready):
            self._ready = True
        elif isinstance(message, Answer | Raised):
            self.outcome = message
        else:
            hear(self.task, message)

    def is_over(self) -> bool:
        """Return whether there is an outcome, which there is when the time is up."""
        if self.outcome is None and self.rest_s() == 0:
            self.outcome = Lost(_("it took more than {most:.0f} s").format(most=self._most_s))
        return self.outcome is not None

    def answer(self) -> R | Lost:
        """Return the answer, or raise what the work has raised."""
        if isinstance(self.outcome, Raised):
            self.outcome.error.add_note(self.outcome.where)
            raise self.outcome.error
        if isinstance(self.outcome, Lost):
            return self.outcome
        assert self.outcome is not None
        value: R = self.outcome.value  # type: ignore[assignment]
        return value

    def interrupt(self) -> None:
        """Ask the worker to end; idempotent."""
        if self._interrupted or not self._process.is_alive():
            return
        self._interrupted = True
        assert self._process.pid is not None
        self._family = spawning.descendants(self._process.pid)
        # Before it is ready it has started nothing; Windows can interrupt no single process.
        if self._ready and sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError):  # it has just ended
                os.kill(self._process.pid, signal.SIGINT)
        else:
            self._process.kill()

    def close(self) -> None:
        """End the worker, its programs, and its folder; idempotent."""
        if not isinstance(self.outcome, Answer | Raised):
            self.interrupt()
        self._process.join(FAREWELL_S)
        self._process.kill()
        self._process.join()
        kill(self._family)
        self.connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)


@functools.cache
def _context() -> SpawnContext | ForkServerContext:
    """Return how workers are started."""
    # Windows has no fork, and that of macOS is not to be trusted. The server that forks listens
    # in the folder for temporary files.
    room = len(os.fsencode(tempfile.gettempdir())) <= LONGEST_TEMPORARY
    if sys.platform != "linux" or not room:
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["autograder.grading.session", main.__module__])
    return context


def _ended(status: int) -> str:
    if status < 0:
        return _("its process was killed by {signal}").format(signal=signal.Signals(-status).name)
    return _("its process ended with status {status}").format(status=status)


@functools.cache
def can_be_kept_apart() -> bool:
    """Return whether each worker can have a network of its own; say so if not."""
    # Asked of a process that has no threads: this one may have some.
    (_asked, possible), *_no_more = run(_call, [own_network], 1)
    if isinstance(possible, Lost) or not possible:
        print(
            _(
                "This system gives programs no network of their own, so two with the same port "
                "would disturb each other: they are graded one after the other."
            ),
            file=sys.stderr,
        )
        return False
    return True


def _call(function: Callable[[], R], _tell: Tell) -> R:
    return function()


def processors() -> int:
    """Return how many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def usual_number() -> int:
    """Return how many gradings to run side by side: each waits for a good part of its time."""
    return 2 * processors()
