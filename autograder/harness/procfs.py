"""What every thread of a process and of its descendants is doing, read from Linux's /proc.

Four files of each thread say, together, that it has been asleep for a while:
1. `schedstat` counts how often it was given a processor: the same twice, it has not run between.
2. `syscall`, read after that, shows that it was off its processor then, and in which call. Not
   that it was asleep: a thread that was woken and waits for its turn may read like a blocked one.
3. `stat` says `S` of one that sleeps, and `R` of one that was woken.
4. `children` leads to the processes it has started.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path

from autograder.harness import syscalls
from autograder.harness.threadstate import TURNS_WORD, ZOMBIE_CALL, Member, Reading

FILES = ("schedstat", "syscall", "stat", "children")
SCHEDSTAT, SYSCALL, STAT, CHILDREN = range(4)
STATE_WORD, FLAGS_WORD, THREADS_WORD = 1, 7, 18  # of `stat`, counted from the end of the name
PF_EXITING = 4  # include/linux/sched.h
ASLEEP, ENDED = (b"S", b"Z"), (b"Z", b"X")  # a zombie will do nothing either
NOT_OPEN = -1
MOST_BYTES = 4096  # of one reading of a file of /proc


class Unreadable(Exception):
    """The kernel does not let this user look at the threads of that process."""


@cache
def available() -> bool:
    """Return whether threads can be observed here: Linux, a known processor, a usable /proc.

    A single process may be closed to us all the same (kernel.yama.ptrace_scope of 2 or 3, a
    container without CAP_SYS_PTRACE): reading that one raises Unreadable.
    """
    if sys.platform != "linux" or sys.maxsize < 1 << 32 or not syscalls.names():
        return False
    own = Path("/proc/thread-self")
    if not all((own / name).exists() for name in FILES):
        return False
    # Without CONFIG_SCHED_INFO there are zeros; we, however, are running.
    return int((own / "schedstat").read_text().split()[TURNS_WORD]) > 0


class Family:
    """A process and its descendants; to be closed, as it keeps files open.

    A descendant whose parent has died is no longer seen: its family tree is cut. All methods
    but `close` raise Unreadable if this user may not look at the threads.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        # The files of FILES, in that order: reading one again takes a quarter of the time.
        self._fds: dict[Member, list[int]] = {}
        self._most_kept = _open_files_limit() // 4 // len(FILES)

    def members(self) -> set[Member]:
        """Return the threads there are now; all of them unless some end or start meanwhile."""
        found: set[Member] = set()
        waiting = [self.pid]
        while waiting:
            pid = waiting.pop()
            try:
                tids = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 (a Path each is slow)
            except (FileNotFoundError, ProcessLookupError):
                continue
            threads = {(pid, int(tid)) for tid in tids}
            waiting += self._children(threads)
            found |= threads
        for ended in self._fds.keys() - found:
            self._forget(ended)
        return found

    def read(self, members: Iterable[Member]) -> dict[Member, Reading]:
        """Return what each thread is doing; see `parse`."""
        readings = {}
        for member in members:
            turns = self._read(member, SCHEDSTAT)
            call = self._read(member, SYSCALL)
            readings[member] = Reading(turns, call) if turns and call else Reading(b"", b"")
        return readings

    def has_others(self, members: Collection[Member]) -> bool:
        """Return whether there are more threads than these, provided that these live on.

        Threads are counted because the list of them is not reliable: the kernel breaks it off
        where a thread ends, and leaves out those behind it. The list of children may leave out
        one behind an entry that has ended, but that entry is in it.
        """
        counts = Counter(pid for pid, _tid in members)
        for pid, count in counts.items():
            stat = self._stat((pid, pid))
            if not stat or int(stat[THREADS_WORD]) != count:
                return True
        return {self.pid, *self._children(members)} != counts.keys()

    def have_slept(self, readings: Mapping[Member, Reading]) -> bool:
        """Return whether all these threads have slept since they were read.

        The state is taken before the turns: a thread that was seen asleep after a turn, however
        short, has that turn counted.
        """
        for member, (turns, _call) in readings.items():
            stat = self._stat(member)
            if not stat or stat[STATE_WORD] not in ASLEEP:
                return False
            if self._read(member, SCHEDSTAT) != turns:
                return False
        return True

    def has_ended(self) -> bool:
        """Return whether the first process has ended; its parent may still have to wait for it."""
        stat = self._stat((self.pid, self.pid))
        return not stat or (stat[STATE_WORD] in ENDED and int(stat[THREADS_WORD]) == 1)

    def close(self) -> None:
        """Close all files; idempotent."""
        for member in list(self._fds):
            self._forget(member)

    def _is_exiting(self, member: Member) -> bool:
        stat = self._stat(member)
        return not stat or bool(int(stat[FLAGS_WORD]) & PF_EXITING)

    def _stat(self, member: Member) -> list[bytes] | None:
        text = self._read(member, STAT)
        # The name, in brackets, may hold anything.
        return text[text.rindex(b")") :].split() if text else None

    def _children(self, members: Iterable[Member]) -> list[int]:
        found: list[int] = []
        for member in members:
            text = more = self._read(member, CHILDREN) or b""
            while len(more) > MOST_BYTES // 2:  # the kernel stops at the last number that fits
                more = self._read(member, CHILDREN, len(text)) or b""
                text += more
            found += map(int, text.split())
        return found

    def _read(self, member: Member, which: int, start: int = 0) -> bytes | None:
        """Return a file of a thread from byte `start` on, None if the thread has ended."""
        try:
            fds = self._fds.get(member)
            if fds is None and len(self._fds) < self._most_kept:
                fds = self._fds[member] = [NOT_OPEN] * len(FILES)
            fd = fds[which] if fds else NOT_OPEN
            if fd == NOT_OPEN:
                fd = os.open(f"/proc/{member[0]}/task/{member[1]}/{FILES[which]}", os.O_RDONLY)
                if fds:
                    fds[which] = fd
            try:
                return os.pread(fd, MOST_BYTES, start)
            finally:
                if not fds:
                    os.close(fd)
        except (FileNotFoundError, ProcessLookupError):
            self._forget(member)
            return None
        except PermissionError as error:
            if which == SYSCALL and self._is_exiting(member):
                return ZOMBIE_CALL  # without its memory it is closed to all but root
            raise Unreadable(
                f"process {member[0]} may not be observed ({error.strerror}): "
                "kernel.yama.ptrace_scope must be 0 or 1"
            ) from error

    def _forget(self, member: Member) -> None:
        for fd in self._fds.pop(member, ()):
            if fd != NOT_OPEN:
                os.close(fd)


def _open_files_limit() -> int:
    if sys.platform == "win32":
        return 0
    import resource  # there is none on Windows

    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
