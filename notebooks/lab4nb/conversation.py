"""Who sent what to whom and when it was read, noted at the sockets of an experiment.

A `Tap` stands in for a socket in code that knows nothing of it: what is sent and received goes
through it unchanged, and is noted with its time. What was sent and not yet read by the program
lies in a buffer of the kernel; a message counts as read when the recv that took its last byte
has returned.
"""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass

from autograder.transcript import Transcript


@dataclass
class Message:
    """A message on its way; times in seconds of the conversation.

    Attributes:
        read: When its receiver's recv returned it; None if it never did.
    """

    who: str
    to: str
    text: str
    sent: float
    read: float | None = None
    left: int = 0  # bytes that have not been read


class Conversation:
    """The messages of an experiment, in the order in which they were sent."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._began = time.perf_counter()
        self._lock = threading.Lock()  # protects the messages

    def tap(self, sock: socket.socket, me: str, other: str) -> Tap:
        """Return a stand-in for `sock`, by which `me` talks to `other`."""
        return Tap(self, sock, me, other)

    def sent(self, who: str, to: str, data: bytes) -> None:
        """Note that data is being sent now."""
        if not data:  # nothing goes out
            return
        text = data.decode("utf-8", "replace").strip()
        with self._lock:
            now = time.perf_counter() - self._began
            self.messages.append(Message(who, to, text, now, left=len(data)))

    def read(self, who: str, to: str, size: int) -> None:
        """Note that `to` has just read `size` bytes that `who` sent."""
        with self._lock:
            now = time.perf_counter() - self._began
            for message in self.messages:
                if (message.who, message.to) == (who, to) and message.left and size:
                    taken = min(size, message.left)
                    message.left -= taken
                    size -= taken
                    if not message.left:
                        message.read = now


class Tap:
    """A socket whose traffic is noted."""

    def __init__(self, talk: Conversation, sock: socket.socket, me: str, other: str) -> None:
        self._talk, self._sock, self._me, self._other = talk, sock, me, other

    def sendall(self, data: bytes) -> None:
        """Send all of data; see socket.sendall."""
        self._talk.sent(self._me, self._other, data)
        self._sock.sendall(data)

    def recv(self, size: int) -> bytes:
        """Receive at most `size` bytes; see socket.recv."""
        data = self._sock.recv(size)
        self._talk.read(self._other, self._me, len(data))
        return data


def from_transcript(transcript: Transcript, server: str = "server") -> list[Message]:
    """Return what the harness's clients sent to a server and received from it.

    What happens inside the server is not seen: each message is read when it is sent.
    """
    found = []
    for event in transcript.events():
        text = event.data.decode("utf-8", "replace")
        if event.direction == "sent":
            found.append(Message(event.who, server, text.strip(), event.t, event.t))
        elif event.direction == "received":
            lines = text.strip().split("\n")
            found += [Message(server, event.who, line, event.t, event.t) for line in lines]
    return found
