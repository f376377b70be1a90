"""Finds out who has left when it next sends to everybody, and says so only then."""

import argparse
import socket
import threading
import time


class User:
    def __init__(self, sock, number):
        self.sock = sock
        self.title = f"Пользователь #{number}"
        self.alive = True


users = []
users_lock = threading.Lock()
sending = threading.Lock()


def message(text, author=None):
    print(text)
    data = f"{time.strftime('%H:%M')} - {text}\n".encode()
    gone = []
    with users_lock:
        present = users.copy()
    for user in present:
        if user is author:
            continue
        if not user.alive:
            gone.append(user)
            continue
        try:
            with sending:
                user.sock.sendall(data)
        except OSError:
            user.alive = False
            gone.append(user)
    for user in gone:
        with users_lock:
            known = user in users
            if known:
                users.remove(user)
        if known:
            message(f"{user.title} покинул чат.")


def read(user):
    file = user.sock.makefile("rb")
    try:
        while line := file.readline():
            text = line.rstrip(b"\r\n").decode("utf-8", "replace")
            if text:
                message(f"{user.title} - {text}", user)
    except OSError:
        pass
    user.alive = False
    file.close()
    user.sock.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-H", "--host", default="localhost")
    parser.add_argument("-p", "--port", type=int, default=14900)
    options = parser.parse_args()
    server = socket.create_server((options.host, options.port), backlog=128)
    print("Сервер слушает")
    number = 0
    while True:
        sock, _ = server.accept()
        number += 1
        user = User(sock, number)
        message(f"{user.title} присоединился к чату!", user)
        with users_lock:
            users.append(user)
        threading.Thread(target=read, args=(user,), daemon=True).start()


if __name__ == "__main__":
    main()
