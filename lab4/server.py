"""A chat for many: a reader thread for each client, one broadcaster thread that owns the room.

Rules:
1. Only the broadcaster touches the room and writes to or closes a client's socket: no lock.
2. Readers and the acceptor tell it what happened by events on one bounded queue. When the
   queue is full they wait, and TCP makes the clients that talk too much wait as well.
3. The broadcaster never waits for one client. What a socket does not take is owed; while
   somebody owes more than ALLOWANCE no new events are taken, so that all authors wait;
   who then takes nothing for PATIENCE is dropped. Memory is bounded, the slow are not dropped.
4. A client's JOIN stands before all its TEXT on the queue, its LEAVE is the last that comes
   from its reader. So whoever has left is no longer used by any other thread.

thread       at rest blocks in   woken by
main         recv on a pair      SIGINT, SIGTERM
acceptor     accept              a client; the listener is shut down
reader       recv                bytes, EOF, reset; the broadcaster hangs up
broadcaster  Queue.get           an event
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from queue import Empty, Queue
from typing import NamedTuple, Protocol

import wire

RECV_SIZE = 16_384  # bytes
EVENTS = 256  # that may wait for the broadcaster
BATCH = 64 * 1024  # bytes of lines that are sent in one go
ALLOWANCE = 1024 * 1024  # bytes a member may owe before the authors are held back
PATIENCE = 0.9  # seconds; with what it takes to notice, the others wait less than one
TICK = 0.002  # seconds between two tries to send what is owed while the authors are held back
IDLE_TICK = 0.02  # the same while there is nothing else to do
# Windows has no such flag, and macOS may wait all the same.
DONT_WAIT: int = getattr(socket, "MSG_DONTWAIT", 0) if sys.platform == "linux" else 0
STACK = 256 * 1024  # bytes: 1000 readers with the usual 8 MiB would reserve 8 GB


class Kind(Enum):
    """What can happen in the room."""

    JOIN = 1
    TEXT = 2
    LEAVE = 3


@dataclass(eq=False, slots=True)
class Member:
    """A client in the room. Its reader uses `sock.recv` only, the rest is the broadcaster's."""

    sock: socket.socket
    name: str
    reader: threading.Thread = field(init=False)
    outbox: deque[bytes | memoryview] = field(default_factory=deque)  # what is owed to it
    owed: int = 0  # bytes in the outbox
    took_at: float = 0.0  # when its socket last took something


class Event(NamedTuple):
    """Something that happened to a member, and what the room will hear of it."""

    kind: Kind
    member: Member
    to_others: bytes
    to_member: bytes = b""


class Room:
    """The members of the chat, and the broadcaster thread's life with them.

    Attributes:
        events: What happened and was not yet told; bounded to EVENTS. None is the last: no
            more clients will come, let all go.
        stopping: Set when the server is to end, so that nobody is waited for any more.
    """

    def __init__(self) -> None:
        self.events: Queue[Event | None] = Queue(EVENTS)
        self.stopping = threading.Event()
        self._members: dict[Member, None] = {}  # a set in the order of joining
        self._behind: dict[Member, None] = {}  # those whose outbox is not empty
        self._open = True  # until the None has come

    def broadcast(self) -> None:
        """Tell everybody what happens until the server is to end; the broadcaster thread."""
        while self._open:
            if batch := self._next_batch():
                self._tell(batch)
            for member in list(self._behind):
                self._flush(member)
            self._hold_back()
        for member in self._members:
            hang_up(member.sock)  # wakes its reader
        while self._members:
            event = self.events.get()
            if event and event.kind is Kind.LEAVE:
                self._forget(event.member)

    def _next_batch(self) -> list[Event]:
        """Take all events that wait, up to about BATCH bytes; if there is none, wait for one."""
        batch: list[Event] = []
        size = 0
        timeout = IDLE_TICK if self._behind else None
        with contextlib.suppress(Empty):
            while size < BATCH:
                event = self.events.get(block=not batch, timeout=timeout)
                if event is None:
                    self._open = False
                    break
                batch.append(event)
                size += len(event.to_others)
        return batch

    def _tell(self, batch: list[Event]) -> None:
        """Send each member in one piece what it is to hear of the batch; print it."""
        # TODO(4.11): отправьте каждому всё, кроме его собственных слов.
        # TODO(4.11): send everybody all but their own words.
        # Check: broadcast, sender_excluded, join_notice
        for event in batch:
            if event.kind is Kind.JOIN:
                self._members[event.member] = None
            elif event.kind is Kind.LEAVE:
                self._forget(event.member)

    def _send(self, member: Member, data: bytes | memoryview) -> None:
        """Send at once what the socket takes; owe the rest."""
        if not member.outbox:
            sent = send_now(member.sock, data)
            if sent == len(data):
                return
            data = memoryview(data)[sent:]
        member.outbox.append(data)
        member.owed += len(data)
        self._behind[member] = None

    def _flush(self, member: Member) -> None:
        """Send what is owed, as much of it as the socket takes at once."""
        # TODO(4.12): отправьте, сколько сокет берёт сразу; остальное подождёт.
        # TODO(4.12): send what the socket takes at once; the rest will wait.
        # Check: races
        member.outbox.clear()
        del self._behind[member]

    def _hold_back(self) -> None:
        """Take no new events while a member owes too much; drop it if it takes nothing."""
        began = time.monotonic()
        while debtors := [member for member in self._behind if member.owed > ALLOWANCE]:
            if self.stopping.wait(TICK):
                return
            for member in list(self._behind):
                self._flush(member)
            for member in debtors:
                if time.monotonic() - max(began, member.took_at) > PATIENCE:
                    hang_up(member.sock)  # from now on sending fails, and its reader says LEAVE

    def _forget(self, member: Member) -> None:
        """Close a member's socket when its reader has said LEAVE."""
        del self._members[member]
        self._behind.pop(member, None)
        member.sock.close()
        if member.reader.is_alive():  # it has nothing more to do; or it could not be started
            member.reader.join()


