"""English notices and short labels; a pool with room for a thousand reading threads."""

import argparse
import contextlib
import signal
import socket
import struct
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

SEND_TIMEOUT = struct.pack("ll", 0, 500_000)  # seconds, microseconds


class Guest:
    def __init__(self, sock, number):
        self.sock = sock
        self.number = number
        self.writing = threading.Lock()

    def tell(self, line):
        with self.writing:
            try:
                self.sock.sendall(line)
            except OSError:
                with contextlib.suppress(OSError):
                    self.sock.shutdown(socket.SHUT_RDWR)


class Room:
    def __init__(self):
        self.guard = threading.Lock()
        self.guests = {}
        self.last_number = 0

    def enter(self, sock):
        with self.guard:
            self.last_number += 1
            guest = Guest(sock, self.last_number)
            self.guests[guest.number] = guest
        self.announce(f"#{guest.number} has joined", guest)
        return guest

    def leave(self, guest):
        with self.guard:
            del self.guests[guest.number]
        self.announce(f"#{guest.number} left the chat", guest)

    def announce(self, text, author):
        line = f"{time.strftime('%H:%M')} {text}"
        print(line)
        with self.guard:
            audience = [guest for guest in self.guests.values() if guest is not author]
        for guest in audience:
            guest.tell(line.encode() + b"\n")

    def close(self):
        with self.guard:
            guests = list(self.guests.values())
        for guest in guests:
            with contextlib.suppress(OSError):
                guest.sock.shutdown(socket.SHUT_RDWR)


def serve(room, guest):
    rest = b""
    with contextlib.suppress(OSError):
        while chunk := guest.sock.recv(4096):
            rest += chunk
            while b"\n" in rest:
                raw, rest = rest.split(b"\n", 1)
                text = raw.removesuffix(b"\r").decode(errors="replace")
                if text:
                    room.announce(f"user{guest.number}: {text}", guest)
    room.leave(guest)
    with guest.writing:
        guest.sock.close()


def interrupt(signum, frame):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(description="A chat server.")
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=14900)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, interrupt)
    room = Room()
    with (
        ThreadPoolExecutor(max_workers=1000) as pool,
        socket.create_server((options.host, options.port), backlog=256) as listener,
    ):
        print(f"Listening on {options.host}:{listener.getsockname()[1]}")
        try:
            while True:
                sock, _ = listener.accept()
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, SEND_TIMEOUT)
                pool.submit(serve, room, room.enter(sock))
        except KeyboardInterrupt:
            print("Shutting down")
            room.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
