"""Threads of real processes, blocked in every call that a chat server may block in."""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import sys
from pathlib import Path

import pytest

from autograder.harness import procfs, syscalls, threadstate
from autograder.harness.procfs import Family, Unreadable
from autograder.harness.syscalls import Doing
from autograder.harness.threadstate import Reading, ThreadState

pytestmark = pytest.mark.skipif(not procfs.available(), reason="needs Linux's /proc")

NOTHING = Reading(b"", b"")
PRELUDE = """
import ctypes, os, select, selectors, signal, socket, subprocess, sys, threading, time
server = socket.create_server(("127.0.0.1", 0))
near, far = socket.socketpair()
lock = threading.Lock()
lock.acquire()
epoll = select.epoll()
epoll.register(server)
libc = ctypes.CDLL(None)
def fill(fd):
    os.set_blocking(fd, False)
    try:
        while True:
            os.write(fd, bytes(4096))
    except BlockingIOError:
        os.set_blocking(fd, True)
print("ready", server.fileno(), near.fileno(), flush=True)
"""
BLOCKED = {
    "accept": ("server.accept()", Doing.ACCEPT),
    "recv": ("near.recv(1)", Doing.RECV),
    "recvmsg": ("near.recvmsg(1)", Doing.RECV),
    "read a socket": ("os.read(near.fileno(), 1)", Doing.RECV),
    "makefile": ("near.makefile().readline()", Doing.RECV),
    "sendall": ("near.sendall(bytes(1 << 24))", Doing.SEND),
    "write to a socket": ("fill(near.fileno()); os.write(near.fileno(), b'x')", Doing.SEND),
    "input": ("input()", Doing.READ),
    "print to a full pipe": ("while True: os.write(1, bytes(4096))", Doing.WRITE),
    "lock": ("lock.acquire()", Doing.LOCK),
    "join": (
        "threading.Thread(target=lock.acquire, daemon=True).start(); lock.acquire()",
        Doing.LOCK,
    ),
    "event": ("threading.Event().wait()", Doing.LOCK),
    "queue": ("import queue; queue.Queue().get()", Doing.LOCK),
    "wait for a child": ("subprocess.run(['sleep', '20'])", Doing.WAIT),
    "pause": ("signal.pause()", Doing.WAIT),
    "sigwait": ("signal.sigwait([signal.SIGUSR2])", Doing.WAIT),
    "poll": ("select.poll().poll()", Doing.POLL),
    "select": ("select.select([server], [], [])", Doing.POLL),
    "epoll": ("epoll.poll()", Doing.POLL),
    "sleep": ("time.sleep(1000)", Doing.TIMED),
    "lock with a time-out": ("lock.acquire(timeout=1000)", Doing.TIMED),
    "event with a time-out": ("threading.Event().wait(1000)", Doing.TIMED),
    "sigtimedwait": ("signal.sigtimedwait([signal.SIGUSR2], 1000)", Doing.TIMED),
    "accept with a time-out": ("server.settimeout(1000); server.accept()", Doing.TIMED),
    "recv with a time-out": ("near.settimeout(1000); near.recv(1)", Doing.TIMED),
    "select with a time-out": ("select.select([server], [], [near], 1000)", Doing.TIMED),
    "epoll with a time-out": ("epoll.poll(1000)", Doing.TIMED),
    "timerfd": (
        "fd = libc.timerfd_create(1, 0); "
        "libc.timerfd_settime(fd, 0, (ctypes.c_long * 4)(0, 0, 1000, 0), None); os.read(fd, 8)",
        Doing.TIMED,
    ),
    "connect": (
        "full = socket.socket(); full.bind(('127.0.0.1', 0)); full.listen(0);"
        "[socket.create_connection(full.getsockname()) for _ in range(9)]",
        Doing.OTHER,
    ),
    "spin": ("while True: pass", Doing.RUNNING),
}


def states(family: Family) -> list[ThreadState]:
    readings = family.read(sorted(family.members()))
    return [threadstate.parse(member, reading) for member, reading in readings.items()]


@pytest.fixture
def family_of(start):
    """Return a function that starts a program and returns its family and two descriptors."""
    with contextlib.ExitStack() as stack:

        def run(source):
            process = start(PRELUDE + source)
            word, server, near = process.stdout.readline().split()
            assert word == "ready"
            family = Family(process.pid)
            stack.callback(family.close)
            return family, process, int(server), int(near)

        yield run


@pytest.mark.parametrize("source, doing", BLOCKED.values(), ids=BLOCKED)
def test_a_blocked_thread_says_what_it_waits_for(family_of, eventually, source, doing):
    family, process, _server, _near = family_of(source)
    eventually(
        lambda: [s.doing for s in states(family) if s.tid == process.pid] == [doing], timeout_s=5
    )


