"""The inside of a worker: one task, and nothing left of it, however it ends."""

from __future__ import annotations

import _thread
import contextlib
import gc
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import FrameType
from typing import TypeVar

import psutil

from autograder.harness import spawning

T = TypeVar("T")
R = TypeVar("R")
Tell = Callable[[object], None]

FAREWELL_S = 10.0  # for a worker to end its programs and to remove its files


@dataclass(frozen=True)
class Ready:
    """A worker's first word: from now on it can be interrupted."""


@dataclass(frozen=True)
class Answer:
    """A worker's last word."""

    value: object


@dataclass(frozen=True)
class Raised:
    """A worker's last word if its work has raised an exception."""

    error: Exception
    where: str


def main(
    sending: Connection,
    work: Callable[[T, Tell], R],
    task: T,
    folder: str,
    isolate: Callable[[], bool],
    must_be_apart: bool,
) -> None:
    """Do one task; the whole of a worker's process.

    Args:
        sending: Takes `Ready`, then what the work tells, then `Answer` or `Raised`.
        work: See `workers.run`.
        task: What to do.
        folder: For temporary files; removed at the end.
        isolate: Gives this process a network of its own; returns whether it has one.
        must_be_apart: Whether nothing may be done without.
    """
    working = True
    last: Answer | Raised | None = None

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        nonlocal working
        if working:  # it must not stop the clearing up
            working = False
            raise KeyboardInterrupt

    with contextlib.suppress(KeyboardInterrupt):
        signal.signal(signal.SIGINT, interrupted)
        if sys.platform != "win32":
            os.setsid()  # Ctrl-C in the terminal is for the parent only, which interrupts us
        tempfile.tempdir = folder
        gc.freeze()  # what all share stays shared, and is not looked through again and again
        last = _outcome(sending, work, task, isolate, must_be_apart)
        working = False
    spawning.cool_down()
    kill(spawning.descendants(os.getpid()))
    shutil.rmtree(folder, ignore_errors=True)
    if last is not None:
        with contextlib.suppress(BrokenPipeError):  # the parent has gone
            sending.send(last)


def _outcome(
    sending: Connection,
    work: Callable[[T, Tell], R],
    task: T,
    isolate: Callable[[], bool],
    must_be_apart: bool,
) -> Answer | Raised:
    try:
        if not isolate() and must_be_apart:
            raise OSError("a worker got no network of its own, although another process did")
        threading.Thread(target=_end_with_parent, daemon=True).start()
        sending.send(Ready())
        return Answer(work(task, sending.send))
    except Exception as error:
        return Raised(error, traceback.format_exc())


def _end_with_parent() -> None:
    """Wait for the end of the parent, then interrupt the work: nobody waits for it any more."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    if sys.platform == "win32":
        _thread.interruptmain()
    else:
        os.kill(os.getpid(), signal.SIGINT)  # it also ends a system call that waits
    threading.Event().wait(FAREWELL_S)
    os._exit(1)


def kill(processes: list[psutil.Process]) -> None:
    """Kill processes, some of which may have ended, and wait for their end."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(processes, timeout=FAREWELL_S)
