"""What every thread of a process and of its descendants is doing, read from Linux's /proc.

`syscall` names the call a thread is blocked in (`running` if it runs or is about to), and
`schedstat` counts how often it was given a processor. If both read the same twice, the thread
did nothing in between.
"""

from __future__ import annotations

import enum
import os
import platform
import re
import struct
import sys
from collections import Counter
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

Member = tuple[int, int]  # process id, thread id


class Doing(enum.StrEnum):
    """What a thread is doing or, if it is blocked, waiting for."""

    ACCEPT = "accept"
    RECV = "recv"  # also read() on a socket
    SEND = "send"  # also write() on a socket
    READ = "read"  # from a pipe or a terminal
    WRITE = "write"  # to anything but a socket: its console
    LOCK = "lock"
    WAIT = "wait"  # for a child process or a signal
    POLL = "poll"  # select, poll, epoll
    TIMED = "timed"  # one of these with a time-out, or a sleep
    RUNNING = "running"
    OTHER = "other"
    ENDED = "ended"


class Call(NamedTuple):
    """A system call that may block: its numbers, and which argument is its time-out."""

    x86_64: int
    aarch64: int
    doing: Doing
    timeout: int | None = None
    is_int: bool = False  # a negative int means no time-out; of a pointer, NULL does


NONE = -2  # this architecture has no such call
# arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h
CALLS = {
    "accept": Call(43, 202, Doing.ACCEPT),
    "accept4": Call(288, 242, Doing.ACCEPT),
    "recvfrom": Call(45, 207, Doing.RECV),
    "recvmsg": Call(47, 212, Doing.RECV),
    "sendto": Call(44, 206, Doing.SEND),
    "sendmsg": Call(46, 211, Doing.SEND),
    "read": Call(0, 63, Doing.READ),
    "readv": Call(19, 65, Doing.READ),
    "write": Call(1, 64, Doing.WRITE),
    "writev": Call(20, 66, Doing.WRITE),
    "sendfile": Call(40, 71, Doing.WRITE),
    "futex": Call(202, 98, Doing.LOCK, 3),
    "futex_waitv": Call(449, 449, Doing.LOCK, 3),
    "futex_wait": Call(455, 455, Doing.LOCK, 4),
    "wait4": Call(61, 260, Doing.WAIT),
    "waitid": Call(247, 95, Doing.WAIT),
    "pause": Call(34, NONE, Doing.WAIT),
    "rt_sigsuspend": Call(130, 133, Doing.WAIT),
    "rt_sigtimedwait": Call(128, 137, Doing.WAIT, 2),
    "poll": Call(7, NONE, Doing.POLL, 2, is_int=True),
    "ppoll": Call(271, 73, Doing.POLL, 2),
    "select": Call(23, NONE, Doing.POLL, 4),
    "pselect6": Call(270, 72, Doing.POLL, 4),
    "epoll_wait": Call(232, NONE, Doing.POLL, 3, is_int=True),
    "epoll_pwait": Call(281, 22, Doing.POLL, 3, is_int=True),
    "epoll_pwait2": Call(441, 441, Doing.POLL, 3),
    "nanosleep": Call(35, 101, Doing.TIMED),
    "clock_nanosleep": Call(230, 115, Doing.TIMED),
    "restart_syscall": Call(219, 128, Doing.TIMED),  # after SIGCONT: what it resumes is hidden
}
FUTEX_WAITS = (0, 6, 9, 11, 13)  # WAIT, LOCK_PI, WAIT_BITSET, WAIT_REQUEUE_PI, LOCK_PI2
FUTEX_COMMAND = ~(128 | 256)  # without FUTEX_PRIVATE_FLAG and FUTEX_CLOCK_REALTIME
WITH_FD = frozenset((Doing.ACCEPT, Doing.RECV, Doing.SEND, Doing.READ, Doing.WRITE))
CONSOLES = ("pipe:", "/dev/pts/", "/dev/tty", "/dev/console", "anon_inode:[eventfd]")
POLLFD = struct.Struct("=ihh")
MOST_POLLED = 1024  # descriptors of one select() or poll() that are looked at
MOST_BYTES = 1 << 14  # of one file of /proc; `children` of 2,000 processes
MOST_SCHEDSTAT = 64  # bytes, three numbers; `status` is longer


class Unreadable(Exception):
    """The kernel does not let this user look at the threads of that process."""


class ThreadState(NamedTuple):
    """One thread at one moment.

    Attributes:
        pid: Its process.
        tid: Its id, `threading.Thread.native_id`.
        doing: The kind of call it is in.
        call: The name of the system call, or its number; empty if it is in none.
        args: The call's six arguments, as the registers hold them.
        fds: The descriptors it waits on, as far as they could be told; of select, poll and
            epoll only if timed.
        switches: How often it has been given a processor.
    """

    pid: int
    tid: int
    doing: Doing
    call: str = ""
    args: tuple[int, ...] = ()
    fds: tuple[int, ...] = ()
    switches: int = 0