class Chat:
    """The threads around the room.

    Args:
        words: The language of the notices.
        framing: How clients end a message, `line` or `chunk`.
    """

    def __init__(self, words: wire.Words, framing: str) -> None:
        self._words = words
        self._framing = framing
        self._room = Room()
        self._threads: list[threading.Thread] = []

    def start(self, listener: socket.socket) -> None:
        """Serve the clients that come to the listener."""
        threading.stack_size(STACK)
        self._listener = listener
        for work in (self._room.broadcast, self._accept_clients):
            thread = threading.Thread(target=work, name=work.__name__)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Let all clients go; return when every thread has ended."""
        self._room.stopping.set()
        hang_up(self._listener)  # on Linux this wakes the acceptor,
        self._listener.close()  # on macOS and Windows this
        for thread in self._threads:
            thread.join()

    def _accept_clients(self) -> None:
        # TODO(4.9): примите каждого; дайте ему номер, событие JOIN и поток выполнения.
        # TODO(4.9): accept each client; give it a number, a JOIN and a thread.
        # Check: broadcast, silent_client, ids_stable
        self._room.events.put(None)

    def _read_client(self, member: Member) -> None:
        """Turn what a client sends into events until it leaves; its reader thread."""
        # TODO(4.10): читайте, пока клиент не уйдёт (b"" или OSError); потом LEAVE.
        # TODO(4.10): read until the client leaves (b"" or OSError); then LEAVE.
        # Check: leave_survived, reset_survived, no_spin
        self._room.events.put(self._notice(Kind.LEAVE, member))

    def _said(self, member: Member, lines: list[wire.Line]) -> None:
        prefix = wire.stamped(f"{member.name} - ")
        text = "".join([f"{prefix}{line}\n" for line in lines if line])
        to_member = b""
        if None in lines:
            to_member = wire.encode_line(wire.stamped(self._words.too_long.format(wire.MAX_LINE)))
        if text or to_member:
            self._room.events.put(Event(Kind.TEXT, member, text.encode(), to_member))

    def _notice(self, kind: Kind, member: Member) -> Event:
        words = self._words.joined if kind is Kind.JOIN else self._words.left
        return Event(kind, member, wire.encode_line(wire.stamped(words.format(member.name))))


def send_now(sock: socket.socket, data: bytes | memoryview) -> int:
    """Send what the socket takes at once; return how many bytes it will not need again."""
    try:
        if DONT_WAIT:
            return sock.send(data, DONT_WAIT)
        return send_if_writable(sock, data)
    except BlockingIOError:
        return 0
    except OSError:  # it is gone, so nothing is owed; its reader notices too and says LEAVE
        return len(data)


def send_if_writable(sock: socket.socket, data: bytes | memoryview) -> int:
    """Send up to 2048 bytes, which a socket that is reported as writable takes at once."""
    if sys.platform != "win32":  # select() would fail from the 1024th descriptor on
        poll = select.poll()
        poll.register(sock, select.POLLOUT)
        writable = bool(poll.poll(0))
    else:
        writable = bool(select.select([], [sock], [], 0)[1])
    return sock.send(data[:2048]) if writable else 0


def hang_up(sock: socket.socket) -> None:
    """End a connection in both directions; whoever waits in recv or accept wakes up."""
    with contextlib.suppress(OSError):  # the other side was faster
        sock.shutdown(socket.SHUT_RDWR)


def open_listener(host: str, port: int) -> socket.socket:
    """Return a listening socket; OSError, OverflowError or UnicodeError say why it cannot be."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    # TODO(4.1): откройте слушающий сокет на host и port и верните его.
    # TODO(4.1): open a socket that listens on host and port; return it.
    # Check: starts, port_reusable
    listener.close()
    sys.exit("TODO(4.1) в server.py ещё не сделано / is not done yet")


def stop_signal() -> socket.socket:
    """Return a socket on which a byte comes when SIGINT or SIGTERM asks the program to stop.

    Python runs a signal handler between two steps of the main thread: if the signal comes just
    before a call that blocks, only after that call; and on Windows Ctrl+C does not end an
    accept(). A byte that the interpreter writes from the signal itself is never missed.
    """
    waiting, waking = socket.socketpair()
    waking.setblocking(False)  # set_wakeup_fd demands it
    signal.set_wakeup_fd(waking.detach())
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):  # the last is Ctrl+Break, on Windows
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, frame: None)
    return waiting


class Service(Protocol):
    """What `run` needs of a chat."""

    def start(self, listener: socket.socket) -> None:
        """Serve the clients that come to the listener."""

    def stop(self) -> None:
        """Let all clients go and end all threads."""


def run(make_chat: Callable[[wire.Words, str], Service]) -> int:
    """Serve a chat as the command line says, until a signal; return the exit status."""
    options, words = wire.start()
    chat = make_chat(words, options.framing)
    with stop_signal() as asked_to_stop:
        try:
            listener = open_listener(options.host, options.port)
        except (OSError, OverflowError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or error
            print(words.cannot_listen.format(options.host, options.port, reason), file=sys.stderr)
            return 1
        with listener:
            wire.show(words.listening.format(*listener.getsockname()[:2]) + "\n")
            chat.start(listener)
            asked_to_stop.recv(1)
            chat.stop()
    wire.show(words.stopped + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(run(Chat))
