"""A chat on socketserver.ThreadingTCPServer: every handler sends to the others itself."""

import contextlib
import itertools
import socket
import socketserver
import threading

import words

numbers = itertools.count(1)
room: list[socket.socket] = []
lock = threading.Lock()  # protects room and numbers, not the sending


def others(author: socket.socket) -> list[socket.socket]:
    with lock:
        return [member for member in room if member is not author]


def send(line: bytes, members: list[socket.socket]) -> None:
    for member in members:
        with contextlib.suppress(OSError):  # its own handler says that it left
            member.sendall(line)


class Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        with lock:
            number, before = next(numbers), list(room)
            room.append(self.request)
        send(words.joined(number), before)
        try:
            with contextlib.suppress(OSError):
                for line in self.rfile:
                    if text := line.strip(b"\r\n"):
                        send(words.said(number, text), others(self.request))
        finally:
            with lock:
                room.remove(self.request)
            send(words.left(number), others(self.request))


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 4096  # the default of 5 refuses a crowd


with Server(("127.0.0.1", 0), Handler) as server:
    server.serve_forever()
