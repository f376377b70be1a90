"""The main thread selects between newcomers and signals; all client sockets have a time-out."""

import datetime
import selectors
import signal
import socket
import sys
import threading
from contextlib import suppress

TIMEOUT = 0.8  # seconds, of a whole sendall


class Hub:
    def __init__(self):
        self.mutex = threading.Lock()
        self.visitors = []

    def add(self, visitor):
        with self.mutex:
            self.visitors.append(visitor)

    def drop(self, visitor):
        with self.mutex:
            self.visitors.remove(visitor)

    def everybody(self):
        with self.mutex:
            return tuple(self.visitors)

    def say(self, words, author):
        line = f"{datetime.datetime.now().strftime('%H:%M')} - {words}\n"
        sys.stdout.write(line)
        for visitor in self.everybody():
            if visitor is not author:
                visitor.write(line.encode("utf-8"))


class Visitor:
    def __init__(self, hub, connection, number):
        connection.settimeout(TIMEOUT)
        self.hub, self.connection = hub, connection
        self.name = f"Пользователь #{number}"
        self.turn = threading.Lock()
        self.thread = threading.Thread(target=self.live, name=self.name)

    def live(self):
        self.hub.say(f"{self.name} присоединился к чату!", self)
        rest = bytearray()
        while data := self.read():
            rest += data
            while (end := rest.find(b"\n")) >= 0:
                text = rest[:end].decode("utf-8", errors="replace").removesuffix("\r")
                del rest[: end + 1]
                if text:
                    self.hub.say(f"{self.name} - {text}", self)
        self.hub.drop(self)
        self.hub.say(f"{self.name} покинул чат.", self)
        with self.turn:
            self.connection.close()

    def read(self):
        while True:
            try:
                return self.connection.recv(8192)
            except TimeoutError:  # it has nothing to say, which is no reason to leave
                continue
            except OSError:
                return b""

    def write(self, data):
        with self.turn:
            try:
                self.connection.sendall(data)
            except OSError:
                self.hang_up()

    def hang_up(self):
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


def serve(listener, wake):
    hub, threads = Hub(), []
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(wake, selectors.EVENT_READ)
        while True:
            ready = [key.fileobj for key, _events in selector.select()]
            if wake in ready:
                break
            try:
                connection, _address = listener.accept()
            except OSError:  # it has gone before we came to accept it
                continue
            visitor = Visitor(hub, connection, len(threads) + 1)
            threads.append(visitor.thread)
            hub.add(visitor)
            visitor.thread.start()
    for visitor in hub.everybody():
        visitor.hang_up()
    for thread in threads:
        thread.join()


def main():
    if len(sys.argv) != 3:
        sys.exit(f"Запуск: python {sys.argv[0]} АДРЕС ПОРТ")
    wake, alarm = socket.socketpair()
    alarm.setblocking(False)
    signal.set_wakeup_fd(alarm.fileno())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((sys.argv[1], int(sys.argv[2])))
        listener.listen(128)
        listener.setblocking(False)
        serve(listener, wake)


if __name__ == "__main__":
    main()
