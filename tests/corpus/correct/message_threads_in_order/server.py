"""A thread for each message, in the order of tickets: whose turn it is owns the room."""

import argparse
import select
import signal
import socket
import sys
import threading
import time
from contextlib import contextmanager, suppress

PATIENCE = 0.8  # seconds
MOST_AT_ONCE = 50  # messages on their way


class Turnstile:
    def __init__(self):
        self.condition = threading.Condition()  # protects the two below
        self.next_ticket = 0
        self.now_serving = 0

    def take_ticket(self):
        with self.condition:
            self.next_ticket += 1
            return self.next_ticket - 1

    @contextmanager
    def turn(self, ticket):
        with self.condition:
            self.condition.wait_for(lambda: self.now_serving == ticket)
        try:
            yield
        finally:
            with self.condition:
                self.now_serving += 1
                self.condition.notify_all()


class Room:
    def __init__(self):
        self.turnstile = Turnstile()
        self.places = threading.Semaphore(MOST_AT_ONCE)
        self.sockets = []  # of those in the room; belongs to whose turn it is

    def post(self, text, sock, number, change=None):
        """Start a thread that says something in its turn, and then changes who is in the room."""
        self.places.acquire()
        line = f"{time.strftime('%H:%M')} - Пользователь #{number} {text}\n"
        job = (self.turnstile.take_ticket(), line, sock, change)
        threading.Thread(target=self.deliver, args=job).start()

    def deliver(self, ticket, line, author, change):
        with self.turnstile.turn(ticket):
            self.places.release()
            sys.stdout.write(line)
            for sock in self.sockets:
                if sock is not author:
                    send(sock, line.encode())
            if change:
                change()

    def enter(self, sock, number):
        self.post("присоединился к чату!", sock, number, lambda: self.sockets.append(sock))
        buffer = b""
        with suppress(OSError):
            while data := receive(sock):
                buffer += data
                while b"\n" in buffer:
                    line, buffer = buffer.split(b"\n", 1)
                    text = line.decode("utf-8", "replace").rstrip("\r")
                    if text:
                        self.post(f"- {text}", sock, number)
        self.post("покинул чат.", sock, number, lambda: self.remove(sock))

    def remove(self, sock):
        self.sockets.remove(sock)
        sock.close()


def wait_for(sock, event, seconds=None):
    waiting = select.poll()
    waiting.register(sock, event)
    return waiting.poll(seconds and seconds * 1000)


def receive(sock):
    while True:
        wait_for(sock, select.POLLIN)
        with suppress(BlockingIOError):
            return sock.recv(2048)


def send(sock, data):
    rest = memoryview(data)
    try:
        while rest:
            if not wait_for(sock, select.POLLOUT, PATIENCE):
                hang_up(sock)  # it does not read
                return
            with suppress(BlockingIOError):
                rest = rest[sock.send(rest) :]
    except OSError:
        pass  # its reader hears of it as well


def hang_up(sock):
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-p", "--port", type=int, default=9191)
    port = parser.parse_args().port
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    room, visits = Room(), []
    with socket.create_server(("localhost", port), backlog=200) as listener:
        try:
            while True:
                sock, _address = listener.accept()
                sock.setblocking(False)
                visitor = threading.Thread(target=room.enter, args=(sock, len(visits) + 1))
                visits.append((sock, visitor))
                visitor.start()
        except KeyboardInterrupt:
            for sock, _visitor in visits:
                hang_up(sock)
            for _sock, visitor in visits:
                visitor.join()


if __name__ == "__main__":
    main()
