"""Linux system calls in which a thread may be blocked, and what that means."""

from __future__ import annotations

import enum
import platform
from functools import cache
from typing import NamedTuple


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


@cache
def names() -> dict[int, str]:
    """Return the names of the calls by their numbers on this machine; none if it is unknown."""
    machine = platform.machine()
    return {getattr(call, machine): name for name, call in CALLS.items() if hasattr(call, machine)}
