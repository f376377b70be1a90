"""The operating system's list of listening sockets: where does this program listen?

Nothing ever connects to find out: a connection made only to look can end a beginner's
server, or leave a ghost in its chat.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import psutil

from autograder.harness import quiescence, sockdiag, spawning
from autograder.harness.program import Program


def where_it_listens(program: Program, *, thorough: bool) -> set[tuple[str, int]]:
    """Return (address to connect to, port) of each TCP socket the program listens on.

    Args:
        program: It and its children are looked at.
        thorough: Ask psutil even where there is a quicker way, which misses programs that
            listen without Python's socket module.
    """
    if quiescence.available() and not thorough:
        return _confirmed(program)
    return _listening(program)


def uses_udp(program: Program) -> bool:
    """Return whether the program has a UDP socket."""
    return bool(_sockets(program.pid, "udp"))


def reachable(ip: str) -> str:
    """Return the address to connect to for a socket that is bound to `ip`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(ip, ip)


def _listening(program: Program) -> set[tuple[str, int]]:
    return {
        (reachable(s.laddr.ip), s.laddr.port)
        for s in _sockets(program.pid, "tcp")
        if s.status == psutil.CONN_LISTEN
    }


def _confirmed(program: Program) -> set[tuple[str, int]]:
    """Return where the program says that it listens and the kernel agrees (Linux).

    The same answer as from psutil, which reads all of /proc/net/tcp for it (10 ms).
    """
    said = program.told.listens_on()
    if not said:
        return set()
    with contextlib.closing(sockdiag.open_table()) as table:
        own = _socket_inodes(program.pid)
        return {
            (reachable(host), port)
            for host, port in said
            if any(listener.inode in own for listener in table.listeners(port))
        }


def _socket_inodes(pid: int) -> set[int]:
    found = set()
    for process in [pid, *(child.pid for child in spawning.descendants(pid))]:
        with contextlib.suppress(OSError):  # it ended while we looked
            for descriptor in Path(f"/proc/{process}/fd").iterdir():
                with contextlib.suppress(OSError):
                    kind, _colon, inode = str(descriptor.readlink()).partition(":")
                    if kind == "socket":
                        found.add(int(inode.strip("[]")))
    return found


def _sockets(pid: int, kind: str) -> list[psutil._ntuples.pconn]:
    found: list[psutil._ntuples.pconn] = []
    with contextlib.suppress(psutil.Error):
        for process in [psutil.Process(pid), *spawning.descendants(pid)]:
            with contextlib.suppress(psutil.Error):
                found += process.net_connections(kind=kind)
    return found
