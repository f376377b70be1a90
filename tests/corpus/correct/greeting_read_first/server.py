"""Greets everybody with a line, which its client reads before anything else."""

import contextlib
import signal
import socket
import threading
import time

lock = threading.Lock()  # of `members`, and of what is sent to them
members = {}


def tell(text, author):
    line = f"{time.strftime('%H:%M')} - {text}\n".encode()
    with lock:
        for member in members:
            if member is not author:
                with contextlib.suppress(OSError):  # its own thread notices that it has gone
                    member.sendall(line)


def serve(member, number):
    name = f"Пользователь #{number}"
    member.sendall("Добро пожаловать в чат!\n".encode())
    tell(f"{name} присоединился к чату!", member)
    with lock:
        members[member] = number
    try:
        for line in member.makefile(encoding="utf-8", errors="replace", newline="\n"):
            if text := line.rstrip("\r\n"):
                tell(f"{name} - {text}", member)
    except OSError:
        pass
    with lock:
        del members[member]
    tell(f"{name} покинул чат.", member)
    member.close()


def main():
    with socket.create_server(("localhost", 14900), backlog=100) as listener:
        number = 0
        while True:
            member, _address = listener.accept()
            number += 1
            threading.Thread(target=serve, args=(member, number), daemon=True).start()


signal.signal(signal.SIGTERM, signal.default_int_handler)
with contextlib.suppress(KeyboardInterrupt):
    main()
