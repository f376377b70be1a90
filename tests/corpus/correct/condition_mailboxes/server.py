"""Each client has a mailbox of its own making, a deque under a Condition, instead of a Queue."""

import argparse
import contextlib
import signal
import socket
import threading
from collections import deque
from datetime import datetime


class Mailbox:
    ROOM = 64 * 1024  # bytes
    PATIENCE = 0.9  # seconds

    def __init__(self):
        self.changed = threading.Condition()  # protects all below
        self.letters = deque()
        self.size = 0
        self.closed = False

    def put(self, letter):
        """Return whether there was room for the letter, or nobody wants it any more."""
        with self.changed:
            if not self.changed.wait_for(self.has_room, self.PATIENCE):
                return False
            self.letters.append(letter)
            self.size += len(letter)
            self.changed.notify_all()
            return True

    def has_room(self):
        return self.size < self.ROOM or self.closed

    def take(self):
        """Return all that has come; None after the mailbox was closed."""
        with self.changed:
            self.changed.wait_for(lambda: self.letters or self.closed)
            if self.closed:
                return None
            mail = b"".join(self.letters)
            self.letters.clear()
            self.size = 0
            self.changed.notify_all()
            return mail

    def close(self):
        with self.changed:
            self.closed = True
            self.changed.notify_all()


class Client:
    def __init__(self, server, sock, number):
        self.server, self.sock = server, sock
        self.name = f"Пользователь #{number}"
        self.mailbox = Mailbox()
        self.reader = threading.Thread(target=self.read)
        self.writer = threading.Thread(target=self.write)

    def start(self):
        self.writer.start()
        self.reader.start()

    def read(self):
        self.server.publish(self, f"{self.name} присоединился к чату!")
        tail = b""
        with contextlib.suppress(OSError):
            while chunk := self.sock.recv(32768):
                head, newline, rest = (tail + chunk).rpartition(b"\n")
                tail = rest
                for raw in head.split(b"\n") if newline else []:
                    if raw := raw.removesuffix(b"\r"):
                        words = raw.decode("utf-8", errors="replace")
                        self.server.publish(self, f"{self.name} - {words}")
        self.server.forget(self)
        self.server.publish(self, f"{self.name} покинул чат.")
        self.mailbox.close()
        self.hang_up()
        self.writer.join()
        self.sock.close()

    def write(self):
        with contextlib.suppress(OSError):
            while (mail := self.mailbox.take()) is not None:
                self.sock.sendall(mail)
        self.mailbox.close()

    def hang_up(self):
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)


class Server:
    def __init__(self):
        self.lock = threading.Lock()
        self.inside = []
        self.readers = []

    def admit(self, sock):
        client = Client(self, sock, len(self.readers) + 1)
        self.readers.append(client.reader)
        with self.lock:
            self.inside.append(client)
        client.start()

    def forget(self, client):
        with self.lock:
            self.inside.remove(client)

    def publish(self, author, text):
        now = datetime.now()
        line = f"{now.hour:02d}:{now.minute:02d} - {text}"
        print(line)
        with self.lock:
            audience = self.inside.copy()
        for client in audience:
            if client is not author and not client.mailbox.put(line.encode() + b"\n"):
                client.hang_up()

    def stop(self):
        with self.lock:
            for client in self.inside:
                client.hang_up()
        for reader in self.readers:
            reader.join()


def main():
    parser = argparse.ArgumentParser(description="Многопользовательский чат")
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=14900)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    server = Server()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((options.host, options.port))
    listener.listen(100)
    try:
        while True:
            sock, _peer = listener.accept()
            server.admit(sock)
    except KeyboardInterrupt:
        print("Чат закрывается")
    finally:
        listener.close()
        server.stop()


if __name__ == "__main__":
    main()
