"""Goes on after every exception, and after the end of a connection, for ever."""

import socket
import sys
import threading
from datetime import datetime

users = {}
mutex = threading.Lock()


def get_port():
    if "--port" in sys.argv:
        return int(sys.argv[sys.argv.index("--port") + 1])
    return 14900


def send_everyone(text, author):
    line = f"{datetime.now().strftime('%H:%M')} - {text}\n".encode()
    print(text)
    for number, sock in list(users.items()):
        if number == author:
            continue
        try:
            sock.sendall(line)
        except OSError:
            continue


def listen_user(number, sock):
    text = b""
    while True:
        try:
            text += sock.recv(4096)
            if b"\n" not in text:
                continue
            lines = text.split(b"\n")
            text = lines.pop()
            for line in lines:
                if line:
                    send_everyone(f"Пользователь #{number} - {line.decode()}", number)
        except Exception:
            continue


def main():
    server = socket.create_server(("localhost", get_port()))
    print("Чат запущен!")
    number = 0
    while True:
        try:
            sock, _ = server.accept()
            number += 1
            with mutex:
                users[number] = sock
            send_everyone(f"Пользователь #{number} присоединился к чату!", number)
            threading.Thread(target=listen_user, args=(number, sock), daemon=True).start()
        except (Exception, KeyboardInterrupt):
            continue


main()
