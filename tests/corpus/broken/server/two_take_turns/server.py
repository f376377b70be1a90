"""Takes turns."""

import socket
import sys
import threading

server = socket.create_server(("localhost", int(sys.argv[sys.argv.index("--port") + 1])))


def take_turns(first, second):
    while True:
        copy_once(first, second)
        copy_once(second, first)


def copy_once(source, target):
    target.sendall(source.recv(16384))


while True:
    first, second = server.accept()[0], server.accept()[0]
    threading.Thread(target=take_turns, args=(first, second)).start()
