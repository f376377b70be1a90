"""Learns from the operating system where a program listens; never connects to find out.

A connection made only to look can end a beginner's server, or leave a ghost in its chat.
"""

from __future__ import annotations

import contextlib
import re
import threading

import psutil

from autograder.harness import processes
from autograder.harness.deadline import Deadline
from autograder.harness.program import Program
from autograder.harness.unmet import Unmet
from autograder.i18n import _

START_S = 5.0
LOOK_EVERY_S = 0.002
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
    while True:
        ended = program.exit_status is not None
        found = [
            (reachable(s.laddr.ip), s.laddr.port)
            for s in _sockets(program.pid, "tcp")
            if s.status == psutil.CONN_LISTEN
        ]
        if found:
            return sorted(set(found), key=lambda address: address[1])
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


def _sockets(pid: int, kind: str) -> list[psutil._ntuples.pconn]:
    found: list[psutil._ntuples.pconn] = []
    with contextlib.suppress(psutil.Error):
        for process in [psutil.Process(pid), *processes.descendants(pid)]:
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
        _("it still did not listen after {seconds:.0f} seconds").format(
            seconds=deadline.timeout_s
        ),
        cause=cause,
        stacks=program.stacks(),
        evidence="silence",
    )
