"""What one thread is doing, told from two files of it in Linux's /proc."""

from __future__ import annotations

import os
import re
import struct
from pathlib import Path
from typing import NamedTuple

from autograder.harness import syscalls
from autograder.harness.syscalls import CALLS, FUTEX_COMMAND, FUTEX_WAITS, WITH_FD, Doing

Member = tuple[int, int]  # process id, thread id

CONSOLES = ("pipe:", "/dev/pts/", "/dev/tty", "/dev/console", "anon_inode:[eventfd]")
POLLFD = struct.Struct("=ihh")
MOST_POLLED = 1024  # descriptors of one select() or poll() that are looked at
TURNS_WORD = 2  # of `schedstat`
ZOMBIE_CALL = b"-1 0x0 0x0\n"  # it has no stack to look at


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


class Reading(NamedTuple):
    """Two files of a thread, as they were one after the other; both empty if it has ended."""

    schedstat: bytes
    syscall: bytes


def parse(member: Member, reading: Reading) -> ThreadState:
    """Return what a reading of a thread says.

    The descriptors are looked at now, which is right only if the thread has not run since.
    """
    pid, tid = member
    line = reading.syscall
    if not line or line == ZOMBIE_CALL:
        return ThreadState(pid, tid, Doing.ENDED)
    switches = int(reading.schedstat.split()[TURNS_WORD])
    if line.startswith(b"running"):
        return ThreadState(pid, tid, Doing.RUNNING, switches=switches)
    number, *registers = line.split()
    args = tuple([int(register, 16) for register in registers[:6]])
    name = syscalls.names().get(int(number))
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


def waits_for_a_socket(thread: ThreadState) -> bool:
    """Return whether a thread waits for something to come by a socket, or may do so.

    The thread must still be where it was seen.
    """
    if thread.doing in (Doing.POLL, Doing.TIMED):
        return True in _polls_sockets(thread)
    return thread.doing in (Doing.RECV, Doing.ACCEPT)


def waits_for_a_key(thread: ThreadState) -> bool:
    """Return whether a thread waits for a word on the console, or may do so."""
    if thread.doing in (Doing.POLL, Doing.TIMED):
        return False in _polls_sockets(thread)
    return thread.doing in (Doing.READ, Doing.RUNNING, Doing.OTHER)


def _polls_sockets(thread: ThreadState) -> set[bool]:
    """Return for the descriptors a thread waits on whether they are sockets.

    Both, if it cannot be told what it polls; neither, if it sleeps.
    """
    timed = thread.doing is Doing.TIMED
    fds = thread.fds if timed else _polled(thread.pid, thread.call, thread.args)
    if not fds and not timed:
        return {True, False}
    return {socket_inode(thread.pid, fd) is not None for fd in fds}


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
