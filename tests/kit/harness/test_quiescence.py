"""Quiet, stuck, timed, busy, gone: each verdict on a server that deserves it, and no other."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import subprocess
import time

import pytest

from autograder.harness import quiescence, sockdiag
from autograder.harness.quiescence import Observer, Verdict
from autograder.harness.sockdiag import ProcTable, TcpSocket
from autograder.harness.syscalls import Doing

pytestmark = pytest.mark.skipif(not quiescence.available(), reason="needs Linux's /proc")

PRELUDE = """
import ctypes, os, random, selectors, select, signal, socket, socketserver, sys, threading, time
server = socket.create_server(("127.0.0.1", 0), backlog=100)
lock = threading.Lock()
clients = []
def each(function):
    while True:
        client, _address = server.accept()
        clients.append(client)
        threading.Thread(target=function, args=(client,), daemon=True).start()
def echo(client):
    while data := client.recv(4096):
        client.sendall(data)
    client.close()
print(server.getsockname()[1], flush=True)
"""


class Server:
    """A server under observation and the clients that are connected to it."""

    def __init__(self, process: subprocess.Popen[str], stack: contextlib.ExitStack, table=None):
        self.process, self._stack = process, stack
        self.port = int(process.stdout.readline())
        self.observer = stack.enter_context(Observer(process.pid, self.port, table))
        self.clients: list[socket.socket] = []
        self.connections = []

    def connect(self, receive_buffer: int = 0) -> socket.socket:
        client = self._stack.enter_context(socket.socket())
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.connect(("127.0.0.1", self.port))
        self.clients.append(client)
        self.connections.append((client.getsockname(), client.getpeername()))
        return client

    def look(self) -> quiescence.Observation:
        return self.observer.observe(self.connections)

    def verdict(self) -> Verdict:
        return self.look().verdict

    def until_not_busy(self) -> quiescence.Observation:
        """Return the first observation that proves something."""
        deadline = time.monotonic() + 20
        while (seen := self.look()).verdict is Verdict.BUSY:
            assert time.monotonic() < deadline, seen.describe()
        return seen

    def until_quiet(self) -> list[quiescence.Observation]:
        """Return all observations up to and with the first that is quiet."""
        looks, deadline = [self.look()], time.monotonic() + 20
        while looks[-1].verdict is not Verdict.QUIET:
            assert looks[-1].verdict is not Verdict.STUCK, looks[-1].describe()
            assert time.monotonic() < deadline, looks[-1].describe()
            looks.append(self.look())
        return looks


@pytest.fixture
def serve(start):
    """Return a function that starts a server from source text."""
    with contextlib.ExitStack() as stack:
        yield lambda source, table=None: Server(start(PRELUDE + source), stack, table)


def received(client: socket.socket) -> bytes:
    """Return what is in a client's receive queue at this moment."""
    data = b""
    with contextlib.suppress(BlockingIOError):
        while chunk := client.recv(1 << 16, socket.MSG_DONTWAIT):
            data += chunk
    return data


def reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


# -- quiet


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


# -- stuck


def test_unread_input_behind_a_lock_taken_twice_is_stuck(serve):
    server = serve("""
def deadlock(client):
    client.recv(4096)
    lock.acquire()
    lock.acquire()
each(deadlock)
""")
    client = server.connect()
    server.until_quiet()
    client.sendall(b"first")
    server.until_quiet()  # it has read all there was: that it never will again is not seen yet
    client.sendall(b"second")
    seen = server.until_not_busy()
    assert (seen.verdict, seen.unread, seen.unsent) == (Verdict.STUCK, 6, 0)
    assert seen.describe() == (
        "stuck: 2 threads (1 accept, 1 lock), 6 bytes unread, 0 unsent, 0 incoming, "
        "0 connections not accepted, 0 ends not noticed"
    )


