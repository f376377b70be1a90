"""A warm interpreter that forks one program after another (Linux): 5 ms instead of 60.

Started by `spawning.Nursery` as `python -I -u zygote.py FD`. On the socket FD it gets one
datagram a program: JSON {"cwd", "env", "words"} and four descriptors: standard input,
output, error, and a pipe. It answers with the program's process id, and when the program
ends it writes the exit status (as `subprocess` counts it) into the pipe.

It is a subreaper: whatever a program leaves behind becomes its child, is found there and
reaped. Like `launcher.py` it stands alone and imports nothing of the kit.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import io
import json
import os
import selectors
import signal
import socket
import sys
import time

# What chat programs import; each is loaded once here instead of once a program.
PRELOADED = (
    "argparse collections.abc concurrent.futures contextlib dataclasses datetime enum errno "
    "functools itertools json logging multiprocessing queue random re select selectors "
    "socketserver string struct subprocess textwrap threading traceback typing"
)
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
LIBC = ctypes.CDLL(None)
MOST_REQUEST = 1 << 16  # bytes


def serve(control: socket.socket) -> tuple[bytes, list[int]]:
    """Fork programs until the other side hangs up.

    Returns:
        Only in a child: the request and the descriptors it came with.
    """
    pipes: dict[int, int] = {}
    wake_read, wake_write = os.pipe()
    for end in (wake_read, wake_write):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        selector.register(wake_read, selectors.EVENT_READ)
        while True:
            ready = [key.fileobj for key, _events in selector.select()]
            if wake_read in ready:
                os.read(wake_read, 4096)
                reap(pipes)
            if control not in ready:
                continue
            request, descriptors = b"", list[int]()
            with contextlib.suppress(ConnectionResetError):  # gone before it had our last answer
                request, descriptors, *_ = socket.recv_fds(control, MOST_REQUEST, 4)
            if not request:  # whoever asked for programs has gone: nothing may outlive it
                kill_all()
                os._exit(0)
            zygote = os.getpid()
            pid = os.fork()
            if pid == 0:
                die_with(zygote)
                break
            *streams, pipes[pid] = descriptors
            for stream in streams:
                os.close(stream)
            control.send(str(pid).encode())
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    return request, descriptors[:3]


def die_with(parent: int) -> None:
    """End this process when `parent` ends, also if that has happened already."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # killed between fork() and prctl(): no signal will come
        os._exit(1)


def become(request: bytes, streams: list[int]) -> list[str]:
    """Turn this fork into the program's process; return what the launcher is to run."""
    wanted = json.loads(request)
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, 1 << 16)
    open_streams()
    os.environ.clear()
    os.environ.update(wanted["env"])
    time.tzset()
    os.chdir(wanted["cwd"])
    return list(wanted["words"])


def open_streams() -> None:
    """Make sys.stdin, stdout and stderr anew, as `python -u` would for these descriptors.

    Those of the zygote were made for other files: they would seek in a pipe.
    """
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = _output(1, "strict")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _output(2, "backslashreplace")  # type: ignore[misc]


def _output(descriptor: int, errors: str) -> io.TextIOWrapper:
    raw = io.FileIO(descriptor, "w", closefd=False)
    return io.TextIOWrapper(raw, "utf-8", errors, write_through=True)


def kill_all() -> None:
    """Kill every descendant; the orphans of those that die become our children in turn."""
    while True:
        with open("/proc/thread-self/children", encoding="ascii") as file:
            children = [int(word) for word in file.read().split()]
        if not children:
            return
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def reap(pipes: dict[int, int]) -> None:
    """Wait for every child that has ended; tell those who asked for it."""
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            pipe = pipes.pop(pid, None)
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):  # nobody waits for it any more
                    os.write(pipe, str(os.waitstatus_to_exitcode(status)).encode())
                os.close(pipe)


def main() -> None:
    """Load what programs need, serve, and in each child hand over to the launcher."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, here)
    launcher = importlib.import_module("launcher")
    sys.path.remove(here)
    for name in PRELOADED.split():
        importlib.import_module(name)
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)
    gc.freeze()  # shared pages stay shared
    with socket.socket(fileno=int(sys.argv[1])) as control:
        request, streams = serve(control)
    launcher.main(become(request, streams))


if __name__ == "__main__":
    main()
