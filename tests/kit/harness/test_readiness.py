"""A server that ends before it listens: what is said of how and why."""

from __future__ import annotations

import signal
import sys

import pytest

from autograder.harness import quiescence
from autograder.harness.sockets import Server, free_port
from autograder.harness.unmet import Unmet
from autograder.transcript import Transcript

needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")


def why_not(serve, source: str) -> Unmet:
    with pytest.raises(Unmet) as caught:
        serve(source)
    return caught.value


def test_what_sys_exit_says_is_the_cause(way, serve):
    unmet = why_not(serve, "import sys\nsys.exit('first line\\nTODO(4.1) is not done yet')")
    assert unmet.actual == "it ended with exit status 1 before it listened"
    assert unmet.cause == "TODO(4.1) is not done yet"


def test_an_exception_is_told_with_its_place_and_not_by_its_last_line(serve):
    assert why_not(serve, "1 / 0").cause.startswith("server.py:1: ZeroDivisionError: division")


def test_a_program_that_says_nothing_names_no_cause(serve):
    assert why_not(serve, "raise SystemExit(3)").cause == ""


def test_last_words_are_short(serve):
    assert len(why_not(serve, "import sys; sys.exit('x' * 9999)").cause) == 200


@needs_signals
@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV"])
def test_a_signal_is_named(way, serve, name):
    number = getattr(signal, name)
    unmet = why_not(serve, f"import os; os.kill(os.getpid(), {number:d})")
    assert unmet.actual == f"it was ended by {name} before it listened"


@needs_signals
def test_a_signal_without_a_name_is_a_number(serve):
    number = signal.SIGRTMIN + 3 if hasattr(signal, "SIGRTMIN") else 0
    if not number:
        pytest.skip("this system has no real-time signals")
    unmet = why_not(serve, f"import os; os.kill(os.getpid(), {number:d})")
    assert unmet.actual == f"it ended with exit status {-number} before it listened"


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("def f(:", "mend the line that is named"),
        ("raise OSError('Address already in use')", "Another program uses this port"),
        ("raise PermissionError(13, 'no')", "Ports below 1024"),
        ("raise SystemExit(3)", "python server.py."),
        ("import threading; threading.Event().wait()", "python server.py."),
    ],
)
def test_what_helps_is_said(serve, source, hint):
    assert hint in why_not(serve, source).hint


def test_the_program_to_run_is_named_by_its_file(script):
    file = script("").rename(script("").with_name("two_user_server.py"))
    with pytest.raises(Unmet) as caught:
        Server(file, (), transcript=Transcript())
    assert "python two_user_server.py." in caught.value.hint


@pytest.mark.skipif(not quiescence.available(), reason="who listens first is the chat")
@pytest.mark.parametrize("page_first", [True, False])
def test_a_page_that_is_served_beside_the_chat_is_not_taken_for_it(serve, page_first):
    page = free_port()
    ports = [page, 0] if page_first else [0, page]
    source = "import socket\n"
    source += "".join(f"a{n} = socket.create_server(('127.0.0.1', {n}))\n" for n in ports)
    assert serve(source + "a0.accept()").address[1] != page
