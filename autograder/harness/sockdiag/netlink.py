"""The queues of sockets as NETLINK_SOCK_DIAG tells them, one socket a question."""

from __future__ import annotations

import errno
import os
import socket
import struct
import sys
from collections.abc import Sequence

from autograder.harness.sockdiag.identity import NO_COOKIE, SOCKET_ID, socket_id
from autograder.harness.sockdiag.table import (
    LISTEN,
    WINDOW_PROBE,
    Ends,
    SocketTableError,
    TcpSocket,
)

NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLMSG_ERROR, NLMSG_DONE = 4, 20, 2, 3
NLM_F_REQUEST, NLM_F_DUMP, INET_DIAG_INFO = 0x1, 0x300, 2
HEADER = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port
FILTER = struct.Struct("=BBBxI")  # inet_diag_req_v2: family, protocol, extensions, states
MESSAGE = struct.Struct("=xBBx48x4xII4xI")  # inet_diag_msg: state, timer, rqueue, wqueue, inode
ATTRIBUTE = struct.Struct("=HH")  # length, type
# After the attribute's header struct tcp_info: tcpi_bytes_acked and tcpi_bytes_received at 120
# (Linux 4.1), tcpi_snd_wnd at 228 (Linux 5.4).
COUNTERS, WINDOW = struct.Struct("=4x120xQQ"), struct.Struct("=4x228xI")
BATCH = 64  # answers that fit the default receive buffer with room to spare


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
            self._ask([socket_id(own, peer) for own, peer in batch], 0, 0xFFFFFFFF)
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
        for family, whose in wanted:
            self._asked += 1
            questions += [
                HEADER.pack(72, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | flags, self._asked, 0),
                FILTER.pack(family, socket.IPPROTO_TCP, 1 << (INET_DIAG_INFO - 1), states),
                whose,
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
