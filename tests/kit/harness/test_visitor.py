"""A client at the kit's server: no proof while the kit itself has not read what came."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest

from autograder.harness import quiescence, visitor
from autograder.harness.backend import State
from autograder.harness.dialect import CONTRACT
from autograder.harness.inbox import Inbox
from autograder.harness.unmet import Unmet
from autograder.harness.visitor import Visitor
from autograder.transcript import Transcript

LONG_S = 20.0
CLIENT = """
import socket, sys, threading
server = socket.create_connection(("127.0.0.1", int(sys.argv[-1])))
hears = threading.Thread(target=server.recv, args=(1, socket.MSG_PEEK), daemon=True)
hears.start()
"""
SEES = pytest.mark.skipif(not quiescence.available(), reason="nothing is proved here")


@pytest.fixture
def visit(script):
    """Return a function that brings source text to the kit's server as a client."""
    with contextlib.ExitStack() as stack:

        def run(source: str, ports=(), **how: object) -> Visitor:
            path = script(source, "client.py")
            client = Visitor(path, set(ports), CONTRACT, Transcript(), **how)
            return stack.enter_context(contextlib.closing(client))

        yield run


@pytest.fixture
def late(monkeypatch):
    """Return a function that lets an inbox take in nothing before the client was looked at."""

    def delay(inbox: Inbox) -> None:
        feed, state, gate, looks = inbox.feed, Visitor.state, threading.Event(), []

        def feed_late(data: bytes) -> None:
            assert gate.wait(LONG_S)
            feed(data)

        def look(self: Visitor) -> State:
            looks.append(state(self))
            if looks.count(State.BUSY) >= 5 or looks[-1] is not State.BUSY:
                threading.Timer(0.2, gate.set).start()
            return looks[-1]

        monkeypatch.setattr(inbox, "feed", feed_late)
        monkeypatch.setattr(Visitor, "state", look)

    return delay


@SEES
@pytest.mark.parametrize("terminal", [False, True])
def test_a_screen_that_our_thread_reads_late_proves_nothing(visit, late, terminal):
    client = visit(CLIENT + "print(server.recv(99), flush=True); input()", terminal=terminal)
    late(client.program.stdout)
    client.server.say_bytes(b"word")
    assert client.shows(client.program.stdout, b"word")[0]


@SEES
def test_a_line_that_our_thread_reads_late_proves_nothing(visit, late):
    client = visit(CLIENT + "server.sendall(input().encode()); input()")
    late(client.server.inbox)
    client.program.type_bytes(b"word\n")
    assert client.shows(client.server.inbox, b"word")[0]


@pytest.mark.parametrize("of", ["screen", "server"])
def test_the_last_words_of_who_has_gone_may_be_read_late(visit, late, of):
    client = visit(CLIENT + "word = input(); print(word); server.sendall(word.encode())")
    inbox = client.program.stdout if of == "screen" else client.server.inbox
    late(inbox)
    client.program.type_bytes(b"word\n")
    assert client.shows(inbox, b"word")[0]


@SEES
def test_a_client_that_is_let_in_late_has_come(visit, monkeypatch):
    accept, rests, gate = socket.socket.accept, visitor.Rest.proved, threading.Event()
    looks: list[bool] = []

    def let_in(listener: socket.socket):
        assert gate.wait(LONG_S)
        return accept(listener)

    def look(self: visitor.Rest) -> bool:
        looks.append(rests(self))
        if looks.count(True) >= 3 * visitor.RESTS:
            gate.set()
        return looks[-1]

    monkeypatch.setattr(socket.socket, "accept", let_in)
    monkeypatch.setattr(visitor.Rest, "proved", look)
    client = visit(CLIENT + "print(server.recv(99)); input()")
    assert b"typed" not in b"".join(e.data for e in client._transcript.events())


def test_a_line_that_lacks_its_newline_is_not_whole(visit):
    client = visit(CLIENT + "server.sendall(b'one'); input(); server.sendall(b' (anna)\\r\\n')")
    assert client.shows(client.server.inbox, b"one")[0]
    assert not client.shows(client.server.inbox, b"one", whole_line=True)[0]
    client.program.type_bytes(b"\n")
    assert client.shows(client.server.inbox, b"one", whole_line=True)[0]


def test_a_port_that_another_program_has_is_named(visit):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        source = f"import socket; s = socket.create_connection(('127.0.0.1', {port})); s.recv(9)"
        with pytest.raises(Unmet) as caught:
            visit(source, [port])
    assert caught.value.cause == f"port {port}, which the client may have tried, was not free"
    assert "end the program that uses the port" in caught.value.hint


def test_a_taken_port_that_the_client_does_not_name_explains_nothing(visit):
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(Unmet) as caught:
        visit("raise SystemExit(3)", [other.getsockname()[1]])
    assert (caught.value.actual, caught.value.cause) == ("it ended with exit status 3", "")
