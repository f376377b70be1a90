"""The operating system's side of a run: a process group of its own, and no survivors.

Everything that differs between Linux, macOS and Windows about processes stands here.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

TOKEN = "LAB4_RUN"  # environment variable that marks every descendant of one run
GROUP: dict[str, Any] = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if os.name == "nt"
    else {"start_new_session": True}
)
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def adopt_orphans() -> None:
    """Make orphans of our descendants our children, so that daemons can be found (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants(pid: int) -> list[psutil.Process]:
    """Return the processes below `pid`, as far as the family tree still shows them."""
    try:
        if sys.platform != "linux":
            return psutil.Process(pid).children(recursive=True)
        found, waiting = [], [pid]
        while waiting:
            for task in Path(f"/proc/{waiting.pop()}/task").iterdir():
                children = [int(word) for word in (task / "children").read_text().split()]
                found += children
                waiting += children
        return [psutil.Process(child) for child in found]
    except (psutil.Error, OSError):
        return []  # it ended while we looked


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to stop as Ctrl-C in its terminal does."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.CTRL_BREAK_EVENT if sys.platform == "win32" else signal.SIGINT)


def kill_family(process: subprocess.Popen[bytes], token: str) -> None:
    """Kill a process, its group and every descendant that carries `token`; reap it.

    A child that called setsid() is outside the group, and one whose parent has died is
    outside the tree; on Linux the latter has become our own child (see `adopt_orphans`).
    """
    family = descendants(process.pid)
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    for _round in range(20):  # an orphan may have forked once more while we killed it
        family += [child for child in _orphans() if _carries(child, token)]
        family = [child for child in family if child.is_running()]
        if not family:
            return
        for child in family:
            with contextlib.suppress(psutil.Error):
                child.kill()
        _gone, family = psutil.wait_procs(family, timeout=1)


def _orphans() -> list[psutil.Process]:
    if sys.platform != "linux":
        return []
    found = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError, psutil.Error):
            found += [psutil.Process(int(p)) for p in (task / "children").read_text().split()]
    return found


def _carries(process: psutil.Process, token: str) -> bool:
    try:
        return process.environ().get(TOKEN) == token
    except psutil.ZombieProcess:
        return False
    except psutil.Error:
        return False
