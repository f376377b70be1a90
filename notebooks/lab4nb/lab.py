"""Real sockets and threads for one experiment; all of them end with its `with` block.

Rules:
1. Every port is one that the system chose: a cell can be run again at once.
2. At the end the sockets are shut down first, which wakes whoever waits in recv or accept, and
   then the threads are joined. One that does not end is an error: it would haunt later cells.
3. An exception in a thread stops neither the cell nor the notebook. It is kept in `errors`,
   where a cell or a check can look for it.
4. One lab at a time: there is one `threading.excepthook` for the whole program.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType

END_S = 5.0
ARRIVE_S = 5.0


class Lab:
    """A place for one experiment.

    Attributes:
        errors: The exceptions that ended threads while the experiment went on.
    """

    def __init__(self) -> None:
        self.errors: list[BaseException] = []
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._closing = False  # set by the cell's thread before the sockets are shut down

    def listen(self, backlog: int = 16) -> socket.socket:
        """Return a socket that listens on a free port of this machine."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        self._sockets.append(listener)
        return listener

    def connect(self, listener: socket.socket, timeout_s: float | None = None) -> socket.socket:
        """Return a client's socket, connected to `listener`.

        Raises:
            TimeoutError: it could not connect within `timeout_s`.
        """
        client = socket.socket()
        self._sockets.append(client)
        client.settimeout(timeout_s)
        client.connect(listener.getsockname())
        client.settimeout(None)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client

    def pair(self) -> tuple[socket.socket, socket.socket]:
        """Return both ends of one TCP connection: the client's and the server's."""
        listener = self.listen()
        client = self.connect(listener)
        server, _address = listener.accept()  # the client is connected: this does not wait
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sockets.append(server)
        return client, server

    def thread(self, work: Callable[..., object], *arguments: object) -> threading.Thread:
        """Start a thread that runs work(*arguments); it is joined at the end."""
        thread = threading.Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()
        return thread

    def __enter__(self) -> Lab:
        self._former_hook = threading.excepthook
        threading.excepthook = self._keep_error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closing = True
        for sock in self._sockets:
            with contextlib.suppress(OSError):  # not connected, or no longer
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        end = time.monotonic() + END_S
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        threading.excepthook = self._former_hook
        alive = [thread.name for thread in self._threads if thread.is_alive()]
        if alive and error is None:
            raise RuntimeError(f"threads that did not end within {END_S:.0f} s: {alive}")

    def _keep_error(self, arguments: threading.ExceptHookArgs) -> None:
        if not self._closing and arguments.exc_value is not None:
            self.errors.append(arguments.exc_value)


def wait_until_arrived(sock: socket.socket, size: int) -> None:
    """Wait until `size` bytes lie in the socket's receive buffer; they stay there.

    Raises:
        TimeoutError: they did not come.
    """
    end = time.monotonic() + ARRIVE_S
    while len(sock.recv(size, socket.MSG_PEEK)) < size:  # waits for the first byte by itself
        if time.monotonic() > end:
            raise TimeoutError(f"{size} bytes did not arrive within {ARRIVE_S:.0f} s")
        time.sleep(0.0005)


def reset(sock: socket.socket) -> None:
    """Cut a connection as a crash does: RST instead of FIN."""
    linger_for_no_time = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_for_no_time)
    sock.close()
