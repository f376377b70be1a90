"""Reads through makefile("rb"), writes by hand until a deadline; no options, always port 9090."""

import signal
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from select import POLLOUT, poll

HOST, PORT = "", 9090
LIMIT = 16 * 1024  # bytes of a line
PATIENCE = 0.7  # seconds

rlock = threading.RLock()
users = {}  # number -> User
last_number = 0


@dataclass
class User:
    sock: socket.socket
    number: int
    writing: threading.Lock = field(default_factory=threading.Lock)
    alive: bool = True

    def write(self, data):
        with self.writing:
            deadline = time.monotonic() + PATIENCE
            while data and self.alive:
                try:
                    data = data[self.sock.send(data, socket.MSG_DONTWAIT) :]
                    deadline = time.monotonic() + PATIENCE
                except BlockingIOError:
                    self.alive = self.wait_for_room(deadline - time.monotonic())
                except OSError:
                    self.alive = False
            if not self.alive:
                hang_up(self.sock)

    def wait_for_room(self, seconds):
        waiter = poll()
        waiter.register(self.sock, POLLOUT)
        return seconds > 0 and bool(waiter.poll(seconds * 1000))


def hang_up(sock):
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def announce(text, author):
    now = time.localtime()
    line = f"[{now.tm_hour:02}:{now.tm_min:02}] {text}\n"
    print(line, end="")
    with rlock:
        listeners = [user for number, user in users.items() if number != author]
    for user in listeners:
        user.write(line.encode())


def enter(sock):
    global last_number
    with rlock:
        last_number += 1
        users[last_number] = User(sock, last_number)
        return users[last_number]


def talk(user):
    announce(f"* гость {user.number} вошёл", user.number)
    file = user.sock.makefile("rb")
    try:
        for line in iter(partial(file.readline, LIMIT), b""):
            too_long = len(line) == LIMIT and not line.endswith(b"\n")
            while too_long and line and not line.endswith(b"\n"):
                line = file.readline(LIMIT)
            text = str(line, "utf-8", "replace").rstrip("\r\n")
            if too_long:
                user.write("! слишком длинно, не передано\n".encode())
            elif text:
                announce(f"<гость {user.number}> {text}", user.number)
    except OSError:
        pass
    with rlock:
        del users[user.number]
    announce(f"* гость {user.number} вышел", user.number)
    with user.writing:
        user.alive = False
        file.close()
        user.sock.close()


def stop(*_):
    raise KeyboardInterrupt


def main():
    signal.signal(signal.SIGTERM, stop)
    server = socket.create_server((HOST, PORT), backlog=socket.SOMAXCONN)
    threads = []
    try:
        while True:
            sock, _address = server.accept()
            thread = threading.Thread(target=talk, args=(enter(sock),))
            thread.start()
            threads.append(thread)
    except KeyboardInterrupt:
        server.close()
    with rlock:
        for user in users.values():
            hang_up(user.sock)
    for thread in threads:
        thread.join()


main()
