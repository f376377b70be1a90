"""Right servers of really different designs: all points and all badges."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DESIGNS = {"thread_per_client": HERE, **{path.name: path for path in (HERE / "correct").iterdir()}}


TIMED_SEND = """\
    def send(self, line):
        try:
            with self.sending:
                self.sock.sendall(line.encode() + b"\\n")
        except OSError:  # gone, or took nothing for a while: its own thread says goodbye
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def send_some("""
TIMER = """\
    global joined
    timeout = b"".join(part.to_bytes(8, "little") for part in (0, 500_000))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeout)
"""


@pytest.mark.parametrize("design", DESIGNS)
def test_a_correct_server_passes_everything(design, grade):
    server = (DESIGNS[design] / "server.py").read_text(encoding="utf-8")
    hundreds = design != "queues"  # that takes it three times as long as all the rest
    result = grade({"server.py": server}, hundreds=hundreds)
    not_passed = {c.id: (c.expected, c.actual) for c in result.checks if c.status != "passed"}
    assert not_passed == {}
    assert (result.outcome, result.score, result.max_score) == ("graded", 100, 100)


@pytest.mark.skipif(sys.platform != "linux", reason="the layout of struct timeval")
def test_a_send_that_the_kernel_ends_by_a_timer_is_not_stuck(grade):
    server = (HERE / "server.py").read_text(encoding="utf-8")
    before, _old, after = server.partition("    def send(")
    after = after[after.index("    def send_some(") + len("    def send_some(") :]
    server = (before + TIMED_SEND + after).replace("    global joined\n", TIMER)
    result = grade({"server.py": server})
    assert {c.id: c.actual for c in result.checks if c.status != "passed"} == {}
