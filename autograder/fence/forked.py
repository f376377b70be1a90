"""A process that the zygote has forked, as it is known on this side of the fence (Linux)."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
from collections.abc import Sequence


class Forked:
    """One process, as `subprocess.Popen` has it.

    Args:
        pid: Its process id.
        pipe: Its exit status comes from here, and the end when nothing is left in its cell.
        in_cell: Whether it has a cell.
    """

    def __init__(self, pid: int, pipe: int, *, in_cell: bool) -> None:
        self.pid = pid
        self._pipe: int | None = pipe
        self._in_cell = in_cell
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
            if not ready([self._pipe], timeout):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            # Nothing in the pipe: who would have written it was killed, and the program with it.
            self._status = int(os.read(self._pipe, 16) or b"-9")
            if not self._in_cell:
                self._close()
        return self._status

    def wait_for_cell(self) -> None:
        """Wait until nothing is left of the program and of what came from it; idempotent."""
        self.wait()
        if self._pipe is not None:
            while os.read(self._pipe, 16):
                pass
            self._close()

    def send_signal(self, sig: int, /) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, sig)

    def _close(self) -> None:
        assert self._pipe is not None
        os.close(self._pipe)
        self._pipe = None


def ready(descriptors: Sequence[int], timeout_s: float | None) -> bool:
    """Wait until one can be read from or has come to its end; return whether one can or has."""
    poller = select.poll()  # select() fails from descriptor 1024 on
    for descriptor in descriptors:
        poller.register(descriptor, select.POLLIN)
    return bool(poller.poll(None if timeout_s is None else timeout_s * 1000))
