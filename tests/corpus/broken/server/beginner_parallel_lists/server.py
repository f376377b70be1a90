"""Sockets and names in two lists; a name is taken out by its place after the socket has gone."""

import argparse
import socket
import threading
import time

parser = argparse.ArgumentParser(description="Чат")
parser.add_argument("--host", default="localhost")
parser.add_argument("--port", type=int, default=14900)
args = parser.parse_args()

sockets = []
names = []
total = 0


def send(text, author):
    line = time.strftime("%H:%M") + " - " + text
    print(line)
    for s in sockets[:]:
        if s != author:
            try:
                s.sendall((line + "\n").encode("utf-8"))
            except OSError:
                print("Отправить не получилось")


def leave(s):
    place = sockets.index(s)
    name = names[place]
    sockets.remove(s)
    names.pop()
    s.close()
    send(name + " покинул чат.", None)


def listen(s):
    rest = b""
    while True:
        try:
            data = s.recv(4096)
        except OSError:
            break
        if not data:
            break
        rest = rest + data
        while b"\n" in rest:
            line, rest = rest.split(b"\n", 1)
            text = line.decode("utf-8", errors="replace").strip("\r")
            if text != "":
                send(names[sockets.index(s)] + " - " + text, s)
    leave(s)


server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind((args.host, args.port))
server.listen(100)
print("Сервер работает. Ctrl+C - выход")

try:
    while True:
        s, a = server.accept()
        total += 1
        sockets.append(s)
        names.append("Пользователь #" + str(total))
        send(names[-1] + " присоединился к чату!", s)
        threading.Thread(target=listen, args=(s,), daemon=True).start()
except KeyboardInterrupt:
    print("Пока!")
