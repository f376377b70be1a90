"""Which threads of a server came with which client: who still lets one in, who is there to stay."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.harness import threadstate
from autograder.harness.syscalls import Doing
from autograder.harness.threadstate import ThreadState


class Attendance:
    """The threads of one server and of its children, as they were seen from look to look."""

    def __init__(self) -> None:
        self.threads: Sequence[ThreadState] = ()  # when last seen
        self._elder: dict[int, ThreadState] = {}  # before the latest client came
        self._residents: set[int] = set()

    def client_comes(self) -> None:
        """Take those of the last look for those who were there before this client."""
        if not self._elder:  # the first one: who is there waits for all that will come
            self._residents = {thread.tid for thread in self.threads}
        self._elder = {thread.tid: thread for thread in self.threads}

    def all_came_in(self) -> None:
        """Take the threads that have come with the latest client for residents."""
        self._residents |= {thread.tid for thread in self.threads} - self._elder.keys()

    def only_residents_wait(self) -> bool:
        """Return whether all who wait with a time-out have come with a client, or before all."""
        timed = {thread.tid for thread in self.threads if thread.doing is Doing.TIMED}
        return timed <= self._residents

    def naps(self, inode: int | None) -> dict[int, int]:
        """Return who waits for nothing but time since the latest client came.

        Not one who did so before, nor one who has come with the client while somebody reads
        from it: he may do so for ever, or wait for a queue with a time-out.

        Args:
            inode: Of the server's end of the latest client's connection, if that is known.

        Returns:
            By thread, how often it has been given a processor.
        """
        waiting = {t.tid: t.switches for t in self.threads if _only_for_time(t)}
        old = waiting.keys() & self._elder.keys()
        napping = {tid for tid in old if not _only_for_time(self._elder[tid])}
        if waiting.keys() > old and not self._somebody_reads(inode):
            napping |= waiting.keys() - old
        return {tid: waiting[tid] for tid in napping}

    def _somebody_reads(self, inode: int | None) -> bool:
        reads = ((thread.pid, fd) for thread in self.threads for fd in thread.fds)
        return inode is not None and any(threadstate.socket_inode(*one) == inode for one in reads)


def _only_for_time(thread: ThreadState) -> bool:
    return thread.doing is Doing.TIMED and not thread.fds
