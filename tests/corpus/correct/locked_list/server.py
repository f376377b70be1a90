"""A correct chat with a thread for each client and one lock; `test_broken.py` breaks it."""

import argparse
import select
import signal
import socket
import threading
from datetime import datetime

PATIENCE = 0.5  # seconds

clients = []
lock = threading.Lock()  # protects `clients` and `joined`
joined = 0


class Client:
    def __init__(self, sock, number):
        self.sock = sock
        self.name = f"Пользователь #{number}"
        self.sending = threading.Lock()  # one line at a time

    def send(self, line):
        data = line.encode() + b"\n"
        try:
            with self.sending:
                while data:
                    data = data[self.send_some(data) :]
        except OSError:  # it has gone, and its thread knows that too
            pass

    def send_some(self, data):
        try:
            return self.sock.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            if not select.select([], [self.sock], [], PATIENCE)[1]:
                self.sock.shutdown(socket.SHUT_RDWR)  # wakes its thread, which says goodbye
            return 0

    def close(self):
        with self.sending:
            self.sock.close()


def stamped(text):
    return f"{datetime.now():%H:%M} - {text}"


def send_to_others(text, author):
    line = stamped(text)
    print(line)
    with lock:
        others = [client for client in clients if client is not author]
    for client in others:
        client.send(line)


def remove(client):
    with lock:
        clients.remove(client)


def listen(client):
    buffer = b""
    try:
        while data := client.sock.recv(16384):
            *lines, buffer = (buffer + data).split(b"\n")
            for line in lines:
                text = line.decode("utf-8", "replace").rstrip("\r")
                if text:
                    send_to_others(f"{client.name} - {text}", client)
    except OSError:
        pass
    remove(client)
    send_to_others(f"{client.name} покинул чат.", client)
    client.close()


def welcome(sock):
    global joined
    with lock:
        joined += 1
        client = Client(sock, joined)
        clients.append(client)
    send_to_others(f"{client.name} присоединился к чату!", client)
    threading.Thread(target=listen, args=(client,), daemon=True).start()


def stop(number, frame):
    raise SystemExit(0)


parser = argparse.ArgumentParser()
parser.add_argument("--host", default="localhost")
parser.add_argument("--port", type=int, default=14900)
options = parser.parse_args()

signal.signal(signal.SIGINT, stop)
signal.signal(signal.SIGTERM, stop)
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind((options.host, options.port))
server.listen(128)
print(f"Слушаю порт {server.getsockname()[1]}")
while True:
    sock, address = server.accept()
    welcome(sock)
