"""A program that tries to break out, and one that means no harm: is the fence really there?

Run in place of the launcher, as `main([FOLDER, FILE, PORT, PID])`: a file, a listening port and a
process on the other side. It prints one JSON object, {"escapes": [...], "harmed": TEXT}: what it
could do although it must not (`probe.ESCAPES` has that in words), and why an honest program could
not run, empty if it could.

Like all that runs beside a student's program it stands alone: standard library only.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import socket
import tempfile
import threading
from collections.abc import Callable

LIBC = ctypes.CDLL(None, use_errno=True)
PTRACE_TRACEME, CLONE_NEWUSER, TIMEOUT_S = 0, 0x10000000, 5.0


def main(words: list[str], *_files: int) -> None:
    """Try everything; print what came of it."""
    _folder, file, port, pid = words
    attempts: dict[str, Callable[[], object]] = {
        "read": lambda: open(file, "rb").close(),
        "write": lambda: open(file, "r+b").close(),
        "signal": lambda: os.kill(int(pid), 0),
        "connect": lambda: _connect(int(port)),
        "trace": lambda: _c("ptrace", PTRACE_TRACEME, 0, 0, 0),
        "namespace": lambda: _c("unshare", CLONE_NEWUSER),
        "memory": lambda: os.close(os.memfd_create("canary")),
        "raw": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close(),
        "user": lambda: os.setuid(0 if os.getuid() else 1),
        "files": lambda: _raise(resource.RLIMIT_NOFILE),
        "processes": lambda: _raise(resource.RLIMIT_NPROC),
    }
    escapes = [name for name, attempt in attempts.items() if _possible(attempt)]
    try:
        harmed = _honest()
    except Exception as error:
        harmed = f"{type(error).__name__}: {error}"
    print(json.dumps({"escapes": escapes, "harmed": harmed}))


def _possible(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (OSError, ValueError):  # ValueError: a limit that cannot be raised
        return False
    return True


def _c(name: str, *arguments: int) -> None:
    if getattr(LIBC, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)


def _connect(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), TIMEOUT_S).close()


def _raise(limit: int) -> None:
    resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def _honest() -> str:
    """Do what chats do: a server with a thread, a name, a log, a lock between processes."""
    import multiprocessing

    multiprocessing.Lock()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with open("canary.log", "w") as log, tempfile.TemporaryFile() as other:
        log.write("word")
        other.write(b"word")
    with contextlib.ExitStack() as opened:
        server = opened.enter_context(socket.create_server(("localhost", 0)))

        def echo() -> None:
            with server.accept()[0] as peer:
                peer.sendall(peer.recv(100))

        thread = threading.Thread(target=echo, daemon=True)
        thread.start()
        here = (socket.gethostbyname(socket.gethostname()), server.getsockname()[1])
        client = opened.enter_context(socket.create_connection(here, TIMEOUT_S))
        client.sendall(b"word")
        answer = client.recv(100)
        thread.join(TIMEOUT_S)
    return "" if answer == b"word" else f"the echo of 'word' was {answer!r}"
