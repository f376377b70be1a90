"""One thread asks one client after the other whether it has spoken, and never rests."""

import argparse
import select
import signal
import socket
import threading
import time

PATIENCE = 0.5  # seconds


class Client:
    def __init__(self, sock, number):
        self.sock = sock
        self.name = f"Пользователь #{number}"
        self.unfinished = b""


clients = []
lock = threading.Lock()  # protects `clients`


def send(client, line):
    data = line.encode() + b"\n"
    try:
        while data:
            if not select.select([], [client.sock], [], PATIENCE)[1]:
                client.sock.shutdown(socket.SHUT_RDWR)
            data = data[client.sock.send(data) :]
    except (OSError, ValueError):  # recv will say that it has gone, or has said so
        pass


def tell_others(author, text):
    line = f"{time.strftime('%H:%M')} - {text}"
    print(line)
    with lock:
        others = [client for client in clients if client is not author]
    for client in others:
        send(client, line)


def look_at(client):
    try:
        data = client.sock.recv(16384)
    except BlockingIOError:
        return
    except OSError:
        data = b""
    if not data:
        with lock:
            clients.remove(client)
        tell_others(client, f"{client.name} покинул чат.")
        client.sock.close()
        return
    *lines, client.unfinished = (client.unfinished + data).split(b"\n")
    for line in lines:
        text = line.decode("utf-8", "replace").rstrip("\r")
        if text:
            tell_others(client, f"{client.name} - {text}")


def look_at_all():
    while True:
        with lock:
            everybody = list(clients)
        for client in everybody:
            look_at(client)


def accept_all(listener):
    number = 0
    while True:
        sock, _address = listener.accept()
        sock.settimeout(0)
        number += 1
        client = Client(sock, number)
        tell_others(client, f"{client.name} присоединился к чату!")
        with lock:
            clients.append(client)


def stop(number, frame):
    raise SystemExit


parser = argparse.ArgumentParser()
parser.add_argument("--host", default="localhost")
parser.add_argument("--port", type=int, default=14900)
options = parser.parse_args()
signal.signal(signal.SIGINT, stop)
signal.signal(signal.SIGTERM, stop)
threading.Thread(target=look_at_all, daemon=True).start()
accept_all(socket.create_server((options.host, options.port), backlog=128))
