"""Sees that somebody has left, and ends the thread, but forgets the list."""

import argparse
import socket
import threading
from time import localtime

connections = []
count = 0


def now():
    t = localtime()
    return f"{t.tm_hour:02}:{t.tm_min:02}"


def broadcast(msg, sender):
    print(msg)
    for conn in connections:
        if conn != sender:
            conn.send((msg + "\n").encode())


def on_new_client(conn, num):
    tail = b""
    while True:
        try:
            received = conn.recv(8192)
        except ConnectionResetError:
            print("Клиент", num, "отвалился")
            break
        if not received:
            print("Клиент", num, "отключился")
            break
        parts = (tail + received).split(b"\n")
        tail = parts.pop()
        for part in parts:
            if part.strip():
                broadcast(f"{now()} - Пользователь #{num} - {part.decode(errors='replace')}", conn)


ap = argparse.ArgumentParser()
ap.add_argument("--host", default="localhost")
ap.add_argument("--port", type=int, default=14900)
opts = ap.parse_args()

listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((opts.host, opts.port))
listener.listen(20)
print("Сервер чата запущен на порту", opts.port)
while True:
    conn, addr = listener.accept()
    count += 1
    connections.append(conn)
    broadcast(f"{now()} - Пользователь #{count} присоединился к чату!", conn)
    threading.Thread(target=on_new_client, args=(conn, count)).start()
