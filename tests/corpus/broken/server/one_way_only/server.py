"""Relays one way only."""

import socket
import sys
import threading

server = socket.create_server(("localhost", int(sys.argv[sys.argv.index("--port") + 1])))


def copy(source, target):
    while data := source.recv(16384):
        target.sendall(data)


while True:
    first, second = server.accept()[0], server.accept()[0]
    threading.Thread(target=copy, args=(first, second)).start()