@pytest.mark.parametrize("table", [None, ProcTable], ids=["netlink", "proc"])
def test_a_send_to_a_client_that_does_not_read_is_stuck_until_it_reads(serve, table):
    server = serve(
        """
def flood(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
    client.recv(1)
    client.sendall(bytes(500_000))
    client.recv(1)
each(flood)
""",
        table and table(),
    )
    client = server.connect(receive_buffer=4096)
    client.sendall(b"x")
    seen = server.until_not_busy()
    assert seen.verdict is Verdict.STUCK
    assert seen.unsent > 0
    assert Doing.SEND in {thread.doing for thread in seen.threads}
    got = 0
    while server.verdict() is not Verdict.QUIET:
        got += len(received(client))
    assert got + len(received(client)) == 500_000


def test_input_that_no_longer_fits_is_stuck_at_both_ends(serve):
    server = serve("clients.append(server.accept()); lock.acquire(); lock.acquire()")
    client = server.connect()
    client.setblocking(False)
    deadline = time.monotonic() + 20
    while (seen := server.look()).verdict is not Verdict.STUCK or not seen.incoming:
        assert time.monotonic() < deadline, seen.describe()
        with contextlib.suppress(BlockingIOError):
            client.send(bytes(1 << 20))
    assert seen.unread > 0


def test_what_a_client_does_not_read_and_nobody_waits_for_is_busy(serve):
    server = serve("""
def answer(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    client.recv(1)
    client.sendall(bytes(200_000))
    client.recv(1)
each(answer)
""")
    client = server.connect(receive_buffer=4096)
    client.sendall(b"x")
    deadline = time.monotonic() + 0.5
    while time.monotonic() < deadline:
        assert server.verdict() is Verdict.BUSY


def test_a_connection_that_nobody_accepts_is_stuck(serve):
    server = serve("threading.Event().wait()")
    assert server.until_not_busy().verdict is Verdict.QUIET
    client = server.connect()
    client.sendall(b"hello")
    seen = server.until_not_busy()
    assert (seen.verdict, seen.backlog, seen.unread) == (Verdict.STUCK, 1, 5)


def test_a_full_accept_queue_is_stuck_too(serve):
    server = serve("server.listen(0); threading.Event().wait()")
    server.until_quiet()
    server.connect()
    with contextlib.ExitStack() as stack:
        for _more in range(3):  # the kernel lets them think that they are connected
            more = stack.enter_context(socket.socket())
            more.setblocking(False)
            more.connect_ex(("127.0.0.1", server.port))
        assert server.until_not_busy().verdict is Verdict.STUCK


# -- timed


def test_a_sleeping_thread_is_timed(serve):
    server = serve("""
threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
each(echo)
""")
    client = server.connect()
    client.sendall(b"hello")
    seen = server.until_not_busy()
    assert seen.verdict is Verdict.TIMED
    assert received(client) == b"hello"


def test_a_time_out_on_a_client_is_told_from_a_sleep(serve):
    server = serve("""
def impatient(client):
    client.settimeout(1000)
    echo(client)
each(impatient)
""")
    assert server.until_not_busy().verdict is Verdict.QUIET
    server.connect()
    assert server.until_not_busy().verdict is Verdict.POLLING


def test_an_echo_to_come_is_timed_and_never_quiet(serve):
    server = serve("""
def later(client):
    while data := client.recv(4096):
        threading.Timer(random.choice([0, 0.001, 0.004]), client.sendall, [data]).start()
each(later)
""")
    client = server.connect()
    server.until_quiet()
    looks = []
    for number in range(200):
        client.sendall(b"%d" % number)
        looks += server.until_quiet()
        assert received(client) == b"%d" % number
    assert sum(look.verdict is Verdict.TIMED for look in looks) > 50


# -- busy and gone


def test_a_spin_after_the_end_is_busy(serve, eventually):
    server = serve("""
def spin(client):
    while True:
        client.recv(4096)
each(spin)
""")
    client = server.connect()
    server.until_quiet()
    client.close()
    eventually(lambda: server.verdict() is Verdict.BUSY)
    assert {server.verdict() for _look in range(200)} == {Verdict.BUSY}


