"""Processes for programs under test: a group of their own, and no survivors.

What differs between Linux, macOS and Windows about processes stands here: on Linux programs
are forked from a warm interpreter, elsewhere each starts its own.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import psutil

from autograder.fence import force
from autograder.fence.force import PYTHON_OPTIONS, Streams

if sys.platform == "linux":
    from autograder.fence.forked import Forked
    from autograder.fence.nursery import Nursery

LAUNCHER = Path(__file__).with_name("launcher.py")


class Process(Protocol):
    """One process under test, as `subprocess.Popen` has it."""

    pid: int

    def poll(self) -> int | None:
        """Return the exit status, None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; raises subprocess.TimeoutExpired."""

    def send_signal(self, sig: int, /) -> None:
        """Send a signal to a process that may have ended."""


_nursery = Nursery(LAUNCHER, force.rules) if sys.platform == "linux" else None
if _nursery is not None:
    atexit.register(_nursery.close)


def warm_up() -> None:
    """Prepare for the first program, where there is something to prepare; returns at once."""
    if _nursery is not None:
        _nursery.warm_up()


def cool_down() -> None:
    """End what `warm_up` has started; idempotent. Where `atexit` runs, this is done at the end."""
    if _nursery is not None:
        _nursery.close()


def spawn(
    words: Sequence[str], streams: Streams, stage: Path, home: Path, env: dict[str, str]
) -> Process:
    """Start the launcher in a new process, behind the fence in force.

    Args:
        words: The launcher's command line.
        streams: Standard input, output and error; the caller closes its copies.
        stage: The folder of the submission.
        home: The working directory as the program knows it, see `Rules.lay_out`.
        env: The whole environment.

    Raises:
        OSError: no process could be started.
    """
    if _nursery is not None:
        return _nursery.spawn(words, streams, stage, home, env)
    stdin, stdout, stderr = streams
    return subprocess.Popen(
        [sys.executable, *PYTHON_OPTIONS, str(LAUNCHER), *words],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        cwd=home,
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


def native_ids(pid: int) -> set[int]:
    """Return the threads of a process by the ids that it knows them by itself.

    Those are `threading.Thread.native_id`; in a cell they are others than on this side.
    """
    if sys.platform != "linux":
        return {thread.id for thread in psutil.Process(pid).threads()}
    found = set()
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        with contextlib.suppress(OSError):  # it ended while we looked
            lines = status.read_text(errors="replace").splitlines()
            found |= {int(line.split()[-1]) for line in lines if line.startswith("NSpid:")}
    return found


def interrupt(process: Process) -> None:
    """Ask a process to stop as Ctrl-C in its terminal does."""
    if sys.platform == "win32":
        process.send_signal(signal.CTRL_BREAK_EVENT)
    else:
        process.send_signal(signal.SIGINT)


def kill_family(process: Process) -> None:
    """Kill a process, its group and all that came from it; reap it.

    A child that called setsid() is outside the group, and one whose parent has died is
    outside the tree; on Linux the zygote inherits the latter. From a cell nothing escapes.
    """
    family = descendants(process.pid)
    if os.name == "posix" and process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    process.wait()
    if _nursery is not None and isinstance(process, Forked):
        _nursery.forget(process)
    for _round in range(20):  # an orphan may have forked once more while we killed it
        family += _nursery.strays() if _nursery is not None else []
        family = [child for child in family if child.is_running()]
        if not family:
            return
        for child in family:
            with contextlib.suppress(psutil.Error):
                child.kill()
        _gone, family = psutil.wait_procs(family, timeout=1)
