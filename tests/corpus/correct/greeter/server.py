"""Greets a newcomer with several lines, and tells each author that the message was delivered."""

import argparse
import contextlib
import os
import signal
import socket
import threading
import time

TOO_MUCH = 4_000_000  # bytes that wait for one who does not read


class Mailbox:
    """What is to be written to one socket; its own thread writes all that lies there at once."""

    def __init__(self, sock):
        self.sock = sock
        self.changed = threading.Condition()
        self.letters = []
        self.size = 0
        self.open = True
        self.postman = threading.Thread(target=self.write, daemon=True)
        self.postman.start()

    def put(self, line):
        letter = line.encode() + b"\n"
        with self.changed:
            self.letters.append(letter)
            self.size += len(letter)
            if self.size > TOO_MUCH:
                self.hang_up()
            self.changed.notify()

    def write(self):
        while True:
            with self.changed:
                while self.open and not self.letters:
                    self.changed.wait()
                if not self.open:
                    break
                letters, self.letters, self.size = self.letters, [], 0
            try:
                self.sock.sendall(b"".join(letters))
            except OSError:
                break
        self.hang_up()

    def hang_up(self):
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def close(self):
        with self.changed:
            self.open = False
            self.changed.notify()
        self.hang_up()


class Chat:
    def __init__(self):
        self.lock = threading.RLock()
        self.boxes = {}
        self.joined = 0

    def join(self, box):
        with self.lock:
            self.joined += 1
            name = f"Пользователь #{self.joined}"
            present = ", ".join(self.boxes) or "пока никого"
            self.tell_all(f"{name} присоединился к чату!")
            self.boxes[name] = box
            box.put("*** Добро пожаловать в чат! ***")
            box.put(f"Вы — {name}.")
            box.put(f"Кроме вас здесь: {present}.")
        return name

    def leave(self, name):
        with self.lock:
            self.boxes.pop(name).close()
            self.tell_all(f"{name} покинул чат.")

    def tell_all(self, text, author=None):
        line = time.strftime("%H:%M - ") + text
        print(line)
        with self.lock:
            for name, box in self.boxes.items():
                if name != author:
                    box.put(line)

    def serve(self, sock):
        box = Mailbox(sock)
        name = self.join(box)
        with contextlib.suppress(OSError), sock.makefile("rb") as file:
            for raw in file:
                text = raw.decode("utf-8", "replace").rstrip("\r\n")
                if text:
                    self.tell_all(f"{name} - {text}", author=name)
                    box.put("доставлено")
        self.leave(name)
        box.postman.join()
        sock.close()


def stop(signum, frame):
    os._exit(0)


parser = argparse.ArgumentParser()
parser.add_argument("--host", default="localhost")
parser.add_argument("--port", type=int, default=14900)
options = parser.parse_args()
signal.signal(signal.SIGINT, stop)
signal.signal(signal.SIGTERM, stop)
chat = Chat()
with socket.create_server((options.host, options.port), backlog=500) as listener:
    while True:
        connection, _address = listener.accept()
        threading.Thread(target=chat.serve, args=(connection,), daemon=True).start()
