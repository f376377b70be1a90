"""One thread that reads for all the kit's clients: five hundred would wait for each other."""

from __future__ import annotations

import atexit
import contextlib
import selectors
import socket
import threading
from collections.abc import Callable


class Switchboard:
    """Calls back whenever something can be read from a socket; safe from any thread.

    The thread starts with the first socket. All callbacks run in it, one at a time, and none
    of a socket after `remove` has returned.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()  # protects all below; held while callbacks run
        self._selector: selectors.BaseSelector | None = None
        self._thread: threading.Thread | None = None
        self._waker, self._wake = socket.socketpair()
        self._waker.setblocking(False)
        self._wake.setblocking(False)
        self._closed = False

    def add(self, readable: socket.socket, callback: Callable[[], None]) -> None:
        """Call `callback` as long as there is something to read, an end included."""
        with self._lock:
            if self._selector is None:
                self._selector = selectors.DefaultSelector()
                self._selector.register(self._waker, selectors.EVENT_READ)
                self._thread = threading.Thread(target=self._run, name="switchboard", daemon=True)
                self._thread.start()
            self._selector.register(readable, selectors.EVENT_READ, callback)
            self._look_again()

    def remove(self, readable: socket.socket) -> None:
        """Call back no more; idempotent."""
        with self._lock:
            if self._selector is not None:
                with contextlib.suppress(KeyError):
                    self._selector.unregister(readable)
                    self._look_again()

    def _look_again(self) -> None:
        """Wake the thread: not every system's select() sees what is added in the meantime."""
        with contextlib.suppress(BlockingIOError):  # it has been woken often enough
            self._wake.send(b".")

    def _run(self) -> None:
        assert self._selector is not None
        while not self._closed:
            try:
                ready = self._selector.select()
            except OSError:  # Windows: a socket was removed and closed while we waited
                continue
            with self._lock:
                for key, _events in ready:
                    if key.data is None:
                        with contextlib.suppress(BlockingIOError):
                            self._waker.recv(4096)
                    elif self._selector.get_map().get(key.fd) is key:  # not removed meanwhile
                        key.data()

    def close(self) -> None:
        """End the thread; idempotent, and for the end of the program only."""
        self._closed = True
        if self._thread is not None:
            self._look_again()
            self._thread.join()
        with self._lock:
            if self._selector is not None:
                self._selector.close()
            self._selector = self._thread = None
        self._waker.close()
        self._wake.close()


SWITCHBOARD = Switchboard()
atexit.register(SWITCHBOARD.close)
