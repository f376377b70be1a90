"""Proof, without waiting, that a server will say nothing more, or that it is stuck (Linux).

One observation:
1. Read each thread of the server and its descendants, then make sure that there are no others.
2. Read the accept queue, then the queues at both ends of every connection.
3. Make sure that each thread sleeps and has not run since it was read.
So no thread ran while the queues were read, which are therefore those of one moment, and none is
about to run: only a clock or something outside can set the server in motion again.

Why each part is there:
- No others: a thread that is missing in the list could send something unseen, and start another
  before it ends. The kernel's list does leave out threads while others end.
- Not run: a thread may do something and block in the same call again.
- Sleeps: a thread that was woken may for a while look blocked. In a server with unread bytes it
  would seem stuck, and in one that hands on from thread to thread the last one's word be missed.
- Bytes on their way to the server: the kernel may hold them back (Nagle's algorithm, a busy
  softirq) while the server sleeps on an empty queue.
- Bytes on their way to a client: a sleeping server is quiet only when the client can read what
  was sent. Both ends count bytes, which beats waiting for the server's queue to become empty:
  the ACK that empties it may come 40 ms after the data.
"""

from __future__ import annotations

import contextlib
import enum
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from autograder.harness import procfs, sockdiag, threadstate
from autograder.harness.sockdiag import Address, TcpSocket
from autograder.harness.syscalls import Doing
from autograder.harness.threadstate import ThreadState

# A write to the console ends as soon as somebody reads the pipe, which the harness does.
AWAKE = frozenset((Doing.RUNNING, Doing.OTHER, Doing.WRITE))
OPEN = frozenset((sockdiag.ESTABLISHED, sockdiag.CLOSE_WAIT))  # not closed by the server
SYN = 1  # connect() takes a sequence number, which the kernel counts as a byte written


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


_off = False  # for the whole process


@contextlib.contextmanager
def switched_off() -> Iterator[None]:
    """Do without observation in the meantime, as on a system that does not allow it."""
    global _off
    before, _off = _off, True
    try:
        yield
    finally:
        _off = before


def available() -> bool:
    """Return whether servers can be observed here."""
    if _off or not procfs.available():
        return False
    try:
        sockdiag.open_table().close()
    except sockdiag.SocketTableError:
        return False
    return True


class Observer:
    """Looks at one server, as often as wanted; a context manager, for one thread at a time.

    Args:
        pid: The server's process.
        port: The port it listens on. If 0, it is a client that is looked at: in all that is
            said here it takes the place of the server, and the server that of a client.
        table: Where socket queues are read, closed with the observer; the best there is if None.

    Raises:
        SocketTableError: There is none.
    """

    def __init__(self, pid: int, port: int, table: sockdiag.SocketTable | None = None) -> None:
        self._pid, self._port = pid, port
        self._table = table or sockdiag.open_table()
        self._family = procfs.Family(pid)
        self._members: set[threadstate.Member] | None = None  # unless they have changed

    def close(self) -> None:
        """Close the files it keeps open; idempotent."""
        self._family.close()
        self._table.close()

    def __enter__(self) -> Observer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def observe(self, connections: Sequence[tuple[Address, Address]]) -> Observation:
        """Look once.

        Args:
            connections: (client's local address, server's address) of each connection, also
                of those a client has closed, until the server is known to have noticed. Both
                ends must be on this machine, in this network namespace.

        Raises:
            Unreadable: This user may not look at the server's threads.
            SocketTableError: The kernel did not tell about its sockets.
        """
        if self._family.has_ended():
            return Observation(Verdict.GONE, ())
        members = self._members or self._family.members()
        readings = self._family.read(members)
        threads = tuple(threadstate.parse(*item) for item in sorted(readings.items()))
        # Those of last time will do, as long as they live and are all there are.
        same = all(map(any, readings.values())) and not self._family.has_others(members)
        self._members = members if same else None
        threads = tuple(thread for thread in threads if thread.doing is not Doing.ENDED)
        if not same or any(thread.doing in AWAKE for thread in threads):
            return Observation(Verdict.BUSY, threads)
        queues = _read_queues(self._table, self._port, connections)
        slept = self._family.have_slept(readings)
        return Observation(
            queues.verdict(threads) if slept else Verdict.BUSY,
            threads,
            queues.unread,
            queues.unsent,
            queues.backlog,
            queues.incoming,
            queues.ends,
        )


