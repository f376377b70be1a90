"""A warm interpreter that forks one program after another (Linux): 5 ms instead of 60.

Started by `nursery.Nursery` as `python -I -u zygote.py FD LAUNCHER RULES`. On the socket FD it
gets one datagram a program: JSON {"cwd", "env", "words"} and descriptors: standard input, output,
error, and a pipe. When the program's process is ready, it says so on the socket itself, where the
kernel tells who it is. When the program ends, its exit status (as `subprocess` counts it) is
written into the pipe, which is closed when nothing of the program is left.

RULES is a JSON object, empty for programs without a fence:
    "uid"     whom each program becomes, null for nobody else; it gives up all its other rights, and
              the launcher's three files come as descriptors, too
    "hidden"  a folder that Landlock hides, with whatever is not the system's; see `landlock.py`
    "cell"    whether it has a cell of its own, see `cell.py`: the zygote is then the first process
              inside bubblewrap, and the folder of the submission comes as one more descriptor

It is a subreaper: whatever a program without a fence leaves behind becomes its child, is found
there and reaped. Like `launcher.py` it stands alone; of the kit it imports what fences in.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import datetime
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
import types
from typing import Any

# What chat programs import, too; each is loaded once here instead of once a program.
PRELOADED = (
    "collections.abc concurrent.futures contextlib dataclasses enum errno "
    "functools itertools json logging multiprocessing queue random re select selectors "
    "socketserver string struct subprocess textwrap threading traceback typing"
)
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
LIBC = ctypes.CDLL(None)
MOST_REQUEST = 1 << 16  # bytes
MOST_DESCRIPTORS = 8
STATUS, REPORT, STACKS, CALLS, SUBMISSION = (
    3,
    4,
    5,
    6,
    7,
)  # places among them, behind the three streams
READY = b"ready"


class Zygote:
    """Forks programs until whoever asks for them hangs up.

    Args:
        control: Where requests come from.
        cell: The module, or None if programs have no cells.
    """

    def __init__(self, control: socket.socket, cell: Any) -> None:
        self._control = control
        self._cell = cell
        self._pipes: dict[int, int] = {}  # of the programs that run: process id → pipe

    def serve(self) -> tuple[bytes, list[int]]:
        """Fork programs until the other side hangs up.

        Returns:
            Only in a child: the request and the descriptors it came with.
        """
        wake_read, wake_write = os.pipe()
        for end in (wake_read, wake_write):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(wake_read, selectors.EVENT_READ)
            while True:
                ready = [key.fileobj for key, _events in selector.select()]
                if wake_read in ready:
                    os.read(wake_read, 4096)
                    self._reap()
                if self._control not in ready:
                    continue
                request, descriptors = self._receive()
                if not request:  # whoever asked for programs has gone: nothing may outlive it
                    kill_all()
                    os._exit(0)
                pid = self._cell.fork_first() if self._cell else fork_mortal()
                if pid == 0:
                    break
                self._pipes[pid] = descriptors.pop(STATUS)
                for descriptor in descriptors:
                    os.close(descriptor)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        return request, descriptors

    def _receive(self) -> tuple[bytes, list[int]]:
        with contextlib.suppress(ConnectionResetError):  # gone before it had our last answer
            return socket.recv_fds(self._control, MOST_REQUEST, MOST_DESCRIPTORS)[:2]
        return b"", []

    def _reap(self) -> None:
        """Wait for every child that has ended; tell those who asked for it."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                pipe = self._pipes.pop(pid, None)
                if pipe is not None:
                    if not self._cell:  # whose first process has written it
                        with contextlib.suppress(BrokenPipeError):  # nobody waits any more
                            os.write(pipe, str(os.waitstatus_to_exitcode(status)).encode())
                    os.close(pipe)


def fork_mortal() -> int:
    """Fork a child that ends when this process ends; return as `os.fork` does."""
    zygote = os.getpid()
    pid = os.fork()
    if pid == 0:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != zygote:  # killed between fork() and prctl(): no signal will come
            os._exit(1)
    return pid


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


