"""The first line of a client is its name; who has not given one yet listens already."""

import argparse
import contextlib
import queue
import signal
import socket
import sys
import threading
import time

MOST_OWED = 2_000_000  # bytes

news = queue.Queue(500)  # (author, line); None stops the town crier
lock = threading.Lock()
people = {}  # socket -> bytes that it has not taken yet


def split_lines(sock):
    buffer = bytearray()
    while True:
        try:
            data = sock.recv(8192)
        except OSError:
            return
        if not data:
            return
        buffer += data
        while (end := buffer.find(b"\n")) >= 0:
            line = buffer[:end].decode("utf-8", "replace").rstrip("\r")
            del buffer[: end + 1]
            if line:
                yield line


def shout(author, text):
    news.put((author, f"{time.strftime('%H:%M')} | {text}"))


def attend(sock):
    lines = split_lines(sock)
    name = next(lines, None)
    if name is not None:
        shout(sock, f"К нам пришёл {name}")
        for line in lines:
            shout(sock, f"{name} | {line}")
    with lock:
        del people[sock]
        sock.close()
    if name is not None:
        shout(sock, f"Нас покинул {name}")


def deliver(sock, data):
    """Send what the socket takes at once; return the rest."""
    try:
        return data[sock.send(data, socket.MSG_DONTWAIT) :]
    except BlockingIOError:
        return data
    except OSError:
        return b""


def cry():
    while True:
        with lock:
            behind = any(people.values())
        try:
            item = news.get(timeout=0.01 if behind else None)
        except queue.Empty:
            item = (None, "")
        if item is None:
            return
        author, line = item
        data = f"{line}\n".encode() if line else b""
        if line:
            print(line)
        with lock:
            for sock, owed in people.items():
                owed += data if sock is not author else b""
                if owed:
                    people[sock] = deliver(sock, owed)
                if len(people[sock]) > MOST_OWED:
                    people[sock] = b""
                    hang_up(sock)


def hang_up(sock):
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=14900)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    crier = threading.Thread(target=cry, name="town crier")
    crier.start()
    with socket.create_server((options.host, options.port), backlog=300) as listener:
        try:
            while True:
                sock, _ = listener.accept()
                with lock:
                    people[sock] = b""
                threading.Thread(target=attend, args=(sock,), daemon=True).start()
        except KeyboardInterrupt:
            news.put(None)
            crier.join()
    with lock:
        for sock in people:
            hang_up(sock)
    return 0


if __name__ == "__main__":
    sys.exit(main())
