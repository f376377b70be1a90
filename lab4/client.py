"""The chat's client: one thread prints what comes, the main thread sends what is typed.

Exit status: 0 when the user leaves (end of input, Ctrl+C); 1 when the server cannot be reached
or is gone.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading

import wire

RECV_SIZE = 16_384  # bytes
LAST_WORDS = 1.0  # seconds: how long answers are waited for after the end of the input


class Client:
    """A connection to the chat.

    Args:
        sock: Connected to the server.
        words: The language of the client's own words.
        framing: How the peer ends a message, `line` or `chunk`.
    """

    def __init__(self, sock: socket.socket, words: wire.Words, framing: str) -> None:
        self._sock = sock
        self._words = words
        self._framing = framing
        self._leaving = threading.Event()  # set by the main thread: from now on EOF is no surprise
        self._receiver = threading.Thread(target=self._receive, daemon=True)

    def talk(self) -> None:
        """Send what is typed until the input ends."""
        # TODO(4.7): отправляйте каждую набранную строку, пока ввод не кончится.
        # TODO(4.7): send each line that is typed until the input ends.
        # Check: client_sends_typed
        sys.exit("TODO(4.7) в client.py ещё не сделано / is not done yet")

    def _send(self, text: str) -> None:
        data = wire.encode_line(text) if self._framing == "line" else text.encode()
        try:
            self._sock.sendall(data)
        except OSError:  # the server is gone: the receiver knows as well, says so and ends us
            self._receiver.join()

    def _leave(self) -> None:
        """Say that nothing more will come; print what is still answered; close."""
        self._leaving.set()
        with contextlib.suppress(OSError):  # the server may have gone just now
            self._sock.shutdown(socket.SHUT_WR)
        if not self._receiver.is_alive():  # the server has gone; or Ctrl+C came before the start
            return
        self._receiver.join(LAST_WORDS)
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)  # wakes the receiver, if the server did not
        self._receiver.join(LAST_WORDS)

    def _receive(self) -> None:
        """Print what comes; when the server is gone, say so and end the program."""
        # TODO(4.8): печатайте всё, что приходит; если сервера больше нет, скажите это и выйдите.
        # TODO(4.8): print all that comes; when the server is gone, say so and end the program.
        # Check: client_prints_while_typing

    def _show(self, lines: list[wire.Line]) -> None:
        for line in lines:
            wire.show((self._words.unreadable if line is None else line) + "\n")


def main() -> int:
    """Connect and talk; return the exit status."""
    options, words = wire.start()
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl+C is a way to leave
        try:
            sock = socket.create_connection((options.host, options.port))
        except (OSError, OverflowError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or error
            message = words.cannot_connect.format(options.host, options.port, reason)
            print(message, file=sys.stderr)
            return 1
        with sock:
            Client(sock, words, options.framing).talk()
    return 0


if __name__ == "__main__":
    sys.exit(main())