@dataclass
class _Queues:
    """Sums over all connections, as in Observation, and what they prove."""

    listening: set[int | None]  # inodes
    backlog: int
    client_connected: bool  # rather than the process that is looked at
    unread: int = 0
    unsent: int = 0
    incoming: int = 0
    ends: int = 0
    moving: int = 0  # the part of unsent and incoming that will arrive by itself
    stalled: set[int | None] = field(default_factory=set)  # inodes: the client must read first

    def add(self, client: TcpSocket | None, server: TcpSocket | None) -> None:
        """Add one connection, given what is left of its two ends."""
        if server and server.state == sockdiag.SYN_RECV:
            # Half open: on its way into the accept queue, or kept out of a full one.
            self.moving += not self.backlog
        elif client and server:
            incoming = _under_way(client, server, SYN * self.client_connected)
            self.incoming += incoming
            self.moving += 0 if client.stalled else abs(incoming)
        elif (only := client or server) and only.state not in sockdiag.END_RECEIVED:
            # An end may outlive the other, but not without having been told of its end.
            self.incoming += 1
            self.moving += 1
        if server:
            unsent = _under_way(server, client, SYN * (not self.client_connected))
            self.unsent += unsent
            self.moving += 0 if server.stalled else abs(unsent)
            if server.inode or server.state in OPEN:  # else closed: nobody could read them
                self.unread += server.unread
                self.ends += server.end_unread
            if server.stalled:
                self.stalled.add(server.inode)

    def verdict(self, threads: Sequence[ThreadState]) -> Verdict:
        """Return what is proved if all `threads` stay blocked meanwhile."""
        timed = [thread for thread in threads if thread.doing is Doing.TIMED]
        polling = [thread for thread in timed if thread.fds and _inodes(thread) <= self.listening]
        accepting = polling + [thread for thread in threads if thread.doing is Doing.ACCEPT]
        sending = [thread for thread in threads if thread.doing is Doing.SEND]
        if self.moving or not all(_inodes(thread) <= self.stalled for thread in sending):
            return Verdict.BUSY
        if self.backlog and accepting:
            return Verdict.BUSY  # one of them is about to be woken
        if len(timed) > len(polling):
            # Whoever sleeps may be who accepts: a client that waits for it is not in yet.
            if self.backlog:
                return Verdict.BUSY
            only_polling = all(thread.fds for thread in timed) and not self.unread
            return Verdict.POLLING if only_polling else Verdict.TIMED
        if sending or self.unread or self.incoming or self.backlog:
            return Verdict.STUCK
        # Unsent is what a client does not read, from a thread that has gone on to other things:
        # neither quiet nor stuck.
        return Verdict.BUSY if self.unsent else Verdict.QUIET


def _inodes(thread: ThreadState) -> set[int | None]:
    return {threadstate.socket_inode(thread.pid, fd) for fd in thread.fds}


def _under_way(sender: TcpSocket, receiver: TcpSocket | None, extra: int) -> int:
    """Return how many bytes `sender` has written that `receiver` has not got."""
    if sender.written is None or receiver is None or receiver.received is None:
        return sender.wqueue  # until acknowledged: too many, never too few
    return sender.written - extra - receiver.received


def _read_queues(
    table: sockdiag.SocketTable, port: int, connections: Sequence[tuple[Address, Address]]
) -> _Queues:
    # The accept queue first: reading a socket waits for the softirq that is just putting it
    # there, so a thread in accept() has been woken for what is counted here.
    listeners = table.listeners(port) if port else []
    clients = table.lookup(connections)
    servers = table.lookup([(server, client) for client, server in connections])
    not_accepted = [
        socket for socket in servers if socket and socket.inode == 0 and socket.state in OPEN
    ]
    backlog = max(sum(listener.rqueue for listener in listeners), len(not_accepted))
    queues = _Queues({listener.inode for listener in listeners}, backlog, bool(port))
    for client, server in zip(clients, servers, strict=True):
        queues.add(client, server)
    return queues
