"""The main thread reads the socket with select(), a daemon thread asks with a prompt."""

import contextlib
import os
import select
import socket
import sys
import threading
import time

HOST = "localhost"
PORT = 14900
PROMPT = "> "

done = threading.Event()


def ask(sock, bell):
    while True:
        try:
            text = input(PROMPT)
        except EOFError:
            break
        try:
            sock.sendall((text + "\n").encode("utf-8"))
        except OSError:  # the server has gone: the main thread sees that, too
            return
        if text:
            print(f"[{time.strftime('%H:%M')}] Вы: {text}", flush=True)
    done.set()
    bell.close()


def show(raw):
    text = raw.decode("utf-8", "replace").rstrip("\r")
    print(f"\r{text}\n{PROMPT}", end="", flush=True)


def read(sock, ear):
    unfinished = b""
    while not done.is_set():
        ready, _, _ = select.select([sock, ear], [], [])
        if sock not in ready:
            continue
        try:
            data = sock.recv(4096)
        except OSError:
            data = b""
        if not data:
            return
        *lines, unfinished = (unfinished + data).split(b"\n")
        for line in lines:
            show(line)


def main():
    print("Подключаюсь...", flush=True)
    try:
        sock = socket.create_connection((HOST, PORT), timeout=5)
    except OSError as error:
        print(f"Нет соединения: {error}")
        return 1
    sock.settimeout(None)
    print("Подключено. Пишите сообщения; выход — Ctrl+D.", flush=True)
    ear, bell = socket.socketpair()
    threading.Thread(target=ask, args=(sock, bell), daemon=True).start()
    try:
        read(sock, ear)
    except KeyboardInterrupt:
        done.set()
    if not done.is_set():
        print("\rСервер закрыл соединение.", flush=True)
        return 1
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
        sock.settimeout(1)
        while sock.recv(4096):
            pass
    print("\rПока!", flush=True)
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # input() may still hold the keyboard: a normal end would wait for it
