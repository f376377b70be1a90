"""A chat on socketserver: each handler sends through its own lock, and the kernel times it out."""

import argparse
import contextlib
import signal
import socket
import socketserver
import struct
import threading
from time import strftime

LONGEST_LINE = 16384  # bytes
SEND_TIMEOUT = struct.pack("@ll", 0, 400_000)  # seconds, microseconds


class ChatServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, address):
        super().__init__(address, ChatHandler)
        self.guard = threading.Lock()  # protects the three below
        self.handlers = []
        self.count = 0
        self.closing = False

    def tell(self, text, author):
        line = f"{strftime('%H:%M')} - {text}"
        print(line)
        with self.guard:
            others = [handler for handler in self.handlers if handler is not author]
        for handler in others:
            handler.send(line)

    def hang_up_all(self):
        with self.guard:
            self.closing = True
            for handler in self.handlers:
                handler.hang_up()


class ChatHandler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, SEND_TIMEOUT)
        self.sending = threading.Lock()
        self.open = True
        with self.server.guard:
            self.server.count += 1
            self.name = f"Пользователь #{self.server.count}"
            self.server.handlers.append(self)
            if self.server.closing:
                self.hang_up()

    def handle(self):
        self.server.tell(f"{self.name} присоединился к чату!", self)
        with contextlib.suppress(OSError):
            while line := self.rfile.readline(LONGEST_LINE + 1):
                if len(line) > LONGEST_LINE:
                    self.skip_rest(line)
                    self.send("Слишком длинная строка, её никто не увидит.")
                elif text := line.decode("utf-8", "replace").rstrip("\r\n"):
                    self.server.tell(f"{self.name} - {text}", self)

    def skip_rest(self, line):
        while line and not line.endswith(b"\n"):
            line = self.rfile.readline(LONGEST_LINE)

    def finish(self):
        with self.server.guard:
            self.server.handlers.remove(self)
        self.server.tell(f"{self.name} покинул чат.", self)
        with self.sending:  # nobody sends while the socket is being closed
            self.open = False
            super().finish()

    def send(self, line):
        with self.sending:
            if self.open:
                try:
                    self.connection.sendall(f"{line}\n".encode())
                except OSError:  # gone, or it has not read for too long
                    self.open = False
                    self.hang_up()

    def hang_up(self):
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


def main():
    parser = argparse.ArgumentParser(description="Чат на socketserver")
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=14900)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ChatServer((options.host, options.port)) as server:
        print("Сервер запущен:", *server.server_address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            server.hang_up_all()
    print("Сервер остановлен")


if __name__ == "__main__":
    main()
