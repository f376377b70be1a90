"""What is on its way between a server and its clients, and what that proves of sleepers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.harness import sockdiag, threadstate
from autograder.harness.quiescence.observation import Verdict
from autograder.harness.sockdiag import Address, TcpSocket
from autograder.harness.syscalls import Doing
from autograder.harness.threadstate import ThreadState

OPEN = frozenset((sockdiag.ESTABLISHED, sockdiag.CLOSE_WAIT))  # not closed by the server
SYN = 1  # connect() takes a sequence number, which the kernel counts as a byte written


@dataclass
class Queues:
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


def read_queues(
    table: sockdiag.SocketTable, port: int, connections: Sequence[tuple[Address, Address]]
) -> Queues:
    """Read the accept queue, and both ends of each (client's, server's address).

    Raises:
        SocketTableError: The kernel did not tell.
    """
    # The accept queue first: reading a socket waits for the softirq that is just putting it
    # there, so a thread in accept() has been woken for what is counted here.
    listeners = table.listeners(port) if port else []
    clients = table.lookup(connections)
    servers = table.lookup([(server, client) for client, server in connections])
    not_accepted = [
        socket for socket in servers if socket and socket.inode == 0 and socket.state in OPEN
    ]
    backlog = max(sum(listener.rqueue for listener in listeners), len(not_accepted))
    queues = Queues({listener.inode for listener in listeners}, backlog, bool(port))
    for client, server in zip(clients, servers, strict=True):
        queues.add(client, server)
    return queues
