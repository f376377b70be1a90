"""Two threads for each client: one reads, one writes what lies in the client's own queue."""

import argparse
import contextlib
import queue
import signal
import socket
import threading
import time

END = None
MOST_WAITING = 2000  # lines


class Chat:
    def __init__(self):
        self.lock = threading.Lock()  # protects `outboxes` and `count`
        self.outboxes = {}  # socket -> queue of lines
        self.count = 0
        self.threads = []

    def tell_others(self, text, author):
        line = time.strftime("%H:%M") + " - " + text
        print(line)
        with self.lock:
            for sock, outbox in self.outboxes.items():
                if sock is not author:
                    try:
                        outbox.put_nowait(line)
                    except queue.Full:  # it does not read: let it go
                        with contextlib.suppress(OSError):
                            sock.shutdown(socket.SHUT_RDWR)

    def come(self, sock):
        outbox = queue.Queue(MOST_WAITING)
        with self.lock:
            self.count += 1
            name = f"Пользователь #{self.count}"
        self.tell_others(f"{name} присоединился к чату!", sock)
        with self.lock:
            self.outboxes[sock] = outbox
        for target, things in ((self.read, (sock, name)), (self.write, (sock, outbox))):
            thread = threading.Thread(target=target, args=things)
            self.threads.append(thread)
            thread.start()

    def read(self, sock, name):
        with contextlib.suppress(OSError), sock.makefile("rb") as file:
            for line in file:
                text = line.decode("utf-8", "replace").rstrip("\r\n")
                if text:
                    self.tell_others(f"{name} - {text}", sock)
        with self.lock:
            outbox = self.outboxes.pop(sock)
        self.tell_others(f"{name} покинул чат.", sock)
        with contextlib.suppress(OSError):  # wakes the writer, if it is in the midst of a send
            sock.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(queue.Full):
            outbox.put_nowait(END)

    def write(self, sock, outbox):
        with sock, contextlib.suppress(OSError):
            while (line := outbox.get()) is not END:
                sock.sendall(f"{line}\n".encode())

    def close(self):
        with self.lock:
            socks = list(self.outboxes)
        for sock in socks:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join()


def interrupt(number, frame):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=14900)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, interrupt)
    chat = Chat()
    with socket.create_server((options.host, options.port), backlog=200) as listener:
        try:
            while True:
                chat.come(listener.accept()[0])
        except KeyboardInterrupt:
            chat.close()


if __name__ == "__main__":
    main()
