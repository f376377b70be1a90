"""Nothing but files: the keyboard, the screen, and two that makefile() makes of the socket."""

import argparse
import contextlib
import os
import socket
import sys
import threading

parser = argparse.ArgumentParser(description="Клиент чата")
parser.add_argument("--host", default="localhost", help="адрес сервера")
parser.add_argument("--port", default=14900, type=int, help="порт сервера")
leaving = threading.Event()


def copy_to_screen(incoming):
    try:
        for line in incoming:
            print(line.rstrip("\r\n"), flush=True)
    except OSError:
        pass
    if not leaving.is_set():
        print("Сервер закрыл соединение.", flush=True)
        os._exit(1)


def copy_from_keyboard(outgoing):
    for line in sys.stdin:
        outgoing.write(line if line.endswith("\n") else line + "\n")
        outgoing.flush()


def main():
    options = parser.parse_args()
    try:
        connection = socket.create_connection((options.host, options.port))
    except OSError as error:
        sys.exit(f"Сервер {options.host}:{options.port} не отвечает: {error}")
    incoming = connection.makefile("r", encoding="utf-8", errors="replace", newline="\n")
    outgoing = connection.makefile("w", encoding="utf-8", errors="replace", newline="\n")
    screen = threading.Thread(target=copy_to_screen, args=(incoming,), daemon=True)
    screen.start()
    try:
        copy_from_keyboard(outgoing)
    except KeyboardInterrupt:
        pass
    except OSError as error:
        sys.exit(f"Сервер недоступен: {error}")
    leaving.set()
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
    screen.join(1)


if __name__ == "__main__":
    main()
