"""No classes at all: the state lives in closures; the port is asked for on the console."""

import contextlib
import itertools
import queue
import signal
import socket
import threading
import time

PATIENCE = 0.9  # seconds


def make_room():
    lock = threading.Lock()
    mailboxes = {}  # name -> function that takes a line

    def enter(name, take):
        with lock:
            mailboxes[name] = take

    def leave(name):
        with lock:
            mailboxes.pop(name, None)

    def broadcast(author, text):
        line = time.strftime("%H:%M ") + text
        print(line)
        with lock:
            others = [take for name, take in mailboxes.items() if name != author]
        for take in others:
            take(line)

    return enter, leave, broadcast


def hang_up(sock):
    with contextlib.suppress(OSError):  # it has done so itself
        sock.shutdown(socket.SHUT_RDWR)


def start_writer(sock):
    outbox = queue.Queue(1000)
    dropped = threading.Event()

    def take(line):
        if dropped.is_set():
            return
        try:
            outbox.put(line, timeout=PATIENCE)
        except queue.Full:
            drop()

    def drop():
        dropped.set()
        hang_up(sock)

    def finish():
        drop()
        with contextlib.suppress(queue.Full):  # the writer is in a send, which fails now
            outbox.put_nowait(None)
        writer.join()
        sock.close()

    def write():
        while (line := outbox.get()) is not None:
            try:
                sock.sendall(line.encode() + b"\n")
            except OSError:
                dropped.set()
                return

    writer = threading.Thread(target=write)
    writer.start()
    return take, finish


def lines_of(sock):
    pieces = [b""]
    while True:
        try:
            data = sock.recv(4096)
        except OSError:
            return
        if not data:
            return
        first, *more = data.split(b"\n")
        pieces.append(first)
        for following in more:
            yield b"".join(pieces).decode("utf-8", "replace").rstrip("\r")
            pieces = [following]


def make_greeter():
    enter, leave, broadcast = make_room()
    numbers = itertools.count(1)
    visits = []

    def greet(sock):
        name = f"Участник {next(numbers)}"
        take, finish = start_writer(sock)

        def visit():
            broadcast(name, f"{name} здесь")
            for text in filter(None, lines_of(sock)):
                broadcast(name, f"{name}: {text}")
            leave(name)
            broadcast(name, f"{name} ушёл")
            finish()

        enter(name, take)
        thread = threading.Thread(target=visit)
        visits.append((sock, thread))
        thread.start()

    def goodbye():
        for sock, _thread in visits:
            hang_up(sock)
        for _sock, thread in visits:
            thread.join()

    return greet, goodbye


def main():
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    port = int(input("Порт: "))
    greet, goodbye = make_greeter()
    with socket.create_server(("localhost", port), backlog=512) as listener:
        try:
            while True:
                greet(listener.accept()[0])
        except KeyboardInterrupt:
            goodbye()


if __name__ == "__main__":
    main()
