"""Two classes: a Receiver, which is a thread, and the Client that owns the socket."""

import argparse
import contextlib
import os
import socket
import sys
from threading import Thread


class Receiver(Thread):
    def __init__(self, client):
        super().__init__(name="receiver", daemon=True)
        self.client = client
        self.buffer = b""

    def run(self):
        try:
            while data := self.client.sock.recv(4096):
                self.buffer += data
                self.print_lines()
        except OSError:
            pass
        if self.client.talking:
            print("Связь с сервером потеряна.", file=sys.stderr)
            os._exit(1)

    def print_lines(self):
        while b"\n" in self.buffer:
            line, _, self.buffer = self.buffer.partition(b"\n")
            print(line.decode("utf-8", "replace").rstrip("\r"), flush=True)


class Client:
    def __init__(self, host, port):
        self.sock = socket.create_connection((host, port))
        self.talking = True
        self.receiver = Receiver(self)

    def send(self, text):
        self.sock.sendall(text.encode() + b"\n")

    def chat(self):
        self.receiver.start()
        while True:
            try:
                text = input()
            except (EOFError, KeyboardInterrupt):
                break
            self.send(text)
        self.leave()

    def leave(self):
        self.talking = False
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)
        self.receiver.join(timeout=1)
        self.sock.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=14900)
    args = parser.parse_args()
    try:
        client = Client(args.host, args.port)
    except OSError as error:
        print(f"Не удалось подключиться: {error}", file=sys.stderr)
        return 1
    try:
        client.chat()
    except OSError as error:
        print(f"Сообщение не отправлено: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
