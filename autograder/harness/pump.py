"""Reads what a program writes into an inbox, and knows whether all of it is there."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
from collections.abc import Callable

from autograder.harness.inbox import Inbox

CALM_READS = 1_000  # of one output stream; whoever prints more is read more slowly
FLOOD_PAUSE_S = 0.005
POLLS = sys.platform == "linux"  # elsewhere pipes or terminals cannot be polled


class Pump:
    """A thread that reads one pipe or terminal to its end, and then closes it.

    Args:
        stream: Our end of it.
        inbox: Gets what comes.
        note: Called with each piece that has come.
        name: Of the thread.
    """

    def __init__(self, stream: int, inbox: Inbox, note: Callable[[bytes], None], name: str) -> None:
        self._stream = stream
        self._inbox = inbox
        self._note = note
        # Held from the read until the inbox has it. The wait for something to read is outside.
        self._lock = threading.Lock()
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        tick, reads = threading.Event(), 0
        # OSError: a terminal says EIO, not end of file, when its program has gone.
        with contextlib.suppress(OSError):
            while data := self._read():
                self._note(data)
                reads += 1
                if reads > CALM_READS:  # a flood: let it wait for us, not us for it
                    tick.wait(FLOOD_PAUSE_S)
        with self._lock:
            os.close(self._stream)
            self._inbox.end("eof")

    def _read(self) -> bytes:
        if POLLS:
            readable(self._stream, None)
        with self._lock if POLLS else contextlib.nullcontext():
            data = os.read(self._stream, 65536)
            self._inbox.feed(data)
        return data

    def unread(self) -> bool:
        """Return whether something was written that the inbox does not have yet.

        An end that the inbox does not know of counts as well. False where the system cannot
        tell.
        """
        if not self._lock.acquire(blocking=False):
            return True  # it is being read just now
        try:
            return POLLS and self._inbox.ended is None and readable(self._stream, 0)
        finally:
            self._lock.release()


def readable(stream: int, timeout_ms: int | None) -> bool:
    """Wait until there is something to read; at a terminal, make the kernel hand it on first."""
    poll = select.poll()
    poll.register(stream, select.POLLIN)
    return bool(poll.poll(timeout_ms))
