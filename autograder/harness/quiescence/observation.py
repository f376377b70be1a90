"""What one look at a server proves."""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass

from autograder.harness.threadstate import ThreadState


class Verdict(enum.Enum):
    """What an observation proves, up to the next event from outside.

    Such an event is anything a client does after the call to `observe` (send, read, close,
    connect), console input, a signal, or another process or machine the server talks to.
    By assumption there are no timers outside system calls (`signal.alarm`, SO_RCVTIMEO, a
    timerfd in a selector), no descendants whose parent has died, and no connections but those
    passed to `observe`.

    QUIET: All that the clients sent has been read, all that the server wrote is in the clients'
        receive queues (or read from there), and it will do nothing. Not proved: that it is
        well. It may have read a message and be deadlocked, or not have noticed that a client
        left (`Observation.ends`).
    STUCK: It will do nothing, yet something is left: bytes are unread, a connection waits and no
        thread is in accept(), or a thread is in send() to a client whose receive queue is full.
        Not proved: whose fault it is. A client that does not read blocks send().
    TIMED: It will do nothing before a time-out or a sleep ends, and then may do anything.
        A time-out on listening sockets alone is not counted: `settimeout(1.0)` and accept() in
        a loop is how a server looks whether to stop, and tells no client anything.
    POLLING: The same, but only waits for input have time-outs, and there is none: recv() of a
        socket with `settimeout`, in a loop.
    GONE: The process has ended. What it wrote last may still be on its way.
    BUSY: None of these is proved: a thread runs or may, or bytes are on their way. Look again.
    """

    QUIET = "quiet"
    BUSY = "busy"
    TIMED = "timed"
    POLLING = "polling"
    STUCK = "stuck"
    GONE = "gone"


@dataclass(frozen=True)
class Observation:
    """What was seen. The sums are 0 if BUSY or GONE was plain before the queues were read.

    Attributes:
        verdict: What is proved.
        threads: The threads of the server and of its descendants.
        unread: Bytes that have reached the server's sockets and that it has not read.
        unsent: Bytes (and ends) it has written that have not reached the clients' sockets.
        backlog: Connections that wait for accept().
        incoming: Bytes (and ends) the clients have written that have not reached the server's
            sockets; also 1 for each connection of which only one end can be found.
        ends: Connections that the client has closed, which no recv() of the server has met.
    """

    verdict: Verdict
    threads: tuple[ThreadState, ...]
    unread: int = 0
    unsent: int = 0
    backlog: int = 0
    incoming: int = 0
    ends: int = 0

    def describe(self) -> str:
        """Return one line for a report."""
        kinds = Counter(thread.doing.value for thread in self.threads)
        doing = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        return (
            f"{self.verdict.value}: {len(self.threads)} threads ({doing or 'none'}), "
            f"{self.unread} bytes unread, {self.unsent} unsent, {self.incoming} incoming, "
            f"{self.backlog} connections not accepted, {self.ends} ends not noticed"
        )
