"""Learns from the operating system where a program listens; never connects to find out.

A connection made only to look can end a beginner's server, or leave a ghost in its chat.
"""

from __future__ import annotations

import contextlib
import re
import threading
from pathlib import Path

import psutil

from autograder.harness import quiescence, sockdiag, spawning
from autograder.harness.deadline import Deadline
from autograder.harness.program import Program
from autograder.harness.unmet import Unmet
from autograder.i18n import _

START_S = 5.0
LOOK_EVERY_S = 0.002
PSUTIL_EVERY = 50  # looks
# What a server asks on its console before it listens, and what we type.
ANSWERS = (
    (re.compile(r"port|порт", re.IGNORECASE), "{port}"),
    (re.compile(r"host|\bip\b|address|хост|адрес|айпи", re.IGNORECASE), "127.0.0.1"),
)


def wait_until_listening(program: Program, spare_port: int) -> list[tuple[str, int]]:
    """Wait until a program or a child of it listens for TCP; return (host, port) of each.

    Args:
        program: The server, just started.
        spare_port: What to type if it asks for a port on its console.

    Raises:
        Unmet: it ended, or the time was up.
    """
    deadline, tick, answered = Deadline(START_S), threading.Event(), 0
    looks = 0
    while True:
        ended = program.exit_status is not None
        found = _confirmed(program) if quiescence.available() else _listening(program)
        looks += 1
        if not found and looks % PSUTIL_EVERY == 0:  # it may listen without Python's socket
            found = _listening(program)
        if found:
            return sorted(found, key=lambda address: address[1])
        if ended:
            program.stderr.wait_end(1.0)
            raise _ended(program)
        if deadline.passed():
            raise _silent(program, deadline)
        prompt = program.stdout.data(answered).decode("utf-8", "replace")
        if prompt and not prompt.endswith("\n"):
            for pattern, answer in ANSWERS:
                if pattern.search(prompt.splitlines()[-1]):
                    answered = program.stdout.size
                    program.type_bytes(answer.format(port=spare_port).encode() + b"\n")
        tick.wait(LOOK_EVERY_S)


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
    said = program.listens_on()
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


def _ended(program: Program) -> Unmet:
    failures = program.failures()
    cause = str(failures[-1]) if failures else ""
    hint = ""
    if failures and failures[-1].type == "SyntaxError":
        hint = _("Python cannot read the file: mend the line that is named, then run it yourself.")
    elif "Address already in use" in cause:
        hint = _("Another program uses this port: end it (perhaps your own server still runs).")
    elif failures and failures[-1].type == "PermissionError":
        hint = _("Ports below 1024 belong to the system: take one above, such as 14900.")
    return Unmet(
        _("{name} listens on a TCP port").format(name=program.script.name),
        _("it ended with exit status {status} before it listened").format(
            status=program.exit_status
        ),
        cause=cause,
        hint=hint,
    )


def _silent(program: Program, deadline: Deadline) -> Unmet:
    printed = program.stdout.size + program.stderr.size
    if _sockets(program.pid, "udp"):
        cause = _("it opened a UDP socket; this chat needs TCP (SOCK_STREAM)")
    elif printed > 1 << 20:
        cause = _("it printed {size} MB instead: an endless loop?").format(size=printed >> 20)
    else:
        cause = _("it never called listen()")
    return Unmet(
        _("{name} listens on a TCP port").format(name=program.script.name),
        _("it still did not listen after {seconds:.0f} seconds").format(seconds=deadline.timeout_s),
        cause=cause,
        stacks=program.stacks(),
        evidence="silence",
    )
