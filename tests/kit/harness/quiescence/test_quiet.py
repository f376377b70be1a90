"""Quiet: all is done, and nothing comes any more unless a client begins."""

from __future__ import annotations

import contextlib
import socket

import pytest

from autograder.harness.quiescence import Observer, Verdict
from autograder.harness.sockdiag import ProcTable
from tests.kit.harness.quiescence.conftest import received, reset


@pytest.mark.parametrize("table", [None, ProcTable], ids=["netlink", "proc"])
def test_a_thread_for_each_client_is_quiet_once_it_has_answered(serve, table):
    server = serve("each(echo)", table and table())
    anna, boris = server.connect(), server.connect()
    server.until_quiet()
    for length in (1, 10, 4096):
        anna.sendall(b"x" * length)
        server.until_quiet()
        assert received(anna) == b"x" * length
        assert received(boris) == b""
    seen = server.look()
    assert seen.describe() == (
        "quiet: 3 threads (1 accept, 2 recv), 0 bytes unread, 0 unsent, 0 incoming, "
        "0 connections not accepted, 0 ends not noticed"
    )
    assert {thread.pid for thread in seen.threads} == {server.process.pid}


QUIET = {
    "accept with a time-out": """
server.settimeout(0.05)
while True:
    try:
        client, _address = server.accept()
        client.settimeout(None)
        threading.Thread(target=echo, args=(client,), daemon=True).start()
    except TimeoutError:
        pass
""",
    "select with a time-out on the listener": """
while True:
    if select.select([server], [], [], 0.05)[0]:
        threading.Thread(target=echo, args=(server.accept()[0],), daemon=True).start()
""",
    "epoll with a time-out on the listener": """
waiting = selectors.EpollSelector()
waiting.register(server, selectors.EVENT_READ)
while True:
    for _ready in waiting.select(0.05):
        threading.Thread(target=echo, args=(server.accept()[0],), daemon=True).start()
""",
    "socketserver": """
class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        echo(self.request)
serving = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
serving.socket.close()
serving.socket = server
serving.serve_forever(0.05)
""",
    "selectors in one thread": """
waiting = selectors.DefaultSelector()
waiting.register(server, selectors.EVENT_READ)
while True:
    for key, _events in waiting.select():
        if key.fileobj is server:
            waiting.register(server.accept()[0], selectors.EVENT_READ)
        elif data := key.fileobj.recv(4096):
            key.fileobj.sendall(data)
        else:
            waiting.unregister(key.fileobj)
            key.fileobj.close()
""",
    "a process for each client": """
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    client, _address = server.accept()
    if os.fork() == 0:
        server.close()
        echo(client)
        os._exit(0)
    client.close()
""",
    "a console": """
threading.Thread(target=input, daemon=True).start()
each(echo)
""",
    "no listener any more": """
client, _address = server.accept()
server.close()
echo(client)
threading.Event().wait()
""",
}


@pytest.mark.parametrize("source", QUIET.values(), ids=QUIET)
def test_what_waits_for_clients_alone_is_quiet(serve, source):
    server = serve(source)
    client = server.connect()
    for _round in range(5):
        client.sendall(b"hello\n")
        server.until_quiet()
        assert received(client) == b"hello\n"
    client.close()
    server.until_quiet()


def test_a_client_that_says_it_is_done_still_gets_its_answer(serve):
    server = serve("""
def answer(client):
    data = b""
    while more := client.recv(4096):
        data += more
    client.sendall(data.upper())
each(answer)
""")
    client = server.connect()
    server.until_quiet()
    client.sendall(b"a question")
    server.until_quiet()
    assert received(client) == b""
    client.shutdown(socket.SHUT_WR)
    server.until_quiet()
    assert received(client) == b"A QUESTION"
    # The server has forgotten to close: CLOSE_WAIT for good, and nobody waits on it.
    assert server.look().ends == 0


@pytest.mark.parametrize("leave", [socket.socket.close, reset], ids=["close", "reset"])
def test_when_quiet_the_others_have_been_told_who_left(serve, leave):
    server = serve("""
def talk(client):
    try:
        while client.recv(4096):
            pass
    except ConnectionError:
        pass
    with lock:
        clients.remove(client)
        for other in clients:
            other.sendall(b"left\\n")
    client.close()
each(talk)
""")
    watcher = server.connect()
    for _round in range(50):
        leaver = server.connect()
        server.until_quiet()
        leave(leaver)
        server.until_quiet()
        assert received(watcher) == b"left\n"


def test_an_end_that_nobody_noticed_is_counted(serve):
    server = serve("""
clients.append(server.accept())
print("accepted", flush=True)
threading.Event().wait()
""")
    client = server.connect()
    assert server.process.stdout.readline() == "accepted\n"
    client.close()
    server.until_quiet()
    seen = server.look()
    assert (seen.verdict, seen.ends, seen.unread) == (Verdict.QUIET, 1, 0)
    assert seen.describe().endswith("1 ends not noticed")


def test_a_client_program_is_looked_at_from_its_other_end(start, eventually):
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        process = start(f"""
import socket
client = socket.create_connection(("127.0.0.1", {listener.getsockname()[1]}))
while data := client.recv(4096):
    client.sendall(data.upper())
input()
""")
        ours, theirs = listener.accept()
        stack.enter_context(ours)
        observer = stack.enter_context(Observer(process.pid, 0))
        connection = (ours.getsockname(), theirs)
        for _round in range(20):
            ours.sendall(b"x")
            eventually(lambda: observer.observe([connection]).verdict is Verdict.QUIET)
            assert received(ours) == b"X"
        ours.close()
        eventually(lambda: observer.observe([connection]).verdict is Verdict.QUIET)


def test_what_the_client_s_kernel_holds_back_is_on_its_way(serve):
    server = serve("""
def answer(client):
    for line in client.makefile("rb"):
        client.sendall(line)
each(answer)
""")
    client = server.connect()
    held_back = 0
    for _round in range(20):
        client.sendall(b"one")
        client.sendall(b" line\n")  # Nagle's algorithm: not before the first part's ACK
        held_back += any(look.incoming for look in server.until_quiet())
        assert received(client) == b"one line\n"
    assert held_back > 0
