"""Stuck: input lies unread, and nobody will ever read it."""

from __future__ import annotations

import contextlib
import socket
import time

import pytest

from autograder.harness.quiescence import Verdict
from autograder.harness.sockdiag import ProcTable
from autograder.harness.syscalls import Doing
from tests.kit.harness.quiescence.conftest import received


def test_unread_input_behind_a_lock_taken_twice_is_stuck(serve):
    server = serve("""
def deadlock(client):
    client.recv(4096)
    lock.acquire()
    lock.acquire()
each(deadlock)
""")
    client = server.connect()
    server.until_quiet()
    client.sendall(b"first")
    server.until_quiet()  # it has read all there was: that it never will again is not seen yet
    client.sendall(b"second")
    seen = server.until_not_busy()
    assert (seen.verdict, seen.unread, seen.unsent) == (Verdict.STUCK, 6, 0)
    assert seen.describe() == (
        "stuck: 2 threads (1 accept, 1 lock), 6 bytes unread, 0 unsent, 0 incoming, "
        "0 connections not accepted, 0 ends not noticed"
    )


@pytest.mark.parametrize("table", [None, ProcTable], ids=["netlink", "proc"])
def test_a_send_to_a_client_that_does_not_read_is_stuck_until_it_reads(serve, table):
    server = serve(
        """
def flood(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
    client.recv(1)
    client.sendall(bytes(500_000))
    client.recv(1)
each(flood)
""",
        table and table(),
    )
    client = server.connect(receive_buffer=4096)
    client.sendall(b"x")
    seen = server.until_not_busy()
    assert seen.verdict is Verdict.STUCK
    assert seen.unsent > 0
    assert Doing.SEND in {thread.doing for thread in seen.threads}
    got = 0
    while server.verdict() is not Verdict.QUIET:
        got += len(received(client))
    assert got + len(received(client)) == 500_000


def test_input_that_no_longer_fits_is_stuck_at_both_ends(serve):
    server = serve("clients.append(server.accept()); lock.acquire(); lock.acquire()")
    client = server.connect()
    client.setblocking(False)
    deadline = time.monotonic() + 20
    while (seen := server.look()).verdict is not Verdict.STUCK or not seen.incoming:
        assert time.monotonic() < deadline, seen.describe()
        with contextlib.suppress(BlockingIOError):
            client.send(bytes(1 << 20))
    assert seen.unread > 0


def test_what_a_client_does_not_read_and_nobody_waits_for_is_busy(serve):
    server = serve("""
def answer(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    client.recv(1)
    client.sendall(bytes(200_000))
    client.recv(1)
each(answer)
""")
    client = server.connect(receive_buffer=4096)
    client.sendall(b"x")
    deadline = time.monotonic() + 0.5
    while time.monotonic() < deadline:
        assert server.verdict() is Verdict.BUSY


def test_a_connection_that_nobody_accepts_is_stuck(serve):
    server = serve("threading.Event().wait()")
    assert server.until_not_busy().verdict is Verdict.QUIET
    client = server.connect()
    client.sendall(b"hello")
    seen = server.until_not_busy()
    assert (seen.verdict, seen.backlog, seen.unread) == (Verdict.STUCK, 1, 5)


def test_a_full_accept_queue_is_stuck_too(serve):
    server = serve("server.listen(0); threading.Event().wait()")
    server.until_quiet()
    server.connect()
    with contextlib.ExitStack() as stack:
        for _more in range(3):  # the kernel lets them think that they are connected
            more = stack.enter_context(socket.socket())
            more.setblocking(False)
            more.connect_ex(("127.0.0.1", server.port))
        assert server.until_not_busy().verdict is Verdict.STUCK