def settle(cwd: str, env: dict[str, str]) -> None:
    """Leave for the program's session, folder and environment."""
    os.setsid()
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(cwd)


def speak_to(streams: list[int]) -> None:
    """Take the program's standard streams; before, complaints are the zygote's own."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    # Made anew, as `python -u` would: those of the zygote were for files, and would seek in a pipe.
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = _output(1, "strict")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _output(2, "backslashreplace")  # type: ignore[misc]


def _output(descriptor: int, errors: str) -> io.TextIOWrapper:
    raw = io.FileIO(descriptor, "w", closefd=False)
    return io.TextIOWrapper(raw, "utf-8", errors, write_through=True)


def close_others(*kept: int) -> None:
    """Close all descriptors but these and the first three."""
    first = 3
    for descriptor in sorted(kept):
        os.closerange(first, descriptor)
        first = descriptor + 1
    os.closerange(first, 1 << 16)


def load(path: str) -> Any:
    """Import a file that stands alone, without a name that a student's own module may have."""
    folder, name = os.path.split(path)
    sys.path.insert(0, folder)
    module = importlib.import_module(os.path.splitext(name)[0])
    del sys.path[0], sys.modules[module.__name__]
    return module


def load_fence() -> Any:
    """Import what programs are fenced in with; the kit is out of reach again afterwards."""
    sys.path.insert(0, os.path.abspath(f"{__file__}/../../.."))
    from autograder.fence import cell, confine, landlock, seccomp

    del sys.path[0]
    for name in [name for name in sys.modules if name.split(".")[0] == "autograder"]:
        del sys.modules[name]
    return types.SimpleNamespace(cell=cell, confine=confine, landlock=landlock, seccomp=seccomp)


def warm_up() -> None:
    """Do once what programs do first; done again it takes a fraction of the time."""
    with contextlib.suppress(OSError):  # no such name on this system: a program will see it
        socket.getaddrinfo("localhost", 0, type=socket.SOCK_STREAM)
    "localhost".encode("idna")
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    parser.parse_args(["--port", "0"])
    datetime.datetime.now().strftime("%H:%M")


def main() -> None:
    """Load what programs need, serve, and in each child hand over to the launcher."""
    descriptor, path, rules = int(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
    close_others(descriptor)
    launcher = load(path)
    fence: Any = load_fence() if rules else None
    forbidden = fence.seccomp.program() if fence else b""
    readable = fence.landlock.readable(rules["hidden"]) if "hidden" in rules else []
    cell = fence.cell if rules.get("cell") else None
    for name in PRELOADED.split():
        importlib.import_module(name)
    warm_up()
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)
    # A stack may be asked for before the launcher can show it.
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    gc.freeze()  # shared pages stay shared
    with socket.socket(fileno=descriptor) as control:
        request, descriptors = Zygote(control, cell).serve()
        wanted, files = json.loads(request), descriptors[REPORT:SUBMISSION]
        if cell:
            sys.dont_write_bytecode = True  # nobody else would ever read it
            cell.enter(descriptors[STATUS], files[0], descriptors[SUBMISSION], rules["uid"])
        settle(wanted["cwd"], wanted["env"])
        if fence:
            fence.confine.limit()
            if readable:
                fence.landlock.restrict(readable, [wanted["cwd"], "/dev/shm"])
                # An import of what must not be read finds nothing, and is not refused.
                sys.path[:] = fence.landlock.without_installed(sys.path)
            fence.confine.give_up_rights(rules["uid"], forbidden)
        speak_to(descriptors[:STATUS])
        close_others(control.fileno(), *files)
        control.send(READY)
    files = [os.dup2(file, 3 + place) for place, file in enumerate(files)]
    close_others(*files)
    launcher.main(wanted["words"], *files)


if __name__ == "__main__":
    main()
