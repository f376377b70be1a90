"""One thread reads from all by select(), another writes to all; /who answers only who asks."""

import argparse
import contextlib
import select
import signal
import socket
import threading
from datetime import datetime

LIMIT = 3 << 20  # bytes that may wait for one member


class Sender(threading.Thread):
    """Owns all that is still to be written."""

    def __init__(self):
        super().__init__(name="sender")
        self.lock = threading.Lock()
        self.waiting = {}
        self.stopping = False
        self.bell, self.ear = socket.socketpair()
        self.bell.setblocking(False)
        self.ear.setblocking(False)

    def ring(self):
        with contextlib.suppress(BlockingIOError):  # it has been rung often enough
            self.bell.send(b"!")

    def send(self, sock, line):
        with self.lock:
            waiting = self.waiting.setdefault(sock, bytearray())
            waiting += line.encode() + b"\n"
            if len(waiting) > LIMIT:
                del self.waiting[sock]
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        self.ring()

    def forget(self, sock):
        with self.lock:
            self.waiting.pop(sock, None)
            sock.close()
        self.ring()

    def stop(self):
        self.stopping = True
        self.ring()

    def run(self):
        while not self.stopping:
            with self.lock:
                wanted = list(self.waiting)
            try:
                rung, ready, _ = select.select([self.ear], wanted, [])
            except (OSError, ValueError):  # one was closed meanwhile: ask again who is there
                continue
            if rung:
                self.ear.recv(4096)
            for sock in ready:
                self.write(sock)

    def write(self, sock):
        with self.lock:
            waiting = self.waiting.pop(sock, None)
            if not waiting:
                return
            try:
                del waiting[: sock.send(waiting)]
            except BlockingIOError:
                pass
            except OSError:
                return
            if waiting:
                self.waiting[sock] = waiting


class Reader(threading.Thread):
    """Owns the members: socket -> [number, unfinished line]."""

    def __init__(self, listener, sender):
        super().__init__(name="reader")
        self.listener, self.sender = listener, sender
        self.members, self.count = {}, 0
        self.wake, self.woken = socket.socketpair()

    def run(self):
        while True:
            ready, _, _ = select.select([self.woken, self.listener, *self.members], [], [])
            if self.woken in ready:
                break
            for sock in ready:
                if sock is self.listener:
                    self.come()
                else:
                    self.read(sock)
        for sock in list(self.members):
            self.sender.forget(sock)

    def come(self):
        try:
            sock, _ = self.listener.accept()
        except OSError:  # it has gone already
            return
        sock.setblocking(False)
        self.count += 1
        self.tell(f"Пользователь #{self.count} присоединился к чату!")
        self.members[sock] = [self.count, b""]

    def read(self, sock):
        try:
            data = sock.recv(32768)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        number, unfinished = self.members[sock]
        if not data:
            del self.members[sock]
            self.sender.forget(sock)
            self.tell(f"Пользователь #{number} покинул чат.")
            return
        *lines, self.members[sock][1] = (unfinished + data).split(b"\n")
        for line in lines:
            self.handle(sock, number, line.decode("utf-8", "replace").removesuffix("\r"))

    def handle(self, sock, number, text):
        if text == "/who":
            names = ", ".join(f"#{member[0]}" for member in self.members.values())
            self.sender.send(sock, f"Здесь: {names}")
        elif text:
            self.tell(f"Пользователь #{number} - {text}", sock)

    def tell(self, text, author=None):
        line = f"({datetime.now().time().isoformat('minutes')}) {text}"
        print(line)
        for sock in self.members:
            if sock is not author:
                self.sender.send(sock, line)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=14900)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with socket.create_server((options.host, options.port), backlog=400) as listener:
        listener.setblocking(False)
        sender = Sender()
        reader = Reader(listener, sender)
        sender.start()
        reader.start()
        try:
            reader.join()
        except KeyboardInterrupt:
            reader.wake.close()
            reader.join()
            sender.stop()
            sender.join()


if __name__ == "__main__":
    main()
