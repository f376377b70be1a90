"""A correct client: one thread prints what comes, the main thread sends what is typed."""

import argparse
import socket
import sys
import threading


def listen():
    buffer = b""
    while data := client.recv(16384):
        *lines, buffer = (buffer + data).split(b"\n")
        for line in lines:
            print(line.decode("utf-8", "replace"), flush=True)
    print("Сервер закрыл соединение.")


parser = argparse.ArgumentParser()
parser.add_argument("--host", default="localhost")
parser.add_argument("--port", type=int, default=14900)
options = parser.parse_args()

try:
    client = socket.create_connection((options.host, options.port))
except OSError as error:
    sys.exit(f"Нет связи с сервером: {error}")
threading.Thread(target=listen, daemon=True).start()
for line in sys.stdin:
    client.sendall(line.encode())
client.shutdown(socket.SHUT_WR)
