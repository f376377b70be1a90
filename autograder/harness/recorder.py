"""Runs inside the student's process: notes each call on a socket in a ring that outlives it.

Loaded by `launcher.py` and, like that, standing alone. The ring is a file mapped into memory: a
note costs some microseconds and no system call, the latest SLOTS notes stay, and the grader reads
them (`calls.py`) whenever it likes, also after the program was killed. Note number n (from 1) is a
RECORD in slot n % SLOTS; a slot that was never used is all zeros. Calls that brought nothing (a
time-out, a socket that does not wait) are not noted: a loop of them would push out the rest.

What stands there is hearsay from an untrusted process: good for explaining, never for points.
"""

from __future__ import annotations

import itertools
import mmap
import os
import socket
import struct
import sys
import threading
import time
from typing import Any

SLOTS = 16_384
# number, time.monotonic(), thread id, the peer's port, bytes or -errno, line of the caller;
# call, thread, file of the caller, the first bytes
RECORD = struct.Struct("<QdQIiI12s40s40s160s")
KEPT = 160  # bytes of what was sent or received
FRAMES = 20  # looked through for the student's own


def record(ring: int, folder: str) -> None:
    """Note from now on what this process does with sockets; a fork of it notes nothing.

    Args:
        ring: Descriptor of a file for SLOTS records, open for reading and writing; it is closed.
        folder: Where the student's files are: the caller is the innermost frame in one of them.
    """
    os.ftruncate(ring, SLOTS * RECORD.size)
    slots = mmap.mmap(ring, SLOTS * RECORD.size)
    os.close(ring)
    numbers = itertools.count(1)
    ports: dict[int, int] = {}  # descriptor → port of the other side
    recording = [True]
    names: dict[int, Any] = getattr(threading, "_active", {})  # current_thread() may add to it

    def note(call: str, descriptor: int, size: int, data: Any = b"") -> None:
        if not recording[0]:
            return
        frame: Any = sys._getframe(2)
        for _step in range(FRAMES):
            if frame is None or frame.f_code.co_filename.startswith(folder):
                break
            frame = frame.f_back
        file = frame.f_code.co_filename[len(folder) :] if frame else ""
        ident = threading.get_ident()
        thread = names.get(ident)
        number = next(numbers)
        RECORD.pack_into(
            slots,
            number % SLOTS * RECORD.size,
            number,
            time.monotonic(),
            ident,
            ports.get(descriptor, 0),
            size,
            frame.f_lineno if frame else 0,
            call.encode(),
            (thread.name if thread else "").encode(errors="replace"),
            file.encode(errors="replace"),
            bytes(data),
        )

    def failed(call: str, sock: socket.socket, error: OSError) -> None:
        if error.errno and not isinstance(error, (BlockingIOError, TimeoutError)):
            note(call, sock.fileno(), -error.errno)

    def recv(self: socket.socket, *args: Any) -> Any:
        try:
            data = real["recv"](self, *args)
        except OSError as error:
            failed("recv", self, error)
            raise
        note("recv", self.fileno(), len(data), data[:KEPT])
        return data

    def recv_into(self: socket.socket, buffer: Any, *args: Any) -> Any:
        try:
            size = real["recv_into"](self, buffer, *args)
        except OSError as error:
            failed("recv", self, error)
            raise
        note("recv", self.fileno(), size, memoryview(buffer).cast("B")[: min(size, KEPT)])
        return size

    def send(self: socket.socket, data: Any, *args: Any) -> Any:
        try:
            size = real["send"](self, data, *args)
        except OSError as error:
            failed("send", self, error)
            raise
        note("send", self.fileno(), size, memoryview(data).cast("B")[: min(size, KEPT)])
        return size

    def sendall(self: socket.socket, data: Any, *args: Any) -> Any:
        try:
            real["sendall"](self, data, *args)
        except OSError as error:
            failed("sendall", self, error)
            raise
        whole = memoryview(data).cast("B")
        note("sendall", self.fileno(), len(whole), whole[:KEPT])

    def accept(self: socket.socket) -> Any:
        accepted, address = real["accept"](self)
        if isinstance(address, tuple):
            ports[accepted.fileno()] = address[1]
            note("accept", accepted.fileno(), 0)
        return accepted, address

    def shutdown(self: socket.socket, how: Any) -> None:
        real["shutdown"](self, how)
        note("shutdown", self.fileno(), 0)

    def close(self: socket.socket) -> None:
        descriptor = self.fileno()
        if descriptor in ports:
            note("close", descriptor, 0)
            del ports[descriptor]
        real["close"](self)

    def forget() -> None:
        recording[0] = False

    def forked() -> None:
        note("fork", -1, 0)

    wrappers = (recv, recv_into, send, sendall, accept, shutdown, close)
    real = {wrapper.__name__: getattr(socket.socket, wrapper.__name__) for wrapper in wrappers}
    for wrapper in wrappers:
        setattr(socket.socket, wrapper.__name__, wrapper)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=forked, after_in_child=forget)
