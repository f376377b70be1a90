"""The backend of real processes and real sockets: a server started, reached, observed."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

import psutil

from autograder.harness import locks, quiescence, sockdiag, spawning, wakefulness
from autograder.harness.attendance import Attendance
from autograder.harness.backend import Line, State
from autograder.harness.calls import SocketCall
from autograder.harness.connection import Address, Connection
from autograder.harness.deadline import Deadline
from autograder.harness.program import Chaos, Program
from autograder.harness.readiness import wait_until_listening
from autograder.harness.syscalls import Doing
from autograder.harness.threadstate import socket_inode
from autograder.harness.wakefulness import Wakefulness
from autograder.transcript import Transcript

ADMIT_S = 5.0
READ_S = 1.0
STATES = {
    quiescence.Verdict.QUIET: State.QUIET,
    quiescence.Verdict.BUSY: State.BUSY,
    quiescence.Verdict.TIMED: State.TIMED,
    quiescence.Verdict.POLLING: State.POLLING,
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
        self.restless = False
        self._places = 0  # known to be free in the backlog
        self._attendance = Attendance()
        self._latest: Connection | None = None  # client
        self.transcript = transcript
        self.program = Program(
            script,
            arguments,
            transcript=transcript,
            name=script.name,
            chaos=chaos,
            timezone=timezone,
        )
        self._observer: quiescence.Observer | None = None
        self._table: sockdiag.SocketTable | None = None
        self.observed = quiescence.available()
        try:
            self.address: Address = wait_until_listening(self.program, spare_port)[0]
            if self.observed:
                self._table = sockdiag.open_table()
                self._observer = quiescence.Observer(self.program.pid, self.address[1])
        except BaseException:
            self.close()
            raise

    def connect(self, name: str, *, frozen: bool = False, receive_buffer: int = 0) -> Connection:
        """Connect one more client; see `Backend.connect`."""
        if self._observer and not self._attendance.threads:
            self._look([])
        self._attendance.client_comes()
        self._latest = Connection(
            self.address, name, self.transcript, frozen=frozen, receive_buffer=receive_buffer
        )
        return self._latest

    def wait_until_admitted(self) -> None:
        """Wait until there is room in the backlog; where that cannot be told, go on.

        A connection that finds the backlog full is tried again by the system only after a
        second. Of a listening socket the kernel tells the bound of the backlog as `wqueue`.
        """
        self._places -= 1
        if self._table is None or self._places > 0:
            return
        deadline, tick = Deadline(ADMIT_S), threading.Event()
        while not deadline.passed():
            listeners = self._table.listeners(self.address[1])
            free = (max(1, listener.wqueue // 2) - listener.rqueue for listener in listeners)
            self._places = min(free, default=1)
            if self._places > 0:
                return
            tick.wait(0.0005)

    def wait_until_read(self, lines: Sequence[Line]) -> bool:
        """Return whether the server has read what was sent on `lines`; see `Backend`."""
        if self._table is None:
            return False
        deadline, tick = Deadline(READ_S), threading.Event()
        ends = [(line.remote, line.local) for line in lines if isinstance(line, Connection)]
        while ends and not deadline.passed():
            sockets = self._table.lookup(ends)
            ends = [end for end, s in zip(ends, sockets, strict=True) if s and s.rqueue]
            if ends:
                tick.wait(0.0002)
        return not ends

    def state(self, lines: Iterable[Line]) -> State:
        """Return what the server does, and whether all it sent has been read."""
        if self._observer is None:
            return State.UNKNOWN if self.program.exit_status is None else State.GONE
        connections = [line for line in lines if isinstance(line, Connection)]
        reading = [line for line in connections if not line.frozen]
        seen = self._look(connections)
        if (
            seen.verdict is quiescence.Verdict.STUCK
            and any(thread.doing is Doing.SEND for thread in seen.threads)
            and self.program.told.times_its_sends()
        ):
            return State.BUSY  # a timer that nobody sees will end the send
        if seen.verdict is quiescence.Verdict.BUSY and len(reading) < len(connections):
            # To who does not read something is always on its way; what of the others?
            seen = self._look(reading)
        state = STATES[seen.verdict]
        # Looked at after the server was seen quiet: what it sent has then arrived here.
        if state is not State.BUSY and any(line.unread() for line in reading):
            return State.BUSY
        return state

    def naps(self) -> dict[int, int]:
        """Return who waits for nothing but time since the latest client came; see `Backend`."""
        if self._table is None or self._latest is None:
            return {}
        end = self._end_of(self._latest)
        return self._attendance.naps(end.inode if end else None)

    def all_came_in(self) -> None:
        """Take the threads that have come with the latest client for residents; see `Backend`."""
        self._attendance.all_came_in()

    def only_residents_wait(self) -> bool:
        """Return whether no timer of a message can be running; see `Backend`."""
        return self.observed and self._attendance.only_residents_wait()

    def senders(self, line: Line) -> int:
        """Return how many threads wait in send() to `line`; 0 where that cannot be told."""
        end = self._end_of(line)
        if self._observer is None or end is None:
            return 0
        sending = [t for t in self._look([]).threads if t.doing is Doing.SEND]
        return sum(socket_inode(t.pid, fd) == end.inode for t in sending for fd in t.fds)

    def stalled(self, line: Line) -> bool:
        """Return whether what was sent to `line` waits for its reading; False where unknown."""
        end = self._end_of(line)
        return end is not None and end.stalled

    def accepted(self, line: Line) -> bool:
        """Return whether it has accepted a connection; True where that cannot be told."""
        end = self._end_of(line)
        return end is None or end.state != sockdiag.ESTABLISHED or bool(end.inode)

    def _end_of(self, line: Line) -> sockdiag.TcpSocket | None:
        """Return the server's end of a connection; None where there is none, or unknown."""
        if self._table is None or not isinstance(line, Connection):
            return None
        return self._table.lookup([(line.remote, line.local)])[0]

    def waits_for_ever(self, lines: Iterable[Line]) -> bool:
        """Return whether it is proved that only something from outside can set it in motion.

        Stricter than `state`: a time-out in accept(), after which a loop may look whether it is
        to stop, counts.
        """
        if self._observer is None:
            return False
        seen = self._look([line for line in lines if isinstance(line, Connection)])
        proved = seen.verdict in (quiescence.Verdict.QUIET, quiescence.Verdict.STUCK)
        return proved and all(thread.doing is not Doing.TIMED for thread in seen.threads)

    def _look(self, connections: Sequence[Connection]) -> quiescence.Observation:
        assert self._observer is not None
        seen = self._observer.observe([(line.local, line.remote) for line in connections])
        self._attendance.threads = seen.threads
        return seen

    def cpu_s(self) -> float:
        """Return the processor time of the server and its children, in seconds."""
        own, pids = self.program.pid, {thread.pid for thread in self._attendance.threads}
        try:
            processes = (
                [psutil.Process(pid) for pid in pids]
                if pids
                else [psutil.Process(own), *spawning.descendants(own)]
            )
            times = [process.cpu_times() for process in processes]
        except psutil.Error:  # it has just ended
            return 0.0
        return float(sum(t.user + t.system for t in times))

    def wakefulness(self) -> dict[int, Wakefulness]:
        """Return how much each thread was awake; nothing where that is unknown."""
        with contextlib.suppress(OSError):  # it has just ended
            return wakefulness.of(self.program.pid) if self.observed else {}
        return {}

    def failures(self) -> list[str]:
        """Return the exceptions that ended threads of the server, in words."""
        return [str(failure) for failure in self.program.told.failures()]

    def stacks(self) -> str | None:
        """Return where each thread of the server is."""
        return self.program.stacks()

    def locks(self, stacks: str) -> list[str]:
        """Return in sentences who waits for which lock, and who is inside it."""
        names = {call.ident: call.thread for call in self.calls()}
        return locks.tell(stacks, self.program.source, names)

    def calls(self) -> list[SocketCall]:
        """Return the latest calls of the server on its sockets, oldest first."""
        return self.program.calls()

    def exit_status(self) -> int | None:
        """Return the exit status, or None while the server runs."""
        return self.program.exit_status

    def close(self) -> None:
        """Kill and reap the server; idempotent."""
        self.program.close()
        if self._observer is not None:
            self._observer.close()
        if self._table is not None:
            self._table.close()

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
