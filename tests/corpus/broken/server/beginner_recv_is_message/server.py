"""A tidy class with one lock: what a recv returns is a message, and sends are under the lock."""

import argparse
import contextlib
import signal
import socket
import threading
from datetime import datetime

BUFFER = 1024


class Server:
    def __init__(self, host, port):
        self.lock = threading.Lock()
        self.users = {}
        self.counter = 0
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((host, port))
        self.sock.listen(50)

    def broadcast(self, message, sender=None):
        message = f"{datetime.now():%H:%M} - {message}"
        print(message)
        with self.lock:
            for user in self.users.values():
                if user is not sender:
                    with contextlib.suppress(OSError):
                        user.sendall(message.encode("utf-8") + b"\n")

    def handle(self, user, user_id):
        try:
            while True:
                message = user.recv(BUFFER).decode("utf-8", errors="ignore")
                if not message:
                    break
                self.broadcast(f"Пользователь #{user_id} - {message.strip()}", user)
        except ConnectionError:
            print(f"Соединение с #{user_id} потеряно")
        finally:
            with self.lock:
                del self.users[user_id]
            user.close()
            self.broadcast(f"Пользователь #{user_id} покинул чат.")

    def run(self):
        while True:
            user, _ = self.sock.accept()
            with self.lock:
                self.counter += 1
                user_id = self.counter
                self.users[user_id] = user
            self.broadcast(f"Пользователь #{user_id} присоединился к чату!", user)
            threading.Thread(target=self.handle, args=(user, user_id), daemon=True).start()


def quit_on_signal(number, frame):
    raise SystemExit


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=14900)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, quit_on_signal)
    signal.signal(signal.SIGINT, quit_on_signal)
    Server(options.host, options.port).run()
