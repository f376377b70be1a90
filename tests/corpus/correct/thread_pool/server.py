"""Readers and senders are tasks of a ThreadPoolExecutor; a leave is a future's callback."""

import collections
import signal
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import partial

MOST_UNSENT = 4 * 1024 * 1024  # bytes
WORKERS = 1100  # for 550 people: each needs one to read and sometimes one to send


class Guest:
    """Lines to a guest go out in order: at most one task of the pool sends them."""

    def __init__(self, pool, sock, name):
        self.pool, self.sock, self.name = pool, sock, name
        self.lock = threading.Lock()  # protects all below
        self.unsent = collections.deque()
        self.size = 0
        self.sending = False
        self.gone = False

    def send(self, data):
        with self.lock:
            if self.gone:
                return
            self.unsent.append(data)
            self.size += len(data)
            if self.size > MOST_UNSENT:
                self.hang_up()
            if self.sending:
                return
            self.sending = True
        with suppress(RuntimeError):  # the pool is shutting down, nobody waits for this line
            self.pool.submit(self.send_all)

    def send_all(self):
        while True:
            with self.lock:
                data = b"".join(self.unsent)
                self.unsent.clear()
                self.size = 0
                if not data:
                    self.sending = False
                    if self.gone:
                        self.sock.close()
                    return
            with suppress(OSError):  # gone; what is still said to it is lost in the next rounds
                self.sock.sendall(data)

    def leave(self):
        self.hang_up()  # wakes the task that sends, if there is one: then that one closes
        with self.lock:
            self.gone = True
            if not self.sending:
                self.sock.close()

    def hang_up(self):
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)


class Party:
    def __init__(self, pool):
        self.pool = pool
        self.lock = threading.Lock()
        self.guests = set()
        self.came = 0

    def welcome(self, sock):
        with self.lock:
            self.came += 1
            guest = Guest(self.pool, sock, f"Пользователь #{self.came}")
            self.guests.add(guest)
        self.tell_all_but(guest, f"{guest.name} присоединился к чату!")
        future = self.pool.submit(self.listen_to, guest)
        future.add_done_callback(partial(self.goodbye, guest))

    def listen_to(self, guest):
        partial_line = bytearray()
        while data := guest.sock.recv(4096):
            for piece in data.splitlines(keepends=True):
                partial_line += piece
                if partial_line.endswith(b"\n"):
                    text = partial_line.decode("utf-8", "replace").rstrip("\r\n")
                    partial_line.clear()
                    if text:
                        self.tell_all_but(guest, f"{guest.name} - {text}")

    def goodbye(self, guest, future):
        error = future.exception()
        with self.lock:
            self.guests.discard(guest)
        self.tell_all_but(guest, f"{guest.name} покинул чат.")
        if error and not isinstance(error, OSError):
            print("Ошибка:", error, file=sys.stderr)
        guest.leave()

    def tell_all_but(self, author, text):
        line = datetime.now().strftime("%H:%M - ") + text
        print(line)
        with self.lock:
            others = self.guests - {author}
        for guest in others:
            guest.send((line + "\n").encode())

    def end(self):
        with self.lock:
            for guest in self.guests:
                guest.hang_up()


def interrupt(signum, frame):
    raise KeyboardInterrupt


def main():
    try:
        [port] = map(int, sys.argv[1:])
    except ValueError:
        sys.exit("usage: python server.py PORT")
    signal.signal(signal.SIGTERM, interrupt)
    with (
        socket.create_server(("127.0.0.1", port), backlog=100) as listener,
        ThreadPoolExecutor(WORKERS, thread_name_prefix="party") as pool,
    ):
        party = Party(pool)
        try:
            while True:
                party.welcome(listener.accept()[0])
        except KeyboardInterrupt:
            party.end()


if __name__ == "__main__":
    main()
