"""A process that the zygote has forked, as it is known on this side of the fence (Linux)."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import threading
import weakref
from collections.abc import Sequence


class Forked:
    """One process, as `subprocess.Popen` has it; several threads may ask about it.

    Args:
        pid: Its process id.
        pipe: Its exit status comes from here, and the end when nothing is left in its cell.
    """

    def __init__(self, pid: int, pipe: int) -> None:
        self.pid = pid
        self._pipe = pipe
        weakref.finalize(self, os.close, pipe)  # not sooner: another thread may wait at it
        self._status: int | None = None
        self._lock = threading.Lock()  # protects the status, which can be read but once

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
        with self._lock:
            if self._status is not None:
                return self._status
        ended = ready([self._pipe], timeout)
        with self._lock:
            if self._status is None:  # nobody else was faster
                if not ended:
                    raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
                # Nothing there: who would have written it was killed, and the program with it.
                self._status = int(os.read(self._pipe, 16) or b"-9")
            return self._status

    def wait_for_cell(self) -> None:
        """Wait until nothing is left of the program and of what came from it; idempotent."""
        self.wait()
        while os.read(self._pipe, 16):
            pass

    def send_signal(self, sig: int, /) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, sig)


def ready(descriptors: Sequence[int], timeout_s: float | None) -> bool:
    """Wait until one can be read from or has come to its end; return whether one can or has."""
    poller = select.poll()  # select() fails from descriptor 1024 on
    for descriptor in descriptors:
        poller.register(descriptor, select.POLLIN)
    return bool(poller.poll(None if timeout_s is None else timeout_s * 1000))
