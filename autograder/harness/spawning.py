"""Processes for programs under test: a group of their own, and no survivors.

What differs between Linux, macOS and Windows about processes stands here: on Linux programs
are forked from a warm interpreter, elsewhere each starts its own.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import psutil

HERE = Path(__file__).parent
PYTHON = [sys.executable, "-I", "-u", "-X", "utf8"]
FAREWELL_S = 5.0  # for the zygote to end its programs; a program may have stopped it
Streams = tuple[int, int, int]  # descriptors of standard input, output and error


class Process(Protocol):
    """One process under test, as `subprocess.Popen` has it."""

    pid: int

    def poll(self) -> int | None:
        """Return the exit status, None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; raises subprocess.TimeoutExpired."""

    def send_signal(self, sig: int, /) -> None:
        """Send a signal to a process that may have ended."""


class Forked:
    """A process that the zygote has forked."""

    def __init__(self, pid: int, pipe: int) -> None:
        self.pid = pid
        self._pipe: int | None = pipe
        self._status: int | None = None

    def poll(self) -> int | None:
        """Return the exit status, None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end.

        Raises:
            subprocess.TimeoutExpired: it still runs after `timeout` seconds.
        """
        if self._status is None:
            assert self._pipe is not None
            poller = select.poll()  # select() fails from descriptor 1024 on
            poller.register(self._pipe, select.POLLIN)
            if not poller.poll(None if timeout is None else timeout * 1000):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            # Nothing in the pipe: the zygote itself was killed, and took the status with it.
            self._status = int(os.read(self._pipe, 16) or b"-9")
            os.close(self._pipe)
            self._pipe = None
        return self._status

    def send_signal(self, sig: int, /) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, sig)


class Nursery:
    """Keeps one zygote for this process, started when first needed; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # protects all below, and the order of question and answer
        self._zygote: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._own: set[int] = set()  # the programs it was asked for and that still run

    def spawn(
        self, words: Sequence[str], streams: Streams, cwd: Path, env: dict[str, str]
    ) -> Forked:
        """Fork one program.

        Raises:
            OSError: the zygote could not be started.
        """
        request = json.dumps({"cwd": str(cwd), "env": env, "words": list(words)}).encode()
        read, write = os.pipe()
        with self._lock:
            try:
                pid = self._ask(request, [*streams, write])
            except OSError:  # it was killed: a program under test can do that
                self._stop()
                pid = self._ask(request, [*streams, write])
            finally:
                os.close(write)
            self._own.add(pid)
        return Forked(pid, read)

    def warm_up(self) -> None:
        """Start the zygote now, to be ready when the first program is wanted."""
        with self._lock:
            self._start()

    def _start(self) -> None:
        if self._zygote is None:
            self._control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with other:
                self._zygote = subprocess.Popen(
                    [*PYTHON, str(HERE / "zygote.py"), str(other.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[other.fileno()],
                    start_new_session=True,  # Ctrl-C in our terminal is not for it
                )

    def _ask(self, request: bytes, descriptors: list[int]) -> int:
        self._start()
        assert self._control is not None
        socket.send_fds(self._control, [request], descriptors)
        answer = self._control.recv(64)
        if not answer:
            raise ConnectionResetError("the zygote has ended")
        return int(answer)

    def strays(self) -> list[psutil.Process]:
        """Return what ended programs have left behind."""
        with self._lock:
            if self._zygote is None:
                return []
            children = descendants(self._zygote.pid, recursive=False)
            return [child for child in children if child.pid not in self._own]

    def forget(self, pid: int) -> None:
        """Say that a program has ended and been waited for."""
        with self._lock:
            self._own.discard(pid)

    def close(self) -> None:
        """End the zygote; idempotent."""
        with self._lock:
            self._stop()

    def _stop(self) -> None:
        if self._zygote is not None and self._control is not None:
            self._control.close()  # it kills its whole family, orphans too, and ends
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._zygote.wait(FAREWELL_S)
            self._zygote.kill()  # what it started itself dies with it
            self._zygote.wait()
        self._zygote = self._control = None


_nursery = Nursery() if sys.platform == "linux" else None
if _nursery is not None:
    atexit.register(_nursery.close)


def warm_up() -> None:
    """Prepare for the first program, where there is something to prepare; returns at once."""
    if _nursery is not None:
        _nursery.warm_up()


def spawn(words: Sequence[str], streams: Streams, cwd: Path, env: dict[str, str]) -> Process:
    """Start the launcher in a new process.

    Args:
        words: The launcher's command line.
        streams: Standard input, output and error; the caller closes its copies.
        cwd: The working directory.
        env: The whole environment.

    Raises:
        OSError: no process could be started.
    """
    if _nursery is not None:
        return _nursery.spawn(words, streams, cwd, env)
    stdin, stdout, stderr = streams
    return subprocess.Popen(
        [*PYTHON, str(HERE / "launcher.py"), *words],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        cwd=cwd,
        env=env,
        start_new_session=os.name == "posix",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def descendants(pid: int, *, recursive: bool = True) -> list[psutil.Process]:
    """Return the processes below `pid`, as far as the family tree still shows them."""
    try:
        if sys.platform != "linux":
            return psutil.Process(pid).children(recursive)
        found, waiting = [], [pid]
        while waiting:
            for task in Path(f"/proc/{waiting.pop()}/task").iterdir():
                children = [int(word) for word in (task / "children").read_text().split()]
                found += children
                waiting += children if recursive else []
        return [psutil.Process(child) for child in found]
    except (psutil.Error, OSError):
        return []  # it ended while we looked


def interrupt(process: Process) -> None:
    """Ask a process to stop as Ctrl-C in its terminal does."""
    if sys.platform == "win32":
        process.send_signal(signal.CTRL_BREAK_EVENT)
    else:
        process.send_signal(signal.SIGINT)


def kill_family(process: Process) -> None:
    """Kill a process, its group and all that came from it; reap it.

    A child that called setsid() is outside the group, and one whose parent has died is
    outside the tree; on Linux the zygote inherits the latter.
    """
    family = descendants(process.pid)
    if os.name == "posix" and process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    process.wait()
    if _nursery is not None:
        _nursery.forget(process.pid)
    for _round in range(20):  # an orphan may have forked once more while we killed it
        family += _nursery.strays() if _nursery is not None else []
        family = [child for child in family if child.is_running()]
        if not family:
            return
        for child in family:
            with contextlib.suppress(psutil.Error):
                child.kill()
        _gone, family = psutil.wait_procs(family, timeout=1)
