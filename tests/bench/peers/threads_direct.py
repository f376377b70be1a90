"""A chat with a thread per client that calls sendall for each member, all under one lock."""

import contextlib
import itertools
import socket
import threading

import words

room: list[socket.socket] = []
lock = threading.Lock()  # protects room, and is held while sending


def broadcast(line: bytes, author: socket.socket) -> None:
    for member in room:
        if member is not author:
            with contextlib.suppress(OSError):  # its own thread says that it left
                member.sendall(line)


def serve(sock: socket.socket, number: int) -> None:
    with lock:
        broadcast(words.joined(number), sock)
        room.append(sock)
    rest = b""
    with contextlib.suppress(OSError):
        while data := sock.recv(16384):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if text := line.rstrip(b"\r"):
                    with lock:
                        broadcast(words.said(number, text), sock)
    with lock:
        room.remove(sock)
        broadcast(words.left(number), sock)
    sock.close()


with socket.create_server(("127.0.0.1", 0), backlog=4096) as listener:
    for number in itertools.count(1):
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(sock, number), daemon=True).start()
