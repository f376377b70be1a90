"""Asks each client for its name; a few postmen share the clients and write to them."""

import argparse
import contextlib
import os
import queue
import signal
import socket
import struct
import threading
from datetime import datetime

POSTMEN = 4
HALF_A_SECOND = struct.pack("ll", 0, 500_000)


class Postman(threading.Thread):
    """Writes to its own part of the clients, so that their lines stay whole and in order."""

    def __init__(self, number):
        super().__init__(name=f"postman {number}", daemon=True)
        self.letters = queue.Queue(1000)

    def run(self):
        while True:
            client, text = self.letters.get()
            if text is None:
                client.sock.close()
                continue
            try:
                client.sock.sendall(text.encode())
            except OSError:
                client.hang_up()


class Client(threading.Thread):
    def __init__(self, sock, postman, chat):
        super().__init__(daemon=True)
        self.sock, self.postman, self.chat = sock, postman, chat
        self.nick = ""

    def tell(self, text):
        self.postman.letters.put((self, text))

    def hang_up(self):
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def lines(self):
        try:
            with self.sock.makefile("r", encoding="utf-8", errors="replace", newline="\n") as file:
                for line in file:
                    text = line.rstrip("\r\n")
                    if text:
                        yield text
        except OSError:
            return

    def run(self):
        lines = self.lines()
        self.tell("Введите имя: ")
        self.nick = next(lines, "").strip()
        if self.nick:
            self.tell(f"Добро пожаловать, {self.nick}!\n")
            self.tell(f"Сейчас в чате: {self.chat.enter(self) or 'никого'}\n")
            for text in lines:
                self.chat.say(f"{self.nick}: {text}", self)
            self.chat.leave(self)
        self.tell(None)


class Chat:
    def __init__(self):
        self.lock = threading.Lock()
        self.clients = set()

    def enter(self, newcomer):
        with self.lock:
            names = ", ".join(sorted(client.nick for client in self.clients))
            self.clients.add(newcomer)
        self.say(f"{newcomer.nick} входит в чат", newcomer)
        return names

    def leave(self, client):
        with self.lock:
            self.clients.discard(client)
        self.say(f"{client.nick} уходит", client)

    def say(self, text, author):
        line = f"{datetime.now():%H:%M} {text}"
        print(line)
        with self.lock:
            others = self.clients - {author}
        for client in others:
            client.tell(line + "\n")


def stop(signum, frame):
    print("Сервер остановлен", flush=True)
    os._exit(0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=14900)
    args = parser.parse_args()
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    chat = Chat()
    postmen = [Postman(number) for number in range(POSTMEN)]
    for postman in postmen:
        postman.start()
    with socket.create_server((args.host, args.port), backlog=200) as listener:
        count = 0
        while True:
            sock, _ = listener.accept()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, HALF_A_SECOND)
            Client(sock, postmen[count % POSTMEN], chat).start()
            count += 1


if __name__ == "__main__":
    main()
