"""What the tests of the reference share: its programs as processes, and bare clients."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import IO

import psutil
import pytest

REFERENCE = Path(__file__).resolve().parents[3] / "reference"
DEADLINE = 20.0  # seconds; only a failing test waits so long


class Output:
    """What a process prints, collected by a thread so that it never waits for us."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._changed = threading.Condition()  # protects the two below
        self._data = b""
        self._ended = False
        self._thread = threading.Thread(target=self._collect, args=(stream,))
        self._thread.start()

    def _collect(self, stream: IO[bytes]) -> None:
        while data := os.read(stream.fileno(), 65536):
            with self._changed:
                self._data += data
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    @property
    def text(self) -> str:
        """All that was printed so far."""
        with self._changed:
            return self._data.decode("utf-8", "replace")

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until the output matches; fail at the deadline or when the process has ended."""
        deadline = time.monotonic() + DEADLINE
        with self._changed:
            while True:
                match = re.search(pattern, self._data.decode("utf-8", "replace"), re.MULTILINE)
                if match:
                    return match
                left = deadline - time.monotonic()
                assert not self._ended, f"ended without {pattern!r}: {self._data!r}"
                assert left > 0, f"no {pattern!r} in time: {self._data!r}"
                self._changed.wait(left)

    def close(self) -> None:
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive()


class Program:
    """A process, with what it prints on stdout and stderr."""

    def __init__(self, *command: str, **options: object) -> None:
        arguments: dict[str, object] = {
            "stdin": subprocess.PIPE,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "env": os.environ | {"PYTHONUTF8": "1"},
        }
        self.process = subprocess.Popen(command, **(arguments | options))  # type: ignore[call-overload]
        streams = (self.process.stdout, self.process.stderr)
        self._outputs = [Output(stream) if stream else None for stream in streams]

    @property
    def out(self) -> Output:
        assert self._outputs[0]
        return self._outputs[0]

    @property
    def err(self) -> Output:
        assert self._outputs[1]
        return self._outputs[1]

    def types(self, text: str) -> None:
        """Write a line to its stdin."""
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()

    def wait(self) -> int:
        """Wait for its end; return the exit status."""
        status = self.process.wait(DEADLINE)
        for output in self._outputs:
            if output:
                output.close()
        return status

    def close(self) -> None:
        """End it and what it started, whatever they do."""
        if self.process.poll() is None:
            for child in psutil.Process(self.process.pid).children(recursive=True):
                child.kill()
            self.process.kill()
        self.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                with contextlib.suppress(BrokenPipeError):  # what it was too late to read
                    stream.close()


class Server(Program):
    """A server, listening on `port`."""

    port = 0

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to stop; return its exit status."""
        self.process.send_signal(number)
        return self.wait()


class Peer:
    """A client on a bare socket."""

    def __init__(self, port: int, receive_buffer: int = 0) -> None:
        self.sock = socket.socket()
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(DEADLINE)
        self.sock.connect(("127.0.0.1", port))
        self._buffer = b""

    def sends(self, data: bytes) -> None:
        self.sock.sendall(data)

    def says(self, text: str) -> None:
        self.sends(text.encode() + b"\n")

    def line(self) -> str:
        """Return the next line, without its end."""
        while b"\n" not in self._buffer:
            data = self.sock.recv(65536)
            assert data, f"EOF after {self._buffer!r}"
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode()

    def hears(self, text: str) -> None:
        """Check the next line, up to the time before it."""
        line = self.line()
        assert re.match(r"([01]\d|2[0-3]):[0-5]\d - ", line), line
        assert line[8:] == text

    def is_let_go(self) -> None:
        """Check that nothing more comes, and then EOF."""
        assert self._buffer + self.sock.recv(65536) == b""

    def reset(self) -> None:
        """Leave as a client does that crashes."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self) -> None:
        self.sock.close()


@pytest.fixture
def start() -> Iterator[Callable[..., Program]]:
    """Start a program of the reference, or any other command; it is ended with the test."""
    with contextlib.ExitStack() as stack:

        def start(*command: str, kind: type[Program] = Program, **options: object) -> Program:
            if command[0].endswith(".py"):
                path = REFERENCE / command[0]
                command = (sys.executable, str(path), *command[1:])
            program = kind(*command, **options)
            stack.callback(program.close)
            return program

        yield start


@pytest.fixture
def serve(start: Callable[..., Program]) -> Iterator[Callable[..., Server]]:
    """Start a server; what it wrote to stderr by the end of the test must be nothing."""
    servers: list[Server] = []

    def serve(program: str, *options: str, port: int = 0) -> Server:
        command = (program, *options, "--host", "127.0.0.1", "--port", str(port))
        server = start(*command, kind=Server)
        assert isinstance(server, Server)
        servers.append(server)
        server.port = int(server.out.wait_for(r"127\.0\.0\.1, \D+(\d+)\.")[1])
        return server

    yield serve
    for server in servers:
        server.close()
        assert server.err.text == ""


@pytest.fixture
def join() -> Iterator[Callable[..., Peer]]:
    """Connect a client; if to a server that was started here, wait until it has joined."""
    with contextlib.ExitStack() as stack:

        def join(server: Server | int, *, waits: bool = True, **options: int) -> Peer:
            if isinstance(server, int):
                peer = Peer(server, **options)
            else:
                joins = r"(присоединился|joined)"
                number = len(re.findall(joins, server.out.text)) + 1
                peer = Peer(server.port, **options)
                if waits:
                    server.out.wait_for(rf"#{number} {joins}")
            stack.callback(peer.close)
            return peer

        yield join


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Wait until a predicate holds; fail at the deadline."""

    def wait(predicate: Callable[[], object]) -> None:
        tick, end = threading.Event(), time.monotonic() + DEADLINE
        while not predicate():
            assert time.monotonic() < end, "not in time"
            tick.wait(0.001)

    return wait


def load(name: str) -> ModuleType:
    """Import a module of the reference under a name of its own."""
    spec = importlib.util.spec_from_file_location(f"reference_{name}", REFERENCE / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def wire() -> ModuleType:
    """The reference's wire.py."""
    return load("wire")


@pytest.fixture(scope="session")
def server() -> Iterator[ModuleType]:
    """The reference's server.py."""
    sys.path.insert(0, str(REFERENCE))  # it imports wire
    try:
        yield load("server")
    finally:
        sys.path.remove(str(REFERENCE))


@pytest.fixture
def two_user_server(server: ModuleType) -> ModuleType:
    """The reference's two_user_server.py."""
    return load("two_user_server")  # it finds server.py where `server` has found wire.py
