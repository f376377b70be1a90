"""A doorkeeper asks each guest for a name; the guest sits down a moment later."""

import contextlib
import os
import queue
import signal
import socket
import threading
import time

PORT = 14900
WALK_S = 0.1  # from the door to the seat

table = {}
table_lock = threading.Lock()


class Guest(threading.Thread):
    def __init__(self, sock, number):
        super().__init__(daemon=True)
        self.sock = sock
        self.number = number
        self.plate = queue.Queue(1500)

    def serve(self, text):
        try:
            self.plate.put_nowait(text)
        except queue.Full:
            self.throw_out()

    def throw_out(self):
        with contextlib.suppress(OSError):  # he has gone by himself
            self.sock.shutdown(socket.SHUT_RDWR)

    def waiter(self):
        while (text := self.plate.get()) is not None:
            try:
                self.sock.sendall(text.encode())
            except OSError:
                self.throw_out()
                break

    def words(self):
        rest = b""
        while True:
            try:
                data = self.sock.recv(8192)
            except OSError:
                return
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                text = line.decode("utf-8", "replace").strip("\r")
                if text:
                    yield text

    def run(self):
        threading.Thread(target=self.waiter, daemon=True).start()
        self.serve("Введите имя: ")
        words = self.words()
        name = next(words, None)
        if name is not None:
            time.sleep(WALK_S)
            label = f"{name} ({self.number})"
            tell(f"{label} за столом", self)
            with table_lock:
                table[self.number] = self
            for text in words:
                tell(f"{label}: {text}", self)
            with table_lock:
                del table[self.number]
            tell(f"{label} ушёл", self)
        self.plate.put(None)
        self.sock.close()


def tell(text, author):
    line = f"{time.strftime('%H:%M')} - {text}\n"
    print(line, end="", flush=True)
    with table_lock:
        others = [guest for guest in table.values() if guest is not author]
    for guest in others:
        guest.serve(line)


def main():
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))
    door = socket.create_server(("localhost", PORT), backlog=256)
    count = 0
    while True:
        sock, _ = door.accept()
        count += 1
        Guest(sock, count).start()


main()
