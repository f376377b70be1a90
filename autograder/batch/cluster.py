"""Grades on a Dask cluster: submissions go out as bytes, and results come back.

The scheduler sees to it that what a lost worker was at is done by another one. Whatever is done
twice for that reason, each submission comes back once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any

from distributed import Client, Future, KilledWorker, wait

from autograder.batch import remote
from autograder.batch.job import Job
from autograder.batch.remote import Machine, Parcel
from autograder.batch.run import Hear
from autograder.batch.settings import kit
from autograder.batch.workers import Lost
from autograder.fence import TIERS, Tier
from autograder.grading.result import Result
from autograder.i18n import _

ANSWER_S = 10  # for a scheduler
LOOK_S = 5  # between two looks at whether there are still workers
AHEAD = 2  # submissions sent for each that a worker can be at: none waits for the next one


class ClusterError(Exception):
    """The cluster cannot grade, or cannot any more; the message says why and what to do."""


class Cluster:
    """A connection to a scheduler; a context manager.

    Args:
        address: Of the scheduler, such as `tcp://host:8786`.

    Raises:
        ClusterError: nobody answers there, or its workers cannot grade.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        # Its log tells of lost workers what the run tells better, and that in many lines; that
        # of its loop shows a traceback if Ctrl-C comes while a question is about to be asked.
        for log in ("distributed", "tornado.application"):
            logging.getLogger(log).setLevel(logging.CRITICAL)
        try:
            self._client = Client(address, timeout=ANSWER_S)
        except (OSError, ValueError) as error:
            raise ClusterError(
                _("no scheduler of Dask answers at {address} ({error})").format(
                    address=address, error=error
                )
            ) from error
        try:
            self.tier = self._meet()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the cluster, which drops what it has not done yet; idempotent."""
        self._client.close()

    def engine(self, jobs: Iterable[Job], _hear: Hear) -> Iterator[tuple[Job, Result | Lost]]:
        """Grade all jobs; yield each when it is done.

        Raises:
            ClusterError: the scheduler, or the last worker, has gone.
        """
        left = iter(jobs)
        running: dict[Future[Any], Job] = {}
        while True:
            while len(running) < AHEAD * self._room():
                job = next(left, None)
                if job is None:
                    break
                parcel = Parcel.of(job)
                running[self._client.submit(remote.grade, parcel, pure=False, retries=0)] = job
            if not running:
                return
            for future in self._done(running):
                yield running.pop(future), self._result(future)

    def _meet(self) -> Tier:
        """Return the best sandbox that all workers have."""
        machines: list[Machine] = list(self._client.run(remote.here).values())
        if not machines:
            raise self._empty()
        for machine in machines:
            if machine.daemon:
                raise ClusterError(
                    _(
                        "the worker on {name} may not start processes: start it with --no-nanny"
                    ).format(name=machine.name)
                )
            if why := machine.unfit(kit()):
                raise ClusterError(why)
        order = [tier.name for tier in TIERS]
        return max((machine.tier for machine in machines), key=lambda tier: order.index(tier.name))

    def _room(self) -> int:
        """Return how many submissions the cluster can be at, at least one."""
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    def _done(self, running: Iterable[Future[Any]]) -> Iterable[Future[Any]]:
        while True:
            try:
                found = wait(list(running), timeout=LOOK_S, return_when="FIRST_COMPLETED")
                done: set[Future[Any]] = found.done
                return done
            except TimeoutError:
                if self._client.status != "running":
                    raise self._gone() from None
                if not self._client.nthreads():
                    raise self._empty() from None

    def _result(self, future: Future[Any]) -> Result | Lost:
        if future.cancelled():
            raise self._gone()
        try:
            found: Result | Lost = future.result()
        except KilledWorker as error:
            return Lost(str(error))
        return found

    def _gone(self) -> ClusterError:
        return ClusterError(
            _("the scheduler at {address} has gone: start it again").format(address=self._address)
        )

    def _empty(self) -> ClusterError:
        return ClusterError(
            _("the scheduler at {address} has no workers: start some").format(address=self._address)
        )