@cache
def _names() -> dict[int, str]:
    machine = platform.machine()
    return {getattr(call, machine): name for name, call in CALLS.items() if hasattr(call, machine)}


@cache
def available() -> bool:
    """Return whether threads can be observed here: Linux, a known processor, a usable /proc.

    A single process may be closed to us all the same (kernel.yama.ptrace_scope of 2 or 3, a
    container without CAP_SYS_PTRACE): reading that one raises Unreadable.
    """
    if sys.platform != "linux" or sys.maxsize < 1 << 32 or not _names():
        return False
    own = Path("/proc/thread-self")
    return all((own / name).exists() for name in ("syscall", "schedstat", "children"))


@cache
def _counter() -> str:
    """Return the file that counts a thread's turns; some kernels fill schedstat with zeros."""
    turns = Path("/proc/thread-self/schedstat").read_text().split()[-1]
    return "schedstat" if turns != "0" else "status"  # `status` takes ten times as long


def target(pid: int, fd: int) -> str:
    """Return what a descriptor refers to: `socket:[123]`, `pipe:[5]`, a path; "" if unknown."""
    try:
        return str(Path(f"/proc/{pid}/fd/{fd}").readlink())
    except OSError:
        return ""


def socket_inode(pid: int, fd: int) -> int | None:
    """Return the inode of the socket behind a descriptor, None if it is no socket."""
    name = target(pid, fd)
    return int(name[8:-1]) if name.startswith("socket:[") else None


class Family:
    """A process and its descendants; to be closed, as it keeps files open.

    A descendant whose parent has died is no longer seen: its family tree is cut.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._files = ("syscall", _counter(), "children")
        # Open files of /proc, in that order: reading one again takes a quarter of the time.
        self._fds: dict[Member, list[int]] = {}
        self._most_kept = _open_files_limit() // 4 // len(self._files)

    def members(self) -> set[Member]:
        """Return the threads there are now; all that live unless some end or start meanwhile.

        Raises:
            Unreadable: This user may not look at them.
        """
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

    def has_others(self, members: Collection[Member]) -> bool:
        """Return whether there are more threads than these, provided that these live on.

        The number of threads is asked for because the list of them is not reliable: the kernel
        breaks it off where a thread ends, and leaves out those behind it. The list of children
        may leave out one behind an entry that has ended, but that entry is in it.

        Raises:
            Unreadable: This user may not look at them.
        """
        counts = Counter(pid for pid, _tid in members)
        if any(_state_and_threads(pid)[1] != count for pid, count in counts.items()):
            return True
        return {self.pid, *self._children(members)} != counts.keys()

    def has_ended(self) -> bool:
        """Return whether the first process has ended; its parent may still have to wait for it."""
        state, threads = _state_and_threads(self.pid)
        return threads == 0 or (state in "ZX" and threads == 1)

    def read(self, members: Iterable[Member], *, closing: bool = False) -> dict[Member, bytes]:
        """Return `syscall` and the count of turns of each thread; empty if it has ended.

        Args:
            members: Which threads.
            closing: Whether this is to be compared with an earlier reading. If a thread is not
                running and both are equal, it was blocked all the time in between. For that the
                first has to take the count before the call, and the second after it: in the
                other order a turn that began between the two would not show.

        Raises:
            Unreadable: This user may not look at them.
        """
        texts = {}
        for member in members:
            if closing:
                call = self._read(member, 0)
                turns = self._read(member, 1)
            else:
                turns = self._read(member, 1)
                call = self._read(member, 0)
            if not call or not turns:
                call = turns = b""
            elif len(turns) > MOST_SCHEDSTAT:  # it is `status`, whose sizes of memory change
                turns = turns[turns.index(b"\nvoluntary_ctxt_switches") :]
            texts[member] = call + turns
        return texts

    def close(self) -> None:
        """Close all files; idempotent."""
        for member in list(self._fds):
            self._forget(member)

    def _read(self, member: Member, which: int) -> bytes | None:
        try:
            if member in self._fds or len(self._fds) < self._most_kept:
                return os.pread((self._fds.get(member) or self._open(member))[which], MOST_BYTES, 0)
            fd = self._open_one(member, which)
            try:
                return os.pread(fd, MOST_BYTES, 0)
            finally:
                os.close(fd)
        except (FileNotFoundError, ProcessLookupError):
            self._forget(member)
            return None
        except PermissionError as error:
            raise Unreadable(
                f"process {member[0]} may not be observed ({error.strerror}): "
                "kernel.yama.ptrace_scope must be 0 or 1"
            ) from error

    def _children(self, members: Iterable[Member]) -> list[int]:
        return [int(pid) for member in members for pid in (self._read(member, 2) or b"").split()]

    def _open(self, member: Member) -> list[int]:
        fds = self._fds[member] = []
        try:
            for which in range(len(self._files)):
                fds.append(self._open_one(member, which))
        except OSError:
            self._forget(member)
            raise
        return fds

    def _open_one(self, member: Member, which: int) -> int:
        path = f"/proc/{member[0]}/task/{member[1]}/{self._files[which]}"
        return os.open(path, os.O_RDONLY)

    def _forget(self, member: Member) -> None:
        for fd in self._fds.pop(member, ()):
            os.close(fd)


def _state_and_threads(pid: int) -> tuple[str, int]:
    """Return the state letter of a process and how many threads it has; 0 if there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return "X", 0
    words = text[text.rindex(")") :].split()  # its name, in brackets, may have any characters
    return words[1], int(words[18])


