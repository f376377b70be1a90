"""Windows line ends and no options; a watchdog cuts off whoever does not take a line in time."""

import contextlib
import os
import signal
import socket
import sys
import threading
import time

PORT = 9090
TOO_LONG = 0.7  # seconds

room = []
room_lock = threading.Lock()


def everybody():
    with room_lock:
        return tuple(room)


class Visitor(threading.Thread):
    total = 0

    def __init__(self, connection):
        super().__init__(daemon=True)
        self.connection = connection
        self.turn = threading.Lock()
        self.sending_since = None
        Visitor.total += 1
        self.label = f"Пользователь №{Visitor.total}"

    def write(self, data):
        with self.turn:
            self.sending_since = time.monotonic()
            with contextlib.suppress(OSError):
                self.connection.sendall(data)
            self.sending_since = None

    def to_others(self, text):
        message = time.strftime("%H:%M ") + text
        print(message)
        for visitor in everybody():
            if visitor != self:
                visitor.write(message.encode("utf-8") + b"\r\n")

    def cut_off(self):
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def run(self):
        self.to_others(f"{self.label} присоединился к чату!")
        with room_lock:
            room.append(self)
        unfinished = b""
        while True:
            try:
                data = self.connection.recv(2048)
            except OSError:
                break
            if not data:
                break
            lines = (unfinished + data).split(b"\n")
            unfinished = lines.pop()
            for line in lines:
                text = line.decode("utf-8", errors="replace").rstrip("\r")
                if text:
                    self.to_others(f"{self.label} > {text}")
        with room_lock:
            room.remove(self)
        self.to_others(f"{self.label} покинул чат.")
        with self.turn:
            self.connection.close()


def watch():
    while True:
        time.sleep(0.2)
        for visitor in everybody():
            since = visitor.sending_since
            if since is not None and time.monotonic() - since > TOO_LONG:
                visitor.cut_off()


def stop(signum, frame):
    for visitor in room:
        visitor.cut_off()
    sys.stdout.flush()
    os._exit(0)


server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", PORT))
server.listen(200)
signal.signal(signal.SIGINT, stop)
signal.signal(signal.SIGTERM, stop)
threading.Thread(target=watch, daemon=True).start()
print(f"Сервер слушает порт {PORT}")
while True:
    sock, addr = server.accept()
    print("Подключился", addr)
    Visitor(sock).start()
