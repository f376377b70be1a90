"""One lock for the screen, so that input and output do not mix; it is held while input() waits."""

import itertools
import socket
import sys
import threading

screen = threading.Lock()


class Receiver(threading.Thread):
    def __init__(self, stream):
        super().__init__(daemon=True)
        self.stream = stream

    def run(self):
        for line in self.stream:
            with screen:
                print("<<", line.rstrip("\n"))
        print("Соединение закрыто")


def ask():
    with screen:
        return input(">> ")


def main(arguments):
    host, port = "localhost", "14900"
    for key, value in itertools.pairwise(arguments):
        if key == "--host":
            host = value
        if key == "--port":
            port = value
    with socket.create_connection((host, int(port))) as connection:
        Receiver(connection.makefile("r", encoding="utf-8", errors="replace")).start()
        while True:
            try:
                text = ask()
            except (EOFError, KeyboardInterrupt):
                return
            connection.sendall(f"{text}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1:])
