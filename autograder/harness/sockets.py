"""The backend of real processes and real sockets: a server started, reached, observed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.harness import quiescence
from autograder.harness.backend import Line, State
from autograder.harness.connection import Address, Connection
from autograder.harness.deadline import Deadline
from autograder.harness.program import Chaos, Program
from autograder.harness.readiness import wait_until_listening
from autograder.transcript import Transcript

ADMIT_S = 5.0
STATES = {
    quiescence.Verdict.QUIET: State.QUIET,
    quiescence.Verdict.BUSY: State.BUSY,
    quiescence.Verdict.TIMED: State.TIMED,
    quiescence.Verdict.STUCK: State.STUCK,
    quiescence.Verdict.GONE: State.GONE,
}


class Server:
    """A server under test; a context manager that leaves no process behind.

    Args:
        script: The server's file.
        arguments: Its command line.
        spare_port: What to type if it asks for a port.
        chaos: What to do to its sockets.
        timezone: A POSIX TZ string for it.

    Raises:
        Unmet: it did not come to listen.
    """

    def __init__(
        self,
        script: Path,
        arguments: Sequence[str],
        *,
        transcript: Transcript,
        spare_port: int = 0,
        chaos: Chaos | None = None,
        timezone: str | None = None,
    ) -> None:
        self.transcript = transcript
        self.program = Program(
            script,
            arguments,
            transcript=transcript,
            name=script.name,
            chaos=chaos,
            timezone=timezone,
        )
        try:
            self.address: Address = wait_until_listening(self.program, spare_port)[0]
        except BaseException:
            self.program.close()
            raise
        self._observer = (
            quiescence.Observer(self.program.pid, self.address[1])
            if quiescence.available()
            else None
        )

    def connect(self, name: str, *, frozen: bool = False, receive_buffer: int = 0) -> Connection:
        """Connect one more client; see `Backend.connect`."""
        return Connection(
            self.address, name, self.transcript, frozen=frozen, receive_buffer=receive_buffer
        )

    def wait_until_admitted(self) -> None:
        """Wait until nobody waits in the backlog; where that cannot be told, go on."""
        if self._observer is None:
            return
        deadline, tick = Deadline(ADMIT_S), threading.Event()
        while self._observer.backlog() and not deadline.passed():
            tick.wait(0.0005)

    def state(self, lines: Iterable[Line]) -> State:
        """Return what the server does, and whether all it sent has been read."""
        if self.program.exit_status is not None:
            return State.GONE
        if self._observer is None:
            return State.UNKNOWN
        connections = [line for line in lines if isinstance(line, Connection) and line.open]
        # Who does not read has a full queue for ever; that says nothing about the others.
        reading = [line for line in connections if not line.frozen]
        seen = self._observer.observe([(line.local, line.remote) for line in reading])
        # Looked at after the server was seen quiet: what it sent has then arrived here.
        if any(line.unread() for line in reading):
            return State.BUSY
        return STATES[seen.verdict]

    def failures(self) -> list[str]:
        """Return the exceptions that ended threads of the server, in words."""
        return [str(failure) for failure in self.program.failures()]

    def stacks(self) -> str | None:
        """Return where each thread of the server is."""
        return self.program.stacks()

    def exit_status(self) -> int | None:
        """Return the exit status, or None while the server runs."""
        return self.program.exit_status

    def close(self) -> None:
        """Kill and reap the server; idempotent."""
        self.program.close()

    def wait(self, timeout_s: float) -> int | None:
        """Wait for the server's own end; return its exit status, None if it still runs."""
        return self.program.wait(Deadline(timeout_s))

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def free_port() -> int:
    """Return a TCP port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
