"""Servers under observation, each made from a few lines."""

from __future__ import annotations

import contextlib
import socket
import struct
import subprocess
import time

import pytest

from autograder.harness import quiescence
from autograder.harness.quiescence import Observer, Verdict

PRELUDE = """
import ctypes, os, random, selectors, select, signal, socket, socketserver, sys, threading, time
server = socket.create_server(("127.0.0.1", 0), backlog=100)
lock = threading.Lock()
clients = []
def each(function):
    while True:
        client, _address = server.accept()
        clients.append(client)
        threading.Thread(target=function, args=(client,), daemon=True).start()
def echo(client):
    while data := client.recv(4096):
        client.sendall(data)
    client.close()
print(server.getsockname()[1], flush=True)
"""


class Server:
    """A server under observation and the clients that are connected to it."""

    def __init__(self, process: subprocess.Popen[str], stack: contextlib.ExitStack, table=None):
        self.process, self._stack = process, stack
        self.port = int(process.stdout.readline())
        self.observer = stack.enter_context(Observer(process.pid, self.port, table))
        self.clients: list[socket.socket] = []
        self.connections = []

    def connect(self, receive_buffer: int = 0) -> socket.socket:
        client = self._stack.enter_context(socket.socket())
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.connect(("127.0.0.1", self.port))
        self.clients.append(client)
        self.connections.append((client.getsockname(), client.getpeername()))
        return client

    def look(self) -> quiescence.Observation:
        return self.observer.observe(self.connections)

    def verdict(self) -> Verdict:
        return self.look().verdict

    def until_not_busy(self) -> quiescence.Observation:
        """Return the first observation that proves something."""
        deadline = time.monotonic() + 20
        while (seen := self.look()).verdict is Verdict.BUSY:
            assert time.monotonic() < deadline, seen.describe()
        return seen

    def until_quiet(self) -> list[quiescence.Observation]:
        """Return all observations up to and with the first that is quiet."""
        looks, deadline = [self.look()], time.monotonic() + 20
        while looks[-1].verdict is not Verdict.QUIET:
            assert looks[-1].verdict is not Verdict.STUCK, looks[-1].describe()
            assert time.monotonic() < deadline, looks[-1].describe()
            looks.append(self.look())
        return looks


@pytest.fixture(autouse=True)
def observable():
    """Where there is nothing to observe with, the fallback has its tests: test_settling.py."""
    if not quiescence.available():
        pytest.skip("needs Linux's /proc")


@pytest.fixture
def serve(start):
    """Return a function that starts a server from source text."""
    with contextlib.ExitStack() as stack:
        yield lambda source, table=None: Server(start(PRELUDE + source), stack, table)


def received(client: socket.socket) -> bytes:
    """Return what is in a client's receive queue at this moment."""
    data = b""
    with contextlib.suppress(BlockingIOError):
        while chunk := client.recv(1 << 16, socket.MSG_DONTWAIT):
            data += chunk
    return data


def reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
