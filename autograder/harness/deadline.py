"""Time-outs for positive waits, stretched to the speed of this machine at this moment.

They run by a clock of their own, which stands still while somebody looks at a step.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

# What starting an empty interpreter takes on an idle laptop; slower machines get more time.
USUAL_START_S = 0.020
MOST_STRETCH = 10.0
FRESH_S = 5.0


_measuring = threading.Lock()  # protects `_measured`
_measured = (-FRESH_S, 1.0)  # when, and what


def stretch() -> float:
    """Return how much slower than an idle laptop this machine is (1.0 to MOST_STRETCH).

    As measured in the last seconds: what else a machine does changes while hundreds of
    submissions are graded.
    """
    global _measured
    with _measuring:
        if time.monotonic() - _measured[0] > FRESH_S:
            began = time.perf_counter()
            subprocess.run([sys.executable, "-I", "-S", "-c", ""], check=True)
            took = time.perf_counter() - began
            _measured = (time.monotonic(), min(max(took / USUAL_START_S, 1.0), MOST_STRETCH))
        return _measured[1]


_stopped_at: float | None = None  # while the clock is held
_held_s = 0.0  # how long that was, all in all


def now() -> float:
    """Return the seconds on the clock of the deadlines."""
    return (time.monotonic() if _stopped_at is None else _stopped_at) - _held_s


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Let no deadline come nearer for a while; not to be nested."""
    global _stopped_at, _held_s
    _stopped_at = time.monotonic()
    try:
        yield
    finally:
        _held_s += time.monotonic() - _stopped_at
        _stopped_at = None


class Deadline:
    """One point in time that several waits in a row share.

    Args:
        timeout_s: Seconds on an idle laptop; stretched on a slower or busier machine.
    """

    def __init__(self, timeout_s: float) -> None:
        self._began = now()
        self.timeout_s = timeout_s * stretch()

    def left_s(self) -> float:
        """Return the seconds left, 0 when it has passed."""
        return max(0.0, self._began + self.timeout_s - now())

    def passed(self) -> bool:
        """Return whether the time is up."""
        return self.left_s() == 0.0
