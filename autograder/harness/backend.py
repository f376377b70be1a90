"""The seam below a Room: what a story needs from sockets, or from a simulation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Protocol

from autograder.harness.calls import SocketCall
from autograder.harness.inbox import Inbox


class State(Enum):
    """What can be said of the program under test at one moment.

    QUIET is a proof that it writes nothing more until somebody sends it something. STUCK is
    a proof that it cannot go on: it has unread input and nobody will read it. TIMED is as
    quiet, but a thread waits with a time-out, POLLING if only for input. UNKNOWN is where the
    system cannot tell.
    """

    QUIET = "quiet"
    BUSY = "busy"
    TIMED = "timed"
    POLLING = "polling"
    STUCK = "stuck"
    GONE = "gone"
    UNKNOWN = "unknown"


# Nothing more comes from a server in one of these states, whatever we wait for.
PROOFS = (State.QUIET, State.STUCK, State.GONE)


class Line(Protocol):
    """One client's connection to the program under test.

    Attributes:
        inbox: What has come.
        port: By which the program's calls name it; 0 if they do not.
    """

    inbox: Inbox
    port: int

    def send(self, data: bytes) -> None:
        """Send all of `data`; a connection that is no more loses it."""

    def send_last(self, data: bytes) -> None:
        """Send `data` and say in the same moment that nothing more will be sent."""

    def half_close(self) -> None:
        """Say that nothing more will be sent; go on receiving."""

    def close(self) -> None:
        """Leave as a program that ends normally does; idempotent."""

    def reset(self) -> None:
        """Leave as a program that crashes does: RST, no goodbye."""

    def thaw(self) -> None:
        """Begin to read, for a client that was connected frozen."""


class Backend(Protocol):
    """A running server and a way to reach it.

    Attributes:
        restless: It was seen to compute or write without end: do not wait for its rest again.
        observed: Whether the system tells what it does: its state is never UNKNOWN then.
    """

    restless: bool
    observed: bool

    def connect(self, name: str, *, frozen: bool = False, receive_buffer: int = 0) -> Line:
        """Connect one more client.

        Args:
            name: Whose connection this is, for the transcript.
            frozen: Do not read until `thaw()`.
            receive_buffer: SO_RCVBUF in bytes; 0 leaves the system's.

        Raises:
            OSError: the server could not be reached.
        """

    def wait_until_admitted(self) -> None:
        """Wait until one more connection fits into the backlog, or give up."""

    def wait_until_read(self, lines: Sequence[Line]) -> bool:
        """Wait until the server has read what was sent on `lines`.

        Returns:
            False where that cannot be told, or it took too long.
        """

    def state(self, lines: Iterable[Line]) -> State:
        """Return what the server does now, and whether all it sent to `lines` has been read."""

    def naps(self) -> dict[int, int]:
        """Return who waits for nothing but time since the latest client came, as last looked at.

        Not one who did so when last looked at before, nor one who has come with the client while
        another reads from it: he may do so for ever, or wait for a queue with a time-out.

        Returns:
            By thread, how often it has been given a processor.
        """

    def all_came_in(self) -> None:
        """Hear that nobody is on the way in: what runs now serves those who are there.

        What a message of before the latest client may have set in motion does not count.
        """

    def only_residents_wait(self) -> bool:
        """Return whether all who wait with a time-out have come with a client, or before all.

        As last looked at; False where that cannot be told. None of them is then a timer that a
        message has started.
        """

    def senders(self, line: Line) -> int:
        """Return how many threads of the server wait in send() to `line`; 0 where unknown."""

    def stalled(self, line: Line) -> bool:
        """Return whether what was sent to `line` waits for its reading; False where unknown."""

    def accepted(self, line: Line) -> bool:
        """Return whether the server has accepted a connection; True where unknown."""

    def cpu_s(self) -> float:
        """Return how much processor time it has used, in seconds; 0 if that is not known."""

    def failures(self) -> list[str]:
        """Return the exceptions that ended threads of the server, in words."""

    def stacks(self) -> str | None:
        """Return where each thread of the server is, or None where that cannot be told."""

    def locks(self, stacks: str) -> list[str]:
        """Return in sentences who waits for which lock, and who is inside it."""

    def calls(self) -> list[SocketCall]:
        """Return the latest calls of the server on its sockets, oldest first."""

    def exit_status(self) -> int | None:
        """Return the server's exit status, or None while it runs."""
