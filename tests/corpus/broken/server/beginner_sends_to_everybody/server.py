"""Sends every line and every notice to all sockets, the author's and the newcomer's too."""

import contextlib
import socket
import sys
import threading

HOST = "127.0.0.1"
all_clients = set()
lock = threading.RLock()
next_id = 1


def to_everybody(line):
    print(line)
    with lock:
        copy = all_clients.copy()
    for c in copy:
        with contextlib.suppress(OSError):
            c.sendall(bytes(line + "\n", "utf-8"))


def work(c, me):
    reader = c.makefile("r", encoding="utf-8", errors="replace", newline="\n")
    try:
        for line in reader:
            line = line.rstrip("\r\n")
            if line:
                to_everybody(f"[{me}] {line}")
    except OSError:
        print(f"{me}: обрыв связи")
    with lock:
        all_clients.discard(c)
    to_everybody(f"<<< {me} ушёл")
    reader.close()
    c.close()


def start(port):
    global next_id
    s = socket.create_server((HOST, port), backlog=64)
    print("Жду подключений...")
    while True:
        c, _ = s.accept()
        me = f"Гость{next_id}"
        next_id += 1
        with lock:
            all_clients.add(c)
        to_everybody(f">>> {me} пришёл")
        threading.Thread(target=work, args=(c, me), daemon=True).start()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Запуск: python server.py ПОРТ")
    try:
        start(int(sys.argv[1]))
    except KeyboardInterrupt:
        print("Сервер остановлен")
