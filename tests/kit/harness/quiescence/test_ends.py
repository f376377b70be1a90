"""What the two ends of a connection, or what is left of them, say of it."""

from __future__ import annotations

import pytest

from autograder.harness import sockdiag
from autograder.harness.quiescence import Observer, Verdict
from autograder.harness.sockdiag import TcpSocket
from autograder.harness.syscalls import Doing


class ScriptedTable:
    """A socket table with one connection, whose two ends are given."""

    def __init__(self, client, server):
        self._answers = [[client], [server]]

    def lookup(self, _ends):
        self._answers.append(self._answers.pop(0))
        return self._answers[-1]

    def listeners(self, _port):
        return []

    def close(self):
        pass


def end(state=sockdiag.ESTABLISHED, rqueue=0, inode=1, written=0, received=0):
    return TcpSocket(state, rqueue, 0, inode, False, written, received)


ENDS = {
    "both at rest": (end(written=1), end(), Verdict.QUIET),
    "both forgotten": (None, None, Verdict.QUIET),
    "a reset is on its way to the server": (None, end(), Verdict.BUSY),
    "a reset is on its way to the client": (end(written=1), None, Verdict.BUSY),
    "the server closed, long ago": (end(sockdiag.CLOSE_WAIT, written=1), None, Verdict.QUIET),
    "the client closed, long ago": (None, end(sockdiag.CLOSE_WAIT), Verdict.QUIET),
    "half open": (end(written=1), end(sockdiag.SYN_RECV, inode=0), Verdict.BUSY),
    "not accepted": (end(written=1), end(inode=0), Verdict.STUCK),
    "a byte to the server": (end(written=2), end(), Verdict.BUSY),
    "a byte to the client": (end(written=1), end(written=1), Verdict.BUSY),
    "a byte unread": (end(written=2), end(rqueue=1, received=1), Verdict.STUCK),
    "a byte unread, the client gone": (None, end(sockdiag.CLOSE_WAIT, 2), Verdict.STUCK),
    "closed without reading the end": (
        end(sockdiag.TIME_WAIT, written=None),
        end(sockdiag.LAST_ACK, rqueue=2, inode=0),
        Verdict.QUIET,
    ),
}


@pytest.mark.parametrize("client, server, verdict", ENDS.values(), ids=ENDS)
def test_what_is_left_of_a_connection_says(start, eventually, client, server, verdict):
    process = start("import threading; threading.Event().wait()")
    connection = ("127.0.0.1", 1), ("127.0.0.1", 2)
    table = ScriptedTable(client, server)
    with Observer(process.pid, 1, table) as observer:
        eventually(lambda: observer.observe([]).threads[0].doing is Doing.LOCK)
        seen = observer.observe([connection])
    assert seen.verdict is verdict, seen.describe()
