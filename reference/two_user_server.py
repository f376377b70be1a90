"""A chat for two: each client has a thread, which hands what it hears on to the other client.

Rules:
1. There are two seats. Who comes third is told that the chat is full and is let go; a seat
   that somebody left is free at once.
2. A client's thread alone receives from it and closes its socket. Any thread may send to it,
   one at a time, so that lines stay whole.
3. Whoever takes nothing for PATIENCE is dropped: it may not hold up the other any longer.
   Whoever is merely slow is waited for.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from dataclasses import dataclass, field

import wire
from server import PATIENCE, RECV_SIZE, TICK, hang_up, run, send_now

SEATS = 2


@dataclass(eq=False)
class Seat:
    """A client in the chat."""

    sock: socket.socket
    name: str
    sending: threading.Lock = field(default_factory=threading.Lock)  # one line after the other


class TwoUserChat:
    """The two seats, and the threads around them.

    Args:
        words: The language of the notices.
        framing: How clients end a message, `line` or `chunk`.
    """

    def __init__(self, words: wire.Words, framing: str) -> None:
        self._words = words
        self._framing = framing
        self._stopping = threading.Event()
        self._seats: list[Seat] = []  # the clients in the chat
        # Protects _seats. It is held while a notice is sent, so that notices come in the order
        # of what happened; that takes no longer than PATIENCE, unless the other is slow.
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []  # the acceptor's; stop() takes them over

    def start(self, listener: socket.socket) -> None:
        """Serve the clients that come to the listener."""
        self._listener = listener
        self._acceptor = threading.Thread(target=self._accept_clients)
        self._acceptor.start()

    def stop(self) -> None:
        """Let both clients go; return when every thread has ended."""
        self._stopping.set()
        hang_up(self._listener)  # on Linux this wakes the acceptor,
        self._listener.close()  # on macOS and Windows this
        self._acceptor.join()
        with self._lock:
            seats = list(self._seats)
        for seat in seats:
            hang_up(seat.sock)  # wakes its thread
        for thread in self._threads:
            thread.join()

    def _accept_clients(self) -> None:
        joined = 0
        while not self._stopping.is_set():
            try:
                sock, _ = self._listener.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:  # it is time to stop, or that client is gone already
                self._stopping.wait(0.1)
                continue
            seat = Seat(sock, self._words.user.format(joined + 1))
            if not self._take_seat(seat):
                send_now(sock, wire.encode_line(wire.stamped(self._words.full)))
                hang_up(sock)
                sock.close()
                continue
            joined += 1
            # SOLUTION 4.4
            # TODO(4.4): запустите поток выполнения с _serve_client(seat); запомните его.
            # TODO(4.4): start a thread that runs _serve_client(seat); keep it for stop().
            # Check: threads, relay_back
            # | self._leave_seat(seat)
            thread = threading.Thread(target=self._serve_client, args=(seat,))
            self._threads = [*filter(threading.Thread.is_alive, self._threads), thread]
            thread.start()
            # END SOLUTION

    def _take_seat(self, seat: Seat) -> bool:
        # SOLUTION 4.3
        # TODO(4.3): займите место, если их занято меньше двух; скажите другому.
        # TODO(4.3): take a seat if fewer than two are taken; tell the other.
        # Check: starts
        # | return False
        with self._lock:
            if len(self._seats) == SEATS:
                return False
            self._announce(self._words.joined.format(seat.name))
            self._seats.append(seat)
            return True
        # END SOLUTION

    def _leave_seat(self, seat: Seat) -> None:
        with self._lock:
            self._seats.remove(seat)
            if not self._stopping.is_set():  # else it is not the client that leaves
                self._announce(self._words.left.format(seat.name))
        with seat.sending:  # nobody is in the middle of a send
            seat.sock.close()

    def _announce(self, text: str) -> None:
        assert self._lock.locked()
        notice = wire.stamped(text) + "\n"
        wire.show(notice)
        for seat in self._seats:
            self._send(seat, notice)

    def _serve_client(self, seat: Seat) -> None:
        """Hand on what a client says until it leaves; its thread."""
        # SOLUTION 4.5
        # TODO(4.5): читайте, пока клиент не уйдёт; каждую строку передайте дальше.
        # TODO(4.5): read until the client leaves; hand on every line.
        # Check: relay, relay_back
        # | self._leave_seat(seat)
        decoder = wire.make_decoder(self._framing)
        try:
            while data := seat.sock.recv(RECV_SIZE):
                self._hand_on(seat, decoder.receive_data(data))
            self._hand_on(seat, decoder.receive_eof())
        except OSError:  # reset: that is a way to leave, too
            pass
        self._leave_seat(seat)
        # END SOLUTION

    def _hand_on(self, author: Seat, lines: list[wire.Line]) -> None:
        # SOLUTION 4.6
        # TODO(4.6): отправьте строки другому, но не автору.
        # TODO(4.6): send the lines to the other one, not to the author.
        # Check: relay, sender_excluded_two
        prefix = wire.stamped(f"{author.name} - ")
        text = "".join([f"{prefix}{line}\n" for line in lines if line])
        wire.show(text)
        with self._lock:
            others = [seat for seat in self._seats if seat is not author]
        for other in others:  # one at most
            self._send(other, text)
        # END SOLUTION
        if None in lines:
            self._send(author, wire.stamped(self._words.too_long.format(wire.MAX_LINE)) + "\n")

    def _send(self, seat: Seat, text: str) -> None:
        """Send all of the text; hang up on a client that takes nothing of it for PATIENCE."""
        data = text.encode()
        with seat.sending:
            took_at = time.monotonic()
            while data and not self._stopping.is_set():
                if sent := send_now(seat.sock, data):
                    data = data[sent:]
                    took_at = time.monotonic()
                elif time.monotonic() - took_at > PATIENCE:
                    hang_up(seat.sock)  # its thread wakes up and leaves the seat
                    return
                else:
                    self._stopping.wait(TICK)


if __name__ == "__main__":
    sys.exit(run(TwoUserChat))
