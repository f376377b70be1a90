"""One thread serves all clients by readiness and owes what a socket does not take."""

import argparse
import selectors
import signal
import socket
import sys
import threading
from datetime import datetime

MOST_OWED = 8 << 20  # bytes


class Client:
    def __init__(self, sock, number):
        self.sock, self.name = sock, f"Пользователь #{number}"
        self.came, self.owed = b"", b""


class Loop(threading.Thread):
    def __init__(self, listener):
        super().__init__(name="loop")
        self.selector = selectors.DefaultSelector()
        self.selector.register(listener, selectors.EVENT_READ, self.accept)
        self.waker, self.alarm = socket.socketpair()
        self.selector.register(self.waker, selectors.EVENT_READ, None)
        self.listener, self.clients, self.joined = listener, [], 0

    def run(self):
        while True:
            for key, events in self.selector.select():
                if key.data is None:
                    self.close()
                    return
                if isinstance(key.data, Client):
                    if events & selectors.EVENT_WRITE:
                        self.flush(key.data)
                    if events & selectors.EVENT_READ and key.data in self.clients:
                        self.read(key.data)
                else:
                    key.data()

    def accept(self):
        sock, _address = self.listener.accept()
        sock.setblocking(False)
        self.joined += 1
        client = Client(sock, self.joined)
        self.tell_others(client, "присоединился к чату!", " ")
        self.clients.append(client)
        self.selector.register(sock, selectors.EVENT_READ, client)

    def read(self, client):
        try:
            data = client.sock.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.forget(client)
            return
        *lines, client.came = (client.came + data).split(b"\n")
        for line in lines:
            if text := line.decode("utf-8", "replace").removesuffix("\r"):
                self.tell_others(client, text)

    def tell_others(self, author, text, between=" - "):
        line = f"{datetime.now().strftime('%H:%M')} - {author.name}{between}{text}\n"
        sys.stdout.write(line)
        for client in list(self.clients):
            if client is not author:
                client.owed += line.encode()
                self.flush(client)

    def flush(self, client):
        if client not in self.clients:
            return
        try:
            client.owed = client.owed[client.sock.send(client.owed) :]
        except BlockingIOError:
            if len(client.owed) > MOST_OWED:
                self.forget(client)
                return
        except OSError:
            return  # its end will be read
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.owed else 0)
        self.selector.modify(client.sock, wanted, client)

    def forget(self, client):
        self.clients.remove(client)
        self.selector.unregister(client.sock)
        client.sock.close()
        self.tell_others(client, "покинул чат.", " ")

    def close(self):
        for client in self.clients:
            client.sock.close()
        self.selector.close()
        self.waker.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=14900)
    options = parser.parse_args()
    with socket.create_server((options.host, options.port), backlog=500) as listener:
        loop = Loop(listener)
        loop.start()
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            signal.pause()
        except KeyboardInterrupt:
            loop.alarm.close()
            loop.join()


if __name__ == "__main__":
    main()