@pytest.mark.parametrize(
    "source, names",
    {
        "server.settimeout(1000); server.accept()": ["server"],
        "near.settimeout(1000); near.recv(1)": ["near"],
        "select.select([server], [], [near], 1000)": ["near", "server"],
        "epoll.poll(1000)": ["server"],
        "near.recv(1)": ["near"],
        "time.sleep(1000)": [],
    }.items(),
)
def test_the_descriptors_of_a_timed_wait_are_read(family_of, eventually, source, names):
    family, process, server, near = family_of(source)
    wanted = {"server": server, "near": near}
    eventually(lambda: states(family)[0].doing in (Doing.TIMED, Doing.RECV))
    fds = states(family)[0].fds
    assert sorted(fds) == sorted(wanted[name] for name in names)
    assert all(threadstate.socket_inode(process.pid, fd) for fd in fds)


def test_a_descriptor_that_is_no_socket_has_no_inode():
    reading, writing = os.pipe()
    assert threadstate.socket_inode(os.getpid(), reading) is None
    assert threadstate.target(os.getpid(), reading).startswith("pipe:[")
    os.close(reading)
    os.close(writing)
    assert threadstate.socket_inode(os.getpid(), writing) is None
    assert threadstate.target(os.getpid(), writing) == ""


def test_a_thread_that_ran_reads_differently(family_of, eventually):
    family, process, _server, _near = family_of("while True: sys.stdin.readline()")
    eventually(lambda: states(family)[0].doing is Doing.READ)
    members = family.members()
    before = family.read(members)
    assert family.read(members) == before
    process.stdin.write("a line\n")
    process.stdin.flush()
    eventually(lambda: family.read(members) != before)
    eventually(lambda: states(family)[0].doing is Doing.READ)
    (old,), (new,) = (
        [threadstate.parse(*item) for item in t.items()] for t in (before, family.read(members))
    )
    assert (new.doing, new.call, new.fds) == (old.doing, old.call, old.fds)
    assert new.switches > old.switches


def test_threads_and_descendants_are_members(family_of, eventually):
    family, process, _server, _near = family_of(
        "threading.Thread(target=lock.acquire, daemon=True).start()\n"
        'child = \'import subprocess; subprocess.run(["sleep", "20"])\'\n'
        "subprocess.run([sys.executable, '-c', child])"
    )
    eventually(lambda: len({pid for pid, _tid in family.members()}) == 3)
    eventually(
        lambda: sorted(state.doing for state in states(family)) == ["lock", "timed", "wait", "wait"]
    )
    assert sum(pid == process.pid for pid, _tid in family.members()) == 2


def test_a_thread_that_ended_is_forgotten(family_of, eventually):
    family, process, _server, _near = family_of(
        "threading.Thread(target=near.recv, args=(1,)).start()\ninput()\nfar.send(b'x')\ninput()"
    )
    eventually(lambda: len(family.members()) == 2)
    members = family.members()
    before = family.read(members)
    process.stdin.write("\n")
    process.stdin.flush()
    eventually(lambda: len(family.members()) == 1)
    (ended,) = members - family.members()
    assert any(before[ended])
    assert family.read([ended]) == {ended: NOTHING}
    assert threadstate.parse(ended, NOTHING).doing is Doing.ENDED
    assert not family.have_slept(before)


def test_a_process_that_ended_has_no_members_once_reaped(family_of, eventually):
    family, process, _server, _near = family_of("input()")
    eventually(lambda: states(family)[0].doing is Doing.READ)
    process.send_signal(signal.SIGKILL)
    eventually(lambda: states(family)[0].doing is Doing.ENDED)  # a zombie
    process.wait()
    assert family.members() == set()


def test_close_leaves_no_file_open(family_of, eventually):
    open_files = Path("/proc/self/fd")
    family, _process, _server, _near = family_of("input()")
    eventually(lambda: states(family)[0].doing is Doing.READ)
    assert not family.has_ended()
    before = len(list(open_files.iterdir()))
    family.close()
    family.close()
    assert len(list(open_files.iterdir())) == before - 4


def test_beyond_the_limit_files_are_opened_for_each_reading(family_of, eventually, monkeypatch):
    family, _process, _server, _near = family_of(
        "[threading.Thread(target=lock.acquire, daemon=True).start() for _ in range(9)]; input()"
    )
    eventually(lambda: len(family.members()) == 10)
    monkeypatch.setattr(procfs, "_open_files_limit", lambda: 40)
    with contextlib.closing(Family(family.pid)) as poor:
        eventually(lambda: {s.doing for s in states(poor)} == {Doing.LOCK, Doing.READ})
        members = family.members()
        assert poor.read(members) == family.read(members)


