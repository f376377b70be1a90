"""What a table of sockets tells, wherever it is read from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

Address = tuple[str, int] | tuple[str, int, int, int]  # what getsockname() returns
Ends = tuple[Address, Address]  # a socket's own address and its peer's

# include/net/tcp_states.h
ESTABLISHED, SYN_RECV, TIME_WAIT, CLOSE_WAIT, LAST_ACK, LISTEN, CLOSING = 1, 3, 6, 8, 9, 10, 11
END_RECEIVED = frozenset((TIME_WAIT, CLOSE_WAIT, LAST_ACK, CLOSING))
WINDOW_PROBE = 4  # the timer of a sender whose peer has no room, with nothing under way


class SocketTableError(Exception):
    """The kernel did not answer a question about sockets, or not as documented."""


class TcpSocket(NamedTuple):
    """What the kernel holds for one TCP socket.

    Attributes:
        state: As in include/net/tcp_states.h; 1 is ESTABLISHED.
        rqueue: Bytes received and not read; an unread FIN counts as one more byte. Of a
            listening socket: connections waiting for accept().
        wqueue: Bytes (and FIN) written and not acknowledged, which may last 40 ms longer than
            their way to the peer. Of a listening socket: the bound of the accept queue.
        inode: As in /proc/PID/fd; 0 if no descriptor refers to it (closed, or not accepted yet).
        stalled: Data wait, the peer has no room: nothing moves before the peer reads.
        written: Bytes (and FIN) ever written, plus 1 for the SYN at the end that called
            connect(); None if not known.
        received: Bytes (and FIN) ever received in order; None if not known.
    """

    state: int
    rqueue: int
    wqueue: int
    inode: int
    stalled: bool = False
    written: int | None = None
    received: int | None = None

    @property
    def end_unread(self) -> bool:
        """Whether the peer has closed its half and no recv() has met that yet."""
        # The FIN is the last in the queue, so a queue that is not empty still holds it. The
        # reverse does not hold: a recv() that takes the last bytes takes the FIN with them.
        return self.state in END_RECEIVED and self.rqueue > 0

    @property
    def unread(self) -> int:
        """Bytes of data received and not read."""
        return self.rqueue - self.end_unread


class SocketTable(Protocol):
    """Where the queues are read from. Every method raises SocketTableError if that fails."""

    def lookup(self, ends: Sequence[Ends]) -> list[TcpSocket | None]:
        """Return the socket with each (own, peer) address, or None where there is none."""

    def listeners(self, port: int) -> list[TcpSocket]:
        """Return the sockets that listen on `port`, whatever their address."""

    def close(self) -> None:
        """Release the table; idempotent."""
