"""`lab4 doctor`: what this machine can prove, and what would make it better."""

from __future__ import annotations

import platform
import socket
from importlib.metadata import version

from rich.console import Console
from rich.table import Table

from autograder import fence
from autograder.harness import quiescence
from autograder.harness.deadline import stretch
from autograder.harness.terminal import HAS_TERMINAL
from autograder.i18n import _

DEFAULT_PORT = 14900
SLOW = 3.0


def show(console: Console) -> int:
    """Print the findings; return 0 if all checks can run here, 1 if not."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for _column in range(3):
        table.add_column(overflow="fold")
    rows = [_python(), _loopback(), _port(), _proofs(), _terminal(), _fence(), _speed()]
    for good, name, text in rows:
        table.add_row({True: "✓", None: "–", False: "✗"}[good], name, text)
    console.print(table)
    return 1 if any(good is False for good, _name, _text in rows) else 0


Row = tuple[bool | None, str, str]


def _python() -> Row:
    text = f"{platform.python_version()}, {platform.platform()}, lab4 {version('lab4')}"
    return True, "Python", text


def _loopback() -> Row:
    name = _("loopback")
    try:
        with (
            socket.create_server(("127.0.0.1", 0)) as server,
            socket.create_connection(server.getsockname(), timeout=2),
        ):
            return True, name, _("connections to 127.0.0.1 work")
    except OSError as error:
        return False, name, _("no connection to 127.0.0.1: {error}").format(error=error)


def _port() -> Row:
    name = _("port {port}").format(port=DEFAULT_PORT)
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", DEFAULT_PORT))
            return True, name, _("free")
    except OSError:
        text = _("not free now: a server with this port in its code may have to wait for it")
        return None, name, text


def _proofs() -> Row:
    name = _("proof of quiet")
    if quiescence.available():
        return True, name, _("a missing message is known at once")
    return None, name, _("not on this system: the grader waits a little instead (slower)")


def _terminal() -> Row:
    name = _("pseudo-terminal")
    if HAS_TERMINAL:
        return True, name, _("the client is checked as in a real terminal")
    return None, name, _("not on this system: the client is checked with pipes")


def _fence() -> Row:
    best = fence.best()
    lines = [f"{best.name}: {best.title}", best.promise, best.no_promise]
    if best.reason:
        lines.append(_("Why no better one: {reason}").format(reason=best.reason))
    if best.remedy:
        lines.append(_("What would help: {remedy}").format(remedy=best.remedy))
    return (True if best.confined else None), _("sandbox"), "\n".join(lines)


def _speed() -> Row:
    factor = stretch()
    if factor == 1:
        return True, _("speed"), _("fast enough: deadlines are as they are")
    text = _("deadlines are stretched {factor:.1f} times").format(factor=factor)
    return (None if factor > SLOW else True), _("speed"), text