def _open_files_limit() -> int:
    if sys.platform == "win32":
        return 0
    import resource  # there is none on Windows

    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def parse(member: Member, text: bytes) -> ThreadState:
    """Return what one text of `Family.read` says.

    The descriptors are looked at now, which is right only if the thread has not run since.
    """
    pid, tid = member
    line, _newline, counts = text.partition(b"\n")
    if not text or line == b"-1 0x0 0x0":  # a zombie has no stack to look at
        return ThreadState(pid, tid, Doing.ENDED)
    numbers = [int(number) for number in re.findall(rb"\d+", counts)]
    switches = numbers[2] if len(numbers) == 3 else sum(numbers)
    if line == b"running":
        return ThreadState(pid, tid, Doing.RUNNING, switches=switches)
    number, *registers = line.split()
    args = tuple([int(register, 16) for register in registers[:6]])
    name = _names().get(int(number))
    if name is None:
        return ThreadState(pid, tid, Doing.OTHER, number.decode(), args, (), switches)
    doing = _doing(pid, name, args)
    fds: tuple[int, ...] = ()
    if CALLS[name].doing in WITH_FD:
        fds = (_int(args[0]),)
    elif doing is Doing.TIMED:
        fds = _polled(pid, name, args)
    return ThreadState(pid, tid, doing, name, args, fds, switches)


def _doing(pid: int, name: str, args: tuple[int, ...]) -> Doing:
    call = CALLS[name]
    if name == "futex" and args[1] & FUTEX_COMMAND not in FUTEX_WAITS:
        return Doing.OTHER  # FUTEX_WAKE and the like do not block
    if call.timeout is not None:
        value = args[call.timeout]
        timed = _int(value) >= 0 if call.is_int else value != 0
        return Doing.TIMED if timed else call.doing
    if call.doing not in (Doing.READ, Doing.WRITE):
        return call.doing
    refers_to = target(pid, _int(args[0]))
    if refers_to.startswith("socket:"):
        return Doing.RECV if call.doing is Doing.READ else Doing.SEND
    if call.doing is Doing.WRITE or refers_to.startswith(CONSOLES):
        return call.doing
    return Doing.TIMED if refers_to == "anon_inode:[timerfd]" else Doing.OTHER


def _int(register: int) -> int:
    """Return the C int in a 64-bit register, whose upper half means nothing."""
    return ((register & 0xFFFFFFFF) ^ 0x80000000) - 0x80000000


def _polled(pid: int, name: str, args: tuple[int, ...]) -> tuple[int, ...]:
    """Return all descriptors of a select, poll or epoll; none if they cannot all be read."""
    try:
        if name.startswith("epoll"):
            text = Path(f"/proc/{pid}/fdinfo/{_int(args[0])}").read_text()
            return tuple(int(fd) for fd in re.findall(r"(?m)^tfd:\s*(\d+)", text))
        if name in ("poll", "ppoll") and args[1] <= MOST_POLLED:
            raw = _memory(pid, args[0], args[1] * POLLFD.size)
            return tuple(fd for fd, _events, _ready in POLLFD.iter_unpack(raw) if fd >= 0)
        if name in ("select", "pselect6") and args[0] <= MOST_POLLED:
            bits, size = 0, (args[0] + 63) // 64 * 8
            for start in filter(None, args[1:4]):
                bits |= int.from_bytes(_memory(pid, start, size), "little")
            return tuple(fd for fd in range(args[0]) if bits >> fd & 1)
    except (OSError, OverflowError, struct.error):
        pass  # it has moved on, or this user may not read its memory
    return ()


def _memory(pid: int, start: int, size: int) -> bytes:
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        return os.pread(memory.fileno(), size, start)
