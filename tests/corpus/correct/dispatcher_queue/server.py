"""Three Thread subclasses; the dispatcher alone touches the room, and keeps what it owes."""

from __future__ import annotations

import argparse
import contextlib
import queue
import signal
import socket
import threading
import time
from datetime import datetime
from typing import NamedTuple

OWED_AT_MOST = 1_000_000  # bytes; from then on nothing new is taken from the queue
PATIENCE = 0.9  # seconds without taking anything
TICK = 0.01  # seconds


class Event(NamedTuple):
    what: str  # "join", "text", "leave" or "stop"
    reader: Reader | None = None
    text: str = ""


class Reader(threading.Thread):
    def __init__(self, sock, number, events):
        super().__init__(name=f"Пользователь #{number}")
        self.sock, self.events = sock, events
        self.owed, self.took = bytearray(), 0.0  # the dispatcher's

    def run(self):
        begun = b""
        try:
            while received := self.sock.recv(16384):
                *complete, begun = (begun + received).split(b"\n")
                for line in complete:
                    text = line.decode(errors="replace").rstrip("\r")
                    if text:
                        self.events.put(Event("text", self, text))
        except OSError:
            pass
        self.events.put(Event("leave", self))


class Acceptor(threading.Thread):
    def __init__(self, listener, events):
        super().__init__(name="acceptor")
        self.listener, self.events = listener, events

    def run(self):
        number = 0
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:  # the listener was shut down
                return
            number += 1
            reader = Reader(sock, number, self.events)
            self.events.put(Event("join", reader))
            reader.start()


class Dispatcher(threading.Thread):
    def __init__(self, events):
        super().__init__(name="dispatcher")
        self.events, self.room, self.stopping = events, [], False

    def run(self):
        while self.room or not self.stopping:
            debtors = [reader for reader in self.room if reader.owed]
            if not self.stopping and any(len(d.owed) > OWED_AT_MOST for d in debtors):
                time.sleep(TICK)
            else:
                with contextlib.suppress(queue.Empty):
                    self.handle(self.events.get(timeout=TICK if debtors else None))
            for debtor in debtors:
                self.flush(debtor)

    def handle(self, event):
        match event.what:
            case "join":
                self.tell(f"{event.reader.name} присоединился к чату!")
                self.room.append(event.reader)
            case "text":
                self.tell(f"{event.reader.name} - {event.text}", event.reader)
            case "leave":
                self.room.remove(event.reader)
                event.reader.sock.close()
                self.tell(f"{event.reader.name} покинул чат.")
            case "stop":
                self.stopping = True
                for reader in self.room:
                    hang_up(reader.sock)

    def tell(self, text, author=None):
        line = f"{datetime.now():%H:%M} - {text}\n"
        print(line, end="")
        for reader in self.room:
            if reader is not author:
                if not reader.owed:
                    reader.took = time.monotonic()
                reader.owed += line.encode()
                self.flush(reader)

    def flush(self, reader):
        try:
            if reader.owed and (sent := reader.sock.send(reader.owed, socket.MSG_DONTWAIT)):
                del reader.owed[:sent]
                reader.took = time.monotonic()
        except BlockingIOError:
            if time.monotonic() - reader.took > PATIENCE:
                hang_up(reader.sock)
        except OSError:  # its reader will tell that it has left
            reader.owed.clear()


def hang_up(sock):
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", default=14900, type=int)
    options = parser.parse_args()
    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    listener = socket.create_server((options.host, options.port), backlog=300)
    events = queue.Queue(maxsize=500)
    dispatcher, acceptor = Dispatcher(events), Acceptor(listener, events)
    dispatcher.start()
    acceptor.start()
    print("Работаю, Ctrl+C — выход")
    signal.sigwait(signals)
    hang_up(listener)
    acceptor.join()
    listener.close()
    events.put(Event("stop"))
    dispatcher.join()


if __name__ == "__main__":
    main()
