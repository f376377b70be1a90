"""All lines stand in one list; each client has a thread that follows it and sends the news."""

import argparse
import datetime
import os
import signal
import socketserver
import threading


class Log:
    """Lines with their authors; grows for ever, as a blackboard that nobody wipes."""

    def __init__(self):
        self.changed = threading.Condition()  # protects the two below
        self.lines = []
        self.joined = 0

    def add(self, author, text):
        with self.changed:
            line = f"{datetime.datetime.now():%H:%M} - {text}"
            print(line)
            self.lines.append((author, line))
            self.changed.notify_all()

    def enter(self):
        """Return the number of the newcomer and the place from which on it reads."""
        with self.changed:
            self.joined += 1
            return self.joined, len(self.lines)


log = Log()


class Visit(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self):
        self.number, self.place = log.enter()
        self.gone = False
        name = f"Пользователь #{self.number}"
        log.add(self.number, f"{name} присоединился к чату!")
        writer = threading.Thread(target=self.follow, daemon=True)
        writer.start()
        try:
            for line in self.rfile:
                text = line.decode("utf-8", "replace").strip("\r\n")
                if text:
                    log.add(self.number, f"{name} - {text}")
        except OSError:
            pass
        with log.changed:
            self.gone = True
            log.changed.notify_all()
        log.add(self.number, f"{name} покинул чат.")

    def follow(self):
        while True:
            with log.changed:
                log.changed.wait_for(lambda: self.gone or len(log.lines) > self.place)
                news = log.lines[self.place :]
                self.place += len(news)
            if self.gone:
                return
            data = "".join(f"{line}\n" for author, line in news if author != self.number)
            try:
                self.connection.sendall(data.encode())
            except OSError:
                return


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 300


parser = argparse.ArgumentParser()
parser.add_argument("--host", default="localhost")
parser.add_argument("--port", type=int, default=14900)
options = parser.parse_args()
stopped = threading.Event()
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda number, frame: stopped.set())
server = Server((options.host, options.port), Visit)
threading.Thread(target=server.serve_forever, daemon=True).start()
stopped.wait()
os._exit(0)  # the system closes all connections
