"""One thread that reads for all the kit's clients: hundreds would wait for each other."""

from __future__ import annotations

import atexit
import contextlib
import selectors
import socket
import threading
from collections.abc import Callable

JUST_THE_WAKER = 1


class Switchboard:
    """Calls back whenever something can be read from a socket; safe from any thread.

    All callbacks run in one thread, one at a time, and none of a socket after `remove` has
    returned. The thread lives as long as there is a socket to read from.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()  # protects the reader, its map; held while callbacks run
        self._reader: _Reader | None = None

    def add(self, readable: socket.socket, callback: Callable[[], None]) -> None:
        """Call `callback` as long as there is something to read, an end included."""
        with self._lock:
            if self._reader is None:
                self._reader = _Reader(self._lock)
                self._reader.start()
            self._reader.selector.register(readable, selectors.EVENT_READ, callback)
            self._reader.look_again()

    def remove(self, readable: socket.socket) -> None:
        """Call back no more; idempotent."""
        with self._lock:
            reader = self._reader
            if reader is None:
                return
            with contextlib.suppress(KeyError):
                reader.selector.unregister(readable)
            if len(reader.selector.get_map()) > JUST_THE_WAKER:
                reader.look_again()
                return
            self._reader = None
            reader.end()
        if reader is not threading.current_thread():
            reader.join()

    def close(self) -> None:
        """Read from nobody any more; idempotent."""
        with self._lock:
            reader, self._reader = self._reader, None
            if reader is None:
                return
            reader.end()
        reader.join()


class _Reader(threading.Thread):
    """The thread, from the first socket to the last.

    Args:
        lock: Held while callbacks run; whoever uses the rest must hold it.
    """

    def __init__(self, lock: threading.RLock) -> None:
        super().__init__(name="switchboard", daemon=True)
        self.selector = selectors.DefaultSelector()
        self._lock = lock
        self._ended = False
        self._waker, self._wake = socket.socketpair()
        self._waker.setblocking(False)
        self._wake.setblocking(False)
        self.selector.register(self._waker, selectors.EVENT_READ)

    def look_again(self) -> None:
        """Wake the thread: not every system's select() sees what is added in the meantime."""
        with contextlib.suppress(BlockingIOError):  # it has been woken often enough
            self._wake.send(b".")

    def end(self) -> None:
        """Let the thread end."""
        self._ended = True
        self.look_again()

    def run(self) -> None:
        """Wait and call back."""
        with self.selector, self._waker, self._wake:
            while True:
                try:
                    ready = self.selector.select()
                except OSError:  # Windows: a socket was removed and closed while we waited
                    continue
                with self._lock:
                    for key, _events in ready:
                        if key.data is None:
                            with contextlib.suppress(BlockingIOError):
                                self._waker.recv(4096)
                        elif self.selector.get_map().get(key.fd) is key:  # not removed meanwhile
                            key.data()
                    if self._ended:
                        return


SWITCHBOARD = Switchboard()
atexit.register(SWITCHBOARD.close)