def test_a_write_to_a_console_that_nobody_reads_is_busy(serve, eventually):
    server = serve("while True: os.write(1, bytes(4096))")
    eventually(lambda: Doing.WRITE in {thread.doing for thread in server.look().threads})
    assert {server.verdict() for _look in range(50)} == {Verdict.BUSY}


def test_a_process_that_ended_is_gone(serve, eventually):
    server = serve("server.accept(); os._exit(3)")
    assert server.until_not_busy().verdict is Verdict.QUIET
    server.connect()
    eventually(lambda: server.verdict() is Verdict.GONE)  # a zombie
    assert server.process.wait() == 3
    seen = server.look()
    assert (seen.verdict, seen.threads) == (Verdict.GONE, ())
    assert seen.describe().startswith("gone: 0 threads (none), ")
    with Observer(server.process.pid, server.port) as late:
        assert late.observe(server.connections).verdict is Verdict.GONE


def test_a_chain_of_short_threads_is_never_missed(serve):
    # The kernel's list of threads breaks off where a thread ends while it is read: its child,
    # last in the list, is alive and not listed.
    server = serve("""
import _thread
def hand_on(client, data, left):
    if left:
        _thread.start_new_thread(hand_on, (client, data, left - 1))
    else:
        client.sendall(data)
def talk(client):
    while data := client.recv(4096):
        hand_on(client, data, 30)
each(talk)
""")
    client = server.connect()
    server.until_quiet()
    for _round in range(60):
        client.sendall(b"x")
        server.until_quiet()
        assert received(client) == b"x"


# -- the claim itself: if it is quiet, all there is to come has come

CHAOS = """
def pause():
    kind = random.randrange(6)
    if kind == 1:
        os.sched_yield()
    elif kind == 2:
        time.sleep(random.random() / 1000)
    elif kind == 3:
        for _turn in range(random.randrange(2000)):
            pass
    elif kind == 4:
        near, far = socket.socketpair()
        threading.Thread(target=far.send, args=(b"x",)).start()
        near.recv(1)
        near.close()
        far.close()
def deliver(recipient, line):
    pause()
    recipient.sendall(line)
def relay(sender, line):
    pause()
    for recipient in list(clients):
        if recipient is not sender:
            pause()
            threading.Thread(target=deliver, args=(recipient, line)).start()
def talk(client):
    for line in client.makefile("rb"):
        threading.Thread(target=relay, args=(client, line)).start()
each(talk)
"""


def run_trials(server: Server, most: int, seconds: float) -> tuple[int, int]:
    """Return how many trials fitted into the time, and how many looks were not quiet."""
    for _client in range(3):
        server.connect()
    server.until_quiet()
    choice, end, noisy = random.Random(1), time.monotonic() + seconds, 0
    for trial in range(most):
        if time.monotonic() > end:
            return trial, noisy
        expected = dict.fromkeys(server.clients, 0)
        for _message in range(choice.choice((1, 1, 1, 1, 1, 1, 2, 3))):
            sender, line = choice.choice(server.clients), b"x" * choice.randint(1, 3000) + b"\n"
            sender.sendall(line)
            for recipient in server.clients:
                expected[recipient] += len(line) * (recipient is not sender)
        noisy += len(server.until_quiet()) - 1
        arrived = {client: len(received(client)) for client in server.clients}
        assert arrived == expected, f"quiet too early in trial {trial}"
        if choice.random() < 0.9:  # else Nagle's algorithm holds the next messages back, 40 ms
            for client in server.clients:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
    return most, noisy


def test_quiet_means_that_all_has_come(serve):
    trials, noisy = run_trials(serve(CHAOS), 300, seconds=60)
    assert trials == 300
    assert noisy > 300


def test_quiet_means_that_all_has_come_beside_hogs(serve, start):
    for _hog in range(4):
        start("while True: pass")
    trials, noisy = run_trials(serve(CHAOS), 300, seconds=3)
    assert trials >= 10
    assert noisy > trials


def test_quiet_by_the_slower_table_means_the_same(serve):
    trials, _noisy = run_trials(serve(CHAOS, ProcTable()), 300, seconds=1.5)
    assert trials >= 3
