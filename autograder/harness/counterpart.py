"""The kit's own server, for a client under test: accepts one client, says, listens."""

from __future__ import annotations

import contextlib
import errno
import selectors
import socket
import threading
from collections.abc import Iterable

from autograder.harness.connection import Address, unread_bytes
from autograder.harness.deadline import Deadline
from autograder.harness.inbox import Inbox
from autograder.i18n import _
from autograder.transcript import Transcript


class Counterpart:
    """Listens on several ports at once, because a client may know only its own.

    Args:
        ports: Where to listen, if they are free; a free one of the system's is added.
        greeting: What to send to a client as soon as it has come.
        welcome: What to send when it has said something.
        transcript: Gets what is sent and received, under `kit server`.

    Attributes:
        name: What the transcript calls it.
        port: The free one of the system's.
        taken: Those of `ports` that another program has.
    """

    def __init__(
        self, ports: Iterable[int], greeting: bytes, welcome: bytes, transcript: Transcript
    ) -> None:
        self.inbox = Inbox()
        self.name = _("kit server")
        self._greeting, self._welcome = greeting, welcome
        self._transcript = transcript
        self._arrived = threading.Event()
        self._door = threading.Lock()  # held while somebody is let in
        self._client: socket.socket | None = None  # set once, before `_arrived`
        self.taken: set[int] = set()
        self._listeners = [_listen("127.0.0.1", 0)]
        self.port: int = self._listeners[0].getsockname()[1]
        for host in _own_addresses():
            for port in set(ports) - {self.port}:
                try:
                    self._listeners.append(_listen(host, port))
                except OSError as error:  # taken, or not ours to have
                    if error.errno == errno.EADDRINUSE:
                        self.taken.add(port)
        self._waker, self._wake = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="kit server", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with selectors.DefaultSelector() as selector:
            for listener in [*self._listeners, self._waker]:
                selector.register(listener, selectors.EVENT_READ)
            ready = selector.select()[0][0].fileobj
        if ready is self._waker or not isinstance(ready, socket.socket):
            return
        with self._door:
            client, self.peer = ready.accept()
            self.address: Address = client.getsockname()[:2]
            self._client = client
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        came = _("a client came to port {port}").format(port=self.address[1])
        self._transcript.add(self.name, "event", came)
        if self._greeting:
            self.say_bytes(self._greeting)
        self._arrived.set()
        how = "eof"
        try:
            while data := client.recv(65536):
                self._transcript.add(self.name, "received", data)
                if self._welcome and not self.inbox.size:
                    self.say_bytes(self._welcome)
                self.inbox.feed(data)
        except OSError:
            how = "reset"
        self.inbox.end(how)

    def wait_for_client(self, deadline: Deadline) -> bool:
        """Wait until a client has come; return whether it has."""
        return self._arrived.wait(deadline.left_s())

    def unread(self) -> int:
        """Return how many bytes have come that `inbox` does not have yet (Linux).

        A client that has connected and that `wait_for_client` does not know of yet counts as one.
        """
        if self._client is not None and self._arrived.is_set():
            return unread_bytes(self._client, self.inbox)
        if not self._door.acquire(blocking=False):
            return 1
        try:
            return int(self._client is not None or _somebody_waits(self._listeners))
        finally:
            self._door.release()

    @property
    def connection(self) -> tuple[Address, Address]:
        """The (our, the client's) addresses of the connection."""
        return self.address, self.peer[:2]

    def say_bytes(self, data: bytes) -> None:
        """Send bytes to the client; one that has gone loses them."""
        assert self._client is not None
        self._transcript.add(self.name, "sent", data)
        with contextlib.suppress(OSError):
            self._client.sendall(data)

    def hang_up(self) -> None:
        """Say that nothing more will come, as a server that stops does."""
        assert self._client is not None
        with contextlib.suppress(OSError):
            self._client.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let the client go and stop listening; idempotent."""
        self._wake.close()  # wakes the thread if nobody came
        if self._client:
            self.hang_up()
        self._thread.join()
        for thing in [*self._listeners, self._waker, self._client]:
            if thing:
                thing.close()


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket()
    try:
        if not hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # on Windows it would share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _somebody_waits(listeners: Iterable[socket.socket]) -> bool:
    with selectors.DefaultSelector() as selector:
        for listener in listeners:
            selector.register(listener, selectors.EVENT_READ)
        return bool(selector.select(0))


def _own_addresses() -> set[str]:
    """Return 127.0.0.1 and what this machine's name means: clients use either."""
    with contextlib.suppress(OSError):
        return {"127.0.0.1", socket.gethostbyname(socket.gethostname())}
    return {"127.0.0.1"}