def test_a_process_closed_to_us_is_an_error_that_says_what_to_do(monkeypatch):
    def refuse(*_arguments):
        raise PermissionError(1, "Operation not permitted")

    with contextlib.closing(Family(os.getpid())) as family:
        monkeypatch.setattr(procfs.os, "pread", refuse)
        with pytest.raises(Unreadable, match=r"Operation not permitted.*ptrace_scope must be 0"):
            family.members()


def test_a_zombie_is_closed_to_ordinary_users_but_has_ended(family_of, eventually, monkeypatch):
    family, process, _server, _near = family_of("input()")
    eventually(lambda: states(family)[0].doing is Doing.READ)
    pread = os.pread

    def refuse(fd, size, start):
        if Path(f"/proc/self/fd/{fd}").readlink().name == "syscall":
            raise PermissionError(1, "Operation not permitted")
        return pread(fd, size, start)

    monkeypatch.setattr(procfs.os, "pread", refuse)
    with pytest.raises(Unreadable, match=f"process {process.pid} may not be observed"):
        states(family)
    process.send_signal(signal.SIGKILL)
    eventually(family.has_ended)
    assert [state.doing for state in states(family)] == [Doing.ENDED]
    assert family.have_slept(family.read(family.members()))


# As Linux prints them on an ARM64 computer.
AARCH64 = {
    "98 0xffff8a3c 0x189 0x0 0x0 0x0 0xffffffff 0xffffe1 0xffff9": Doing.LOCK,
    "98 0xffff8a3c 0x189 0x0 0xffffd08 0x0 0xffffffff 0xffffe1 0xffff9": Doing.TIMED,
    "98 0xffff8a3c 0x81 0x1 0x0 0x0 0x0 0xffffe1 0xffff9": Doing.OTHER,  # FUTEX_WAKE
    "98 0xffff8a3c 0x86 0x0 0x0 0x0 0x0 0xffffe1 0xffff9": Doing.LOCK,  # FUTEX_LOCK_PI
    "242 0x3 0xffffd1 0xffffd2 0x80000 0x0 0x0 0xffffe1 0xffff9": Doing.ACCEPT,
    "207 0x4 0xffff90 0x400 0x0 0x0 0x0 0xffffe1 0xffff9": Doing.RECV,
    "206 0x4 0xffff90 0x400 0x0 0x0 0x0 0xffffe1 0xffff9": Doing.SEND,
    "73 0xffffd1 0x1 0x0 0x0 0x8 0x0 0xffffe1 0xffff9": Doing.POLL,
    "73 0xffffd1 0x1 0xffffd2 0x0 0x8 0x0 0xffffe1 0xffff9": Doing.TIMED,
    "22 0x5 0xffff8 0x3 0xffffffff 0x0 0x8 0xffffe1 0xffff9": Doing.POLL,
    "22 0x5 0xffff8 0x3 0x1f4 0x0 0x8 0xffffe1 0xffff9": Doing.TIMED,
    "115 0x1 0x1 0xffffd1 0x0 0x0 0x0 0xffffe1 0xffff9": Doing.TIMED,
    "260 0xffffffff 0xffffd1 0x0 0x0 0x0 0x0 0xffffe1 0xffff9": Doing.WAIT,
    "29 0x0 0x0 0x0 0x0 0x0 0x0 0xffffe1 0xffff9": Doing.OTHER,  # ioctl
    "running": Doing.RUNNING,
    "-1 0xffffe1 0xffff9": Doing.OTHER,  # in a page fault
    "-1 0x0 0x0": Doing.ENDED,
}


@pytest.mark.parametrize("text, doing", AARCH64.items())
def test_the_numbers_of_another_processor(monkeypatch, text, doing):
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    syscalls.names.cache_clear()
    try:
        state = threadstate.parse((1 << 30, 1 << 30), Reading(b"100 20 3\n", f"{text}\n".encode()))
    finally:
        syscalls.names.cache_clear()
    assert state.doing is doing
    assert state.switches == (0 if doing is Doing.ENDED else 3)


@pytest.mark.parametrize("platform_name, machine", [("linux", "riscv64"), ("darwin", "aarch64")])
def test_an_unknown_system_is_not_observable(monkeypatch, platform_name, machine):
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(sys, "platform", platform_name)
    for cached in (syscalls.names, procfs.available):
        cached.cache_clear()
    try:
        assert not procfs.available()
    finally:
        for cached in (syscalls.names, procfs.available):
            cached.cache_clear()
