"""The queues of sockets as /proc/net tells them: slower, and it can be had everywhere."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.harness.sockdiag.identity import socket_id
from autograder.harness.sockdiag.table import (
    LISTEN,
    Address,
    Ends,
    SocketTableError,
    TcpSocket,
)


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
        return [table.get(socket_id(own, peer)[1]) for own, peer in ends]

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
            key = socket_id(_address(words[1]), _address(words[2]))[1]
            wqueue, rqueue = (int(word, 16) for word in words[4].split(":"))
            stalled = words[5].startswith("04:") and int(words[8]) > 0
            yield key, TcpSocket(int(words[3], 16), rqueue, wqueue, int(words[9]), stalled)


def _address(text: str) -> Address:
    """Read `0100007F:1F90`: words of 32 bits in this machine's byte order, then the port."""
    host, _colon, port = text.partition(":")
    words = [int(host[i : i + 8], 16).to_bytes(4, sys.byteorder) for i in range(0, len(host), 8)]
    family = socket.AF_INET if len(words) == 1 else socket.AF_INET6
    return socket.inet_ntop(family, b"".join(words)), int(port, 16)
