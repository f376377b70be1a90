"""How much each thread of a process has been awake, read from Linux's /proc."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import NamedTuple

SAYS = re.compile(r"(?m)^(\w+):\s*(\w+)")  # a line of `status`
SLEEPLESS_SHARE = 0.9  # of the time


class Wakefulness(NamedTuple):
    """How much a thread has been awake: has run, or waited for a processor.

    A thread that never sleeps is awake all the time, however little a busy machine lets it run.

    Attributes:
        awake_s: In seconds; the wait that goes on is not in it before the thread's next turn.
        sleeps: How often it went to sleep of itself.
        up: It is awake now.
    """

    awake_s: float
    sleeps: int
    up: bool

    def is_sleepless(self, later: Wakefulness, passed_s: float) -> bool:
        """Return whether it was awake from this moment to a later one.

        One that lets another run for a moment, now and then, is sleepless as well; one that sleeps
        a little between two looks is not.
        """
        never_slept = self.up and later.up and self.sleeps == later.sleeps
        return never_slept or later.awake_s - self.awake_s > SLEEPLESS_SHARE * passed_s


def of(pid: int) -> dict[int, Wakefulness]:
    """Return how much each thread of a process has been awake, by its id.

    Raises:
        OSError: The process has ended.
    """
    threads = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # it has just ended
            ran_ns, waited_ns, *_ = (task / "schedstat").read_text().split()
            status = dict(SAYS.findall((task / "status").read_text()))
            threads[int(task.name)] = Wakefulness(
                (int(ran_ns) + int(waited_ns)) / 1e9,
                int(status["voluntary_ctxt_switches"]),
                status["State"] == "R",
            )
    return threads
