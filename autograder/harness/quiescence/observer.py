"""Looks at a server: its threads, the queues of its sockets, and its threads again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from autograder.harness import procfs, sockdiag, threadstate
from autograder.harness.quiescence.observation import Observation, Verdict
from autograder.harness.quiescence.queues import read_queues
from autograder.harness.sockdiag import Address
from autograder.harness.syscalls import Doing

# A write to the console ends as soon as somebody reads the pipe, which the harness does.
AWAKE = frozenset((Doing.RUNNING, Doing.OTHER, Doing.WRITE))


_off = False  # for the whole process


@contextlib.contextmanager
def switched_off() -> Iterator[None]:
    """Do without observation in the meantime, as on a system that does not allow it."""
    global _off
    before, _off = _off, True
    try:
        yield
    finally:
        _off = before


def available() -> bool:
    """Return whether servers can be observed here."""
    if _off or not procfs.available():
        return False
    try:
        sockdiag.open_table().close()
    except sockdiag.SocketTableError:
        return False
    return True


class Observer:
    """Looks at one server, as often as wanted; a context manager, for one thread at a time.

    Args:
        pid: The server's process.
        port: The port it listens on. If 0, it is a client that is looked at: in all that is
            said here it takes the place of the server, and the server that of a client.
        table: Where socket queues are read, closed with the observer; the best there is if None.

    Raises:
        SocketTableError: There is none.
    """

    def __init__(self, pid: int, port: int, table: sockdiag.SocketTable | None = None) -> None:
        self._pid, self._port = pid, port
        self._table = table or sockdiag.open_table()
        self._family = procfs.Family(pid)
        self._members: set[threadstate.Member] | None = None  # unless they have changed

    def close(self) -> None:
        """Close the files it keeps open; idempotent."""
        self._family.close()
        self._table.close()

    def __enter__(self) -> Observer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def observe(self, connections: Sequence[tuple[Address, Address]]) -> Observation:
        """Look once.

        Args:
            connections: (client's local address, server's address) of each connection, also
                of those a client has closed, until the server is known to have noticed. Both
                ends must be on this machine, in this network namespace.

        Raises:
            Unreadable: This user may not look at the server's threads.
            SocketTableError: The kernel did not tell about its sockets.
        """
        if self._family.has_ended():
            return Observation(Verdict.GONE, ())
        members = self._members or self._family.members()
        readings = self._family.read(members)
        threads = tuple(threadstate.parse(*item) for item in sorted(readings.items()))
        # Those of last time will do, as long as they live and are all there are.
        same = all(map(any, readings.values())) and not self._family.has_others(members)
        self._members = members if same else None
        threads = tuple(thread for thread in threads if thread.doing is not Doing.ENDED)
        if not same or any(thread.doing in AWAKE for thread in threads):
            return Observation(Verdict.BUSY, threads)
        queues = read_queues(self._table, self._port, connections)
        slept = self._family.have_slept(readings)
        return Observation(
            queues.verdict(threads) if slept else Verdict.BUSY,
            threads,
            queues.unread,
            queues.unsent,
            queues.backlog,
            queues.incoming,
            queues.ends,
        )
