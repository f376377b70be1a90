"""The kernel's queues of single TCP sockets: what is unread, unsent, or not yet accepted.

Two sources with the same methods; `open_table()` takes the first that works:
1. `NetlinkTable` asks for one socket at a time through NETLINK_SOCK_DIAG (sock_diag(7)), about
   5 us each, and can tell exactly what is on its way between the two ends of a connection.
2. `ProcTable` reads /proc/net/tcp and tcp6 whole, 5 to 10 ms: for a sandbox without netlink.

Both see the network namespace of this process only, and serve one thread at a time.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Protocol

Address = tuple[str, int] | tuple[str, int, int, int]  # what getsockname() returns
Ends = tuple[Address, Address]  # a socket's own address and its peer's

# include/net/tcp_states.h
ESTABLISHED, SYN_RECV, TIME_WAIT, CLOSE_WAIT, LAST_ACK, LISTEN, CLOSING = 1, 3, 6, 8, 9, 10, 11
END_RECEIVED = frozenset((TIME_WAIT, CLOSE_WAIT, LAST_ACK, CLOSING))
WINDOW_PROBE = 4  # the timer of a sender whose peer has no room, with nothing under way

NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLMSG_ERROR, NLMSG_DONE = 4, 20, 2, 3
NLM_F_REQUEST, NLM_F_DUMP, INET_DIAG_INFO, NO_COOKIE = 0x1, 0x300, 2, (1 << 64) - 1
HEADER = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port
FILTER = struct.Struct("=BBBxI")  # inet_diag_req_v2: family, protocol, extensions, states
SOCKET_ID = struct.Struct("!HH16s16sIQ")  # inet_diag_sockid: ports, addresses, interface, cookie
MESSAGE = struct.Struct("=xBBx48x4xII4xI")  # inet_diag_msg: state, timer, rqueue, wqueue, inode
ATTRIBUTE = struct.Struct("=HH")  # length, type
# After the attribute's header struct tcp_info: tcpi_bytes_acked and tcpi_bytes_received at 120
# (Linux 4.1), tcpi_snd_wnd at 228 (Linux 5.4).
COUNTERS, WINDOW = struct.Struct("=4x120xQQ"), struct.Struct("=4x228xI")
BATCH = 64  # answers that fit the default receive buffer with room to spare


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


def open_table() -> SocketTable:
    """Return the best table there is here, or raise SocketTableError."""
    try:
        return NetlinkTable()
    except SocketTableError:
        return ProcTable()


class NetlinkTable:
    """Asks the kernel about single sockets.

    Raises:
        SocketTableError: Netlink is refused (sandbox), or the kernel has no tcp_diag.
    """

    def __init__(self) -> None:
        family = getattr(socket, "AF_NETLINK", None)
        if family is None:
            raise SocketTableError(f"{sys.platform} has no netlink sockets")
        try:
            self._netlink = socket.socket(family, socket.SOCK_RAW, NETLINK_SOCK_DIAG)
        except OSError as error:
            raise SocketTableError(f"no netlink socket: {error}") from error
        self._buffer = bytearray(1 << 16)
        self._asked = 0
        try:
            # Without tcp_diag every lookup would say ENOENT, as for a socket that is gone.
            self.listeners(1)
        except SocketTableError:
            self.close()
            raise

    def lookup(self, ends: Sequence[Ends]) -> list[TcpSocket | None]:
        """See `SocketTable`.

        The kernel locks each socket to fill in tcp_info, so a segment whose arrival has just
        been counted has also woken its reader by the time this returns.
        """
        found: list[TcpSocket | None] = []
        for start in range(0, len(ends), BATCH):
            batch = ends[start : start + BATCH]
            self._ask([_socket_id(own, peer) for own, peer in batch], 0, 0xFFFFFFFF)
            for number in range(self._asked - len(batch) + 1, self._asked + 1):
                self._receive()
                _next, sequence, entry = self._message(0, missing_ok=True)
                if sequence != number:
                    raise SocketTableError(f"answer {sequence} came for question {number}")
                # Where there is no such connection the kernel answers with its listener.
                found.append(entry if entry and entry.state != LISTEN else None)
        return found

    def listeners(self, port: int) -> list[TcpSocket]:
        """See `SocketTable`. The kernel walks its table of listening sockets only."""
        found = []
        for family in (socket.AF_INET, socket.AF_INET6):
            wanted = family, SOCKET_ID.pack(port, 0, b"", b"", 0, NO_COOKIE)
            self._ask([wanted], NLM_F_DUMP, 1 << LISTEN)
            more = True
            while more:
                offset, size = 0, self._receive()
                while offset < size:
                    offset, _sequence, entry = self._message(offset, missing_ok=False)
                    more = entry is not None
                    if entry:
                        found.append(entry)
        return found

    def close(self) -> None:
        """Close the netlink socket; idempotent."""
        self._netlink.close()

    def _ask(self, wanted: Sequence[tuple[int, bytes]], flags: int, states: int) -> None:
        questions = []
        for family, socket_id in wanted:
            self._asked += 1
            questions += [
                HEADER.pack(72, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | flags, self._asked, 0),
                FILTER.pack(family, socket.IPPROTO_TCP, 1 << (INET_DIAG_INFO - 1), states),
                socket_id,
            ]
        try:
            self._netlink.send(b"".join(questions))
        except OSError as error:
            raise SocketTableError(f"the kernel refused the question: {error}") from error

    def _receive(self) -> int:
        """Read one datagram into the buffer and return its size in bytes."""
        try:
            # The kernel answers before send() returns: there is nothing to wait for.
            return self._netlink.recv_into(self._buffer, 0, socket.MSG_DONTWAIT)
        except OSError as error:
            raise SocketTableError(f"the kernel did not answer: {error}") from error

    def _message(self, offset: int, missing_ok: bool) -> tuple[int, int, TcpSocket | None]:
        """Return the offset of the next message, the sequence number, and the socket if any."""
        length, kind, _flags, sequence, _port = HEADER.unpack_from(self._buffer, offset)
        start, following = offset + HEADER.size, offset + ((length + 3) & ~3)
        if kind == SOCK_DIAG_BY_FAMILY:
            return following, sequence, self._parse(start, offset + length)
        code = -int.from_bytes(self._buffer[start : start + 4], sys.byteorder, signed=True)
        missing = kind == NLMSG_ERROR and code == errno.ENOENT and missing_ok
        if not missing and (kind != NLMSG_DONE or code):
            raise SocketTableError(f"the kernel refused the question: {os.strerror(code)}")
        return following, sequence, None

    def _parse(self, start: int, end: int) -> TcpSocket:
        buffer = self._buffer
        state, timer, rqueue, wqueue, inode = MESSAGE.unpack_from(buffer, start)
        start += MESSAGE.size
        while start < end:
            length, kind = ATTRIBUTE.unpack_from(buffer, start)
            if kind == INET_DIAG_INFO and length >= COUNTERS.size:
                acked, received = COUNTERS.unpack_from(buffer, start)
                window = WINDOW.unpack_from(buffer, start)[0] if length >= WINDOW.size else 1
                stalled = timer == WINDOW_PROBE and window == 0
                # wqueue was read before: an ACK in between makes the sum too large, never small.
                return TcpSocket(state, rqueue, wqueue, inode, stalled, acked + wqueue, received)
            start += (length + 3) & ~3
        return TcpSocket(state, rqueue, wqueue, inode)


class ProcTable:
    """Parses the files tcp and tcp6 in `folder`.

    Weaker than netlink: there are no `written` and `received`, `stalled` comes a second late,
    and an entry may be missed when the table changes while the kernel prints it.

    Raises:
        SocketTableError: The files cannot be read.
    """

    def __init__(self, folder: Path = Path("/proc/net")) -> None:
        self._folder = folder
        self.listeners(1)

    def lookup(self, ends: Sequence[Ends]) -> list[TcpSocket | None]:
        """See `SocketTable`."""
        table = {key: entry for key, entry in self._entries() if entry.state != LISTEN}
        return [table.get(_socket_id(own, peer)[1]) for own, peer in ends]

    def listeners(self, port: int) -> list[TcpSocket]:
        """See `SocketTable`."""
        number = port.to_bytes(2, "big")
        entries = self._entries()
        return [entry for key, entry in entries if entry.state == LISTEN and key[:2] == number]

    def close(self) -> None:
        """Do nothing: there is nothing to release."""

    def _entries(self) -> Iterator[tuple[bytes, TcpSocket]]:
        try:
            files = [self._folder / "tcp", self._folder / "tcp6"]
            lines = "".join(file.read_text() for file in files if file.exists()).splitlines()
        except OSError as error:
            raise SocketTableError(f"cannot read the socket tables: {error}") from error
        if not lines:
            raise SocketTableError(f"{self._folder} has no socket tables")
        for line in lines:
            # sl local remote state tx:rx timer:when retransmits uid probes inode ...
            words = line.split()
            if words[0] == "sl":
                continue
            key = _socket_id(_address(words[1]), _address(words[2]))[1]
            wqueue, rqueue = (int(word, 16) for word in words[4].split(":"))
            stalled = words[5].startswith("04:") and int(words[8]) > 0
            yield key, TcpSocket(int(words[3], 16), rqueue, wqueue, int(words[9]), stalled)


def _address(text: str) -> Address:
    """Read `0100007F:1F90`: words of 32 bits in this machine's byte order, then the port."""
    host, _colon, port = text.partition(":")
    words = [int(host[i : i + 8], 16).to_bytes(4, sys.byteorder) for i in range(0, len(host), 8)]
    family = socket.AF_INET if len(words) == 1 else socket.AF_INET6
    return socket.inet_ntop(family, b"".join(words)), int(port, 16)


@lru_cache(4096)  # two ends of each of hundreds of clients are looked up thousands of times
def _socket_id(own: Address, peer: Address) -> tuple[int, bytes]:
    """Return the family and the inet_diag_sockid of a socket."""
    family, own_raw = _packed(own[0])
    return family, SOCKET_ID.pack(own[1], peer[1], own_raw, _packed(peer[0])[1], 0, NO_COOKIE)


def _packed(host: str) -> tuple[int, bytes]:
    if ":" not in host:
        return socket.AF_INET, socket.inet_pton(socket.AF_INET, host)
    raw = socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
    # The IPv4 connections of a dual-stack listener are hashed by their IPv4 addresses.
    if raw.startswith(bytes(10) + b"\xff\xff"):
        return socket.AF_INET, raw[-4:]
    return socket.AF_INET6, raw
